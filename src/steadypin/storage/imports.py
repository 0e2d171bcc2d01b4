"""Many new Pins at once. An import key makes a row that was imported before recognisable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.pins import EDITABLE, Pin
from steadypin.domain.words import Stage
from steadypin.storage.database import Tx
from steadypin.storage.pins import new_row
from steadypin.storage.schema import duties, media, pins

MOST_KEYS = 10_000
"""SQLite takes 32,766 parameters in one statement."""

_FREE_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def forget_deleted(tx: Tx, new: Mapping[str, Pin]) -> None:
    """A Pin that its user deleted does not keep its row from being imported again."""
    tx.conn.execute(sa.update(pins).where(_of(new), pins.c.deleted_at.isnot(None)).values(import_key=None))


def known(tx: Tx, connection_ids: Collection[str], keys: Sequence[str]) -> dict[str, str]:
    """Those of these keys that some Pin of these Connections has, and its id."""
    if not keys:
        return {}
    wanted = pins.c.connection_id.in_(sorted(connection_ids)), pins.c.import_key.in_(keys)
    query = sa.select(pins.c.import_key, pins.c.id).where(*wanted, pins.c.deleted_at.is_(None))
    return {row.import_key: row.id for row in tx.conn.execute(query)}


def media_of(tx: Tx, digests: Collection[str]) -> dict[str, str]:
    """The media id of each digest that is in the media store."""
    query = sa.select(media.c.digest, media.c.id).where(media.c.digest.in_(sorted(digests)))
    return {row.digest: row.id for row in tx.conn.execute(query)}


def due_at(tx: Tx, connection_id: str, moments: Collection[datetime]) -> list[Row[Any]]:
    """Pins of a Connection that are not live yet and due at one of these moments: id, due_at, board_id, media,
    link."""
    query = sa.select(pins.c.id, pins.c.due_at, pins.c.board_id, pins.c.media, pins.c.link).where(
        pins.c.connection_id == connection_id,
        pins.c.due_at.in_(sorted(moments)),
        pins.c.stage.in_([stage.value for stage in EDITABLE - {Stage.CANCELLED}]),
        pins.c.deleted_at.is_(None),
    )
    return list(tx.conn.execute(query))


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
