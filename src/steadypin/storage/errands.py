"""Errands: what a person (or a late reply) asks of a Lane beside publishing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.storage import lanes
from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, errands


class ErrandKind(StrEnum):
    """Everything that a Lane can be asked to do."""

    SYNC_BOARDS = "sync_boards"
    DELETE_PIN = "delete_pin"
    CONSULT_LATE = "consult_late"
    CHECK_ACCOUNT = "check_account"
    CREATE_BOARD = "create_board"
    CREATE_SECTION = "create_section"


@dataclass(frozen=True, slots=True)
class Errand:
    """One wish. `result` is None until it is done."""

    id: str
    connection_id: str
    kind: ErrandKind
    payload: Mapping[str, Any]
    asked_at: datetime
    done_at: datetime | None
    result: Mapping[str, Any] | None


def _errand(row: Any) -> Errand:
    return Errand(
        row.id, row.connection_id, ErrandKind(row.kind), row.payload, row.asked_at, row.done_at, row.result
    )


def ask(tx: Tx, errand_id: str, connection_id: str, kind: ErrandKind, payload: Mapping[str, Any]) -> None:
    """Write a wish and wake the Lane."""
    tx.conn.execute(
        sa.insert(errands).values(
            id=errand_id,
            connection_id=connection_id,
            kind=kind.value,
            payload=dict(payload),
            asked_at=tx.now,
            act_at=tx.now,
        )
    )
    lanes.hint(tx, connection_id, tx.now)


_due = (
    sa.select(errands)
    .where(
        errands.c.connection_id == p("connection", type_=sa.Text),
        errands.c.act_at.isnot(None),
        errands.c.act_at <= p("now", type_=Moment),
    )
    .order_by(errands.c.act_at, errands.c.id)
    .limit(1)
)
_ahead = sa.select(sa.func.min(errands.c.act_at)).where(
    errands.c.connection_id == p("connection", type_=sa.Text), errands.c.act_at.isnot(None)
)


def next_due(tx: Tx, connection_id: str) -> Errand | None:
    """The errand that has waited longest."""
    row = tx.conn.execute(_due, {"connection": connection_id, "now": tx.now}).one_or_none()
    return _errand(row) if row is not None else None


def waiting(tx: Tx, connection_id: str, kind: ErrandKind) -> bool:
    """Whether an errand of this kind is still to be run."""
    query = sa.select(errands.c.id).where(
        errands.c.connection_id == connection_id, errands.c.act_at.isnot(None), errands.c.kind == kind.value
    )
    return tx.conn.execute(query.limit(1)).first() is not None


def all_done(tx: Tx, connection_id: str, kind: ErrandKind, result: Mapping[str, Any]) -> None:
    """Every errand of this kind that still waits is answered by the same `result`."""
    tx.conn.execute(
        sa.update(errands)
        .where(
            errands.c.connection_id == connection_id,
            errands.c.act_at.isnot(None),
            errands.c.kind == kind.value,
        )
        .values(done_at=tx.now, act_at=None, result=dict(result))
    )


def next_act_at(tx: Tx, connection_id: str) -> datetime | None:
    """When the next errand wants to be run."""
    return cast("datetime | None", tx.conn.execute(_ahead, {"connection": connection_id}).scalar_one())


def done(tx: Tx, errand_id: str, result: Mapping[str, Any]) -> None:
    """It is over, well or not; `result` says how."""
    tx.conn.execute(
        sa.update(errands)
        .where(errands.c.id == errand_id)
        .values(done_at=tx.now, act_at=None, result=dict(result))
    )


def later(tx: Tx, errand_id: str, at: datetime) -> None:
    """Try again at that moment."""
    tx.conn.execute(sa.update(errands).where(errands.c.id == errand_id).values(act_at=at))


def note(tx: Tx, errand_id: str, payload: Mapping[str, Any]) -> None:
    """Keep what the next holder has to know about it."""
    tx.conn.execute(sa.update(errands).where(errands.c.id == errand_id).values(payload=dict(payload)))


def get(tx: Tx, errand_id: str) -> Errand | None:
    """By id."""
    row = tx.conn.execute(sa.select(errands).where(errands.c.id == errand_id)).one_or_none()
    return _errand(row) if row is not None else None
