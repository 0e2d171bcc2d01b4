"""pinsim's web under names of its own: every name leads to one loopback port, and nothing else is ever dialled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp.abc import AbstractResolver, ResolveResult

from pinsim import Sim, serve
from steadypin.probe.fetch import Fetcher, Limits
from steadypin.probe.guard import Guard
from steadypin.probe.hosts import Hosts

T = TypeVar("T")
NAMES = ("shop.test", "www.shop.test", "other.test", "bit.ly")


class Names(AbstractResolver):
    """A name server. `known` maps a name to the answers it gives one after the other, the last one for good.

    `port`, when it is given, takes the place of the port asked for: a whole web behind one socket.
    """

    def __init__(self, known: dict[str, list[list[str]]], port: int | None = None) -> None:
        self._known = known
        self._port = port
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self._known.get(host.rstrip("."))
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port if self._port is None else self._port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing to close."""


class Dialler:
    """Makes sockets for loopback only; every address that is wanted is written down first."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, int]] = []

    def __call__(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, (host, port, *_) = address
        self.dialled.append((host, port))
        if host not in ("127.0.0.1", "::1"):
            raise OSError(f"{host} is not loopback, and tests go nowhere else")
        return socket.socket(family, kind, proto)


class Web:
    """pinsim's web and a fetcher that may see it."""

    def __init__(self, sim: Sim, fetcher: Fetcher, dialler: Dialler, waits: list[float]) -> None:
        self.sim, self.fetcher, self.dialler, self.waits = sim, fetcher, dialler, waits

    def visits(self) -> list[dict[str, Any]]:
        """The journal of what was asked of the web."""
        return [each for each in self.sim.journal.since(0) if each["operation"] == "web"]


@asynccontextmanager
async def hostile_web(silence_s: float = 15.0) -> AsyncIterator[Web]:
    """Serve it; waiting for the turn of a host takes no time and is written down."""
    sim, dialler, waits = Sim(clock=lambda: 1_790_000_000.0), Dialler(), []
    elapsed = 0.0

    async def wait(seconds: float) -> None:
        nonlocal elapsed
        waits.append(seconds)
        elapsed += seconds
        await asyncio.sleep(0)

    async with serve(sim) as base:
        port = int(base.rpartition(":")[2])
        known = {name: [["127.0.0.1"]] for name in NAMES} | {"inside.test": [["10.0.0.1"]]}
        hosts = Hosts(clock=lambda: elapsed, wait=wait)
        fetcher = Fetcher(
            Guard(NAMES),
            Limits(silence_s=silence_s),
            hosts=hosts,
            resolver=Names(known, port),
            socket_factory=dialler,
        )
        async with fetcher:
            yield Web(sim, fetcher, dialler, waits)


def on_the_web(story: Callable[[Web], Awaitable[T]], silence_s: float = 15.0) -> T:
    """Run a story in a hostile web."""

    async def run() -> T:
        async with hostile_web(silence_s) as web:
            return await story(web)

    return asyncio.run(run())
