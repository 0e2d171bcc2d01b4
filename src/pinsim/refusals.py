"""Pinterest's refusals by name: HTTP status, code and the words a client can recognise.

`code` is not unique and not stable at Pinterest; the same numbers with other meanings are intended.
"""

from __future__ import annotations

from collections.abc import Iterable


class Refusal(Exception):
    """A request that Pinterest refuses; nothing was made."""

    def __init__(self, status: int, code: int, message: str, **extra: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra
        self.wait_s: float | None = None
        """Seconds until it would go well, where waiting is all it takes."""

    def payload(self) -> dict[str, object]:
        """The JSON body."""
        return {"code": self.code, "message": self.message, **self.extra}


# Who is asking


def authentication_failed(detail: str = "Authentication failed.") -> Refusal:
    return Refusal(401, 2, detail)


def grant_invalid() -> Refusal:
    return Refusal(401, 283, "The provided authorization grant is invalid, expired or revoked.")


def missing_scopes(missing: Iterable[str]) -> Refusal:
    return Refusal(
        401, 3, f"The token lacks sufficient permissions for this call. Missing: {sorted(missing)}"
    )


def restricted_feature(name: str) -> Refusal:
    return Refusal(401, 3, f"Your app is not allowed to use this restricted feature: {name}")


def consumer_type() -> Refusal:
    return Refusal(401, 3, "Your app's consumer type is not supported.")


def suspended(answer: str) -> Refusal:
    """`answer` is the switch `suspended_answer`."""
    if answer == "403_2625":
        return Refusal(403, 2625, "Your account has been disapproved.")
    if answer == "403_2626":
        return Refusal(403, 2626, "We are reviewing your account.")
    return authentication_failed()


# What may be touched


def not_permitted() -> Refusal:
    return Refusal(403, 29, "You are not permitted to access that resource.")


def trial_access() -> Refusal:
    return Refusal(
        403, 29, "Apps with Trial access may not create Pins in production. Use the sandbox instead."
    )


def business_only() -> Refusal:
    return Refusal(403, 654, "You must have a business account to do this.")


def system_user_only() -> Refusal:
    return Refusal(
        403, 29, "You are not permitted to access that resource: only system user tokens are revoked."
    )


def board_not_found() -> Refusal:
    return Refusal(404, 40, "Board not found.")


def listed_board_not_found() -> Refusal:
    return Refusal(404, 404, "Board not found.")


def section_not_found() -> Refusal:
    return Refusal(404, 2031, "Sorry, we couldn't find this board section.")


def listed_section_not_found() -> Refusal:
    return Refusal(404, 404, "Board section not found.")


def pin_not_found() -> Refusal:
    return Refusal(404, 50, "Pin not found.")


# What was sent


def invalid_request(detail: str) -> Refusal:
    return Refusal(400, 1, f"Invalid request: {detail}")


def invalid_url() -> Refusal:
    return Refusal(400, 1, "It seems you entered an invalid URL.")


def not_numeric(name: str) -> Refusal:
    return Refusal(400, 1, f"Parameter '{name}' was not numeric")


def board_name_refused() -> Refusal:
    return Refusal(400, 400, "The board name is invalid or duplicated.")


def board_parameters() -> Refusal:
    return Refusal(400, 400, "Invalid board parameters.")


def section_parameters() -> Refusal:
    return Refusal(400, 400, "Invalid board section parameters.")


def section_conflict() -> Refusal:
    return Refusal(409, 409, "Board section conflict.")


def link_blocked(code: int) -> Refusal:
    return Refusal(400, code, "Sorry! We blocked this link because it may lead to spam.")


def no_pin_site(code: int) -> Refusal:
    return Refusal(400, code, "Sorry, this site doesn't allow you to save Pins.")


def cannot_fetch_image() -> Refusal:
    return Refusal(400, 1, "Sorry, we could not fetch the image.")


def image_format(code: int) -> Refusal:
    return Refusal(400, code, "The format of the image is not supported.")


def image_too_large(code: int) -> Refusal:
    return Refusal(400, code, "The image is too large.")


def image_too_small() -> Refusal:
    return Refusal(403, 233, "Sorry, your image is too small.")


def image_broken() -> Refusal:
    return Refusal(403, 235, "Sorry, this image is broken.")


def too_many_items(code: int) -> Refusal:
    return Refusal(400, code, "Invalid request: 'items' is too long. constraint: maxItems=5")


def cover_missing(code: int) -> Refusal:
    return Refusal(
        400,
        code,
        "Sorry, a video Pin needs a cover: cover_image_url or cover_image_content_type and cover_image_data, "
        "or cover_image_key_frame_time.",
    )


def media_not_ready(code: int) -> Refusal:
    return Refusal(400, code, "The media is not ready.")


def media_invalid(code: int) -> Refusal:
    return Refusal(400, code, "Invalid media: it was not processed.")


def media_not_found() -> Refusal:
    return Refusal(404, 404, "Media upload not found.")


def body_too_large() -> Refusal:
    return Refusal(413, 413, "Request entity too large.")


# Capacity and routes


def rate_limited(wait_s: float) -> Refusal:
    """A spent quota, or two writes on one object too close together: the words are the same."""
    refusal = Refusal(429, 8, "You have exceeded a rate limit. Try again later.")
    refusal.wait_s = wait_s
    return refusal


def spam_blocked(wait_s: float) -> Refusal:
    refusal = Refusal(
        429, 8, "You have exceeded a rate limit.", message_detail="Your account was blocked because of spam."
    )
    refusal.wait_s = wait_s
    return refusal


def method_not_allowed() -> Refusal:
    return Refusal(405, 5, "Method not allowed.")


def no_such_route() -> Refusal:
    return Refusal(404, 404, "Not found.")


def not_implemented() -> Refusal:
    return Refusal(501, 4181, "Not implemented in this simulator.")
