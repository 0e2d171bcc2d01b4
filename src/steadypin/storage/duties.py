"""Duties: due work that does not call Pinterest's API, leased and fenced as Lanes are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy import bindparam as p
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, duties

_FREE_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duty:
    """A claimed duty: what (`kind`, `key`), by whom, its fence, and how many tries went before."""

    kind: str
    key: str
    worker: str
    fence: int
    tries: int


_key = sa.tuple_(duties.c.kind, duties.c.key)
_due = (
    sa.select(duties.c.kind, duties.c.key)
    .where(
        duties.c.due_at <= p("now", type_=Moment),
        duties.c.lease_until <= p("now", type_=Moment),
        duties.c.kind.in_(p("kinds", expanding=True)),
    )
    .order_by(duties.c.due_at)
    .limit(p("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")  # as a plain sub-select PostgreSQL may run it once for each row, and claim past the limit
)
_claim = (
    sa.update(duties)
    .where(_key.in_(sa.select(_due.c.kind, _due.c.key)))
    .values(
        worker=p("by", type_=sa.Text),
        lease_until=p("until", type_=Moment),
        due_at=p("until", type_=Moment),
        fence=duties.c.fence + 1,
    )
    .returning(duties.c.kind, duties.c.key, duties.c.fence, duties.c.tries)
)


def ask(tx: Tx, kind: str, key: str, due_at: datetime) -> None:
    """Make sure that this is done at that moment; a duty that exists already starts afresh, and its holder is fenced off."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(duties).values(
        kind=kind, key=key, due_at=due_at, lease_until=_FREE_SINCE, fence=0, tries=0
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={"due_at": due_at, "lease_until": _FREE_SINCE, "fence": duties.c.fence + 1, "tries": 0},
        )
    )
    tx.wakes = True


def ask_by_then(tx: Tx, kind: str, wanted: Mapping[str, datetime]) -> None:
    """Make sure that these keys are dealt with at their moments at the latest; nobody who holds one is disturbed.

    Whoever concludes such a duty calls `hold` before it reads what is still to be done, so that no wish is missed.
    """
    if not wanted:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(duties)
    new = statement.excluded.due_at
    is_free = sa.and_(new < duties.c.due_at, duties.c.lease_until <= tx.now)
    sooner = {"due_at": sa.case((is_free, new), else_=duties.c.due_at)}
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["kind", "key"], set_=sooner),
        [
            {
                "kind": kind,
                "key": key,
                "due_at": wanted[key],
                "lease_until": _FREE_SINCE,
                "fence": 0,
                "tries": 0,
            }
            for key in sorted(wanted)
        ],
    )
    tx.wakes = True


def claim(tx: Tx, worker: str, most: int, lease: timedelta, kinds: Collection[str]) -> list[Duty]:
    """Take up to `most` duties of these kinds that are due and free; others are for a worker that knows them."""
    wanted = {"now": tx.now, "most": most, "by": worker, "until": tx.now + lease, "kinds": list(kinds)}
    rows = tx.conn.execute(_claim, wanted)
    return [Duty(row.kind, row.key, worker, row.fence, row.tries) for row in rows]


def _mine(duty: Duty) -> sa.ColumnElement[bool]:
    return sa.and_(duties.c.kind == duty.kind, duties.c.key == duty.key, duties.c.fence == duty.fence)


def hold(tx: Tx, duty: Duty, lease: timedelta) -> bool:
    """Lock the duty for this transaction and renew its lease; False when somebody else has it now."""
    return (
        tx.conn.execute(
            sa.update(duties).where(_mine(duty)).values(lease_until=tx.now + lease, due_at=tx.now + lease)
        ).rowcount
        == 1
    )


def done(tx: Tx, duty: Duty) -> None:
    """It is over."""
    tx.conn.execute(sa.delete(duties).where(_mine(duty)))


def later(tx: Tx, duty: Duty, at: datetime) -> None:
    """Give it back, to be tried again at that moment."""
    tx.conn.execute(
        sa.update(duties).where(_mine(duty)).values(due_at=at, lease_until=tx.now, tries=duties.c.tries + 1)
    )


def give_back(tx: Tx, duty: Duty) -> None:
    """At shutdown: let somebody else take it at once; this was no try."""
    tx.conn.execute(sa.update(duties).where(_mine(duty)).values(due_at=tx.now, lease_until=tx.now))


def next_due_at(tx: Tx, kinds: Collection[str]) -> datetime | None:
    """When the next duty of these kinds becomes due, held ones at the end of their lease."""
    query = sa.select(sa.func.min(duties.c.due_at)).where(duties.c.kind.in_(list(kinds)))
    return cast("datetime | None", tx.conn.execute(query).scalar_one())
