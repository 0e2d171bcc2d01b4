"""Requests to Pinterest and what its replies say, without I/O.

    Hosts.… -> Request -> (client) -> Reply | Unreached -> read_… / prove_create

Every function here is pure; tests feed it tables of recorded replies.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from steadypin.domain import operations
from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import Native, native_from_exception, read_native
from steadypin.domain.operations import Operation
from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.domain.verdicts import Made, Proof, prove

PAGE_SIZE = 250
"""The largest page that Pinterest gives."""

_LONGEST_ID = 64
"""Pinterest's ids have 18 or 19 digits; what is far longer is no id."""

_PIECE = 3 * 64 * 1024
"""Bytes of a file encoded at once; a multiple of three, so that the pieces join to one base64 text."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A kept image to send: where its bytes are, how many, and `image/jpeg` or `image/png`."""

    path: Path
    size: int
    content_type: str


@dataclass(frozen=True, slots=True)
class InBody:
    """A file in the middle of a body, as base64, and the text that follows it."""

    file: ImageFile
    after: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A request body in pieces, its files read from disk as it is sent. `size` is exact, in bytes. It may hold tokens."""

    head: bytes = field(repr=False)
    files: tuple[InBody, ...] = ()

    @property
    def size(self) -> int:
        """What goes over the wire: base64 makes four bytes of three."""
        return len(self.head) + sum(4 * ((each.file.size + 2) // 3) + len(each.after) for each in self.files)

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece; one file is open at a time. Raises OSError when one cannot be read."""
        if not self.files:
            yield self.head
        before = self.head
        for each in self.files:
            with each.file.path.open("rb") as file:
                while len(piece := file.read(_PIECE)) == _PIECE:
                    yield before + b64encode(piece)
                    before = b""
            yield before + b64encode(piece) + each.after
            before = b""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to leave. Tokens are only in `headers`, which `repr` does not show.

    `environment` is the one that it goes to: the same refusal may mean something else in the sandbox.
    """

    operation: Operation
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Body | None = field(default=None, repr=False)
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are in lower case. `received_at` is our clock. The body may hold tokens."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # a body nested too deeply is no answer either
            return None

    @property
    def clock_offset(self) -> timedelta:
        """Pinterest's clock minus ours, from the `Date` header; zero when it is absent or unreadable."""
        try:
            said = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, OverflowError):
            return timedelta(0)
        return (said if said.tzinfo else said.replace(tzinfo=UTC)) - self.received_at


class Unreached(Exception):
    """No reply. `left`: at least one byte of the body may have left this machine."""

    def __init__(self, exception: str, message: str, *, left: bool) -> None:
        super().__init__(f"{exception}: {message}")
        self.exception, self.message, self.left = exception, message, left


class LeaseTooShort(Exception):
    """The Lane's lease would end before the reply could be recorded, so nothing was sent."""


class Refused(Exception):
    """A reply that is not the success that was asked for, or no reply; `failure` says what it means."""

    def __init__(self, failure: Failure, retry_after: timedelta | None = None) -> None:
        super().__init__(failure.title)
        self.failure, self.retry_after = failure, retry_after


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where Pinterest is, by environment: API bases without a trailing slash."""

    production: str
    sandbox: str
    consent: str

    def base(self, environment: str) -> str:
        """The API base of an environment."""
        return self.sandbox if environment == "sandbox" else self.production

    def caller(self, environment: str, access_token: str) -> Caller:
        """Who calls the API of an environment."""
        return Caller(self.base(environment), access_token, environment)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request goes out: API base, access token and environment."""

    base: str
    access_token: str = field(repr=False)
    environment: str = "production"

    def request(
        self,
        operation: Operation,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        **path: str,
    ) -> Request:
        """A request with the bearer token; `path` fills the names in the operation's path."""
        url = self.base + operation.path.format(**path)
        if query:
            url = f"{url}?{urlencode(query)}"
        headers = {"Authorization": f"Bearer {self.access_token}", "Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(body.size)}
        return Request(operation, url, headers, body, self.environment)


def list_boards(caller: Caller, bookmark: str | None) -> Request:
    """One page of the account's boards."""
    return caller.request(operations.BOARDS_LIST, _paged(bookmark))


def get_board(caller: Caller, board_id: str) -> Request:
    """One board."""
    return caller.request(operations.BOARD_GET, board_id=board_id)


def list_sections(caller: Caller, board_id: str, bookmark: str | None) -> Request:
    """One page of a board's sections."""
    return caller.request(operations.SECTIONS_LIST, _paged(bookmark), board_id=board_id)


def create_board(caller: Caller, name: str, description: str | None, privacy: str) -> Request:
    """Make a board. `privacy` is PUBLIC or SECRET."""
    fields = {"name": name, "privacy": privacy} | ({"description": description} if description else {})
    return caller.request(operations.BOARD_CREATE, body=Body(json.dumps(fields).encode()))


def create_section(caller: Caller, board_id: str, name: str) -> Request:
    """Make a section of a board."""
    body = Body(json.dumps({"name": name}).encode())
    return caller.request(operations.SECTION_CREATE, body=body, board_id=board_id)


def list_board_pins(caller: Caller, board_id: str, bookmark: str | None) -> Request:
    """One page of a board's Pins; those in its sections included."""
    return caller.request(operations.BOARD_PINS, _paged(bookmark), board_id=board_id)


def list_section_pins(caller: Caller, board_id: str, section_id: str, bookmark: str | None) -> Request:
    """One page of a section's Pins."""
    return caller.request(operations.SECTION_PINS, _paged(bookmark), board_id=board_id, section_id=section_id)


def get_account(caller: Caller) -> Request:
    """Whose token this is."""
    return caller.request(operations.USER_ACCOUNT)


def delete_pin(caller: Caller, pin_id: str) -> Request:
    """Delete one Pin on Pinterest."""
    return caller.request(operations.PIN_DELETE, pin_id=pin_id)


def create_pin(caller: Caller, content: Content, files: Sequence[ImageFile]) -> Request:
    """Create an image Pin or a carousel from kept bytes, in the order of its media; they are encoded as they leave."""
    fields: dict[str, object] = {
        name: value
        for name, value in (
            ("board_id", content.board_id),
            ("board_section_id", content.board_section_id),
            ("title", content.title),
            ("description", content.description),
            ("alt_text", content.alt_text),
            ("link", content.link),
        )
        if value is not None
    }
    head = _open(fields) + b', "media_source": '
    if content.media.kind is MediaKind.CAROUSEL:
        return caller.request(operations.PIN_CREATE, body=_carousel(head, content.media, files))
    source = {"source_type": "image_base64", "content_type": files[0].content_type}
    body = Body(head + _open(source) + b', "data": "', (InBody(files[0], b'"}}'),))
    return caller.request(operations.PIN_CREATE, body=body)


def _carousel(head: bytes, media: Media, files: Sequence[ImageFile]) -> Body:
    """`multiple_image_base64`: the cards with the texts that they have, and which of them is the cover."""
    starts = []
    for item, file in zip(media.items, files, strict=True):
        texts = {"title": item.title, "description": item.description, "link": item.link}
        card = {name: text for name, text in texts.items() if text is not None}
        starts.append(_open(card | {"content_type": file.content_type}) + b', "data": "')
    source = _open({"source_type": "multiple_image_base64", "index": media.cover_index})
    afters = [*(b'"}, ' + start for start in starts[1:]), b'"}]}}']
    parts = tuple(InBody(file, after) for file, after in zip(files, afters, strict=True))
    return Body(head + source + b', "items": [' + starts[0], parts)


def _open(fields: Mapping[str, object]) -> bytes:
    """A JSON object without its closing brace."""
    return json.dumps(fields)[:-1].encode()


def exchange_code(base: str, app_id: str, app_secret: str, code: str, redirect_uri: str) -> Request:
    """The code from the consent page for a first pair of tokens."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "continuous_refresh": "true",
    }
    return _token(base, app_id, app_secret, fields)


def refresh(base: str, app_id: str, app_secret: str, refresh_token: str) -> Request:
    """A refresh token for a new pair. Raises ValueError for an access token: Pinterest would only say 'invalid grant'."""
    if refresh_token.startswith("pina_"):
        raise ValueError("an access token was given where a refresh token belongs")
    return _token(base, app_id, app_secret, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def _token(base: str, app_id: str, app_secret: str, fields: Mapping[str, str]) -> Request:
    basic = b64encode(f"{app_id}:{app_secret}".encode()).decode()
    body = Body(urlencode(fields).encode())
    headers = {
        "Authorization": f"Basic {basic}",
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(body.size),
    }
    return Request(operations.TOKEN, base + operations.TOKEN.path, headers, body)


def _paged(bookmark: str | None) -> dict[str, str]:
    return {"page_size": str(PAGE_SIZE)} | ({"bookmark": bookmark} if bookmark else {})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `bookmark` is None on the last one."""

    items: list[dict[str, Any]]
    bookmark: str | None


def read_page(operation: Operation, reply: Reply, environment: str = "production") -> Page:
    """The page in a reply. Raises Refused."""
    data = read_object(operation, reply, environment)
    items = data.get("items")
    if not isinstance(items, list):
        raise _refused(operation, reply, environment)
    bookmark = data.get("bookmark")
    return Page(
        [item for item in items if isinstance(item, dict)], bookmark if isinstance(bookmark, str) else None
    )


def read_object(operation: Operation, reply: Reply, environment: str = "production") -> dict[str, Any]:
    """The object in a successful reply. Raises Refused."""
    data = reply.json() if 200 <= reply.status < 300 else None
    if not isinstance(data, dict):
        raise _refused(operation, reply, environment)
    return data


def read_deletion(reply: Reply, environment: str = "production") -> None:
    """A deletion is done when Pinterest says so, or when the Pin is not there any more. Raises Refused."""
    if not (200 <= reply.status < 300 or reply.status == 404):
        raise _refused(operations.PIN_DELETE, reply, environment)


def _refused(operation: Operation, reply: Reply, environment: str) -> Refused:
    return Refused(classify(_native(operation, reply), environment=environment), retry_after(reply))


def prove_create(result: Reply | Unreached, environment: str = "production") -> Proof:
    """What the answer to a create sent in that environment, or its absence, proves."""
    if isinstance(result, Unreached):
        native = native_from_exception(operations.PIN_CREATE.id, result.exception, result.message)
        return prove(native, left=result.left, environment=environment)
    data = result.json()
    if 200 <= result.status < 300 and isinstance(data, dict) and _is_id(data.get("id")):
        return Made(str(data["id"]))
    native = _native(operations.PIN_CREATE, result)
    return prove(native, left=True, retry_after=retry_after(result), environment=environment)


def _is_id(value: object) -> bool:
    """Pinterest's ids are texts of digits; a whole number is taken for one too."""
    text = str(value) if isinstance(value, str | int) else ""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def refused_by(operation: Operation, unreached: Unreached) -> Refused:
    """The Refused of a read that got no reply."""
    return Refused(classify(native_from_exception(operation.id, unreached.exception, unreached.message)))


def retry_after(reply: Reply) -> timedelta | None:
    """How long Pinterest asks to wait on a 429: Retry-After in seconds, else x-ratelimit-reset; None when unsaid."""
    if reply.status != 429:
        return None
    for name in ("retry-after", "x-ratelimit-reset"):
        text = reply.headers.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 8:
            return timedelta(seconds=int(text))
    return None


def _native(operation: Operation, reply: Reply) -> Native:
    return read_native(operation.id, reply.status, reply.body, reply.headers)
