"""Everything that the holder of a Lane has to know before it chooses, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.connections import Connection, Grant
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.storage.connections import Upkeep, read_connection, read_grant
from steadypin.storage.database import Tx
from steadypin.storage.instance import Pause, read_pause
from steadypin.storage.lanes import Lane
from steadypin.storage.pins import read_pin
from steadypin.storage.schema import Moment, connections, errands, grants, instance, pins
from steadypin.storage.seal import Seal

READING = (Stage.CONFIRMING, Stage.PUBLISHED)
"""Stages of which a Pin may be due although nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A Connection as it stands. `errand_at`: when its next errand is due. `in_doubt`: some Attempt of it is open.
    `due`: the Pin that has waited longest for something that may be done now."""

    connection: Connection
    upkeep: Upkeep
    pause: Pause
    errand_at: datetime | None
    in_doubt: bool
    due: Pin | None
    _row: Any

    @property
    def usable(self) -> bool:
        """Whether Pinterest can be called for it at all."""
        return self.connection.broken_because is None and self.connection.disconnected_at is None

    @property
    def may_send(self) -> bool:
        """Whether neither everything nor this Connection is paused."""
        return self.pause.at is None and self.connection.paused_at is None

    def grant(self, seal: Seal) -> Grant:
        """The tokens in the clear. Raises WrongKey."""
        return read_grant(self._row, seal)


_errand_at = (
    sa.select(sa.func.min(errands.c.act_at))
    .where(errands.c.connection_id == connections.c.id, errands.c.act_at.isnot(None))
    .scalar_subquery()
)
_opened = pins.alias("opened")
_open = sa.and_(_opened.c.connection_id == connections.c.id, _opened.c.open_attempt_id.isnot(None))
_queued = pins.alias("queued")
_may_send = sa.and_(instance.c.paused_at.is_(None), connections.c.paused_at.is_(None))
_due_id = (
    sa.select(_queued.c.id)
    .where(
        _queued.c.connection_id == connections.c.id,
        _queued.c.act_at <= p("now", type_=Moment),
        _queued.c.act_at.isnot(None),
        sa.or_(
            *(_queued.c.stage == sa.literal_column(f"'{stage.value}'") for stage in READING),
            sa.and_(_queued.c.stage == sa.literal_column(f"'{Stage.SCHEDULED.value}'"), _may_send),
        ),
    )
    .order_by(_queued.c.act_at, _queued.c.id)
    .limit(sa.literal_column("1"))
    .scalar_subquery()
)
_PIN = "pin_"
_every = (
    sa.select(
        connections,
        *(column for column in grants.c if column.name != "connection_id"),
        instance.c.paused_at.label("all_paused_at"),
        instance.c.paused_because,
        instance.c.restored_at,
        instance.c.restored_since,
        _errand_at.label("errand_at"),
        sa.select(sa.func.min(_opened.c.open_attempt_id)).where(_open).scalar_subquery().label("first_open"),
        sa.select(sa.func.max(_opened.c.open_attempt_id)).where(_open).scalar_subquery().label("last_open"),
        *(column.label(_PIN + column.name) for column in pins.c),
    )
    .join(grants, grants.c.connection_id == connections.c.id)
    .join(instance, instance.c.id == 1)
    .outerjoin(pins, pins.c.id == _due_id)
    .with_for_update(read=True, of=instance)
)
_one = _every.where(connections.c.id == p("connection", type_=sa.Text))
_many = _every.where(connections.c.id.in_(p("some", expanding=True)))


def read(tx: Tx, lane: Lane) -> Standing:
    """The standing of a Connection whose Lane is held. The pause stays as read until the transaction ends, so
    that no create can be allowed while somebody pauses."""
    ahead: Standing | None = tx.ahead.pop(lane, None)
    if ahead is not None and not tx.touched:
        return ahead
    return _standing(tx.conn.execute(_one, {"connection": lane.connection_id, "now": tx.now}).one(), None)


def read_many(tx: Tx, settling: Mapping[str, str | None]) -> dict[str, Standing]:
    """The same for several Connections at once; with each the Attempt that is about to be settled, which is no doubt."""
    rows = tx.conn.execute(_many, {"some": list(settling), "now": tx.now})
    return {row.id: _standing(row, settling[row.id]) for row in rows}


def _standing(row: Any, settling: str | None) -> Standing:
    return Standing(
        connection=read_connection(row),
        upkeep=Upkeep(row.refresh_at, row.tries, row.refused_at),
        pause=read_pause(row.all_paused_at, row),
        errand_at=row.errand_at,
        in_doubt=any(found not in (None, settling) for found in (row.first_open, row.last_open)),
        due=read_pin(_Prefixed(row)) if row.pin_id is not None else None,
        _row=row,
    )


class _Prefixed:
    """The columns of the Pin in a row that holds others beside them."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, _PIN + name)
