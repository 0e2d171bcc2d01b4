"""When a Connection may call Pinterest: its Pace, the user's limits, and the App's Trial budget together.

may_create (transaction) -> Go | Wait        before an intent
Heard, after_create                          what calls and their replies add to the Pace, applied by the next Turn
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from steadypin.domain import app_access
from steadypin.domain.failures import Failure
from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Pace, blocked, heard, sent
from steadypin.domain.pacing.day import Go, Limits, QuietHours, Wait, given_back, may_send, written
from steadypin.domain.pacing.headers import RateSaid
from steadypin.domain.pins import Pin
from steadypin.domain.verdicts import NothingMade, Proof, retry_wait
from steadypin.domain.words import Cause, Remedy
from steadypin.services.context import Context
from steadypin.storage import app_calls
from steadypin.storage.database import Tx
from steadypin.storage.standing import Standing

TRIAL, STANDARD = app_access.TRIAL, app_access.STANDARD
_TRIAL_WINDOW_S = 86_400


class AppSeen(Protocol):
    """What is stored about the App, wherever it was read."""

    @property
    def tier(self) -> str | None:
        """Its access as Pinterest showed it."""
        ...

    @property
    def app_blocked_until(self) -> datetime | None:
        """Until when its budget of a Trial day is used up."""
        ...

    @property
    def app_blocked_because(self) -> str | None:
        """In a plain sentence."""
        ...


Paced = Callable[[Pace, datetime], Pace]
"""What happened since the last Turn, as a change of the Pace at that Turn's moment."""


def unchanged(pace: Pace, now: datetime) -> Pace:
    """Nothing was called."""
    return pace


@dataclass(frozen=True, slots=True)
class Heard:
    """One call that has ended. `counted`: its leaving is in the Pace already, since its intent was written."""

    category: Category
    said: RateSaid | None
    counted: bool = False

    def __call__(self, pace: Pace, now: datetime) -> Pace:
        """The Pace after it."""
        left = pace if self.counted else sent(pace, self.category, now)
        return heard(left, self.category, self.said, now)


@dataclass(frozen=True, slots=True)
class Together:
    """Several changes, in their order."""

    changes: tuple[Paced, ...]

    def __call__(self, pace: Pace, now: datetime) -> Pace:
        """The Pace after all of them."""
        for change in self.changes:
            pace = change(pace, now)
        return pace


@dataclass(frozen=True, slots=True)
class AfterCreate:
    """What the reply to a create adds: nothing made does not count for the day; a refusal for its rate stops the rest."""

    proof: Proof | None
    tz: tzinfo
    written_at: datetime

    def __call__(self, pace: Pace, now: datetime) -> Pace:
        """The Pace after it."""
        if self.proof is not None and not isinstance(self.proof, NothingMade):
            return pace
        pace = given_back(pace, self.tz, self.written_at)
        if self.proof is None:
            return pace
        until = _stands_until(self.proof.failure, self.proof.retry_after, now)
        if until is None:
            return pace
        return blocked(pace, Category.ORG_WRITE, until, self.proof.failure.title, self.proof.failure.rule)


def _stands_until(failure: Failure, retry_after: timedelta | None, now: datetime) -> datetime | None:
    """How long a refused create keeps the other creates of its account waiting; None when it says nothing about them."""
    if failure.remedy is not Remedy.RETRY_LATER or failure.wait == "conflict":
        return None
    if failure.cause is Cause.SPAM_BLOCK:
        return now + max(retry_wait(1, failure.wait), retry_after or timedelta(0))
    if failure.cause is Cause.RATE_LIMIT:
        return now + (retry_after or retry_wait(1, failure.wait))
    return None


def limits_of(ctx: Context, own: Mapping[str, Any] | None) -> Limits:
    """The limits of one account: its own where it has some, else those of the settings."""
    return with_own(ctx.limits, own) if own else ctx.limits


def with_own(common: Limits, own: Mapping[str, Any]) -> Limits:
    """`own` as stored: daily_cap, spacing_s, quiet ('22:00-07:00' or ''), tz (an IANA name); each may be missing."""
    quiet = own.get("quiet")
    return Limits(
        daily_cap=own.get("daily_cap", common.daily_cap),
        spacing_s=own.get("spacing_s", common.spacing_s),
        quiet=common.quiet if quiet is None else QuietHours.parse(quiet) if quiet else None,
        tz=zone(own["tz"]) if own.get("tz") else common.tz,
        late_s=common.late_s,
        repace_s=common.repace_s,
    )


@cache
def zone(name: str) -> tzinfo:
    """A time zone by its IANA name. Raises ValueError with a sentence."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone. Write one like Europe/Berlin or UTC.") from None


def access(ctx: Context, here: AppSeen) -> str | None:
    """The App's access: what the operator says, else what Pinterest showed."""
    return ctx.access_tier or here.tier


def may_create(ctx: Context, tx: Tx, here: Standing, pace: Pace, pin: Pin) -> Go | Wait:
    """Whether this create may leave now; unless the App has Standard access its call is counted when it may."""
    limits = limits_of(ctx, here.limits)
    answer = may_send(pace, limits, tx.now, pin.late_by(tx.now))
    if isinstance(answer, Wait):
        return answer
    return _of_app(ctx, tx, here, Category.ORG_WRITE) or answer


def may_read(ctx: Context, here: Standing, pace: Pace, now: datetime) -> Wait | None:
    """What keeps this Connection from reading now; None when nothing does."""
    block = pace.block(Category.ORG_READ, now)
    if block is not None:
        return Wait(block.until, block.because)
    return app_block(ctx, here, now)


TRIAL_USED = "the App's budget of a day under Trial access is used up"
"""Why a call waits that would be one too many."""


def _of_app(ctx: Context, tx: Tx, here: Standing, category: Category) -> Wait | None:
    block, tier = app_block(ctx, here, tx.now), access(ctx, here)
    if block is not None or tier == STANDARD:
        return block
    free_at = app_calls.spend(tx, category, refuses=tier == TRIAL)
    return Wait(free_at, TRIAL_USED) if free_at is not None else None


def app_block(ctx: Context, here: AppSeen, now: datetime) -> Wait | None:
    """What keeps every account from calling Pinterest now, because Pinterest said so to one of them. Only Trial access
    has such days."""
    if access(ctx, here) == STANDARD:
        return None
    if here.app_blocked_until is None or here.app_blocked_until <= now:
        return None
    return Wait(here.app_blocked_until, here.app_blocked_because or TRIAL_USED)


def shows_tier(said: RateSaid | None) -> str | None:
    """The App's access as a reply shows it: under Trial the quotas are those of a day."""
    if said is None or not said.policies:
        return None
    if any(quota.window_s >= _TRIAL_WINDOW_S for quota in said.policies):
        return TRIAL
    return STANDARD if any(quota.name.startswith("org_") for quota in said.policies) else None


def counted_written(pace: Pace, limits: Limits, now: datetime) -> Pace:
    """The intent of a create is written now."""
    return written(sent(pace, Category.ORG_WRITE, now), limits.tz, now)


def common_limits(daily_cap: int, spacing_s: float, quiet: str | None, tz: str) -> Limits:
    """The limits of accounts that have none of their own, as the settings say. Raises ValueError with a sentence."""
    return Limits(daily_cap, spacing_s, QuietHours.parse(quiet) if quiet else None, zone(tz))
