"""Eight workers, one Connection, its access token over: one refresh, and every Pin goes out with the new pair."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Reply, Request
from steadypin.services.context import Wired
from steadypin.worker.lanes import LaneLoop
from tests.conftest import emptied
from tests.support.rig import Rig, make_store, rig

WORKERS, PATIENCE_S = 8, 20.0


class Unhurried:
    """Carries requests to the simulator, and gives the other workers time before each reply."""

    def __init__(self, home: Rig) -> None:
        self._inner = home.pinterest

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        await asyncio.sleep(0.05)
        return await self._inner.send(request, timeout_s, may_leave)


@pytest.fixture
def home(postgres_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rig(emptied(postgres_url), tmp_path) as made:
        yield made


def test_eight_workers_make_one_refresh_of_an_ended_token(home: Rig) -> None:
    shop = home.connect()
    home.clock.advance(timedelta(days=31).total_seconds())
    pins = [home.pin(shop, f"Pin {n}") for n in range(3)]
    with ExitStack() as stack:
        workers = []
        for n in range(WORKERS):
            store = stack.enter_context(closing(make_store(home.url, home.clock)))
            ctx = replace(home.ctx, store=store, worker=f"worker-{n}")
            workers.append(Wired(ctx, Unhurried(home)))
        home.run(until_published(home, workers, pins))
    journal = home.sim_control("GET", "/_sim/journal")["entries"]
    refreshes = [each for each in journal if (each["body"] or {}).get("grant_type") == "refresh_token"]
    assert len(refreshes) == 1
    assert len(home.creates()) == len(pins)
    assert all(each["status"] == 201 for each in home.creates())


async def until_published(home: Rig, workers: list[Wired], pins: list[Pin]) -> None:
    stop = asyncio.Event()
    loops = [asyncio.create_task(LaneLoop(wired, 4).run(stop)) for wired in workers]
    try:
        async with asyncio.timeout(PATIENCE_S):
            while any(home.stage(pin) is not Stage.PUBLISHED for pin in pins):
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await asyncio.gather(*loops)
