"""Hours of the day at which Steadypin is often not running: a laptop that sleeps through its slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

KEPT_FOR = timedelta(days=14)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_LAST_DAYS = 7
_OFTEN = 3
"""On so many of the last seven days is often."""


@dataclass(frozen=True, slots=True)
class Absence:
    """No worker was running from `since` until `until`: stopped, switched off or asleep."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Habit:
    """At that hour Steadypin was away on `missed` of the last `of` days, or of the last `of` such weekdays."""

    missed: int
    of: int
    weekday: str | None = None


def habit(absences: Sequence[Absence], due: datetime, now: datetime, tz: tzinfo) -> Habit | None:
    """Whether the hour of `due`, by the clock of `tz`, is one that was mostly slept through; None when it is not."""
    if not absences:
        return None
    begins = due.astimezone(tz).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    today = now.astimezone(tz).replace(tzinfo=None)
    first = begins.replace(year=today.year, month=today.month, day=today.day)
    if first + _HOUR > today:
        first -= _DAY
    days = [first - n * _DAY for n in range(KEPT_FOR // _DAY)]
    missed = [_missed(absences, day.replace(tzinfo=tz)) for day in days]
    last = sum(missed[:_LAST_DAYS])
    if last >= _OFTEN:
        return Habit(last, _LAST_DAYS)
    such = [was for day, was in zip(days, missed, strict=True) if day.weekday() == begins.weekday()]
    return Habit(len(such), len(such), f"{begins:%A}") if such and all(such) else None


def _missed(absences: Sequence[Absence], begins: datetime) -> bool:
    """More than half of that hour."""
    ends = begins + _HOUR
    away = sum(
        (max(min(each.until, ends) - max(each.since, begins), timedelta(0)) for each in absences),
        timedelta(0),
    )
    return away * 2 > _HOUR
