"""The mirror of Pinterest's boards."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from steadypin.domain.boards import Board
from steadypin.storage.database import Tx
from steadypin.storage.schema import boards


def get_all(tx: Tx, connection_id: str) -> list[Board]:
    """The boards of a Connection by name, those that are gone included."""
    query = (
        sa.select(boards).where(boards.c.connection_id == connection_id).order_by(boards.c.name, boards.c.id)
    )
    return [
        Board(row.id, row.name, row.privacy, row.owner_username, row.pin_count, row.gone_at)
        for row in tx.conn.execute(query)
    ]


def replace_all(tx: Tx, connection_id: str, seen: Sequence[Board]) -> None:
    """Make the mirror equal to a complete listing; boards that it no longer shows are kept and marked as gone."""
    known = {board.id: board for board in get_all(tx, connection_id)}
    for board in seen:
        values = {
            "name": board.name,
            "privacy": board.privacy,
            "owner_username": board.owner_username,
            "pin_count": board.pin_count,
            "gone_at": None,
            "synced_at": tx.now,
        }
        if board.id in known:
            tx.conn.execute(
                sa.update(boards)
                .where(boards.c.connection_id == connection_id, boards.c.id == board.id)
                .values(values)
            )
        else:
            tx.conn.execute(sa.insert(boards).values(connection_id=connection_id, id=board.id, **values))
    still = {board.id for board in seen}
    for board in known.values():
        if board.id not in still and board.gone_at is None:
            tx.conn.execute(
                sa.update(boards)
                .where(boards.c.connection_id == connection_id, boards.c.id == board.id)
                .values(gone_at=tx.now)
            )
