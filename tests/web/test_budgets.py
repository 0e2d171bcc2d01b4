"""The line about an account's day and its next Pin: only where it says something."""

from __future__ import annotations

from datetime import UTC, time
from typing import Any

from steadypin.domain.pacing.day import Limits, QuietHours
from tests.support.rig import Rig


def limited(rig: Rig, **limits: Any) -> Rig:
    rig.use(limits=Limits(**({"daily_cap": 25, "spacing_s": 0, "quiet": None, "tz": UTC} | limits)))
    return rig


def test_an_account_with_room_says_nothing_about_it(empty, visit):
    limited(empty).connect()
    assert "today" not in visit(empty).words()


def test_a_cap_that_is_nearly_used_is_counted(empty, visit):
    shop = limited(empty, daily_cap=5).connect()
    for n in range(4):
        empty.pin(shop, f"Pin {n}")
    empty.drain()
    assert "4 of 5 Pins today." in visit(empty).words()


def test_what_the_next_pin_waits_for_is_told_and_the_line_stays_as_it_is(empty, visit):
    limited(empty, quiet=QuietHours(time(8), time(10))).connect()
    visitor = visit(empty)
    line = "0 of 25 Pins today; next at 2026-03-01 10:00 UTC , because: quiet hours until 10:00 UTC."
    assert line in visitor.words()
    empty.clock.advance(60)
    assert line in visitor.words()
    empty.clock.advance(3600)
    assert "today" not in visitor.words()


def test_a_used_up_day_says_when_the_next_one_begins(empty, visit):
    shop = limited(empty, daily_cap=1).connect()
    empty.pin(shop)
    empty.drain()
    assert "1 of 1 Pin today; next at 2026-03-02 00:00 UTC , because: the daily cap" in visit(empty).words()
