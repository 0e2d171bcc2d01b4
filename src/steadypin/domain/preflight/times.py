"""Step 1: whether the Pin can go out at its time, by the user's own limits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from steadypin.domain.findings import Finding, Level
from steadypin.domain.pacing.day import Limits
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.words import Cause, Remedy

_JUST_NOW = timedelta(minutes=5)


def time_findings(facts: Facts) -> Iterable[Finding]:
    """A time that has passed, quiet hours, the daily cap."""
    if facts.due_at is None or facts.account is None:
        return
    limits = facts.account.limits
    if facts.due_at < facts.now - _JUST_NOW:
        yield _time(
            "past",
            f"Its time, {_told(facts.due_at, limits)}, has passed; it goes out as soon as it may.",
            "Give it a new time if that is not meant.",
        )
    due = max(facts.due_at, facts.now)
    quiet_until = limits.quiet.end_after(due, limits.tz) if limits.quiet is not None else None
    if quiet_until is not None:
        yield _time(
            "quiet_hours",
            f"{_told(due, limits)} is in the quiet hours {limits.quiet}; it goes out at {_told(quiet_until, limits)}.",
            "Choose a time outside of them if that is too late.",
        )
    before = facts.account.beside.earlier_that_day(due, facts.now, facts.pin_id)
    if before >= limits.daily_cap:
        yield _time(
            "daily_cap",
            f"{before} Pins of this account go out earlier on that day, and its daily cap is {limits.daily_cap}; "
            "this one waits for the next day.",
            "Choose another day, or raise the cap: `steadypin connections limits`.",
            {"before": before, "daily_cap": limits.daily_cap},
        )


def _told(moment: datetime, limits: Limits) -> str:
    return f"{moment.astimezone(limits.tz):%Y-%m-%d %H:%M} {limits.tz}"


def _time(check: str, title: str, fix: str, evidence: dict[str, object] | None = None) -> Finding:
    return Finding(check, Level.WARNING, title, fix, Cause.DUE_TIME, Remedy.FIX_INPUT, evidence or {})
