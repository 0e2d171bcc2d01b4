"""The heartbeat of the service, and the times without one."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.absences import KEPT_FOR, Absence
from steadypin.storage.database import Tx
from steadypin.storage.schema import absences, heartbeat


def beat(tx: Tx, longest: timedelta) -> Absence | None:
    """Somebody is at work now. Answers, and records, the absence before, if the last beat was longer ago than that."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    first = insert(heartbeat).values(id=1, at=tx.now).on_conflict_do_nothing(index_elements=["id"])
    tx.conn.execute(first)
    last: datetime = tx.conn.execute(sa.select(heartbeat.c.at).with_for_update()).scalar_one()
    tx.conn.execute(sa.update(heartbeat).values(at=max(last, tx.now)))
    tx.conn.execute(sa.delete(absences).where(absences.c.until < tx.now - KEPT_FOR))
    if tx.now - last <= longest:
        return None
    gone = insert(absences).values(since=last, until=tx.now)
    tx.conn.execute(gone.on_conflict_do_nothing(index_elements=["since"]))
    return Absence(last, tx.now)


def forget_beat(tx: Tx) -> None:
    """The last beat on record says nothing about the time since: these rows were somewhere else."""
    tx.conn.execute(sa.delete(heartbeat))


def known(tx: Tx) -> list[Absence]:
    """Those on record, the oldest first."""
    query = sa.select(absences).where(absences.c.until >= tx.now - KEPT_FOR).order_by(absences.c.since)
    return [Absence(row.since, row.until) for row in tx.conn.execute(query)]
