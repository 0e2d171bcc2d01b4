"""Everything that the holder of a Lane has to know before it chooses, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.connections import Connection, Grant
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.pacing.budgets import Pace
from steadypin.domain.pins import Pin
from steadypin.domain.upkeep import Upkeep
from steadypin.domain.words import Cause, Stage
from steadypin.storage.connections import read_connection, read_grant, read_upkeep
from steadypin.storage.database import Tx
from steadypin.storage.incidents import Incident, read_incident
from steadypin.storage.instance import Pause, read_pause
from steadypin.storage.lanes import Lane
from steadypin.storage.pins import read_pin
from steadypin.storage.schema import Moment, connections, errands, grants, incidents, instance, lanes, pins
from steadypin.storage.seal import Seal

READING = (Stage.CONFIRMING, Stage.PUBLISHED)
"""Stages of which a Pin may be due although nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A Connection as it stands. `errand_at`: when its next errand is due. `in_doubt`: some Attempt of it is open.
    `due`: the Pin that has waited longest for something that may be done now. `tier`: the App's access as Pinterest
    showed it. `incident`: the open one that keeps creates waiting."""

    connection: Connection
    upkeep: Upkeep
    pause: Pause
    errand_at: datetime | None
    in_doubt: bool
    due: Pin | None
    tier: str | None
    app_blocked_until: datetime | None
    app_blocked_because: str | None
    incident: Incident | None
    _row: Any

    @property
    def pace(self) -> Pace:
        """What the Lane remembers about quotas."""
        return Pace.from_json(self._row.pace)

    @property
    def limits(self) -> Mapping[str, Any] | None:
        """What the user allows for this account, where it differs from the settings."""
        found: Mapping[str, Any] | None = self._row.limits
        return found

    @property
    def usable(self) -> bool:
        """Whether Pinterest can be called for it at all."""
        return self.connection.broken_because is None and self.connection.disconnected_at is None

    @property
    def renews(self) -> bool:
        """Whether its Grant is worth renewing and its account worth reading, although nothing else may be possible."""
        broken = self.connection.broken
        return self.connection.disconnected_at is None and (broken is None or broken.cause is not Cause.TOKEN)

    @property
    def check_tries(self) -> int:
        """How many reads of the account in a row told nothing."""
        found: int = self._row.check_tries
        return found

    @property
    def check_refused(self) -> int | None:
        """The version of the Grant that a read of the account was refused for."""
        found: int | None = self._row.check_refused
        return found

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
_incident_id = (
    sa.select(incidents.c.id)
    .where(
        incidents.c.environment == connections.c.environment,
        incidents.c.closed_at.is_(None),
        incidents.c.connection_id.is_(None),
        incidents.c.kind != sa.literal_column(f"'{IncidentKind.RENEWAL.value}'"),
    )
    .order_by(incidents.c.probe_at.desc(), incidents.c.id)
    .limit(sa.literal_column("1"))
    .scalar_subquery()
)
_trouble = incidents.alias("trouble")
_may_send = sa.and_(
    instance.c.paused_at.is_(None),
    connections.c.paused_at.is_(None),
    sa.or_(_trouble.c.id.is_(None), _trouble.c.probe_at <= p("now", type_=Moment)),
)
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
    .order_by(_queued.c.act_at, _queued.c.due_at, _queued.c.id)
    .limit(sa.literal_column("1"))
    .scalar_subquery()
)
_PIN, _INCIDENT = "pin_", "incident_"
_every = (
    sa.select(
        connections,
        *(column for column in grants.c if column.name != "connection_id"),
        instance.c.paused_at.label("all_paused_at"),
        instance.c.paused_because,
        instance.c.restored_at,
        instance.c.restored_since,
        instance.c.access_tier,
        instance.c.app_blocked_until,
        instance.c.app_blocked_because,
        lanes.c.pace,
        _errand_at.label("errand_at"),
        sa.select(sa.func.min(_opened.c.open_attempt_id)).where(_open).scalar_subquery().label("first_open"),
        sa.select(sa.func.max(_opened.c.open_attempt_id)).where(_open).scalar_subquery().label("last_open"),
        *(column.label(_INCIDENT + column.name) for column in _trouble.c),
        *(column.label(_PIN + column.name) for column in pins.c),
    )
    .join(grants, grants.c.connection_id == connections.c.id)
    .join(lanes, lanes.c.connection_id == connections.c.id)
    .join(instance, instance.c.id == 1)
    .outerjoin(_trouble, _trouble.c.id == _incident_id)
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
        upkeep=read_upkeep(row),
        pause=read_pause(row.all_paused_at, row),
        errand_at=row.errand_at,
        in_doubt=any(found not in (None, settling) for found in (row.first_open, row.last_open)),
        due=read_pin(_Prefixed(row, _PIN)) if row.pin_id is not None else None,
        tier=row.access_tier,
        app_blocked_until=row.app_blocked_until,
        app_blocked_because=row.app_blocked_because,
        incident=read_incident(_Prefixed(row, _INCIDENT)) if row.incident_id is not None else None,
        _row=row,
    )


class _Prefixed:
    """The columns of one table in a row that holds others beside them."""

    __slots__ = ("_prefix", "_row")

    def __init__(self, row: Any, prefix: str) -> None:
        self._row, self._prefix = row, prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)
