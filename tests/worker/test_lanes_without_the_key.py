"""A worker that cannot open tokens: for want of the new key it leaves the Lanes to others; else that account is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import connecting
from steadypin.storage import instance
from steadypin.storage.schema import grants, lanes
from steadypin.storage.seal import Seal, key_id
from steadypin.worker.lanes import LaneLoop
from tests.support.rig import KEY, Rig

NEW = bytes(range(1, 33))


def work(home: Rig, seal: Seal, done: Callable[[], bool]) -> LaneLoop:
    """Run a worker with that ring of keys until that is so, and a moment longer."""
    wired = replace(home.wired, ctx=replace(home.ctx, seal=seal))

    async def run() -> LaneLoop:
        loop, stop = LaneLoop(wired, 10), asyncio.Event()
        running = asyncio.create_task(loop.run(stop))
        for _ in range(600):
            if await asyncio.to_thread(done):
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        stop.set()
        await running
        return loop

    return home.run(run())


def lane(home: Rig) -> Any:
    with home.store.read() as tx:
        return tx.conn.execute(sa.select(lanes)).one()


def test_a_worker_without_the_new_key_leaves_the_lanes_to_others(
    home: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = home.connect()
    ring = Seal(NEW, KEY)
    home.store.write(lambda tx: instance.switch_key(tx, ring, key_id(NEW)))
    with home.store.engines.writer.begin() as conn:
        row = conn.execute(sa.select(grants)).one()
        place = ("grants", "access_token", shop.id)
        sealed = ring.close(home.seal.open(row.access_token, *place), *place)
        conn.execute(sa.update(grants).values(access_token=sealed))
    pin = home.pin(shop)
    fence = lane(home).fence
    work(home, Seal(KEY), lambda: lane(home).fence > fence)
    said = capfd.readouterr()
    assert (said.out + said.err).count("rotated elsewhere") == 1
    assert (home.stage(pin), home.creates()) == (Stage.SCHEDULED, [])
    assert connecting.get(home.ctx, shop.id).broken_because is None
    assert lane(home).worker is None, "given back at once"
    assert lane(home).fence == fence + 1, "and not taken again"
    work(home, ring, lambda: home.stage(pin) is Stage.PUBLISHED)
    assert home.stage(pin) is Stage.PUBLISHED


def test_an_account_whose_tokens_alone_cannot_be_opened_is_told_to_connect_again(home: Rig) -> None:
    shop = home.connect()
    with home.store.engines.writer.begin() as conn:
        conn.execute(sa.update(grants).values(access_token=b"x" * 60))
    pin = home.pin(shop)
    work(home, home.seal, lambda: home.stage(pin) is Stage.HELD)
    trouble = home.get(pin).trouble
    assert trouble is not None
    assert (home.stage(pin), trouble.cause, trouble.remedy) == (Stage.HELD, Cause.TOKEN, Remedy.RECONNECT)
    assert "cannot be read" in trouble.title
    home.connect()
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
