"""When the owner of a Connection was last told of Pins at risk, by the check that found so."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.storage.database import Tx
from steadypin.storage.schema import told_risks


def note(tx: Tx, connection_id: str, check: str, once_in: timedelta) -> bool:
    """It is told now; False when it was already, less than `once_in` ago."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    new = insert(told_risks).values(connection_id=connection_id, check_name=check, told_at=tx.now)
    again = new.on_conflict_do_update(
        index_elements=["connection_id", "check_name"],
        set_={"told_at": tx.now},
        where=told_risks.c.told_at <= tx.now - once_in,
    ).returning(sa.literal(1))
    return tx.conn.execute(again).first() is not None
