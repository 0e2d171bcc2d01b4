"""The simulator's own clock: a source of epoch seconds, which a tester can hold, plus an offset to move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Epoch seconds. Every time in a reply and every expiry comes from here."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self.offset_s = 0.0
        self._held_at: float | None = None
        self._date: tuple[int, str] = (-1, "")

    def now(self) -> float:
        """Epoch seconds."""
        return self._base() + self.offset_s

    def advance(self, seconds: float) -> None:
        """Move forward (or, with a negative number, back)."""
        self.offset_s += seconds

    def set(self, epoch_s: float) -> None:
        """Make it `epoch_s` now; time goes on from there."""
        self.offset_s = epoch_s - self._base()

    @property
    def frozen(self) -> bool:
        """Whether time stands still until it is moved."""
        return self._held_at is not None

    def freeze(self) -> None:
        """Let time stand still; `advance` and `set` go on moving it."""
        self._held_at = self._base()

    def thaw(self) -> None:
        """Let time go on from where it stands."""
        now = self.now()
        self._held_at = None
        self.set(now)

    def reset(self) -> None:
        """Back to what the source says."""
        self._held_at, self.offset_s = None, 0.0

    def http_date(self) -> str:
        """Now as the `Date` header writes it."""
        second = int(self.now())
        if self._date[0] != second:
            self._date = (second, format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True))
        return self._date[1]

    def _base(self) -> float:
        return self._source() if self._held_at is None else self._held_at


def stamp(epoch_s: float) -> str:
    """A time as live Pinterest data shows it: UTC, whole seconds, no zone suffix."""
    return datetime.fromtimestamp(int(epoch_s), UTC).strftime("%Y-%m-%dT%H:%M:%S")
