"""The cap on bytes in flight."""

from __future__ import annotations

import asyncio
import random

import pytest

from steadypin.pinterest.client import ByteGate


@pytest.mark.parametrize("seed", range(5))
def test_never_more_bytes_than_the_cap_are_under_way_and_everybody_gets_through(seed: int) -> None:
    chance = random.Random(seed)
    sizes = [chance.choice([0, 1, 30, 60, 100, 250]) for _ in range(60)]
    under_way: list[int] = []
    most = 0

    async def send(gate: ByteGate, size: int) -> None:
        nonlocal most
        share = await gate.enter(size)
        under_way.append(share)
        most = max(most, sum(under_way))
        await asyncio.sleep(chance.random() / 1000)
        under_way.remove(share)
        await gate.leave(share)

    async def run() -> None:
        gate = ByteGate(100)
        async with asyncio.timeout(10):
            await asyncio.gather(*(send(gate, size) for size in sizes))
        assert await gate.enter(100) == 100  # all of it is free again

    asyncio.run(run())
    assert most <= 100


def test_a_body_larger_than_the_cap_goes_alone() -> None:
    async def run() -> None:
        gate = ByteGate(100)
        share = await gate.enter(10_000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await gate.enter(1)
        assert await gate.enter(0) == 0  # a request without a body never waits
        await gate.leave(share)
        assert await gate.enter(1) == 1

    asyncio.run(run())


def test_who_gives_up_waiting_takes_no_room_with_him() -> None:
    async def run() -> None:
        gate = ByteGate(100)
        share = await gate.enter(100)
        waiting = [asyncio.create_task(gate.enter(100)) for _ in range(5)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        await gate.leave(share)
        async with asyncio.timeout(1):
            assert await gate.enter(100) == 100

    asyncio.run(run())
