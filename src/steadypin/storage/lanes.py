"""Lanes: the right to act for one Connection, leased to one worker at a time and fenced.

Every transaction of a holder starts with `hold`, which locks the Lane row and checks the fence in one statement: a
plain sub-select would read an old snapshot and let a holder that has lost its Lane go on.
Order of locks everywhere: the Lane row first, then Pin rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.pacing.budgets import Pace
from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, lanes

_FREE_SINCE = datetime(1970, 1, 1).astimezone()


class LaneLost(Exception):
    """Another holder has the Lane now."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A claimed Lane: whose, by whom, and the fence that every write of this holder must still find."""

    connection_id: str
    worker: str
    fence: int


_due = (
    sa.select(lanes.c.connection_id)
    .where(lanes.c.next_due_at <= p("now", type_=Moment), lanes.c.lease_until <= p("now", type_=Moment))
    .order_by(lanes.c.next_due_at)
    .limit(p("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")  # as a plain sub-select PostgreSQL may run it once for each row, and claim past the limit
)
_claim = (
    sa.update(lanes)
    .where(lanes.c.connection_id.in_(sa.select(_due.c.connection_id)))
    .values(
        worker=p("by", type_=sa.Text),
        lease_until=p("until", type_=Moment),
        next_due_at=p("until", type_=Moment),
        fence=lanes.c.fence + 1,
    )
    .returning(lanes.c.connection_id, lanes.c.fence)
)
_hold = (
    sa.update(lanes)
    .where(
        lanes.c.connection_id == p("connection", type_=sa.Text),
        lanes.c.fence == p("token", type_=sa.BigInteger),
    )
    .values(lease_until=p("until", type_=Moment))
)
_hold_many = (
    sa.update(lanes)
    .where(sa.tuple_(lanes.c.connection_id, lanes.c.fence).in_(p("held", expanding=True)))
    .values(lease_until=p("until", type_=Moment))
    .returning(lanes.c.connection_id, lanes.c.fence)
)
_release = (
    sa.update(lanes)
    .where(
        lanes.c.connection_id == p("connection", type_=sa.Text),
        lanes.c.fence == p("token", type_=sa.BigInteger),
    )
    .values(lease_until=p("now", type_=Moment), next_due_at=p("due", type_=Moment), worker=None)
)
_remember = (
    sa.update(lanes)
    .where(
        lanes.c.connection_id == p("connection", type_=sa.Text),
        lanes.c.fence == p("token", type_=sa.BigInteger),
    )
    .values(pace=p("new_pace", type_=lanes.c.pace.type))
)
_hint = (
    sa.update(lanes)
    .where(lanes.c.connection_id == p("connection", type_=sa.Text))
    .values(
        next_due_at=sa.case(
            (lanes.c.next_due_at.is_(None), p("due", type_=Moment)),
            (lanes.c.next_due_at > p("due", type_=Moment), p("due", type_=Moment)),
            else_=lanes.c.next_due_at,
        )
    )
)
_lock = (
    sa.select(lanes.c.fence).where(lanes.c.connection_id == p("connection", type_=sa.Text)).with_for_update()
)
_fence_off = (
    sa.update(lanes)
    .where(lanes.c.connection_id == p("connection", type_=sa.Text))
    .values(fence=lanes.c.fence + 1)
)
_next = sa.select(sa.func.min(lanes.c.next_due_at)).where(lanes.c.next_due_at > p("now", type_=Moment))


def open_lane(tx: Tx, connection_id: str) -> None:
    """Give a new Connection its Lane, with nothing due."""
    tx.conn.execute(
        sa.insert(lanes).values(
            connection_id=connection_id, next_due_at=None, worker=None, lease_until=_FREE_SINCE, fence=0
        )
    )


def claim(tx: Tx, worker: str, most: int, lease: timedelta) -> list[Lane]:
    """Take up to `most` free Lanes that have something due, the longest waiting first."""
    rows = tx.conn.execute(_claim, {"now": tx.now, "most": most, "by": worker, "until": tx.now + lease})
    return [Lane(row.connection_id, worker, row.fence) for row in rows]


def hold(tx: Tx, lane: Lane, lease: timedelta) -> bool:
    """Lock the Lane for this transaction and renew its lease; False when another holder has it now."""
    found = tx.conn.execute(
        _hold, {"connection": lane.connection_id, "token": lane.fence, "until": tx.now + lease}
    )
    return found.rowcount == 1


def hold_many(tx: Tx, wanted: Sequence[Lane], lease: timedelta) -> set[tuple[str, int]]:
    """The same for several Lanes at once; answers connection and fence of those that are still held."""
    held = [(lane.connection_id, lane.fence) for lane in wanted]
    return {tuple(row) for row in tx.conn.execute(_hold_many, {"held": held, "until": tx.now + lease})}


def release(tx: Tx, lane: Lane, next_due_at: datetime | None) -> None:
    """Give the Lane back and say when it has something to do next."""
    tx.change_later(
        _release, {"connection": lane.connection_id, "token": lane.fence, "now": tx.now, "due": next_due_at}
    )


def remember(tx: Tx, lane: Lane, pace: Pace) -> None:
    """Keep what this holder knows about quotas for the next one."""
    tx.change_later(
        _remember, {"connection": lane.connection_id, "token": lane.fence, "new_pace": pace.to_json()}
    )


def hint(tx: Tx, connection_id: str, due_at: datetime) -> None:
    """Something of this Connection is due at that moment: lower `next_due_at`, never raise it. Locks the Lane row."""
    tx.conn.execute(_hint, {"connection": connection_id, "due": due_at})
    tx.wakes = True


def lock(tx: Tx, connection_id: str) -> None:
    """Keep the holder of this Lane from writing until this transaction ends."""
    tx.conn.execute(_lock, {"connection": connection_id})


def fence_off(tx: Tx, connection_id: str) -> None:
    """Take the Lane from its holder, whose work rests on what has just changed. The lease runs on, so that nobody acts
    beside a request of that holder which may be under way."""
    tx.conn.execute(_fence_off, {"connection": connection_id})


def next_wake(tx: Tx) -> datetime | None:
    """When the next Lane becomes due or a dead holder's lease ends; None when nothing is ahead."""
    return cast("datetime | None", tx.conn.execute(_next, {"now": tx.now}).scalar_one())


def void_all(tx: Tx) -> int:
    """End every lease at once and fence its holder off; for the one process that owns an SQLite file, at its start."""
    held = sa.update(lanes).where(lanes.c.worker.isnot(None))
    return tx.conn.execute(
        held.values(worker=None, lease_until=tx.now, next_due_at=tx.now, fence=lanes.c.fence + 1)
    ).rowcount
