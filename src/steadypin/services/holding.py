"""Holding a Lane: how long the lease still lasts, and transactions that a lost Lane cannot make."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from steadypin.domain.errors import StoreTrouble
from steadypin.services.context import Context
from steadypin.services.pacing import Paced
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane, LaneLost
from steadypin.storage.turns import Turn

__all__ = ["Held", "LaneLost", "persist"]

T = TypeVar("T")
log = structlog.get_logger()

_STORE_PAUSE_S = 1.0


@dataclass(slots=True)
class Held:
    """A Lane in hand; with `stopping` it is given back after the act that is under way. `until` is counted on the
    machine's own clock, from before the claim or renewal. `calls` are those since the last choice, for the Pace.
    `tier` is the App's access as the act under way goes by it, `shown` as a reply to this holder showed it."""

    lane: Lane
    ctx: Context
    until: float
    stopping: bool = False
    calls: list[Paced] = field(default_factory=list)
    tier: str | None = None
    shown: str | None = None

    def remaining_s(self) -> float:
        """Seconds of lease left, as seen from here; never more than the database would say."""
        return self.until - self.ctx.clock.boot()

    async def write(self, work: Callable[[Tx], T], settles: str | None = None) -> T:
        """Run `work` with the Lane row locked, and renew the lease; `settles` as in Turn.

        Raises LaneLost; then nothing was written.
        """
        before = self.ctx.clock.boot()
        result = await persist(self.ctx, Turn(self.lane, self.ctx.lease, work, settles))
        self.until = before + self.ctx.lease.total_seconds()
        return result


async def persist(ctx: Context, work: Callable[[Tx], T]) -> T:
    """Write, however long the database needs to come back: what was learned from Pinterest must not be lost."""
    while True:
        try:
            return await asyncio.shield(ctx.store.write_async(work))
        except StoreTrouble as trouble:
            log.error("store.trouble", sentence=str(trouble))
            await asyncio.sleep(_STORE_PAUSE_S)
