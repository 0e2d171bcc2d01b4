"""The shell: an aiohttp server around a Sim. Every decision is the Sim's."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import web

from pinsim.sim import Sim
from pinsim.uploads import Upload
from pinsim.wire import Answer, Raw, Request

_BODY_MAX = 512 * 1024 * 1024
_LOOK_S = 0.05
"""How often a hanging request looks whether its client is still there, and a slow bucket reads."""
_UNSENT_MAX = 256 * 1024
"""Raw bytes that may wait for a client which does not read them."""


@asynccontextmanager
async def serve(sim: Sim, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `sim` and yield its base URL; port 0 takes a free one. Raises OSError when the port is taken."""
    shell = _Shell(sim)
    app = web.Application(client_max_size=_BODY_MAX)
    app.router.add_route("*", "/{anything:.*}", shell.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=2048)
        await site.start()
        bound: tuple[str, int] = runner.addresses[0][:2]
        sim.base_url = f"http://{'[' + host + ']' if ':' in host else host}:{bound[1]}"
        yield sim.base_url
    finally:
        shell.closing.set()
        await runner.cleanup()


class _Shell:
    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self.closing = asyncio.Event()

    async def handle(self, http: web.Request) -> web.StreamResponse:
        head = _read_head(http)
        answer = self._sim.interrupt(head)
        if answer is None:
            upload = self._sim.upload(head)
            if upload is not None:
                answer = await self._taken(http, upload)
            else:
                head.body = await http.read()
                answer = await self._sim.answer(head, passed_gate=True)
        return await self._deliver(http, answer)

    async def _taken(self, http: web.Request, upload: Upload) -> Answer:
        """Read the form as it comes; its file is never held."""
        try:
            while upload.wants_more:
                async with asyncio.timeout(self._sim.switches.upload_idle_s):
                    piece = await self._next_piece(http)
                if not piece:
                    break
                upload.feed(piece)
        except TimeoutError:
            return upload.idle()
        except (ConnectionError, aiohttp.ClientError):
            return upload.cut()
        return upload.finish()

    async def _next_piece(self, http: web.Request) -> bytes:
        """What has come, no faster than the switch `upload_bytes_per_s` allows."""
        rate = self._sim.switches.upload_bytes_per_s
        if not rate:
            return await http.content.readany()
        await asyncio.sleep(_LOOK_S)
        return await http.content.read(max(1, round(rate * _LOOK_S)))

    async def _deliver(self, http: web.Request, answer: Answer) -> web.StreamResponse:
        if answer.delivery == "hang":
            await self._hold(http)
        if answer.delivery in ("hang", "reset_before", "reset_after"):
            _drop(http)
            return web.Response(status=500)
        if answer.delivery == "raw":
            await self._write(http, answer.raw)
            return web.Response(status=500)
        if answer.delivery == "delayed":
            await self._pause(http, answer.delay_s)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)

    async def _write(self, http: web.Request, raw: Raw) -> None:
        for piece in raw:
            if http.transport is None or http.transport.is_closing() or self.closing.is_set():
                break
            if isinstance(piece, bytes):
                http.transport.write(piece)
                while _unsent(http) > _UNSENT_MAX and not self.closing.is_set():
                    await self._pause(http, _LOOK_S)
            else:
                await self._pause(http, piece)
        if http.transport is not None:
            http.transport.close()

    async def _hold(self, http: web.Request) -> None:
        await self._pause(http, math.inf)

    async def _pause(self, http: web.Request, seconds: float) -> None:
        """Wait, but no longer than the client or the server stays."""
        left = seconds
        while left > 0 and http.transport is not None and not http.transport.is_closing():
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, _LOOK_S)):
                    await self.closing.wait()
                    return
            left -= _LOOK_S


def _unsent(http: web.Request) -> int:
    transport = http.transport
    return 0 if transport is None or transport.is_closing() else transport.get_write_buffer_size()


def _drop(http: web.Request) -> None:
    """Reset the connection: without lingering the client sees a reset, not a polite end."""
    if http.transport is None:
        return
    wire = http.transport.get_extra_info("socket")
    if wire is not None:
        with suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    http.transport.abort()


def _read_head(http: web.Request) -> Request:
    return Request(http.method, http.path, list(http.query.items()), http.headers)
