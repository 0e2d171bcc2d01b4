"""Hours that are often slept through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from steadypin.domain.absences import Absence, Habit, habit
from steadypin.domain.findings import Level
from steadypin.domain.preflight import preflight
from tests.domain.test_preflight import WELL

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""A Sunday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_SEVEN = NOW.replace(hour=7, minute=20) + 2 * DAY


def nights(*days_ago: int, since: int = 1, until: int = 8) -> list[Absence]:
    midnight = NOW.replace(hour=0)
    return [
        Absence(midnight - n * DAY + since * HOUR, midnight - n * DAY + until * HOUR)
        for n in sorted(days_ago)[::-1]
    ]


@pytest.mark.parametrize(
    ("absences", "expected"),
    [
        ([], None),
        (nights(0), None),
        (nights(0, 1), None),
        (nights(0, 2, 5), Habit(3, 7)),
        (nights(*range(7)), Habit(7, 7)),
        (nights(8, 9, 10), None),
        (nights(0, 1, 2, since=1, until=7), None),
        (nights(5, 12), Habit(2, 2, "Tuesday")),
        (nights(5), None),
        ([Absence(NOW - 4 * DAY, NOW - HOUR)], Habit(4, 7)),
    ],
)
def test_an_hour_is_told_when_it_was_often_missed(absences: list[Absence], expected: Habit | None) -> None:
    assert habit(absences, AT_SEVEN, NOW, UTC) == expected


def test_half_an_hour_of_it_is_not_missed() -> None:
    half = [Absence(each.since, each.until - HOUR / 2) for each in nights(0, 1, 2)]
    assert habit(half, AT_SEVEN, NOW, UTC) is None
    assert habit(half, AT_SEVEN - HOUR, NOW, UTC) == Habit(3, 7)


def test_hours_are_those_of_the_account() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    away = nights(0, 1, 2, since=6, until=7)
    assert habit(away, AT_SEVEN - HOUR, NOW, berlin) == Habit(3, 7)
    assert habit(away, AT_SEVEN, NOW, berlin) is None


def test_an_hour_that_has_not_ended_today_does_not_count() -> None:
    away = [Absence(NOW - DAY, NOW - DAY + HOUR), Absence(NOW - 2 * DAY, NOW - 2 * DAY + HOUR)]
    assert habit(away, NOW + DAY, NOW, UTC) is None


def test_a_pin_at_such_an_hour_is_warned_of_with_evidence() -> None:
    away = nights(0, 2, 5)
    facts = replace(WELL, now=NOW, due_at=AT_SEVEN, absences=away)
    (found,) = preflight(facts)
    assert (found.check, found.level) == ("asleep", Level.WARNING)
    assert found.title == "Steadypin was not running at this hour on 3 of the last 7 days."
    assert found.evidence == {"hour": "07:00", "missed": 3, "of": 7, "weekday": None}
    assert preflight(replace(facts, due_at=AT_SEVEN + 3 * HOUR)) == ()
    assert preflight(replace(facts, due_at=None)) == ()
