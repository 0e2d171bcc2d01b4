"""Duties: one holder, fenced, and the fetching of media that is done in one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.pins import Media, MediaKind, Pin
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.probe.fetch import FetchTrouble
from steadypin.services import compose, duty_work, fetching, transitions
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude
from steadypin.storage import duties
from steadypin.storage.duties import Duty
from steadypin.worker.duties import DutyLoop
from tests.support.rig import Rig, picture_bytes

URL = "https://shop.example/cake.png"
GONE = FetchTrouble(
    read_native("media/source", 404, b"<html>gone</html>"), "The server with the file answered 404."
)
BUSY = FetchTrouble(read_native("media/source", 503, b""))
SLOW = FetchTrouble(native_from_exception("media/source", "TimeoutError", "timed out"))


class Web:
    """A web whose answers are written down."""

    def __init__(self, *answers: bytes | FetchTrouble | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def fetch(self, url: str, take: Callable[[AsyncIterable[bytes]], Awaitable[Any]]) -> Any:
        self.asked.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, FetchTrouble):
            return answer

        async def pieces() -> AsyncIterator[bytes]:
            yield answer

        return await take(pieces())


def from_url(home: Rig, due_in: float = 60.0) -> Pin:
    return home.pin(home.connect(), media=Media(MediaKind.IMAGE, url=URL), due_in=due_in)


def claim(home: Rig, ctx: Context | None = None) -> list[Duty]:
    used = ctx or home.ctx
    return home.store.write(lambda tx: duty_work.claim(used, tx, 10, {fetching.KIND}))


def do_duties(home: Rig, web: Web) -> int:
    found = claim(home)
    for duty in found:
        home.run(duty_work.work(home.ctx, duty, {fetching.KIND: fetching.handler(web)}))
    return len(found)


def test_a_pin_with_an_address_is_fetched_then_published(home: Rig):
    pin = from_url(home)
    assert home.stage(pin) is Stage.PREPARING
    assert do_duties(home, Web(picture_bytes("orange"))) == 1
    fetched = home.get(pin)
    assert fetched.stage is Stage.SCHEDULED
    assert fetched.content.media.media_id is not None
    assert fetched.act_at == fetched.due_at
    home.advance(60)
    assert home.stage(pin) is Stage.PUBLISHED
    assert claim(home) == []


def test_a_file_that_is_not_there_holds_the_pin_with_what_to_do(home: Rig):
    pin = from_url(home)
    do_duties(home, Web(GONE))
    trouble = home.get(pin).trouble
    assert home.stage(pin) is Stage.HELD
    assert trouble is not None
    assert (trouble.cause, trouble.remedy, trouble.step) == (
        Cause.MEDIA,
        Remedy.FIX_INPUT,
        Step.MEDIA_AND_TEXT,
    )
    assert "404" in trouble.title
    assert trouble.native is not None
    assert trouble.native["status"] == 404
    assert claim(home) == []


def test_a_file_that_pinterest_refuses_holds_the_pin(home: Rig):
    pin = from_url(home)
    do_duties(home, Web(b"<!doctype html><title>Log in</title>"))
    trouble = home.get(pin).trouble
    assert trouble is not None
    assert trouble.rule == "image.format"
    assert "web page" in trouble.title


def test_a_passing_trouble_is_tried_again_then_a_person_is_asked(home: Rig):
    pin = from_url(home, due_in=86400)
    for n, wait in enumerate((15, 60, 300, 900, 3600)):
        assert do_duties(home, Web(BUSY if n % 2 else SLOW)) == 1
        waiting = home.get(pin)
        assert waiting.stage is Stage.PREPARING
        assert waiting.deferred_until == home.clock.now() + timedelta(seconds=wait)
        home.clock.advance(wait - 1)
        assert claim(home) == []
        home.clock.advance(1)
    assert do_duties(home, Web(BUSY)) == 1
    assert home.stage(pin) is Stage.HELD


def test_a_success_after_a_passing_trouble_clears_it(home: Rig):
    pin = from_url(home, due_in=600)
    do_duties(home, Web(BUSY))
    home.clock.advance(15)
    do_duties(home, Web(picture_bytes("orange")))
    found = home.get(pin)
    assert (found.stage, found.trouble, found.deferred_until) == (Stage.SCHEDULED, None, None)


def test_a_pin_that_was_cancelled_meanwhile_stays_cancelled(home: Rig):
    pin = from_url(home)

    class Cancelling(Web):
        async def fetch(self, url: str, take: Any) -> Any:
            await asyncio.to_thread(compose.cancel, home.ctx, pin.id)
            return await super().fetch(url, take)

    do_duties(home, Cancelling(picture_bytes("orange")))
    assert home.stage(pin) is Stage.CANCELLED
    assert claim(home) == []


def test_a_new_address_given_meanwhile_wins(home: Rig):
    pin = from_url(home)
    other = Media(MediaKind.IMAGE, url="https://shop.example/other.png")

    class Editing(Web):
        async def fetch(self, url: str, take: Any) -> Any:
            if not self.asked:
                await asyncio.to_thread(compose.edit, home.ctx, pin.id, {"media": other})
            return await super().fetch(url, take)

    web = Editing(picture_bytes("orange"), picture_bytes("blue"))
    do_duties(home, web)
    assert home.stage(pin) is Stage.PREPARING
    do_duties(home, web)
    assert home.stage(pin) is Stage.SCHEDULED
    assert web.asked == [URL, "https://shop.example/other.png"]


def test_a_fault_of_ours_is_tried_again_and_blames_nobody(home: Rig):
    pin = from_url(home)
    do_duties(home, Web(RuntimeError("a bug")))
    assert home.stage(pin) is Stage.PREPARING
    assert home.get(pin).trouble is None
    home.clock.advance(301)
    do_duties(home, Web(picture_bytes("orange")))
    assert home.stage(pin) is Stage.SCHEDULED


def test_a_duty_has_one_holder_until_its_lease_ends(home: Rig):
    from_url(home)
    other = home.worker("w2").ctx
    (mine,) = claim(home)
    assert claim(home, other) == []
    home.clock.advance(31)
    (theirs,) = claim(home, other)
    assert theirs.fence > mine.fence
    assert not home.store.write(lambda tx: duties.hold(tx, mine, home.ctx.lease))
    assert home.store.write(lambda tx: duties.hold(tx, theirs, other.lease))


def test_a_holder_that_lost_its_duty_writes_nothing(home: Rig):
    pin = from_url(home)
    (mine,) = claim(home)

    async def slow(ctx: Context, duty: Duty) -> Conclude:
        home.clock.advance(31)
        (taken,) = await home.store.write_async(
            lambda tx: duties.claim(tx, "w2", 1, home.ctx.lease, {fetching.KIND})
        )
        assert taken.worker == "w2"

        def conclude(tx: Any) -> None:
            transitions.hold(tx, home.get(pin), transitions.media_gone())

        return conclude

    home.run(duty_work.work(home.ctx, mine, {fetching.KIND: slow}))
    assert home.stage(pin) is Stage.PREPARING


def test_the_loop_does_what_is_due_and_hands_back_what_it_cannot_finish(
    home: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("steadypin.worker.duties._STOP_AFTER_S", 0.05)
    pin = from_url(home)
    running: list[str] = []

    async def never_ending(ctx: Context, duty: Duty) -> Conclude:
        running.append(duty.key)
        await asyncio.Event().wait()
        raise AssertionError

    async def go() -> None:
        stop = asyncio.Event()
        loop = asyncio.create_task(DutyLoop(home.ctx, {fetching.KIND: never_ending}).run(stop))
        while not running:
            await asyncio.sleep(0.01)
        stop.set()
        await loop

    home.run(go())
    assert running == [pin.id]
    assert [duty.key for duty in claim(home)] == [pin.id]
