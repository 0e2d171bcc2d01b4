"""The loop of Lanes: wakes at once, stops gracefully, and outlives a broken Lane and a troubled database."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from pinsim import serve
from steadypin.domain.errors import StoreTrouble
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.pinterest.client import HttpPinterest, Pinterest
from steadypin.pinterest.wire import Hosts, Reply, Request
from steadypin.services import compose, holding
from steadypin.storage import lanes as rows
from steadypin.storage.database import Work
from steadypin.worker import lanes
from steadypin.worker.lanes import LaneLoop
from tests.support.rig import Rig

PATIENCE_S = 10.0
Story = Callable[[LaneLoop, asyncio.Event], Awaitable[None]]


class Between:
    """Looks at every request on its way to the simulator. `before` may wait or raise."""

    def __init__(self, inner: Pinterest, before: Callable[[Request], Awaitable[None]]) -> None:
        self._inner, self._before = inner, before
        self.in_flight = self.most_in_flight = 0

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._before(request)
            return await self._inner.send(request, timeout_s, may_leave)
        finally:
            self.in_flight -= 1


async def nothing(_: Request) -> None:
    await asyncio.sleep(0)


def told(home: Rig, story: Story, pinterest: Pinterest | None = None, most: int = 10) -> None:
    """Run the loop while the story lasts, then stop it gracefully."""
    wired = replace(home.wired, pinterest=pinterest or home.pinterest)

    async def run() -> None:
        loop, stop = LaneLoop(wired, most), asyncio.Event()
        running = asyncio.create_task(loop.run(stop))
        try:
            await story(loop, stop)
        finally:
            stop.set()
            async with asyncio.timeout(PATIENCE_S):
                await running

    home.run(run())


async def until(home: Rig, *pins: Pin, stage: Stage = Stage.PUBLISHED) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any(home.stage(pin) is not stage for pin in pins):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def over_sockets(home: Rig) -> AsyncIterator[HttpPinterest]:
    async with serve(home.sim) as url, HttpPinterest(home.clock, 10**8) as pinterest:
        home.use(hosts=Hosts(f"{url}/v5", f"{url}/sandbox/v5", f"{url}/oauth/"))
        yield pinterest


def test_a_new_pin_wakes_the_loop_at_once(home: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "POLL_S", 60.0)
    shop = home.connect()
    wanted = home.pin(shop, due_in=10**6)

    async def story(loop: LaneLoop, _: asyncio.Event) -> None:
        events = asyncio.get_running_loop()

        def wake() -> None:
            events.call_soon_threadsafe(loop.wake)

        home.store.on_wake = wake
        await asyncio.sleep(0.3)  # it sleeps by now
        home.clock.advance(10**6)
        threading.Thread(target=home.store.write, args=(lambda tx: rows.hint(tx, shop.id, tx.now),)).start()
        await until(home, wanted)

    told(home, story)
    assert len(home.creates()) == 1


def test_without_a_wake_an_edit_of_another_process_is_noticed_by_looking(
    home: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "POLL_S", 0.05)
    shop = home.connect()
    ahead = home.pin(shop, due_in=30)

    async def story(_: LaneLoop, __: asyncio.Event) -> None:
        await asyncio.sleep(0.2)
        assert home.stage(ahead) is Stage.SCHEDULED
        home.clock.advance(30)
        await until(home, ahead)

    told(home, story)


def test_it_publishes_over_real_sockets(home: Rig) -> None:
    shops = [home.connect("spring_shop"), home.connect("second_shop")]
    pins = [home.pin(shop, f"Cake {n}") for shop in shops for n in range(5)]

    async def run() -> None:
        async with over_sockets(home) as pinterest:
            stop = asyncio.Event()
            running = asyncio.create_task(LaneLoop(replace(home.wired, pinterest=pinterest), 10).run(stop))
            await until(home, *pins)
            stop.set()
            await running

    home.run(run())
    assert sorted(item["id"] for item in home.live()) == sorted(
        str(home.get(pin).pinterest_pin_id) for pin in pins
    )
    assert len(home.creates()) == len(pins)


def test_a_stop_waits_for_a_reply_that_comes_in_time(home: Rig) -> None:
    pin = home.pin(home.connect())
    sent, reply = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> None:
        sent.set()
        await reply.wait()

    async def story(_: LaneLoop, stop: asyncio.Event) -> None:
        await sent.wait()
        stop.set()
        await asyncio.sleep(0.1)
        reply.set()

    told(home, story, Between(home.pinterest, slow))
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_stop_takes_no_more_than_ten_seconds() -> None:
    assert lanes.HAND_BACK_AFTER_S + 1.0 < 10


def test_a_stop_hands_back_what_hangs_and_the_next_holder_confirms_it(
    home: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "HAND_BACK_AFTER_S", 0.3)
    shop = home.connect()
    home.fault("made_then_timeout")
    pin = home.pin(shop)

    async def run() -> None:
        async with over_sockets(home) as pinterest:
            stop = asyncio.Event()
            running = asyncio.create_task(LaneLoop(replace(home.wired, pinterest=pinterest), 10).run(stop))
            await until(home, pin, stage=Stage.SENDING)
            while not any(entry["path"].endswith("/v5/pins") for entry in home.sim.journal.since(0)):
                await asyncio.sleep(0.01)
            began = time.monotonic()
            stop.set()
            await running
            assert time.monotonic() - began < 5

    home.run(run())
    assert home.stage(pin) is Stage.SENDING
    (held,) = home.claim()  # at once, without waiting for the lease
    home.store.write(lambda tx: rows.release(tx, held.lane, tx.now))
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    home.run_out(900)
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.live()) == len(home.creates()) == 1


def test_a_lane_that_breaks_stops_no_other_and_is_recovered_after_its_lease(home: Rig) -> None:
    broken, sound = home.connect("spring_shop"), home.connect("second_shop")
    bad, good, later = home.pin(broken, "Bad"), home.pin(sound, "Good"), home.pin(sound, "Later", due_in=9999)
    board = bad.content.board_id.encode()

    async def breaks(request: Request) -> None:
        if request.body is not None and board in request.body.head:
            raise RuntimeError("a fault of ours")

    async def story(_: LaneLoop, __: asyncio.Event) -> None:
        await until(home, good)
        compose.reschedule(home.ctx, later.id, home.clock.now())
        await until(home, later)

    told(home, story, Between(home.pinterest, breaks))
    assert home.stage(bad) is Stage.SENDING
    home.run_out(1800)
    assert home.stage(bad) is Stage.PUBLISHED
    assert len(home.live("Bad")) == 1


def test_no_more_lanes_run_at_once_than_allowed_and_all_get_their_turn(home: Rig) -> None:
    pins = [home.pin(home.connect(name)) for name in ("spring_shop", "second_shop")]
    between = Between(home.pinterest, nothing)

    async def story(_: LaneLoop, __: asyncio.Event) -> None:
        await until(home, *pins)

    told(home, story, between, most=1)
    assert between.most_in_flight == 1


def test_a_troubled_database_is_waited_out_and_no_outcome_is_lost(
    home: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_TROUBLE_PAUSE_S", 0.02)
    monkeypatch.setattr(holding, "_STORE_PAUSE_S", 0.02)
    pins = [home.pin(home.connect(), f"Cake {n}") for n in range(3)]
    healthy, calls = home.store.submit, 0

    def troubled(work: Work[Any]) -> Future[Any]:
        nonlocal calls
        calls += 1
        if calls % 3 != 0:
            failed: Future[Any] = Future()
            failed.set_exception(StoreTrouble("The disk is full."))
            return failed
        return healthy(work)

    async def story(_: LaneLoop, __: asyncio.Event) -> None:
        await until(home, *pins)

    monkeypatch.setattr(home.store, "submit", troubled)
    told(home, story)
    monkeypatch.undo()
    assert calls > 10
    assert len(home.creates()) == len(home.live()) == 3
