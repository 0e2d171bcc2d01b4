"""The one HTTP client of the process. It sends what `wire` built and adds nothing: no redirects, no retries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Protocol

import aiohttp

from steadypin.domain.times import Clock
from steadypin.pinterest.wire import LeaseTooShort, Reply, Request, Unreached

_MOST_OF_A_REPLY = 16 * 1024 * 1024
_OPEN_CONNECTIONS = 1000
_STOOD_STILL_S, _READING_S = 0.5, 1.0


class Pinterest(Protocol):
    """Whatever can carry a request to Pinterest; the tests have one that calls the simulator in process."""

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        """The reply. Raises Unreached, and LeaseTooShort when `may_leave` said no just before the body."""
        ...


class ByteGate:
    """Caps the bytes of bodies under way; one body larger than the cap goes alone."""

    def __init__(self, cap: int) -> None:
        self._cap, self._used = cap, 0
        self._freed = asyncio.Condition()

    async def enter(self, size: int) -> int:
        """Wait for room; give the answer back to `leave`."""
        share = min(size, self._cap)
        async with self._freed:
            await self._freed.wait_for(lambda: self._used + share <= self._cap)
            self._used += share
        return share

    async def leave(self, share: int) -> None:
        """Make room again."""
        async with self._freed:
            self._used -= share
            self._freed.notify_all()


class HttpPinterest:
    """Pinterest over HTTP; one instance per process, used inside its event loop."""

    def __init__(self, clock: Clock, bytes_in_flight: int) -> None:
        self._clock = clock
        self._cap = bytes_in_flight

    async def __aenter__(self) -> HttpPinterest:
        self._gate = ByteGate(self._cap)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_OPEN_CONNECTIONS, ttl_dns_cache=60),
            headers={"User-Agent": "Steadypin"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        """See Pinterest.send."""
        share = await self._gate.enter(request.body.size if request.body else 0)
        try:
            return await self._send(request, timeout_s, may_leave)
        finally:
            await self._gate.leave(share)

    async def _send(self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None) -> Reply:
        left = stopped = False
        whole = request.body is None

        async def body() -> AsyncIterator[bytes]:
            nonlocal left, stopped, whole
            if may_leave is not None and not may_leave():
                stopped = True  # the client wraps what is raised here, so the flag tells it apart
                raise LeaseTooShort
            assert request.body is not None
            for piece in request.body.pieces():
                left = True
                yield piece
            whole = True

        async def exchange() -> Reply:
            async with self._session.request(
                request.operation.method,
                request.url,
                headers=request.headers,
                data=body() if request.body is not None else None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(10.0, timeout_s)),
            ) as response:
                content = await response.content.read(_MOST_OF_A_REPLY)
                while not response.content.at_eof() and len(content) < _MOST_OF_A_REPLY:
                    content += await response.content.read(_MOST_OF_A_REPLY)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, content, self._clock.now())

        try:
            return await _within(timeout_s, exchange(), lambda: whole)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if stopped:
                raise LeaseTooShort from None
            raise Unreached(type(error).__name__, str(error), left=left) from error


async def _within(
    timeout_s: float, exchange: Coroutine[None, None, Reply], whole: Callable[[], bool]
) -> Reply:
    """The reply, or TimeoutError.

    When this process stood still past the timeout, timer and reply are ready at the same moment; the client's own
    timeout would win and throw away what may be the proof of a Pin. So what came meanwhile is read first; but a body that
    has not left as a `whole` must not go on leaving.
    """
    loop = asyncio.get_running_loop()
    task, began = asyncio.create_task(exchange), loop.time()
    try:
        await asyncio.wait({task}, timeout=timeout_s)
        if whole() and loop.time() - began > timeout_s + _STOOD_STILL_S:
            await asyncio.wait({task}, timeout=_READING_S)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
