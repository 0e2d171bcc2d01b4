"""What a person pastes taken apart: which status, which call, which request id, which exception, and the body.

A line such as `POST /v5/pins -> 429 {...}` becomes Parts(status=429, endpoint="pins/create", body=...).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from steadypin.domain.rules.bodies import embedded, parse

_STATUS_LINE = re.compile(r"^[<*> ]{0,3}HTTP/[\d.]+ +(\d{3})\b[^\r\n]*", re.M)
_RID = re.compile(r"x-pinterest-rid[\"']?\s*[:=]\s*[\"']?([\w-]{1,80})", re.I)
_PHRASES = (
    "Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Request Timeout|Conflict|Payload Too Large"
    "|Unprocessable|Too Many Requests|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable"
    "|Gateway Time-?out"
)
_ANSWERS = "error|failed|failure|returned|responded|responds|answered|got|received|with|code"
_KEY = r"[\"']?\b(?:http|response)?[_ -]?status(?:[_ -]?code)?(?:\b|(?=[\"']))[\"']?"
_STATUSES = tuple(
    re.compile(found, re.I)
    for found in (
        r"\bHTTP/[\d.]+\"? +\"?([1-5]\d\d)\b",
        rf"{_KEY}\s*(?:[:=]+|of|is|was)?\s*[\"'(\[]?([1-5]\d\d)\b",
        r"\b(?:http|response)[_ -]?code[\"']?\s*[:=]?\s*[\"'(]?([1-5]\d\d)\b",
        r"\bHTTP(?:S|[_ -]?Error|Exception)?[ :(\[]+([1-5]\d\d)\b",
        r"<Response \[([1-5]\d\d)",
        r"(?:->|=>|→)\s*([1-5]\d\d)\b(?![.:]\d)",
        r"\b([1-5]\d\d)\s+(?:Client|Server) Error\b",
        rf"\b([45]\d\d)\s+(?:{_PHRASES})",
        rf"\b(?:{_ANSWERS})\b[ :]+(?:an? )?[\[(`]?([45]\d\d)\b(?!\s*(?:ms|s|bytes|milli|sec|px))",
        r"^\W{0,2}([45]\d\d)\b(?:\s*[:,\-–{]|\s+\{)",
        r"[\[(]([45]\d\d)[\])]",
    )
)
_CALL = re.compile(
    r"\b(GET|POST|PATCH|DELETE|PUT)\b[\"']?[\s:\"'(,]*(?:url[\"']?\s*[:=]\s*[\"']?)?"
    r"(?:https?://)?(?:[\w.-]+\.[a-z]{2,}(?::\d+)?)?(/[^\s\"'?,)\]}]*)",
    re.I,
)
_METHOD = re.compile(r"[\"']?\b(?:http_?)?method[\"']?\s*[:=]\s*[\"']?(GET|POST|PATCH|DELETE|PUT)\b", re.I)
_PATH = re.compile(r"(/v5/[\w./-]+|/oauth/token(?:/revoke)?)")
_BUCKET = re.compile(r"\b[\w.-]*s3[\w.-]*\.amazonaws\.com", re.I)
_CONSENT = re.compile(r"www\.pinterest\.com/oauth/?\?|/oauth/?\?(?:\S*&)?(?:client_id|consumer_id)=", re.I)
_TUNNEL = re.compile(r"tunnel(?:ing|ling)? (?:connection )?failed|connect to (?:the )?proxy|proxyerror", re.I)
_EXCEPTION = re.compile(
    r"(?<![\w.])((?:[A-Za-z_]\w*(?:\.|\\+|::))*[A-Z_a-z]\w*?(?:Error|Exception|Timeout|Refused|Aborted))\b"
)
_OPERATION = re.compile(
    r"(?<![\w/.-])((?:pins|boards|board_sections)/(?:create|list_pins|list|get|update|delete|save|analytics)"
    r"|media/(?:create|get|list|upload|source)|oauth/(?:token|authorize)|user_account/get|token/revoke)(?![\w/?.-])"
)

_PATHS = (
    ("POST", r"/pins", "pins/create"),
    ("GET", r"/pins", "pins/list"),
    ("GET", r"/pins/analytics", "multi_pins/analytics"),
    ("GET", r"/pins/\d+/analytics", "pins/analytics"),
    ("POST", r"/pins/\d+/save", "pins/save"),
    ("GET", r"/pins/[^/]+", "pins/get"),
    ("PATCH", r"/pins/[^/]+", "pins/update"),
    ("DELETE", r"/pins/[^/]+", "pins/delete"),
    ("POST", r"/boards", "boards/create"),
    ("GET", r"/boards", "boards/list"),
    ("GET", r"/boards/[^/]+/pins", "boards/list_pins"),
    ("POST", r"/boards/[^/]+/sections", "board_sections/create"),
    ("GET", r"/boards/[^/]+/sections", "board_sections/list"),
    ("GET", r"/boards/[^/]+/sections/[^/]+/pins", "board_sections/list_pins"),
    ("PATCH", r"/boards/[^/]+/sections/[^/]+", "board_sections/update"),
    ("DELETE", r"/boards/[^/]+/sections/[^/]+", "board_sections/delete"),
    ("GET", r"/boards/[^/]+", "boards/get"),
    ("PATCH", r"/boards/[^/]+", "boards/update"),
    ("DELETE", r"/boards/[^/]+", "boards/delete"),
    ("POST", r"/media", "media/create"),
    ("GET", r"/media", "media/list"),
    ("GET", r"/media/[^/]+", "media/get"),
    ("POST", r"/oauth/token", "oauth/token"),
    ("POST", r"/oauth/token/revoke", "token/revoke"),
    ("GET", r"/user_account", "user_account/get"),
    ("GET", r"/user_account/analytics", "user_account/analytics"),
    ("GET", r"/user_account/analytics/top_pins", "user_account/analytics/top_pins"),
    ("GET", r"/user_account/analytics/top_video_pins", "user_account/analytics/top_video_pins"),
    ("GET", r"/user_account/websites", "user_websites/get"),
    ("POST", r"/user_account/websites", "verify_website/update"),
    ("DELETE", r"/user_account/websites", "unverify_website/delete"),
    ("GET", r"/user_account/websites/verification", "website_verification/get"),
    ("GET", r"/search/pins", "search_user_pins/list"),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A pasted text taken apart; what was not found is None or ""."""

    body: str
    status: int | None = None
    endpoint: str = ""
    rid: str | None = None
    exception: str | None = None


def take_apart(text: str) -> Parts:
    """Find the parts of a pasted text; only its first 60,000 characters are searched."""
    cut = text[:60_000]
    rid = _RID.search(cut)
    endpoint = _endpoint(cut)
    raw = list(_STATUS_LINE.finditer(cut))
    if raw and len(raw[0].group(0)) < 60 and ("\n" in cut[raw[-1].end() :] or raw[-1].end() == len(cut)):
        rest = re.sub(r"^<(?: |(?=\r?$))", "", cut[raw[-1].end() :], flags=re.M)
        _, _, body = re.sub(r"\r\n?", "\n", rest).partition("\n\n")
        return Parts(body.strip(), int(raw[-1].group(1)), endpoint, rid.group(1) if rid else None)
    status = _status(cut)
    exception = _exception(cut) if status is None and parse(cut) is None and embedded(cut) is None else None
    return Parts(text, status, endpoint, rid.group(1) if rid else None, exception)


def endpoint_of(method: str, path: str) -> str:
    """The spec's operation id for a method and a path below `/v5`; "" when there is none."""
    path = re.sub(r"^.*?/v5(?=/)", "", path.partition("?")[0]).rstrip("/")
    for verb, shape, operation in _PATHS:
        if (not method or verb == method.upper()) and re.fullmatch(shape, path):
            return operation
    return ""


def named_endpoint(name: str) -> str:
    """An endpoint as people write it, `pins/create` or `POST /v5/pins`, as an operation id; others as they stand."""
    method, _, path = name.strip().partition(" ")
    return endpoint_of(method, path.strip()) or name.strip() if path else name.strip()


def _endpoint(text: str) -> str:
    for found in _CALL.finditer(text):
        if operation := endpoint_of(found.group(1), found.group(2)):
            return operation
    path, method = _PATH.search(text), _METHOD.search(text)
    if path is not None:
        shapes = {endpoint_of(verb, path.group(1)) for verb in ("GET", "POST", "PATCH", "DELETE")} - {""}
        if method is not None and (operation := endpoint_of(method.group(1), path.group(1))):
            return operation
        if len(shapes) == 1:
            return shapes.pop()
    named = _OPERATION.search(text)
    if named is not None:
        return named.group(1)
    if _BUCKET.search(text):
        return "media/upload"
    return "oauth/authorize" if _CONSENT.search(text) else ""


def _status(text: str) -> int | None:
    if _TUNNEL.search(text):
        return None  # the status is the proxy's: Pinterest was never reached
    for shape in _STATUSES:
        found = shape.search(text)
        if found is not None:
            return int(found.group(1))
    return None


def _exception(text: str) -> str | None:
    names = list(_EXCEPTION.finditer(text[:20_000]))
    leading = [found for found in names if _heads(text, found)]
    best = leading[-1] if leading else names[0] if names else None
    return best.group(1) if best is not None else None


def _heads(text: str, found: re.Match[str]) -> bool:
    line = text.rfind("\n", 0, found.start()) + 1
    after = text[found.end() : found.end() + 1]
    return not text[line : found.start()].strip() and after in ("", ":", "\n", "(")
