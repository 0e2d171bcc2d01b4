"""Step 1: whether Steadypin is likely to run at the Pin's time, by when it ran in the last two weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from steadypin.domain.absences import habit
from steadypin.domain.findings import Finding, Level
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.words import Cause, Remedy

_SOON = timedelta(minutes=15)
"""What is due sooner goes out while Steadypin runs: it does so now."""


def asleep_findings(facts: Facts) -> Iterable[Finding]:
    """An hour that was mostly slept through."""
    if facts.due_at is None or facts.account is None or facts.due_at - facts.now < _SOON:
        return
    tz = facts.account.limits.tz
    seen = habit(facts.absences, facts.due_at, facts.now, tz)
    if seen is None:
        return
    days = f"{seen.missed} of the last {seen.of} {f'{seen.weekday}s' if seen.weekday else 'days'}"
    yield Finding(
        "asleep",
        Level.WARNING,
        f"Steadypin was not running at this hour on {days}.",
        "Choose an hour at which this machine is awake, or keep it running then. A Pin that was missed goes out late, as "
        "soon as Steadypin runs again.",
        Cause.DUE_TIME,
        Remedy.FIX_INPUT,
        {
            "hour": f"{facts.due_at.astimezone(tz):%H}:00",
            "missed": seen.missed,
            "of": seen.of,
            "weekday": seen.weekday,
        },
    )
