"""Resumes: which Pins of a Connection went on together, and how they stood while they were held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.domain.accounts import A_READ_HEALS
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.words import Remedy, Stage, Step
from steadypin.storage.database import Tx
from steadypin.storage.pins import read_pin, read_trouble, trouble_to_json
from steadypin.storage.schema import attempts, from_micros, pins, resumed_pins, resumes, to_micros


@dataclass(frozen=True, slots=True)
class Resume:
    """One time at which held Pins went on: `by_itself` after a reconnect, else on a person's word."""

    id: str
    connection_id: str
    at: datetime
    by_itself: bool
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Was:
    """How a held Pin stood."""

    version: int
    step: Step
    trouble: Trouble | None
    due_at: datetime | None
    tries: int
    looks: int
    refused_grant: int | None
    open_attempt_id: str | None

    @classmethod
    def of(cls, pin: Pin) -> Was:
        """What has to be kept of a Pin to put it back."""
        told = (pin.version, pin.step, pin.trouble, pin.due_at, pin.tries, pin.looks, pin.refused_grant)
        return cls(*told, open_attempt_id=pin.open_attempt_id)


@dataclass(frozen=True, slots=True)
class Resumed:
    """One Pin of a resume: its new time (None: it is only looked for), and how many Attempts it had."""

    pin_id: str
    goes_at: datetime | None
    attempts: int
    was: Was


def add(tx: Tx, resume: Resume, found: Sequence[Resumed]) -> None:
    """Store a resume with its Pins."""
    tx.conn.execute(
        sa.insert(resumes).values(
            id=resume.id, connection_id=resume.connection_id, at=resume.at, by_itself=resume.by_itself
        )
    )
    rows = [
        {
            "resume_id": resume.id,
            "pin_id": each.pin_id,
            "goes_at": each.goes_at,
            "attempts": each.attempts,
            "was": _write_was(each.was),
        }
        for each in found
    ]
    tx.conn.execute(sa.insert(resumed_pins), rows)


def latest(tx: Tx, connection_id: str) -> Resume | None:
    """The last one of a Connection that was not undone."""
    query = (
        sa.select(resumes)
        .where(resumes.c.connection_id == connection_id, resumes.c.undone_at.is_(None))
        .order_by(resumes.c.at.desc(), resumes.c.id.desc())
        .limit(1)
    )
    row = tx.conn.execute(query).one_or_none()
    return Resume(row.id, row.connection_id, row.at, row.by_itself) if row is not None else None


def pins_of(tx: Tx, resume_id: str) -> list[tuple[Resumed, Pin]]:
    """Its Pins in order of their new times, each with its row as it is now, deleted ones included."""
    query = (
        sa.select(pins, resumed_pins.c.goes_at, resumed_pins.c.attempts, resumed_pins.c.was)
        .join(resumed_pins, resumed_pins.c.pin_id == pins.c.id)
        .where(resumed_pins.c.resume_id == resume_id)
        .order_by(resumed_pins.c.goes_at, pins.c.id)
    )
    return [
        (Resumed(row.id, row.goes_at, row.attempts, _read_was(row.was)), read_pin(row))
        for row in tx.conn.execute(query)
    ]


def attempts_of(tx: Tx, resume_id: str) -> dict[str, tuple[int, datetime]]:
    """For each Pin of a resume that has Attempts: how many, and when the last one was written."""
    query = (
        sa.select(attempts.c.pin_id, sa.func.count(), sa.func.max(attempts.c.at))
        .join(resumed_pins, resumed_pins.c.pin_id == attempts.c.pin_id)
        .where(resumed_pins.c.resume_id == resume_id)
        .group_by(attempts.c.pin_id)
    )
    return {pin_id: (count, at) for pin_id, count, at in tx.conn.execute(query)}


def attempts_of_held(tx: Tx, connection_id: str) -> dict[str, int]:
    """How many Attempts the held Pins of a Connection have, where they have any."""
    query = (
        sa.select(attempts.c.pin_id, sa.func.count().label("many"))
        .join(pins, pins.c.id == attempts.c.pin_id)
        .where(pins.c.connection_id == connection_id, pins.c.stage == Stage.HELD.value)
        .group_by(attempts.c.pin_id)
    )
    return {row.pin_id: row.many for row in tx.conn.execute(query)}


def latest_of(tx: Tx, connection_ids: Sequence[str], since: datetime) -> dict[str, datetime]:
    """When Pins of these Connections went on last, where that was since then and was not undone."""
    query = (
        sa.select(resumes.c.connection_id, sa.func.max(resumes.c.at).label("last_at"))
        .where(
            resumes.c.connection_id.in_(connection_ids),
            resumes.c.undone_at.is_(None),
            resumes.c.at >= since,
        )
        .group_by(resumes.c.connection_id)
    )
    return {row.connection_id: row.last_at for row in tx.conn.execute(query)}


def mark_undone(tx: Tx, resume_id: str) -> bool:
    """It is undone; False when it was before."""
    changed = tx.conn.execute(
        sa.update(resumes)
        .where(resumes.c.id == resume_id, resumes.c.undone_at.is_(None))
        .values(undone_at=tx.now)
    )
    return changed.rowcount == 1


def departures(tx: Tx, connection_id: str, most: int) -> list[datetime]:
    """When the scheduled Pins of a Connection are to leave, the next `most` of them."""
    query = (
        sa.select(pins.c.act_at)
        .where(
            pins.c.connection_id == connection_id,
            pins.c.act_at.isnot(None),
            pins.c.stage == Stage.SCHEDULED.value,
        )
        .order_by(pins.c.act_at)
        .limit(most)
    )
    return list(tx.conn.execute(query).scalars())


def held_counts(tx: Tx, connection_ids: Sequence[str]) -> dict[str, int]:
    """How many Pins of these Connections are held until they are reconnected, or their accounts read right again."""
    query = (
        sa.select(pins.c.connection_id, sa.func.count().label("many"))
        .where(
            pins.c.stage == Stage.HELD.value,
            pins.c.connection_id.in_(connection_ids),
            pins.c.deleted_at.is_(None),
            sa.or_(
                pins.c.trouble["remedy"].as_string() == Remedy.RECONNECT.value,
                pins.c.trouble["rule"].as_string().in_(sorted(A_READ_HEALS)),
            ),
        )
        .group_by(pins.c.connection_id)
    )
    return {row.connection_id: row.many for row in tx.conn.execute(query)}


def _write_was(was: Was) -> dict[str, Any]:
    return {
        "version": was.version,
        "step": int(was.step),
        "trouble": trouble_to_json(was.trouble),
        "due_at": None if was.due_at is None else to_micros(was.due_at),
        "tries": was.tries,
        "looks": was.looks,
        "refused_grant": was.refused_grant,
        "open_attempt_id": was.open_attempt_id,
    }


def _read_was(stored: Mapping[str, Any]) -> Was:
    return Was(
        version=stored["version"],
        step=Step(stored["step"]),
        trouble=read_trouble(stored["trouble"]),
        due_at=None if stored["due_at"] is None else from_micros(stored["due_at"]),
        tries=stored["tries"],
        looks=stored["looks"],
        refused_grant=stored["refused_grant"],
        open_attempt_id=stored["open_attempt_id"],
    )
