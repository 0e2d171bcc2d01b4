"""What Budgets and limits are told from. Read without a lock: people may look while a holder works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steadypin.domain.pacing.budgets import Pace
from steadypin.storage.database import Tx
from steadypin.storage.schema import connections, lanes


@dataclass(frozen=True, slots=True)
class Kept:
    """What the Lane of a Connection remembers, and what the user allows for it where it differs from the settings."""

    pace: Pace
    own: Mapping[str, Any]


_kept = sa.select(connections.c.id, connections.c.limits, lanes.c.pace).join(
    lanes, lanes.c.connection_id == connections.c.id
)


def read_many(tx: Tx, ids: Sequence[str]) -> dict[str, Kept]:
    """By the id of the Connection; ids that do not exist are left out."""
    rows = tx.conn.execute(_kept.where(connections.c.id.in_(ids)))
    return {row.id: Kept(Pace.from_json(row.pace), row.limits or {}) for row in rows}
