"""New times for Pins that could not leave at theirs: the oldest first, each as soon as the account's limits let it.

    places(pace, limits, start, waiting, taken) -> (Place(pin_id, at, because), …)

The reckoning is that of `may_send`, run ahead, so that what is told before is what happens afterwards. What may still
change it: Pins that are put into the queue later, replies of Pinterest that name other quotas, other limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Pace, sent
from steadypin.domain.pacing.day import LATE, Limits, Wait, may_send, written


@dataclass(frozen=True, slots=True)
class Waiting:
    """A Pin that is to go on, and the time that it was to leave at."""

    pin_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Its new time, and why it is not its own; None when it is."""

    pin_id: str
    at: datetime
    because: str | None


def places(
    pace: Pace, limits: Limits, start: datetime, waiting: Sequence[Waiting], taken: Sequence[datetime] = ()
) -> list[Place]:
    """A place for each, in order of their times; none is before `start`, none before its own time.

    `taken` are the moments at which other Pins of the account leave meanwhile.
    """
    found = []
    others = sorted(taken)
    for pin in sorted(waiting, key=lambda each: (each.due_at, each.pin_id)):
        wanted = max(start, pin.due_at)
        at, because = _next(pace, limits, wanted, wanted - pin.due_at)
        while others and others[0] <= at:
            pace = _leave(pace, limits, _next(pace, limits, others.pop(0), timedelta(0))[0])
            at, because = _next(pace, limits, wanted, wanted - pin.due_at)
        pace = _leave(pace, limits, at)
        found.append(Place(pin.pin_id, at, None if at == pin.due_at else _late(because)))
    return found


def _next(pace: Pace, limits: Limits, wanted: datetime, late_by: timedelta) -> tuple[datetime, str]:
    answer = may_send(pace, limits, wanted, late_by)
    return (answer.until, answer.because) if isinstance(answer, Wait) else (wanted, "")


def _leave(pace: Pace, limits: Limits, at: datetime) -> Pace:
    return written(sent(pace, Category.ORG_WRITE, at), limits.tz, at)


def _late(because: str) -> str:
    """Pins that wait for this keep their places when limits change (`pins.decide_anew`)."""
    if not because:
        return f"{LATE} once their account works again"
    return because if because.startswith(LATE) else f"{LATE}; {because}"
