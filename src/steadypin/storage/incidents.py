"""Incidents: at most one of a kind is open in an environment, whoever sees the trouble first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.incidents import IncidentKind, Seen
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, attempts, connections, grants, incidents, lanes, outcomes, pins


@dataclass(frozen=True, slots=True)
class Incident:
    """A standing trouble. `probes` were made so far; from `probe_at` on the next one may be. `native`: what drew it.

    One of a single Connection (`connection_id`) is never probed, and brings its own words along.
    """

    id: str
    kind: IncidentKind
    environment: str
    cause: Cause
    rule: str
    title: str
    native: Mapping[str, Any] | None
    opened_at: datetime
    probe_at: datetime
    probes: int
    closed_at: datetime | None = None
    connection_id: str | None = None
    fix: str | None = None
    by_itself: str | None = None


def read_incident(row: Any, prefix: str = "") -> Incident:
    """From a row that holds the columns of the table, each under its name behind the prefix."""

    def column(name: str) -> Any:
        return getattr(row, prefix + name)

    return Incident(
        id=column("id"),
        kind=IncidentKind(column("kind")),
        environment=column("environment"),
        cause=Cause(column("cause")),
        rule=column("rule"),
        title=column("title"),
        native=column("native"),
        opened_at=column("opened_at"),
        probe_at=column("probe_at"),
        probes=column("probes"),
        closed_at=column("closed_at"),
        connection_id=column("connection_id"),
        fix=column("fix"),
        by_itself=column("by_itself"),
    )


# opening and closing


def open_one(tx: Tx, incident: Incident) -> bool:
    """Open it unless one of its kind is open in its environment already, or one of its cause for its Connection; False
    then. One that comes with its end is only put on record."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(incidents).values(
        id=incident.id,
        kind=incident.kind.value,
        environment=incident.environment,
        cause=incident.cause.value,
        rule=incident.rule,
        title=incident.title,
        native=dict(incident.native) if incident.native is not None else None,
        opened_at=incident.opened_at,
        probe_at=incident.probe_at,
        probes=incident.probes,
        closed_at=incident.closed_at,
        connection_id=incident.connection_id,
        fix=incident.fix,
        by_itself=incident.by_itself,
    )
    open_ = incidents.c.closed_at.is_(None)
    if incident.connection_id is None:
        unique, which = ["environment", "kind"], sa.and_(open_, incidents.c.connection_id.is_(None))
    else:
        unique, which = ["connection_id", "cause"], sa.and_(open_, incidents.c.connection_id.isnot(None))
    there = row.on_conflict_do_nothing(index_elements=unique, index_where=which)
    return tx.conn.execute(there.returning(incidents.c.id)).first() is not None


def open_again(tx: Tx, incident: Incident, probe_at: datetime) -> bool:
    """It was closed too early: it goes on as the same one. False when somebody else has opened it."""
    changed = tx.conn.execute(
        sa.update(incidents)
        .where(incidents.c.id == incident.id, incidents.c.closed_at.isnot(None))
        .values(closed_at=None, probe_at=probe_at)
    )
    return changed.rowcount == 1


def close(tx: Tx, incident_id: str) -> bool:
    """It is over; False when it was already."""
    changed = tx.conn.execute(
        sa.update(incidents)
        .where(incidents.c.id == incident_id, incidents.c.closed_at.is_(None))
        .values(closed_at=tx.now)
    )
    return changed.rowcount == 1


# probing

_probe = (
    sa.update(incidents)
    .where(
        incidents.c.id == p("incident", type_=sa.Text),
        incidents.c.probes == p("before", type_=sa.Integer),
        incidents.c.probe_at <= p("now", type_=Moment),
        incidents.c.closed_at.is_(None),
    )
    .values(probes=incidents.c.probes + 1, probe_at=p("next", type_=Moment))
)


def take_probe(tx: Tx, incident: Incident, next_at: datetime) -> bool:
    """Make the next probe mine, and say when the one after it may be; False when somebody else took it."""
    taken = {"incident": incident.id, "before": incident.probes, "now": tx.now, "next": next_at}
    return tx.conn.execute(_probe, taken).rowcount == 1


def probe_soon(tx: Tx, at: datetime, incident_id: str | None = None) -> None:
    """Let the next probe be made at that moment, if it would be later: of one incident, or of all that are open."""
    later = sa.update(incidents).where(incidents.c.closed_at.is_(None), incidents.c.probe_at > at)
    if incident_id is not None:
        later = later.where(incidents.c.id == incident_id)
    tx.conn.execute(later.values(probe_at=at))


# looking

_get = sa.select(incidents).where(incidents.c.id == p("incident", type_=sa.Text))


def get(tx: Tx, incident_id: str) -> Incident | None:
    """By id."""
    row = tx.conn.execute(_get, {"incident": incident_id}).one_or_none()
    return read_incident(row) if row is not None else None


def open_in(tx: Tx, environment: str) -> list[Incident]:
    """Those that are open in this environment for all of it, the oldest first."""
    query = sa.select(incidents).where(
        incidents.c.environment == environment,
        incidents.c.closed_at.is_(None),
        incidents.c.connection_id.is_(None),
    )
    return [read_incident(row) for row in tx.conn.execute(query.order_by(incidents.c.opened_at))]


def last_closed(tx: Tx, environment: str, kind: IncidentKind) -> Incident | None:
    """The one of this kind that ended last."""
    query = sa.select(incidents).where(
        incidents.c.environment == environment,
        incidents.c.kind == kind.value,
        incidents.c.closed_at.isnot(None),
    )
    row = tx.conn.execute(query.order_by(incidents.c.closed_at.desc()).limit(1)).one_or_none()
    return read_incident(row) if row is not None else None


def open_of(tx: Tx, connection_id: str) -> list[Incident]:
    """Those that are open for this one Connection."""
    query = sa.select(incidents).where(
        incidents.c.connection_id == connection_id, incidents.c.closed_at.is_(None)
    )
    return [read_incident(row) for row in tx.conn.execute(query.order_by(incidents.c.opened_at))]


def listing(
    tx: Tx, limit: int, *, open_only: bool = False, only: Sequence[str] | None = None
) -> list[Incident]:
    """Open ones first, then the closed ones; those of all accounts before those of one; of each the newest first.

    `only`: of those of one account none but these Connections'.
    """
    query = sa.select(incidents).order_by(
        incidents.c.closed_at.isnot(None),
        sa.and_(incidents.c.closed_at.is_(None), incidents.c.connection_id.isnot(None)),
        incidents.c.opened_at.desc(),
        incidents.c.id.desc(),
    )
    if only is not None:
        query = query.where(sa.or_(incidents.c.connection_id.is_(None), incidents.c.connection_id.in_(only)))
    if open_only:
        query = query.where(incidents.c.closed_at.is_(None))
    return [read_incident(row) for row in tx.conn.execute(query.limit(limit))]


# what the last creates and looks came to

_CREATED = (OutcomeKind.MADE, OutcomeKind.NOT_MADE, OutcomeKind.DOUBT)
_LOOKED = (OutcomeKind.LOOK, OutcomeKind.ADOPTED, OutcomeKind.ABSENT)
_ROWS_FOR_ONE = 4
"""Beside its create an Attempt may have looks, a late answer, a person's word: so many rows are read for one wanted."""
_newest = (
    sa.select(outcomes).order_by(outcomes.c.n.desc()).limit(p("rows", type_=sa.Integer)).subquery("newest")
)
_recent = (
    sa.select(_newest, attempts.c.connection_id, attempts.c.at.label("sent_at"))
    .join(attempts, attempts.c.id == _newest.c.attempt_id)
    .join(connections, connections.c.id == attempts.c.connection_id)
    .where(
        connections.c.environment == p("environment", type_=sa.Text),
        _newest.c.kind.in_([kind.value for kind in (*_CREATED, *_LOOKED)]),
    )
    .order_by(_newest.c.n.desc())
    .limit(p("most", type_=sa.Integer))
)


def recent(tx: Tx, environment: str, limit: int) -> list[Seen]:
    """What the last creates and looks of an environment came to, newest first. Reads the end of the table only."""
    asked = {"environment": environment, "rows": limit * _ROWS_FOR_ONE, "most": limit}
    found: dict[object, Seen] = {}
    for row in tx.conn.execute(_recent, asked):
        seen = _seen(row)
        if seen is not None:
            found.setdefault(row.n if seen.create else seen, seen)  # one look at many Pins was one call
    return list(found.values())


def _seen(row: Any) -> Seen | None:
    kind = OutcomeKind(row.kind)
    if kind is not OutcomeKind.MADE and kind in _CREATED and row.cause is None:
        return None  # the lease was too short: nothing was tried
    create = kind in _CREATED
    return Seen(
        connection_id=row.connection_id,
        at=row.sent_at if create else row.at,
        answered=row.cause is None or (row.native or {}).get("status") is not None,
        cause=Cause(row.cause) if row.cause else None,
        remedy=Remedy(row.remedy) if row.remedy else None,
        rule=row.rule or "",
        create=create,
    )


# what waits for an end

_waits = sa.exists(
    sa.select(pins.c.id).where(
        pins.c.connection_id == connections.c.id,
        pins.c.act_at.isnot(None),
        pins.c.act_at <= p("now", type_=Moment),
        pins.c.stage == Stage.SCHEDULED.value,
    )
)
_renews_late = sa.exists(
    sa.select(grants.c.connection_id).where(
        grants.c.connection_id == connections.c.id,
        grants.c.tries > 0,
        grants.c.ended_at.is_(None),
        grants.c.refresh_at.isnot(None),
    )
)
_waiting = (
    sa.select(connections.c.id)
    .where(
        connections.c.environment == p("environment", type_=sa.Text),
        connections.c.id > p("after", type_=sa.Text),
        connections.c.broken_because.is_(None),
        connections.c.disconnected_at.is_(None),
        connections.c.paused_at.is_(None),
        sa.or_(_waits, _renews_late),
    )
    .order_by(connections.c.id)
    .limit(p("most", type_=sa.Integer))
)


def waiting(tx: Tx, environment: str, after: str, limit: int) -> Sequence[str]:
    """Connections that have a Pin due or a renewal that failed, by id, from behind `after` on."""
    asked = {"environment": environment, "after": after, "most": limit, "now": tx.now}
    return tx.conn.execute(_waiting, asked).scalars().all()


def count_waiting(tx: Tx, environment: str) -> int:
    """How many there are."""
    asked = {"environment": environment, "after": "", "most": 1_000_000, "now": tx.now}
    return tx.conn.execute(sa.select(sa.func.count()).select_from(_waiting.subquery()), asked).scalar_one()


def begin_again(tx: Tx, moments: Mapping[str, datetime]) -> None:
    """Let each of these Connections look at its moment at what is due, a renewal that failed included.

    Their Lanes are locked first and in order, as holders lock them.
    """
    mine = sorted(moments)
    lock = sa.select(lanes.c.fence).where(lanes.c.connection_id.in_(mine))
    tx.conn.execute(lock.order_by(lanes.c.connection_id).with_for_update())
    each = [{"connection": name, "moment": moments[name]} for name in mine]
    tx.conn.execute(_wake, each)
    tx.conn.execute(_renew_sooner, each)
    tx.wakes = True


_wake = (
    sa.update(lanes)
    .where(
        lanes.c.connection_id == p("connection", type_=sa.Text),
        sa.or_(lanes.c.next_due_at.is_(None), lanes.c.next_due_at > p("moment", type_=Moment)),
    )
    .values(next_due_at=p("moment", type_=Moment))
)
_renew_sooner = (
    sa.update(grants)
    .where(
        grants.c.connection_id == p("connection", type_=sa.Text),
        grants.c.tries > 0,
        grants.c.ended_at.is_(None),
        grants.c.refresh_at > p("moment", type_=Moment),
    )
    .values(refresh_at=p("moment", type_=Moment))
)


def renews_late(tx: Tx, environment: str) -> bool:
    """Whether any renewal that failed is still to be tried again."""
    query = sa.select(connections.c.id).where(
        connections.c.environment == environment,
        connections.c.broken_because.is_(None),
        connections.c.disconnected_at.is_(None),
        _renews_late,
    )
    return tx.conn.execute(query.limit(1)).first() is not None


_MOST_LOOKED_BACK_ON = 20_000
_met_trouble = (
    sa.select(attempts.c.connection_id, attempts.c.pin_id)
    .join(_newest, _newest.c.attempt_id == attempts.c.id)
    .join(connections, connections.c.id == attempts.c.connection_id)
    .where(
        connections.c.environment == p("environment", type_=sa.Text),
        _newest.c.at >= p("since", type_=Moment),
        _newest.c.cause.in_([Cause.PLATFORM.value, Cause.NETWORK.value]),
    )
    .distinct()
    .order_by(attempts.c.connection_id, attempts.c.pin_id)
)


def met_trouble(tx: Tx, environment: str, since: datetime) -> list[str]:
    """Pins whose create met trouble since then, in the order of their Lanes; how they stand now is not asked."""
    asked = {"environment": environment, "since": since, "rows": _MOST_LOOKED_BACK_ON}
    return [row.pin_id for row in tx.conn.execute(_met_trouble, asked)]


def held_for_rule(tx: Tx, environment: str, rule: str) -> list[str]:
    """Pins that are held because of this very rule and in no doubt, in the order of their Lanes."""
    query = (
        sa.select(pins.c.id)
        .join(connections, connections.c.id == pins.c.connection_id)
        .where(
            connections.c.environment == environment,
            pins.c.stage == Stage.HELD.value,
            pins.c.deleted_at.is_(None),
            pins.c.open_attempt_id.is_(None),
            pins.c.trouble["rule"].as_string() == rule,
        )
        .order_by(pins.c.connection_id, pins.c.id)
    )
    return list(tx.conn.execute(query).scalars())
