"""Preflight of many Pins that lead to many websites: how politely and how fast their links are looked at.

The websites are one stand-in on loopback in this process; each name has its own place in the fetcher's spacing.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from benchmarks.place import place
from benchmarks.seeding import MEDIA_ID, connect
from steadypin.bootstrap.assembly import opened
from steadypin.domain.pins import Media, MediaKind
from steadypin.pinterest.client import HttpPinterest
from steadypin.probe.fetch import Fetcher
from steadypin.probe.guard import Guard
from steadypin.probe.links import look
from steadypin.services import compose
from steadypin.services.context import Context, Wired
from steadypin.storage import schema
from steadypin.worker import duties

PINS, HOSTS = 1000, 300
_ANSWER_AFTER_S = 0.1
_PAGE = "<!doctype html><html><head><title>Cake</title></head><body>" + "<p>Lemon cake.</p>" * 1000 + "</body></html>"  # fmt: skip


class _Websites(AbstractResolver):
    """Every name leads to the stand-in, which notes who asks whom and when."""

    def __init__(self) -> None:
        self.port, self.now, self.most_at_once = 0, 0, 0
        self.asked: list[tuple[float, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((time.monotonic(), request.host))
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        await asyncio.sleep(_ANSWER_AFTER_S)
        self.now -= 1
        return web.Response(text=_PAGE, content_type="text/html")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = ResolveResult(
            hostname=host,
            host="127.0.0.1",
            port=self.port,
            family=socket.AF_INET,
            proto=0,
            flags=socket.AI_NUMERICHOST,
        )
        return [found]

    async def close(self) -> None:
        """Nothing to close."""

    def most_in_a_second(self) -> int:
        """The most that any one website was asked within a second."""
        times: dict[str, list[float]] = {}
        for at, host in self.asked:
            times.setdefault(host, []).append(at)
        return max(
            sum(0 <= other - at < 1 for other in of_host) for of_host in times.values() for at in of_host
        )


class _Online:
    async def is_there(self) -> bool:
        return True


def preflight() -> dict[str, Any]:
    """Compose the Pins, then let the duties run until every link was seen and every Pin was judged with it."""
    with place("sqlite") as made:
        connect(made.settings, 1)
        with opened(made.settings) as ctx:
            return asyncio.run(_look(ctx))


async def _look(ctx: Context) -> dict[str, Any]:
    sites, stop = _Websites(), asyncio.Event()
    before_mb = _peak_mb()
    names = tuple(f"site{n}.example" for n in range(HOSTS))
    async with (
        _serving(sites),
        HttpPinterest(ctx.clock, 2**20) as pinterest,
        Fetcher(Guard(names), resolver=sites) as fetcher,
    ):
        wired = Wired(ctx, pinterest)
        begun = time.monotonic()
        await asyncio.to_thread(_compose, ctx, names)
        composed_s = time.monotonic() - begun
        loops = (duties.loop(wired, fetcher), duties.links_loop(wired, partial(look, fetcher), _Online()))
        tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]
        while await asyncio.to_thread(_pending, ctx):
            await asyncio.sleep(0.1)
        wall_s = time.monotonic() - begun
        stop.set()
        await asyncio.gather(*tasks)
    return {
        "composed_s": composed_s,
        "wall_s": wall_s,
        "requests": len(sites.asked),
        "most_in_flight": sites.most_at_once,
        "per_host_and_s": sites.most_in_a_second(),
        "most_of_one_host": max(Counter(host for _, host in sites.asked).values()),
        "peak_rss_mb": _peak_mb(),
        "rss_added_mb": _peak_mb() - before_mb,
    }


def _compose(ctx: Context, names: tuple[str, ...]) -> None:
    due = ctx.clock.now() + timedelta(days=2)
    media = Media(MediaKind.IMAGE, media_id=MEDIA_ID)

    def work(tx: Any) -> None:
        for n in range(PINS):
            link = f"http://{names[n % HOSTS]}/cake/{n}"
            new = compose.NewPin(
                "con_0", "1", media, title=f"Cake {n}", link=link, due_at=due + n * timedelta(minutes=1)
            )
            compose.insert(ctx, tx, new)

    ctx.store.write(work)


def _pending(ctx: Context) -> int:
    """Links that nobody has seen yet, and Pins that were not judged since."""
    looks, judged = schema.link_looks.c, schema.preflights.c
    with ctx.store.read() as tx:
        unseen = tx.conn.execute(
            sa.select(sa.func.count()).select_from(schema.link_looks).where(looks.looked_at.is_(None))
        )
        unjudged = tx.conn.execute(
            sa.select(sa.func.count())
            .select_from(schema.preflights)
            .where((judged.looked_at.is_(None)) | (judged.next_at <= tx.now))
        )
        return int(unseen.scalar_one()) + int(unjudged.scalar_one())


@asynccontextmanager
async def _serving(sites: _Websites) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/{path:.*}", sites.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sites.port = runner.addresses[0][1]
    try:
        yield
    finally:
        await runner.cleanup()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
