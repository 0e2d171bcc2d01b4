"""The user's own limits on creates: a daily cap, a least spacing, quiet hours; and late Pins one by one.

    may_send(pace, limits, now, late_by) -> Go | Wait(until, because)
    written(pace, limits.tz, now)            the intent of a create is on record: it counts
    given_back(pace, limits.tz, written_at)  nothing was made of it: it does not

Days and hours are those of the account's time zone, passed in as a `tzinfo`. Where clocks are put forward or back,
a skipped time means the moment of the change, and of a time that occurs twice quiet hours take in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Pace, before

LATE = "late Pins follow one another"
"""How the reason of a wait begins that no limit of the user's makes, but an outage or a fault before it."""

_DAY = timedelta(days=1)
_HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No Pin goes out from `begin` until `end`, by the account's clock; may pass midnight. Raises ValueError."""

    begin: time
    end: time

    def __post_init__(self) -> None:
        if self.begin == self.end:
            raise ValueError(
                f"Quiet hours from {self.begin:%H:%M} to {self.end:%H:%M} would be either no time or all day. "
                "Give two different times, for example 22:00-07:00."
            )

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """From '22:00-07:00'. Raises ValueError with a sentence."""
        found = _HOURS.fullmatch(text.strip()[:40])
        if found is None:
            raise ValueError(f"'{text[:40]}' are no quiet hours. Write two times like 22:00-07:00.")
        begin_hour, begin_minute, end_hour, end_minute = (int(part) for part in found.groups())
        return cls(time(begin_hour, begin_minute), time(end_hour, end_minute))

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def end_after(self, now: datetime, tz: tzinfo) -> datetime | None:
        """When the quiet hours that hold now end; None when none hold."""
        today = day_of(now, tz)
        for day in (today - _DAY, today):
            last = day if self.end > self.begin else day + _DAY
            end = _moment(last, self.end, tz, second=True)
            if _moment(day, self.begin, tz) <= now < end:
                return end
        return None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user allows for one account. A Pin later than `late_s` seconds keeps `repace_s` from the one before."""

    daily_cap: int
    spacing_s: float
    quiet: QuietHours | None
    tz: tzinfo
    late_s: float = 300.0
    repace_s: float = 120.0

    def __post_init__(self) -> None:
        if self.daily_cap < 1:
            raise ValueError("The daily cap is at least 1 Pin. To send nothing, pause the account.")
        if min(self.spacing_s, self.late_s, self.repace_s) < 0:
            raise ValueError("A time between Pins is 0 seconds or more.")


@dataclass(frozen=True, slots=True)
class Go:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before then; `because` is a plain sentence without a full stop. Pins that wait for the same go out `apart`."""

    until: datetime
    because: str
    apart: timedelta = timedelta(0)


def may_send(pace: Pace, limits: Limits, now: datetime, late_by: timedelta) -> Go | Wait:
    """Whether a create may leave now that is `late_by` behind the moment at which it could have left.

    `until` is the first moment at which nothing stands in the way, as far as is known now; `because` names what ends
    last. A Pin late by its account's own limits is not late: count from its due time or its deferral, if that is later.
    """
    answer: Go | Wait = Go()
    at = now
    while standing := _waits(pace, limits, at, late_by):
        answer = max(standing, key=lambda wait: wait.until)
        at = answer.until
    return answer


def written(pace: Pace, tz: tzinfo, now: datetime) -> Pace:
    """The intent of a create was written now, so the create counts; the first one of a day begins a new count."""
    today = day_of(now, tz)
    same = pace.day is not None and pace.day >= today
    return replace(
        pace,
        day=pace.day if same else today,
        creates=(pace.creates if same else 0) + 1,
        last_create_at=now,
        create_before_at=pace.last_create_at,
    )


def given_back(pace: Pace, tz: tzinfo, written_at: datetime) -> Pace:
    """It is proven that nothing was made of the create whose intent was written then."""
    undone = pace
    if pace.day == day_of(written_at, tz) and pace.creates > 0:
        undone = replace(undone, creates=pace.creates - 1)
    if pace.last_create_at == written_at:
        undone = replace(undone, last_create_at=pace.create_before_at, create_before_at=None)
    return undone


def used_of_day(pace: Pace, tz: tzinfo, now: datetime) -> int:
    """Creates that count for the account's present day."""
    return pace.creates if pace.day is not None and pace.day >= day_of(now, tz) else 0


def day_of(now: datetime, tz: tzinfo) -> date:
    """The calendar day in that time zone."""
    return now.astimezone(tz).date()


def day_begin(day: date, tz: tzinfo) -> datetime:
    """The first moment of a day, in UTC; not midnight where midnight is skipped."""
    return _moment(day, time(0), tz)


def _waits(pace: Pace, limits: Limits, now: datetime, late_by: timedelta) -> list[Wait]:
    """All that stands in the way at that moment. Of two that end together the first is named: the block."""
    found = []
    block = pace.block(Category.ORG_WRITE, now)
    if block is not None:
        found.append(Wait(block.until, block.because))
    quota = pace.budget(Category.ORG_WRITE.value).quota
    paced = before(pace, Category.ORG_WRITE, now)
    found.append(Wait(paced, f"Pinterest allows {quota.limit} writes in {quota.window_s} s"))
    if used_of_day(pace, limits.tz, now) >= limits.daily_cap:
        tomorrow = day_begin(day_of(now, limits.tz) + _DAY, limits.tz)
        cap = "1 Pin" if limits.daily_cap == 1 else f"{limits.daily_cap} Pins"
        because = (
            f"the daily cap of {cap} is used up; this account's day begins at {_clock(tomorrow, limits.tz)}"
        )
        found.append(Wait(tomorrow, because))
    quiet_until = limits.quiet.end_after(now, limits.tz) if limits.quiet else None
    if quiet_until is not None:
        found.append(Wait(quiet_until, f"quiet hours until {_clock(quiet_until, limits.tz)}"))
    if pace.last_create_at is not None:
        apart = timedelta(seconds=limits.spacing_s)
        because = f"Pins of one account are at least {limits.spacing_s:g} s apart"
        found.append(Wait(pace.last_create_at + apart, because, apart))
        if late_by > timedelta(seconds=limits.late_s):
            apart = timedelta(seconds=limits.repace_s)
            because = f"{LATE} at least {limits.repace_s:g} s apart"
            found.append(Wait(pace.last_create_at + apart, because, apart))
    return [wait for wait in found if wait.until > now]


def _clock(moment: datetime, tz: tzinfo) -> str:
    return f"{moment.astimezone(tz):%H:%M} {tz}"


def _moment(day: date, at: time, tz: tzinfo, *, second: bool = False) -> datetime:
    """When the clocks of that zone show this; the moment of the change when they skip it; `second` of two, if asked."""
    shown = datetime.combine(day, at)
    first, last = (shown.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= last:
        return last if second else first
    skipped_until, skipped_from = first, last  # PEP 495: in a gap, fold=0 reckons with the offset before it
    while skipped_until - skipped_from > timedelta(microseconds=1):
        middle = skipped_from + (skipped_until - skipped_from) // 2
        if middle.astimezone(tz).replace(tzinfo=None) >= shown:
            skipped_until = middle
        else:
            skipped_from = middle
    return skipped_until
