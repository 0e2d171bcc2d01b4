"""A Turn: one transaction of a Lane's holder, which no other holder can make.

Many Turns of one batch share their reading: all Lanes are held in one statement, and all standings read in another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from steadypin.storage import lanes, standing
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane, LaneLost

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turn(Generic[T]):
    """`work` with the Lane locked and its lease renewed; raises LaneLost when another holder has the Lane.

    `settles` is the Attempt whose outcome the work records: it is no doubt any more when the work chooses what comes next.
    """

    lane: Lane
    lease: timedelta
    work: Callable[[Tx], T]
    settles: str | None = None

    def __call__(self, tx: Tx) -> T:
        """Run it."""
        ahead = tx.ahead.get(self.lane)
        if ahead is None and not lanes.hold(tx, self.lane, self.lease):
            raise LaneLost
        tx.touched = False
        return self.work(tx)

    def prepare(self, tx: Tx, every: Sequence[Turn[object]]) -> None:
        """Hold all their Lanes, and read how their Connections stand."""
        held = lanes.hold_many(tx, [turn.lane for turn in every], self.lease)
        mine = [turn for turn in every if (turn.lane.connection_id, turn.lane.fence) in held]
        known = standing.read_many(tx, {turn.lane.connection_id: turn.settles for turn in mine})
        tx.ahead = {turn.lane: known[turn.lane.connection_id] for turn in mine}
