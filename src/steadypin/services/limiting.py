"""What an account may still send, as people see it; and changing what its user allows.

budget, budgets, app_told      read, without a lock: the worker goes on meanwhile
set_limits                     at once: what waits is decided anew under the new limits
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Block, Pace, before
from steadypin.domain.pacing.day import (
    Limits,
    QuietHours,
    Wait,
    day_begin,
    day_of,
    may_send,
    used_of_day,
)
from steadypin.domain.pacing.headers import Quota
from steadypin.domain.pacing.trial import TrialBudget
from steadypin.domain.texts import FieldError
from steadypin.services import pacing
from steadypin.services.context import Context
from steadypin.storage import app_calls, connections, instance, lanes, pins
from steadypin.storage import budgets as kept
from steadypin.storage.budgets import Kept
from steadypin.storage.database import Tx

MOST_PINS_A_DAY, LONGEST_SPACING_S = 10_000, 86_400
NO_QUIET_HOURS = "none"
"""As a user writes it for an account that has none, whatever the settings say."""

Tier = Literal["trial", "standard"]
CATEGORIES = (Category.ORG_WRITE, Category.ORG_READ, Category.ORG_ANALYTICS)


@dataclass(frozen=True, slots=True)
class CategoryTold:
    """One Budget: its quota, when its next request may leave with everything counted, and Pinterest's block if any."""

    category: Category
    quota: Quota
    next_at: datetime
    block: Block | None


@dataclass(frozen=True, slots=True)
class TrialLeft:
    """What the App may still do today under Trial access, all accounts together, and when the next one fits."""

    writes: int
    calls: int
    next_write_at: datetime
    next_call_at: datetime


@dataclass(frozen=True, slots=True)
class AppTold:
    """The App's access (None: not known yet) and who said so: the `operator` or `pinterest`."""

    tier: Tier | None
    said_by: Literal["operator", "pinterest"] | None
    block: Wait | None
    trial: TrialLeft | None

    def wait(self, category: Category, now: datetime) -> Wait | None:
        """What keeps every account waiting with calls of this category."""
        if self.block is not None or self.trial is None:
            return self.block
        write = category is Category.ORG_WRITE
        at = self.trial.next_write_at if write else self.trial.next_call_at
        return Wait(at, pacing.TRIAL_USED) if at > now else None


@dataclass(frozen=True, slots=True)
class BudgetTold:
    """Everything about one Connection. `own`: the limits that are its own, by name; the others are the settings'.
    `wait` is what a Pin due now would wait for; None: it may leave."""

    connection_id: str
    now: datetime
    categories: tuple[CategoryTold, ...]
    limits: Limits
    own: frozenset[str]
    used: int
    day_ends_at: datetime
    wait: Wait | None
    app: AppTold


def budget(ctx: Context, connection_id: str) -> BudgetTold:
    """What one Connection may still do. Raises NotThere."""
    found = budgets(ctx, [connection_id])
    if not found:
        raise NotThere(f"There is no connection {connection_id}.")
    return found[connection_id]


def budgets(ctx: Context, ids: Sequence[str]) -> dict[str, BudgetTold]:
    """The same for several, by id; those that do not exist are left out."""
    with ctx.store.read() as tx:
        app = _app(ctx, tx)
        return {each: _told(ctx, each, one, app, tx.now) for each, one in kept.read_many(tx, ids).items()}


def app_told(ctx: Context) -> AppTold:
    """The App's access, and what is left of its day."""
    with ctx.store.read() as tx:
        return _app(ctx, tx)


def app_wait(ctx: Context, tx: Tx, category: Category) -> Wait | None:
    """What keeps every account waiting with calls of this category; None when nothing does."""
    return _app(ctx, tx).wait(category, tx.now)


def set_limits(ctx: Context, connection_id: str, changes: Mapping[str, Any]) -> None:
    """Change the limits that are named; None goes back to the settings. Acts at once. Raises NotThere, InputRefused.

    `daily_cap` and `spacing_s` are numbers in their range; `quiet` is like 22:00-07:00 or NO_QUIET_HOURS, `tz` the name
    of a time zone.
    """
    wanted = _read(changes)

    def work(tx: Tx) -> None:
        lanes.lock(tx, connection_id)
        known = kept.read_many(tx, [connection_id]).get(connection_id)
        if known is None:
            raise NotThere(f"There is no connection {connection_id}.")
        merged = {**known.own, **wanted}
        own = {name: value for name, value in merged.items() if value is not None}
        connections.set_limits(tx, connection_id, own)
        pins.decide_anew(tx, connection_id)
        lanes.hint(tx, connection_id, tx.now)

    ctx.store.write(work)


def _read(changes: Mapping[str, Any]) -> dict[str, Any]:
    """As it is stored: quiet hours as '22:00-07:00', '' for none."""
    wanted, errors = dict(changes), []
    for name, read in (("quiet", _quiet), ("tz", _tz)):
        if wanted.get(name) is None:
            continue
        try:
            wanted[name] = read(wanted[name])
        except ValueError as error:
            errors.append(FieldError(name, str(error)))
    if errors:
        raise InputRefused(errors)
    return wanted


def _quiet(text: str) -> str:
    return "" if text.strip().lower() == NO_QUIET_HOURS else str(QuietHours.parse(text))


def _tz(name: str) -> str:
    pacing.zone(name)
    return name


def _told(ctx: Context, connection_id: str, known: Kept, app: AppTold, now: datetime) -> BudgetTold:
    limits = pacing.limits_of(ctx, known.own)
    return BudgetTold(
        connection_id=connection_id,
        now=now,
        categories=tuple(_category(known.pace, each, app, now) for each in CATEGORIES),
        limits=limits,
        own=frozenset(known.own),
        used=used_of_day(known.pace, limits.tz, now),
        day_ends_at=day_begin(day_of(now, limits.tz) + timedelta(days=1), limits.tz),
        wait=_pin_waits(known.pace, limits, app, now),
        app=app,
    )


def _category(pace: Pace, category: Category, app: AppTold, now: datetime) -> CategoryTold:
    at = before(pace, category, now)
    wait = app.wait(category, now)
    return CategoryTold(
        category=category,
        quota=pace.budget(category.value).quota,
        next_at=max(at, wait.until) if wait else at,
        block=pace.block(category, now),
    )


def _pin_waits(pace: Pace, limits: Limits, app: AppTold, now: datetime) -> Wait | None:
    """What ends last, of the account's own and the App's."""
    answer = may_send(pace, limits, now, timedelta(0))
    found = [each for each in (answer, app.wait(Category.ORG_WRITE, now)) if isinstance(each, Wait)]
    return max(found, key=lambda each: each.until, default=None)


def _app(ctx: Context, tx: Tx) -> AppTold:
    seen = instance.app_access(tx)
    tier = cast("Tier | None", pacing.access(ctx, seen))
    return AppTold(
        tier=tier,
        said_by="operator" if ctx.access_tier else "pinterest" if seen.tier else None,
        block=pacing.app_block(ctx, seen, tx.now),
        trial=_left(app_calls.read(tx), tx.now) if tier == pacing.TRIAL else None,
    )


def _left(budget: TrialBudget, now: datetime) -> TrialLeft:
    return TrialLeft(
        writes=budget.left(Category.ORG_WRITE, now),
        calls=budget.left(Category.ORG_READ, now),
        next_write_at=budget.free_at(Category.ORG_WRITE, now),
        next_call_at=budget.free_at(Category.ORG_READ, now),
    )
