"""Twins: second Pins of one row that turned up late. Pinterest ids stay known for ever, so none is adopted twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.storage.database import Tx
from steadypin.storage.pins import read_pin
from steadypin.storage.schema import pins, twins


def due(tx: Tx, connection_id: str, board_id: str, until: datetime) -> list[Pin]:
    """Published Pins of one board that wait for a look for twins until that moment."""
    query = sa.select(pins).where(
        pins.c.connection_id == connection_id,
        pins.c.board_id == board_id,
        pins.c.act_at.isnot(None),
        pins.c.act_at <= until,
        pins.c.stage == Stage.PUBLISHED.value,
    )
    return [read_pin(row) for row in tx.conn.execute(query)]


def known_pinterest_ids(tx: Tx, ids: Sequence[str]) -> frozenset[str]:
    """Those of `ids` that belong to a row of ours, deleted rows and twins included."""
    known: set[str] = set()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        known.update(
            tx.conn.execute(
                sa.select(pins.c.pinterest_pin_id).where(pins.c.pinterest_pin_id.in_(some))
            ).scalars()
        )
        known.update(
            tx.conn.execute(
                sa.select(twins.c.pinterest_pin_id).where(twins.c.pinterest_pin_id.in_(some))
            ).scalars()
        )
    return frozenset(known)


def add(tx: Tx, pin_id: str, pinterest_pin_id: str) -> None:
    """Remember a second Pin of this row."""
    tx.conn.execute(
        sa.insert(twins).values(pinterest_pin_id=pinterest_pin_id, pin_id=pin_id, found_at=tx.now)
    )


def deleted(tx: Tx, pinterest_pin_id: str) -> None:
    """A twin was deleted on Pinterest; its id stays known."""
    tx.conn.execute(
        sa.update(twins).where(twins.c.pinterest_pin_id == pinterest_pin_id).values(deleted_at=tx.now)
    )


def of_pins(tx: Tx, pin_ids: Sequence[str]) -> dict[str, list[tuple[str, bool]]]:
    """For each Pin its twins as (Pinterest id, already deleted)."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for row in tx.conn.execute(sa.select(twins).where(twins.c.pin_id.in_(pin_ids))):
        found.setdefault(row.pin_id, []).append((row.pinterest_pin_id, row.deleted_at is not None))
    return found
