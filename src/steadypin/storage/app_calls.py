"""Calls of the App under Trial access, counted by the hour and shared by all workers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.operations import Category
from steadypin.domain.pacing.trial import COUNTS_FOR, TrialBudget, hour_of
from steadypin.storage.database import Tx
from steadypin.storage.schema import app_calls, from_micros

_LOCK = from_micros(0)
"""The hour of the row that counts nothing; whoever reckons locks it, so that no two reckon from the same counts."""


def spend(tx: Tx, category: Category, *, background: bool = False, refuses: bool = True) -> datetime | None:
    """Count one call that is about to leave; when none fits, count nothing and answer when the next one does. Unless it
    `refuses`: then the call leaves in any case, since nobody knows yet whether the App is under Trial access."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    tx.conn.execute(
        insert(app_calls)
        .values(hour=_LOCK, calls=0, writes=0)
        .on_conflict_do_update(index_elements=["hour"], set_={"calls": 0})
    )
    budget = read(tx)
    if refuses and not budget.fits(category, tx.now, background=background):
        return budget.free_at(category, tx.now, background=background)
    tx.conn.execute(
        sa.delete(app_calls).where(app_calls.c.hour > _LOCK, app_calls.c.hour < hour_of(tx.now) - COUNTS_FOR)
    )
    writes = 1 if category is Category.ORG_WRITE else 0
    tx.conn.execute(
        insert(app_calls)
        .values(hour=hour_of(tx.now), calls=1, writes=writes)
        .on_conflict_do_update(
            index_elements=["hour"],
            set_={"calls": app_calls.c.calls + 1, "writes": app_calls.c.writes + writes},
        )
    )
    return None


def read(tx: Tx) -> TrialBudget:
    """What was used within a day."""
    rows = tx.conn.execute(
        sa.select(app_calls).where(app_calls.c.hour > max(_LOCK, hour_of(tx.now) - COUNTS_FOR))
    ).all()
    return TrialBudget({row.hour: row.calls for row in rows}, {row.hour: row.writes for row in rows})
