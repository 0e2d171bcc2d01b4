"""Many new Pins at once. An import key makes a row that was imported before recognisable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.pins import Pin
from steadypin.storage.database import Tx
from steadypin.storage.pins import new_row
from steadypin.storage.schema import duties, pins

MOST_KEYS = 10_000
"""SQLite takes 32,766 parameters in one statement."""

_FREE_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def forget_deleted(tx: Tx, new: Mapping[str, Pin]) -> None:
    """A Pin that its user deleted does not keep its row from being imported again."""
    tx.conn.execute(sa.update(pins).where(_of(new), pins.c.deleted_at.isnot(None)).values(import_key=None))


def known(tx: Tx, connection_ids: Collection[str], keys: Sequence[str]) -> list[str]:
    """Which of these keys some Pin of these Connections has."""
    if not keys:
        return []
    wanted = pins.c.connection_id.in_(sorted(connection_ids)), pins.c.import_key.in_(keys)
    found = tx.conn.execute(sa.select(pins.c.import_key).where(*wanted, pins.c.deleted_at.is_(None)))
    return list(found.scalars())


def insert_new(tx: Tx, new: Mapping[str, Pin]) -> dict[str, str]:
    """Store the Pins whose key (connection and row, digested) is not there yet; answers key -> id of who has it now."""
    if not new:
        return {}
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(pins).on_conflict_do_nothing(index_elements=["connection_id", "import_key"])
    tx.conn.execute(statement, [new_row(pin, key) for key, pin in new.items()])
    holders = sa.select(pins.c.import_key, pins.c.id).where(_of(new))
    return {row.import_key: row.id for row in tx.conn.execute(holders)}


def _of(new: Mapping[str, Pin]) -> sa.ColumnElement[bool]:
    """Rows with these keys, found through the index on connection and key."""
    owners = sorted({pin.connection_id for pin in new.values()})
    return sa.and_(pins.c.connection_id.in_(owners), pins.c.import_key.in_(list(new)))


def ask_many(tx: Tx, kind: str, keys: Sequence[str], due_at: datetime) -> None:
    """New duties of one kind."""
    if not keys:
        return
    row = {"kind": kind, "due_at": due_at, "lease_until": _FREE_SINCE, "fence": 0, "tries": 0}
    tx.conn.execute(sa.insert(duties), [{**row, "key": key} for key in keys])
    tx.wakes = True
