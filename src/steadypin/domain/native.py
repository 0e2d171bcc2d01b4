"""What came back, kept whole: the native reply, or the exception in its place.

    reply     -> read_native            exception -> native_from_exception
    pasted    -> read_pasted            stored    -> Native.from_json

Reading never fails: a body that is not what Pinterest promises is kept as it stands and stays readable for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from steadypin.domain.rules import bodies
from steadypin.domain.rules.paste import named_endpoint, take_apart

RID_HEADER = "x-pinterest-rid"


@dataclass(frozen=True, slots=True)
class Native:
    """One reply, or one exception, as it came.

    `endpoint` is the spec's operation id (`pins/create`), or `media/upload` (the form post to the bucket),
    `media/source` (fetching a user's file), `oauth/authorize` (the consent page), or "" when unknown.
    `status` is None when no reply arrived. `message` and `detail` are the sentences found in the body, `extra` its
    other keys, `rid` Pinterest's request id, `body` the whole text, `exception` the class name of what was raised.
    `pasted`: a person gave the text, which may be an excerpt or hold more than the reply.
    """

    endpoint: str
    status: int | None
    code: int | None = None
    message: str = ""
    detail: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    rid: str | None = None
    body: str = ""
    exception: str | None = None
    pasted: bool = False

    @property
    def form(self) -> str:
        """`json`, `html`, `xml`, `text` or `empty`; `none` when there was no reply at all."""
        if self.exception is not None and self.status is None:
            return "none"
        if self.body:
            return bodies.form(self.body)
        return "json" if self.message or self.code is not None else "empty"

    @property
    def excerpt(self) -> str:
        """What of the text is the reply."""
        return take_apart(self.body).body if self.pasted else self.body

    @property
    def is_object(self) -> bool:
        """Whether the reply is a JSON object, as all is that Pinterest's API itself says."""
        return bodies.holds_object(self.excerpt) if self.pasted else bodies.is_object(self.body)

    def to_json(self) -> dict[str, object]:
        """A JSON-ready object with every field of the reply; `from_json` takes it back."""
        return {
            "endpoint": self.endpoint,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "detail": self.detail,
            "extra": _json_ready(self.extra),
            "rid": self.rid,
            "body": self.body,
            "exception": self.exception,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Native:
        """The value from `to_json`; missing or strange fields read as absent, so old records stay readable."""
        extra = stored.get("extra")
        return cls(
            endpoint=_text(stored.get("endpoint")),
            status=_whole(stored.get("status")),
            code=_whole(stored.get("code")),
            message=_text(stored.get("message")),
            detail=_text(stored.get("detail")),
            extra=dict(extra) if isinstance(extra, Mapping) else {},
            rid=_text(stored.get("rid")) or None,
            body=_text(stored.get("body")),
            exception=_text(stored.get("exception")) or None,
        )


def read_native(
    endpoint: str, status: int | None, body: bytes | str, headers: Mapping[str, str] | None = None
) -> Native:
    """A reply as a value. `headers` may have any case; bytes that are not UTF-8 are kept with replacement marks."""
    text = without_secrets(body.decode("utf-8", "replace") if isinstance(body, bytes | bytearray) else body)
    said = bodies.read_body(text)
    rid = next((value for name, value in (headers or {}).items() if name.lower() == RID_HEADER), None)
    return Native(endpoint, _real(status), said.code, said.message, said.detail, said.extra, rid, text)


def native_from_exception(endpoint: str, exc_name: str, message: str) -> Native:
    """The absence of a reply as a value: the exception's class name and its text."""
    message = without_secrets(message)
    return Native(endpoint, None, message=message, body=message, exception=exc_name or "Exception")


_SECRET = re.compile(r"\b(pin[acr]_|Basic |sp_)[A-Za-z0-9+/_.=-]{16,}")


def without_secrets(text: str) -> str:
    """The text without tokens, app credentials and keys: an error page may show the request that it answers."""
    return _SECRET.sub(r"\1(hidden)", text)


def read_pasted(text: str, status: int | None = None, endpoint: str = "") -> Native:
    """What a person pasted: a body, a log line, `curl -i` output, a traceback, an exception with its message.

    A status or endpoint given by the caller wins over one found in the text. `body` keeps the text whole.
    """
    text = without_secrets(text)
    found = take_apart(text)
    said = bodies.read_body(found.body)
    status = _real(status) or found.status
    exception = found.exception if status is None else None
    where = named_endpoint(endpoint) or found.endpoint
    return Native(
        where,
        status,
        said.code,
        said.message,
        said.detail,
        said.extra,
        found.rid,
        text,
        exception,
        pasted=True,
    )


def _real(status: int | None) -> int | None:
    return status if status is not None and status >= 100 else None  # some clients say 0 for "no answer"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value) else None


def _json_ready(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_ready(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return repr(value)
