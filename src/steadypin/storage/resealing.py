"""Every sealed column, found in the tables themselves, and sealing their rows anew with the key in force.

A sealed value's place is its table, its column and its row's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steadypin.storage.database import Tx
from steadypin.storage.instance import catch_up
from steadypin.storage.schema import instance, metadata
from steadypin.storage.seal import KEY_ID_BYTES, Seal, WrongKey

SEALED = {
    table: tuple(column for column in table.c if isinstance(column.type, sa.LargeBinary))
    for table in metadata.sorted_tables
    if table is not instance and any(isinstance(column.type, sa.LargeBinary) for column in table.c)
}
"""The sealed columns of each table; bytes are kept for nothing else. The key check of the installation is apart: it
says which key is in force."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What came of some rows: how many were sealed anew, and the keys of those that no key opens, left as they were.
    `after` is the last key looked at, None when there was no row any more."""

    rows: int
    unreadable: tuple[str, ...]
    after: str | None


def reseal(tx: Tx, seal: Seal, table: sa.Table, after: str, most: int) -> Resealed:
    """Seal the next rows behind the key `after` with the key in force. Raises nothing for a row that cannot be opened."""
    catch_up(tx, seal)
    (key,) = table.primary_key.columns
    found = tx.conn.execute(
        sa.select(key, *SEALED[table])
        .where(key > after, _under_another(table, seal.current))
        .order_by(key)
        .limit(most)
        .with_for_update()
    ).all()
    unreadable = tuple(row[0] for row in found if not _reseal_row(tx, seal, table, row))
    return Resealed(len(found) - len(unreadable), unreadable, found[-1][0] if found else None)


def left(tx: Tx, key_id: bytes) -> int:
    """How many rows are sealed by another key than that."""
    counts = (
        sa.select(sa.func.count()).select_from(table).where(_under_another(table, key_id)) for table in SEALED
    )
    return sum(tx.conn.execute(count).scalar_one() for count in counts)


def _under_another(table: sa.Table, key_id: bytes) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            sa.and_(
                sa.func.length(column) > 0,
                sa.func.substr(column, 1, KEY_ID_BYTES, type_=sa.LargeBinary) != key_id,
            )
            for column in SEALED[table]
        )
    )


def _reseal_row(tx: Tx, seal: Seal, table: sa.Table, row: Any) -> bool:
    (key,) = table.primary_key.columns
    values = {}
    for column, sealed in zip(SEALED[table], row[1:], strict=True):
        if not sealed:
            continue
        place = (table.name, column.name, row[0])
        try:
            values[column.name] = seal.close(seal.open(sealed, *place), *place)
        except WrongKey:
            return False
    tx.conn.execute(sa.update(table).where(key == row[0]).values(**values))
    return True
