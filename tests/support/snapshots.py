"""Taking every row of a database and putting it back, as a backup and its restore would."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from steadypin.storage.database import Store
from steadypin.storage.schema import metadata

_GUARDED = ("attempts", "outcomes")


def take(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.read() as tx:
        return {
            table.name: [dict(row._mapping) for row in tx.conn.execute(sa.select(table))]
            for table in metadata.sorted_tables
        }


def put_back(store: Store, rows: dict[str, list[Any]]) -> None:
    """Make the database hold exactly these rows; the guards of the append-only tables step aside meanwhile."""
    engine = store.engines.writer
    with engine.begin() as conn:
        sqlite = conn.dialect.name == "sqlite"
        guards = []
        if sqlite:
            guards = list(conn.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")))
            conn.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
            for name, _ in guards:
                conn.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            for name in _GUARDED:
                conn.execute(sa.text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        for table in reversed(metadata.sorted_tables):
            conn.execute(sa.delete(table))
        for table in metadata.sorted_tables:
            if rows[table.name]:
                conn.execute(sa.insert(table), rows[table.name])
        for _, sql in guards:
            conn.execute(sa.text(sql))
        if not sqlite:
            for name in _GUARDED:
                conn.execute(sa.text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
