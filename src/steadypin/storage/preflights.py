"""What the look-ahead found about Pins that are not live yet, and when each is looked at again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain import findings as found
from steadypin.domain.findings import Finding
from steadypin.domain.pins import Pin
from steadypin.domain.preflight import site_of
from steadypin.domain.words import Stage
from steadypin.storage.database import Tx
from steadypin.storage.pins import read_pin
from steadypin.storage.schema import pins, preflights

AHEAD = (Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD)
"""Pins that may still be changed in time."""
_ahead = sa.and_(pins.c.stage.in_([stage.value for stage in AHEAD]), pins.c.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found about a Pin as it was in that version; `next_at` None: no further look."""

    pin: Pin
    findings: Sequence[Finding]
    at_risk: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on record. `at` None: not looked at yet."""

    at: datetime | None
    at_risk: bool
    findings: tuple[Finding, ...]


def link_key(link: str | None) -> str | None:
    """One for every spelling of a link; None without one."""
    return hashlib.sha256(link.encode()).hexdigest() if link else None


def ask(tx: Tx, asked: Sequence[Pin], confirmed: Iterable[str] = ()) -> None:
    """Look at these Pins anew, as soon as may be."""
    if not asked:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(preflights)
    accepted = ",".join(sorted(confirmed)) or None
    rows = [
        {
            "pin_id": pin.id,
            "connection_id": pin.connection_id,
            "version": pin.version,
            "next_at": tx.now,
            "at_risk": False,
            "confirmed": accepted,
            "link_key": link_key(pin.content.link),
            "site": site_of(pin.content.link) or None,
        }
        for pin in asked
    ]
    new = statement.excluded
    changed: dict[str, Any] = {name: new[name] for name in ("version", "next_at", "link_key", "site")}
    changed["confirmed"] = sa.func.coalesce(new.confirmed, preflights.c.confirmed)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["pin_id"], set_=changed), rows)


def confirmed(tx: Tx, pin_id: str) -> frozenset[str]:
    """The checks whose blocker its user has accepted."""
    query = sa.select(preflights.c.confirmed).where(preflights.c.pin_id == pin_id)
    return _accepted(tx.conn.execute(query).scalar_one_or_none())


def due(tx: Tx, connection_id: str, most: int) -> list[tuple[Pin, frozenset[str]]]:
    """Pins to be looked at now, each with the checks that its user has accepted; the nearest in time first."""
    query = (
        sa.select(pins, preflights.c.confirmed)
        .join(preflights, preflights.c.pin_id == pins.c.id)
        .where(preflights.c.connection_id == connection_id, preflights.c.next_at <= tx.now, _ahead)
        .order_by(pins.c.due_at, pins.c.id)
        .limit(most)
    )
    return [(read_pin(row), _accepted(row.confirmed)) for row in tx.conn.execute(query)]


def keep(tx: Tx, looked: Sequence[Looked], at: datetime) -> set[str]:
    """Record what was found at that moment, where nobody asked anew since; answers those newly at risk."""
    if not looked:
        return set()
    ids = [each.pin.id for each in looked]
    already = set(
        tx.conn.execute(
            sa.select(preflights.c.pin_id).where(preflights.c.pin_id.in_(ids), preflights.c.at_risk)
        ).scalars()
    )
    statement = (
        sa.update(preflights)
        .where(
            preflights.c.pin_id == sa.bindparam("pin"),
            preflights.c.version == sa.bindparam("of_version"),
            preflights.c.next_at <= at,
        )
        .values(
            looked_at=tx.now,
            next_at=sa.bindparam("again"),
            at_risk=sa.bindparam("risk"),
            findings=sa.bindparam("told"),
            link_key=sa.bindparam("key"),
            site=sa.bindparam("place"),
        )
    )
    tx.conn.execute(
        statement,
        [
            {
                "pin": each.pin.id,
                "of_version": each.pin.version,
                "again": each.next_at,
                "risk": each.at_risk,
                "told": [finding.to_json() for finding in each.findings] or None,
                "key": link_key(each.pin.content.link),
                "place": site_of(each.pin.content.link) or None,
            }
            for each in looked
        ],
    )
    risky = sa.select(preflights.c.pin_id).where(preflights.c.pin_id.in_(ids), preflights.c.at_risk)
    return set(tx.conn.execute(risky).scalars()) - already


def forget_gone(tx: Tx, connection_id: str) -> None:
    """Rows that were due and whose Pin is on its way, live or gone: there is nothing ahead of them."""
    there = sa.select(pins.c.id).where(pins.c.id == preflights.c.pin_id, _ahead).exists()
    tx.conn.execute(
        sa.delete(preflights).where(
            preflights.c.connection_id == connection_id, preflights.c.next_at <= tx.now, ~there
        )
    )


def next_at(tx: Tx, connection_id: str) -> datetime | None:
    """When something of this Connection is looked at next."""
    query = sa.select(sa.func.min(preflights.c.next_at)).where(
        preflights.c.connection_id == connection_id, preflights.c.next_at.isnot(None)
    )
    moment: datetime | None = tx.conn.execute(query).scalar_one()
    return moment


def ask_sharing(tx: Tx, *, key: str | None = None, site: str | None = None) -> list[str]:
    """Look anew at every Pin that shares a link or a site; answers the Connections concerned."""
    which = preflights.c.link_key == key if key is not None else preflights.c.site == site
    query = sa.update(preflights).where(which).values(next_at=tx.now).returning(preflights.c.connection_id)
    return sorted(set(tx.conn.execute(query).scalars()))


def ask_all_of(tx: Tx, connection_id: str) -> None:
    """Look anew at every Pin of a Connection."""
    mine = preflights.c.connection_id == connection_id
    tx.conn.execute(sa.update(preflights).where(mine).values(next_at=tx.now))


def of_pins(tx: Tx, pin_ids: Sequence[str]) -> dict[str, Kept]:
    """By the id of the Pin."""
    query = sa.select(preflights).where(preflights.c.pin_id.in_(pin_ids))
    return {
        row.pin_id: Kept(row.looked_at, row.at_risk, _read(row.findings)) for row in tx.conn.execute(query)
    }


def at_risk(tx: Tx, connection_ids: tuple[str, ...] | None, limit: int) -> list[tuple[Pin, Kept]]:
    """Pins that something will stop, the nearest in time first."""
    query = (
        sa.select(pins, preflights.c.looked_at, preflights.c.findings)
        .join(preflights, preflights.c.pin_id == pins.c.id)
        .where(preflights.c.at_risk, _ahead, pins.c.stage != Stage.HELD.value)
        .order_by(pins.c.due_at, pins.c.id)
        .limit(limit)
    )
    if connection_ids is not None:
        query = query.where(preflights.c.connection_id.in_(connection_ids))
    return [(read_pin(row), Kept(row.looked_at, True, _read(row.findings))) for row in tx.conn.execute(query)]


def _accepted(joined: str | None) -> frozenset[str]:
    return frozenset(filter(None, (joined or "").split(",")))


def _read(data: Sequence[Mapping[str, Any]] | None) -> tuple[Finding, ...]:
    return tuple(found.from_json(each) for each in data or ())
