"""The App's budget under Trial access: 1,000 calls and 300 writes a day, over all Connections and workers.

Pinterest does not say when its day begins, so no 24 hours, wherever they begin, may hold more. Calls are counted by
the hour; an hour counts until its last call is 24 hours old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from steadypin.domain.operations import Category

CALLS_A_DAY = 1000
WRITES_A_DAY = 300
KEPT_FOR_CONFIRMING = 100
"""Calls that background reads leave free besides the writes."""

COUNTS_FOR = timedelta(hours=25, minutes=1)
"""From the beginning of an hour until its last call is a day old, wherever in between the request arrived."""


@dataclass(frozen=True, slots=True)
class TrialBudget:
    """What was used: calls of the App by the hour (UTC) in which they left, all of them and the writes among them.

    Give the hours that began within COUNTS_FOR; older ones are ignored.
    """

    universal: Mapping[datetime, int] = field(default_factory=dict)
    org_write: Mapping[datetime, int] = field(default_factory=dict)

    def left(self, category: Category, now: datetime, *, background: bool = False) -> int:
        """How many more calls of this category fit now. `background`: reads that publishing can do without."""
        return max(0, min(limit - _used(rows, now) for rows, limit in self._bounds(category, background)))

    def fits(self, category: Category, now: datetime, *, background: bool = False) -> bool:
        """Whether one more call fits now."""
        return self.left(category, now, background=background) > 0

    def free_at(self, category: Category, now: datetime, *, background: bool = False) -> datetime:
        """When the next call of this category fits; `now` when one does at once."""
        bounds = self._bounds(category, background)
        return max(_free_at(rows, limit, now) for rows, limit in bounds)

    def _bounds(self, category: Category, background: bool) -> list[tuple[Mapping[datetime, int], int]]:
        bounds = [(self.universal, CALLS_A_DAY)]
        if category is Category.ORG_WRITE:
            bounds.append((self.org_write, WRITES_A_DAY))
        if background:
            reads = {hour: calls - self.org_write.get(hour, 0) for hour, calls in self.universal.items()}
            bounds.append((reads, CALLS_A_DAY - WRITES_A_DAY - KEPT_FOR_CONFIRMING))
        return bounds


def hour_of(now: datetime) -> datetime:
    """The row in which a call that leaves now is counted."""
    return now.replace(minute=0, second=0, microsecond=0)


def _used(rows: Mapping[datetime, int], now: datetime) -> int:
    return sum(calls for hour, calls in rows.items() if hour + COUNTS_FOR > now)


def _free_at(rows: Mapping[datetime, int], limit: int, now: datetime) -> datetime:
    """When the rows that still count are fewer than the limit: the oldest go first."""
    at = now
    for hour in sorted(rows):
        if _used(rows, at) < limit:
            break
        at = max(at, hour + COUNTS_FOR)
    return at
