"""The simulator's own clock: a source of epoch seconds plus an offset that a tester moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Epoch seconds. Every time in a reply and every expiry comes from here."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self.offset_s = 0.0
        self._date: tuple[int, str] = (-1, "")

    def now(self) -> float:
        """Epoch seconds."""
        return self._source() + self.offset_s

    def advance(self, seconds: float) -> None:
        """Move forward (or, with a negative number, back)."""
        self.offset_s += seconds

    def set(self, epoch_s: float) -> None:
        """Make it `epoch_s` now; time goes on from there."""
        self.offset_s = epoch_s - self._source()

    def http_date(self) -> str:
        """Now as the `Date` header writes it."""
        second = int(self.now())
        if self._date[0] != second:
            self._date = (second, format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True))
        return self._date[1]


def stamp(epoch_s: float) -> str:
    """A time as live Pinterest data shows it: UTC, whole seconds, no zone suffix."""
    return datetime.fromtimestamp(int(epoch_s), UTC).strftime("%Y-%m-%dT%H:%M:%S")
