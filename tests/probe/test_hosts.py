"""Politeness: how hosts are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from steadypin.probe import hosts as module
from steadypin.probe.hosts import Hosts
from steadypin.probe.links import look
from tests.support.hostile_web import Web, on_the_web


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 100.0

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def with_hosts(story: Callable[[Hosts, Time], Awaitable[None]], most_at_once: int = 20) -> None:
    time = Time()
    asyncio.run(story(Hosts(1.0, most_at_once, lambda: time.now, time.wait), time))  # type: ignore[arg-type]


def test_one_host_is_asked_once_a_second_whatever_it_is_called():
    async def story(hosts: Hosts, time: Time) -> None:
        begun = []
        for name in ("shop.test", "SHOP.test", "shop.test."):
            async with hosts.spaced_turn(name):
                begun.append(time.now)
        assert begun == [100, 101, 102]

    with_hosts(story)


def test_hosts_do_not_wait_for_each_other():
    async def story(hosts: Hosts, time: Time) -> None:
        async with hosts.spaced_turn("a.test"), hosts.spaced_turn("b.test"):
            assert time.now == 100

    with_hosts(story)


def test_a_fetch_is_not_spaced_but_counts():
    async def story(hosts: Hosts, time: Time) -> None:
        for _ in range(3):
            async with hosts.turn("a.test"):
                assert time.now == 100
        async with hosts.spaced_turn("a.test"):
            assert time.now == 101

    with_hosts(story)


def test_requests_in_flight_are_bounded_and_each_host_has_one():
    async def story(hosts: Hosts, time: Time) -> None:
        running: list[str] = []
        most = 0

        async def ask(name: str) -> None:
            nonlocal most
            async with hosts.spaced_turn(name):
                assert name not in running
                running.append(name)
                most = max(most, len(running))
                await asyncio.sleep(0)
                running.remove(name)

        await asyncio.gather(*(ask(f"{n % 30}.test") for n in range(90)))
        assert most == 7

    with_hosts(story, most_at_once=7)


def test_who_gives_up_leaves_the_turn_to_others():
    async def story(hosts: Hosts, time: Time) -> None:
        async with hosts.turn("a.test"):
            waiting = asyncio.create_task(hosts.spaced_turn("a.test").__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with hosts.spaced_turn("a.test"):
            assert time.now == 101

    with_hosts(story)


def test_quiet_hosts_are_forgotten():
    async def story(hosts: Hosts, time: Time) -> None:
        for n in range(module._REMEMBERED + 50):
            time.now += 1
            async with hosts.turn(f"{n}.test"):
                pass
        assert len(hosts._hosts) < module._REMEMBERED

    with_hosts(story)


def test_a_link_wanted_by_many_is_asked_one_after_the_other():
    async def story(web: Web) -> None:
        await asyncio.gather(*(look(web.fetcher, "http://shop.test/web/page") for _ in range(5)))
        assert len(web.visits()) == 5
        assert sum(web.waits) == 4

    on_the_web(story)
