"""The one fetcher for addresses that users give: public places only, bounded in time, bytes and hops, no memory.

    fetch(url, take) -> what `take` made of the bytes | FetchTrouble
    piece(url, offset, size) -> Piece | FetchTrouble      a part of the file, where the server gives parts
    turn_at(url), asked(url) -> one reply, whatever it says (`links.look` follows it on)

Redirects are followed by hand, so that every hop is checked. Nobody's cookies, proxy or credentials are used: the file is
seen as an anonymous visitor sees it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import SocketFactoryType
from yarl import URL

from steadypin.domain.native import Native, native_from_exception, read_native
from steadypin.probe.guard import Guard, GuardedResolver, RefusedAddress
from steadypin.probe.hosts import Hosts

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 64 * 1024
_SHOWN_OF_A_REFUSAL = 2048
_LONGEST_LINE = 32 * 1024
"""Of a reply's head; some websites send policies longer than aiohttp's own 8 KB."""
_ENDPOINT = "media/source"
_HEADERS = {
    "User-Agent": "Steadypin (fetches a file that its user wants to pin)",
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",
}
_PAGE_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Steadypin; looks whether a link works that its user wants to pin)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost. The taker of the bytes may stop earlier."""

    most_bytes: int = 64_000_000
    total_s: float = 60.0
    silence_s: float = 15.0
    hops: int = 5


@dataclass(frozen=True, slots=True)
class FetchTrouble:
    """Why there is no file; `native` is for `classify`, `sentence` says it exactly where more is known than a status."""

    native: Native
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from `offset` on. `total` is the size of the file, None when the server did not say.

    `ranged` is False when the server ignored what was asked: the bytes are then those from the start of the file.
    `version` changes when the file does, as far as the server tells; `url` is where the redirects led.
    """

    url: str
    offset: int
    data: bytes
    total: int | None
    ranged: bool
    content_type: str
    version: str


class _Stopped(Exception):
    """Carries a trouble out of the stream, past a taker who would mistake an OSError for one of its own."""

    def __init__(self, trouble: FetchTrouble) -> None:
        super().__init__(trouble.native.message)
        self.trouble = trouble


class Fetcher:
    """One per process; use it as a context manager in the event loop. One request at a time for each host.

    `resolver` answers for the names, `socket_factory` makes the sockets; both are the system's unless given.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits | None = None,
        *,
        hosts: Hosts | None = None,
        resolver: AbstractResolver | None = None,
        socket_factory: SocketFactoryType | None = None,
    ) -> None:
        self._guard = guard
        self._limits = limits or Limits()
        self._hosts = hosts or Hosts()
        self._resolver = resolver
        self._socket_factory = socket_factory

    async def __aenter__(self) -> Fetcher:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._guard, self._resolver),
            use_dns_cache=False,
            force_close=True,
            socket_factory=self._socket_factory,
        )
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._limits.silence_s, sock_read=self._limits.silence_s
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str, take: Callable[[AsyncIterable[bytes]], Awaitable[T]]) -> T | FetchTrouble:
        """Hand the bytes behind `url` to `take`; what goes wrong on the way is a value, what `take` raises is raised."""

        async def taken(_: URL, reply: aiohttp.ClientResponse) -> T:
            return await take(self._pieces(reply))

        return await self._ask(url, {}, taken)

    async def piece(self, url: str, offset: int, size: int) -> Piece | FetchTrouble:
        """At most `size` bytes of the file behind `url`; what goes wrong is a value."""

        async def taken(at: URL, reply: aiohttp.ClientResponse) -> Piece:
            data = bytearray()
            async for more in self._pieces(reply):
                data += more
                if len(data) >= size:
                    break
            return _piece(at, reply, offset, bytes(data[:size]))

        return await self._ask(url, {"Range": f"bytes={offset}-{offset + size - 1}"}, taken)

    async def _ask(
        self,
        url: str,
        headers: Mapping[str, str],
        take: Callable[[URL, aiohttp.ClientResponse], Awaitable[T]],
    ) -> T | FetchTrouble:
        try:
            start = URL(url)
            self._guard.check_url(start)
        except (ValueError, RefusedAddress) as error:
            return _refused(
                error
                if isinstance(error, RefusedAddress)
                else RefusedAddress(f"it is an invalid URL: {error}")
            )
        try:
            async with self._hosts.turn(start.host or ""), asyncio.timeout(self._limits.total_s) as deadline:
                return await self._follow(start, headers, take)
        except _Stopped as stopped:
            return stopped.trouble
        except TimeoutError:
            if not deadline.expired():
                raise
            return _exception(TimeoutError(f"timed out after {self._limits.total_s:g} s"))

    def turn_at(self, url: URL) -> AbstractAsyncContextManager[None]:
        """The spaced turn of the host behind `url`. Raises RefusedAddress before any waiting."""
        self._guard.check_url(url)
        return self._hosts.spaced_turn(url.host or "")

    @asynccontextmanager
    async def asked(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request for a page, no hop followed, within a turn. Raises RefusedAddress, and what aiohttp raises."""
        self._guard.check_url(url)
        reply = await self._session.get(url, allow_redirects=False, headers=_PAGE_HEADERS)
        try:
            yield reply
        finally:
            reply.close()

    async def _follow(
        self,
        url: URL,
        headers: Mapping[str, str],
        take: Callable[[URL, aiohttp.ClientResponse], Awaitable[T]],
    ) -> T:
        good = (200, 206, 416) if "Range" in headers else (200,)
        for _ in range(self._limits.hops + 1):
            async with self._get(url, headers) as reply:
                if reply.status in good:
                    return await take(url, reply)
                if reply.status not in REDIRECTS or "Location" not in reply.headers:
                    raise _Stopped(await _status(reply))
                try:
                    url = url.join(URL(reply.headers["Location"]))
                    self._guard.check_url(url)
                except RefusedAddress as refusal:
                    raise _Stopped(_refused(refusal, redirected=True)) from None
                except ValueError as error:
                    raise _Stopped(_refused(RefusedAddress(f"it leads to an invalid URL: {error}"))) from None
        hops = f"it leads through too many redirects, more than {self._limits.hops}"
        raise _Stopped(_refused(RefusedAddress(hops)))

    @asynccontextmanager
    async def _get(self, url: URL, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            reply = await self._session.get(url, headers=headers, allow_redirects=False)
        except RefusedAddress as refusal:
            raise _Stopped(_refused(refusal)) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _Stopped(_exception(error)) from None
        try:
            yield reply
        finally:
            reply.close()

    async def _pieces(self, reply: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for piece in reply.content.iter_chunked(_PIECE):
                size += len(piece)
                if size > self._limits.most_bytes:
                    most = f"the file is too large: more than {self._limits.most_bytes // 1_000_000} MB"
                    raise _Stopped(_refused(RefusedAddress(most)))
                yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _Stopped(_exception(error)) from None


_RANGE = re.compile(r"bytes\s+(?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)\s*", re.I)


def _piece(at: URL, reply: aiohttp.ClientResponse, offset: int, data: bytes) -> Piece:
    """Read off the headers which part came. A server that answers with another part than asked is believed in nothing."""
    kind = reply.headers.get("Content-Type", "")
    version = reply.headers.get("ETag", "") or reply.headers.get("Last-Modified", "")
    if reply.status == 200:
        return Piece(str(at), 0, data, reply.content_length, False, kind, version)
    found = _RANGE.fullmatch(reply.headers.get("Content-Range", ""))
    total = int(found[2]) if found and found[2] != "*" else None
    if reply.status == 416:
        return Piece(str(at), offset, b"", total, True, kind, version)
    if found is None or found[1] is None or int(found[1]) != offset:
        wrong = "it answers with another part of the file than was asked for"
        raise _Stopped(_refused(RefusedAddress(wrong)))
    return Piece(str(at), offset, data, total, True, kind, version)


async def _status(reply: aiohttp.ClientResponse) -> FetchTrouble:
    try:
        body = await reply.content.read(_SHOWN_OF_A_REFUSAL)
    except (aiohttp.ClientError, TimeoutError, OSError):
        body = b""
    native = read_native(_ENDPOINT, reply.status, body, dict(reply.headers))
    return FetchTrouble(
        native, f"The server with the file answered {reply.status} {reply.reason or ''}".rstrip() + "."
    )


def _refused(refusal: RefusedAddress, *, redirected: bool = False) -> FetchTrouble:
    because = f"it redirects, and {refusal}" if redirected else str(refusal)
    return FetchTrouble(
        native_from_exception(_ENDPOINT, "RefusedAddress", because), f"The file was not fetched: {because}."
    )


def _exception(error: BaseException) -> FetchTrouble:
    # aiohttp notes how it would have encrypted, in words that read like a trouble with that
    words = re.sub(r" ssl:(default|True|False|None)(?= \[)", "", " ".join(str(error).split()))
    if isinstance(error, TimeoutError) and not words:
        words = "timed out"
    return FetchTrouble(native_from_exception(_ENDPOINT, type(error).__name__, words))
