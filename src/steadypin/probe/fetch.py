"""The one fetcher for addresses that users give: public places only, bounded in time, bytes and hops, no memory.

    fetch(url, take) -> what `take` made of the bytes | FetchTrouble
    turn_at(url), asked(url) -> one reply, whatever it says (`links.look` follows it on)

Redirects are followed by hand, so that every hop is checked. Nobody's cookies, proxy or credentials are used: the file is
seen as an anonymous visitor sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
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
                return await self._follow(start, take)
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

    async def _follow(self, url: URL, take: Callable[[AsyncIterable[bytes]], Awaitable[T]]) -> T:
        for _ in range(self._limits.hops + 1):
            async with self._get(url) as reply:
                if reply.status == 200:
                    return await take(self._pieces(reply))
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
    async def _get(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            reply = await self._session.get(url, allow_redirects=False)
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
    words = " ".join(str(error).split())
    if isinstance(error, TimeoutError) and not words:
        words = "timed out"
    return FetchTrouble(native_from_exception(_ENDPOINT, type(error).__name__, words))
