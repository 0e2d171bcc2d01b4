"""A bare HTTP server on a real socket that counts what arrives and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Arrived:
    """One request as it came: its head, and as much of the body as was read."""

    head: str
    body: bytearray = field(default_factory=bytearray)

    @property
    def method(self) -> str:
        """The verb."""
        return self.head.split(" ", 1)[0]

    def header(self, name: str) -> str | None:
        """A header's value."""
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class Line:
    """One connection, for the script of a test."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self.writer = server, reader, writer

    async def head(self) -> Arrived:
        """Read the head of the next request. Raises IncompleteReadError when the client hangs up."""
        raw = await self._reader.readuntil(b"\r\n\r\n")
        arrived = Arrived(raw.decode("latin-1").rstrip("\r\n"))
        self._server.requests.append(arrived)
        return arrived

    async def body(self, arrived: Arrived, most: int | None = None) -> None:
        """Read the body, or `most` bytes of it."""
        left = int(arrived.header("Content-Length") or 0)
        left = left if most is None else min(left, most)
        while left > 0 and (piece := await self._reader.read(min(left, 65536))):
            arrived.body += piece
            left -= len(piece)

    async def whole(self) -> Arrived:
        """Read one request to its end."""
        arrived = await self.head()
        await self.body(arrived)
        return arrived

    async def rest(self) -> bytes:
        """Whatever still comes until the client hangs up."""
        return await self._reader.read()

    async def answer(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        """Send a reply and keep the connection."""
        named = {
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.writer.write(f"HTTP/1.1 {status} x\r\n{lines}\r\n".encode() + body)
        await self.writer.drain()

    def reset(self) -> None:
        """Drop the connection at once."""
        self.writer.transport.abort()


Script = Callable[[Line], Awaitable[None]]


class Server:
    """What arrived, in order; `connections` counts the sockets."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.url = ""
        self.requests: list[Arrived] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play the script on one connection."""
        self.connections += 1
        try:
            await self._script(Line(self, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def playing(script: Script) -> AsyncIterator[Server]:
    """The server while the block lasts."""
    server = Server(script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
