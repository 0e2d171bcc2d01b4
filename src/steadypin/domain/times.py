"""Moments and clocks. A moment is an aware `datetime` in UTC; durations are `timedelta` or seconds as said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the outer rooms get the time from; the domain itself is only ever handed moments."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    def boot(self) -> float:
        """Seconds on a clock that never jumps and goes on while the machine sleeps."""
        ...

    async def wait(self, seconds: float) -> None:
        """Let a moment pass; others go on meanwhile."""
        ...


class MomentError(ValueError):
    """A text that is not a moment with an offset; the message says what to write instead."""


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 date and time that carries an offset ('2026-05-01T09:00:00+02:00' or '…Z') as UTC.

    Raises MomentError: a time without an offset would mean another moment on another machine.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise MomentError(
            f"'{text}' is not a date and time. Write it like 2026-05-01T09:00:00+02:00."
        ) from None
    if moment.tzinfo is None:
        raise MomentError(
            f"'{text}' has no offset, so it could mean several moments. "
            f"Add one, for example {moment.isoformat(timespec='seconds')}+00:00 for UTC."
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise MomentError(f"'{text}' is outside the calendar.") from None


def parse_pinterest_moment(text: str | None) -> datetime | None:
    """Read Pinterest's `created_at`, which in live replies has no zone and means UTC; None when unreadable."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
