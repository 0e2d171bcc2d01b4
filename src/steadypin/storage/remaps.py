"""Moves of all Pins of one board to another, on record so that they can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.storage.database import Tx
from steadypin.storage.schema import remaps


@dataclass(frozen=True, slots=True)
class Remap:
    """One move. `restored`: how many Pins its undoing brought back, None while it stands."""

    id: str
    connection_id: str
    from_board_id: str
    to_board_id: str
    at: datetime
    count: int
    undone_at: datetime | None = None
    restored: int | None = None


def add(tx: Tx, remap_id: str, connection_id: str, from_id: str, to_id: str) -> None:
    """A move begins; its count is not known yet."""
    tx.conn.execute(
        sa.insert(remaps).values(
            id=remap_id,
            connection_id=connection_id,
            from_board_id=from_id,
            to_board_id=to_id,
            at=tx.now,
            count=0,
        )
    )


def counted(tx: Tx, remap_id: str, count: int) -> None:
    """So many Pins were moved."""
    tx.conn.execute(sa.update(remaps).where(remaps.c.id == remap_id).values(count=count))


def undone(tx: Tx, remap_id: str, restored: int) -> bool:
    """The move is undone; False when it was already."""
    changed = sa.update(remaps).where(remaps.c.id == remap_id, remaps.c.undone_at.is_(None))
    return tx.conn.execute(changed.values(undone_at=tx.now, restored=restored)).rowcount == 1


def get(tx: Tx, remap_id: str) -> Remap | None:
    """By id."""
    row = tx.conn.execute(sa.select(remaps).where(remaps.c.id == remap_id)).one_or_none()
    return _remap(row) if row is not None else None


def listing(tx: Tx, connection_id: str, limit: int) -> list[Remap]:
    """The moves of a Connection, newest first."""
    query = (
        sa.select(remaps)
        .where(remaps.c.connection_id == connection_id)
        .order_by(remaps.c.at.desc(), remaps.c.id.desc())
        .limit(limit)
    )
    return [_remap(row) for row in tx.conn.execute(query)]


def sources(tx: Tx, connection_id: str) -> dict[str, list[str]]:
    """Boards whose Pins were moved, by the board that they were moved to: moves that stand."""
    query = (
        sa.select(remaps.c.to_board_id, remaps.c.from_board_id)
        .where(remaps.c.connection_id == connection_id, remaps.c.undone_at.is_(None))
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for row in tx.conn.execute(query):
        found.setdefault(row.to_board_id, []).append(row.from_board_id)
    return found


def _remap(row: Any) -> Remap:
    return Remap(
        row.id,
        row.connection_id,
        row.from_board_id,
        row.to_board_id,
        row.at,
        row.count,
        row.undone_at,
        row.restored,
    )
