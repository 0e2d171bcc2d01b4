"""A clock that moves only when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class VirtualClock:
    """Wall clock and boot clock in one; `advance` moves both."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._boot = 1000.0

    def now(self) -> datetime:
        return self._now

    def boot(self) -> float:
        return self._boot

    async def wait(self, seconds: float) -> None:
        self.advance(seconds)

    def epoch(self) -> float:
        return self._now.timestamp()

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._boot += seconds
