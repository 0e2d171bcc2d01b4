"""Answers of the bucket: 204 without a body, or a refusal in S3's XML."""

from __future__ import annotations

from xml.sax.saxutils import escape

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class StoreRefusal(Exception):
    """A form that the bucket does not take. `more` are further members of the XML."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more

    def body(self, request_id: str) -> bytes:
        """The XML document."""
        said = {"Code": self.code, "Message": self.message, **self.more, "RequestId": request_id}
        members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in said.items())
        return f"{_XML}<Error>{members}</Error>".encode(errors="replace")


def access_denied(message: str) -> StoreRefusal:
    return StoreRefusal(403, "AccessDenied", message)


def against_policy(how: str) -> StoreRefusal:
    return access_denied(f"Invalid according to Policy: {how}")


def wrong_signature() -> StoreRefusal:
    return StoreRefusal(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    )


def unknown_access_key() -> StoreRefusal:
    return StoreRefusal(
        403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
    )


def field_missing(name: str) -> StoreRefusal:
    return StoreRefusal(
        400,
        "InvalidArgument",
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.",
        ArgumentName=name,
        ArgumentValue="",
    )


def no_file() -> StoreRefusal:
    return StoreRefusal(
        400,
        "InvalidArgument",
        "POST requires exactly one file upload per request.",
        ArgumentName="file",
        ArgumentValue="0",
    )


def malformed() -> StoreRefusal:
    return StoreRefusal(
        400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data."
    )


def fields_too_large() -> StoreRefusal:
    return StoreRefusal(
        400,
        "MaxPostPreDataLengthExceeded",
        "Your POST request fields preceding the upload file were too large.",
    )


def no_form() -> StoreRefusal:
    return StoreRefusal(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        Condition="Bucket POST must be of the enclosure-type multipart/form-data",
    )


def no_length() -> StoreRefusal:
    return StoreRefusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")


def too_large(size: int, most: int) -> StoreRefusal:
    return StoreRefusal(
        400,
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size",
        ProposedSize=size,
        MaxSizeAllowed=most,
    )


def too_small(size: int, fewest: int) -> StoreRefusal:
    return StoreRefusal(
        400,
        "EntityTooSmall",
        "Your proposed upload is smaller than the minimum allowed size",
        ProposedSize=size,
        MinSizeAllowed=fewest,
    )


def idle() -> StoreRefusal:
    return StoreRefusal(
        400,
        "RequestTimeout",
        "Your socket connection to the server was not read from or written to within the timeout period. "
        "Idle connections will be closed.",
    )


def wrong_method() -> StoreRefusal:
    return StoreRefusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def internal_error() -> StoreRefusal:
    return StoreRefusal(500, "InternalError", "We encountered an internal error. Please try again.")


def slow_down() -> StoreRefusal:
    return StoreRefusal(503, "SlowDown", "Please reduce your request rate.")
