"""Learning which Access the App has from every reply, and going on when Pinterest has granted it Standard access.

    reply -> see -> Seen -> note (transaction) -> a duty, when Trial access is over -> one Pin tries, then all go on

Nobody asks Pinterest for it: there is no such call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from steadypin.domain.app_access import STANDARD, TRIAL, Sign, sign_of
from steadypin.domain.errors import StoreTrouble
from steadypin.domain.failures import REFUSES, classify
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.native import read_native
from steadypin.domain.operations import PIN_CREATE, Category
from steadypin.domain.pacing.headers import RateSaid, parse_rate
from steadypin.domain.pins import Pin
from steadypin.domain.verdicts import Made
from steadypin.domain.words import Stage
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Reply, Request
from steadypin.services import transitions
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude, Duty
from steadypin.services.pacing import TRIAL_USED, shows_tier
from steadypin.storage import app_calls, app_evidence, duties, incidents, instance, lanes, pins
from steadypin.storage.database import Tx

SHOWN = "standard_access_shown"
_TRIAL_RULE = "trial-access"
_PAGE = 200
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reply showed. `used_up_s`: for so long the App's budget of a Trial day is used up."""

    sign: Sign
    environment: str
    native: Mapping[str, Any] | None = None
    used_up_s: float | None = None

    @property
    def is_news(self) -> bool:
        """Whether it is written even if the Access is the one that is known."""
        return self.sign.refuses or self.used_up_s is not None


def see(request: Request, reply: Reply, said: RateSaid | None) -> Seen | None:
    """What a reply shows about the App; None: nothing."""
    native = rule = None
    if reply.status in REFUSES:
        native = read_native(request.operation.id, reply.status, reply.body, reply.headers)
        rule = classify(native, environment=request.environment).rule
    quotas = shows_tier(said)
    sign = sign_of(rule, quotas, published=quotas is None and _published(request, reply))
    if sign is None:
        return None
    used_up = quotas == TRIAL and said is not None and said.remaining == 0
    return Seen(
        sign,
        request.environment,
        native.to_json() if native is not None and sign.refuses else None,
        said.reset_s if used_up and said is not None else None,
    )


def _published(request: Request, reply: Reply) -> bool:
    if request.operation is not PIN_CREATE or request.environment != "production":
        return False
    return isinstance(wire.prove_create(reply, request.environment), Made)


def note(tx: Tx, seen: Seen) -> None:
    """Keep what was seen. When Trial access is over, what waited for that is told by a duty: a holder may lock no Lane
    beside its own."""
    before = instance.note_access(tx, seen.sign.tier, seen.used_up_s)
    app_evidence.keep(tx, seen.sign, seen.environment, seen.native)
    if (before, seen.sign.tier) == (TRIAL, STANDARD):
        duties.ask(tx, SHOWN, "app", tx.now)


async def before_call(ctx: Context, category: Category) -> None:
    """Count a call that is never refused, since a person or a Grant waits for it. Counting it is not worth failing for."""
    with suppress(StoreTrouble):
        if await asyncio.to_thread(_known, ctx) != STANDARD:
            await ctx.store.write_async(lambda tx: app_calls.spend(tx, category, refuses=False))


async def after_call(ctx: Context, request: Request, reply: Reply) -> None:
    """Learn from the reply to such a call."""
    seen = see(request, reply, parse_rate(reply.headers))
    if seen is not None and (seen.is_news or seen.sign.tier != await asyncio.to_thread(_shown, ctx)):
        await ctx.store.write_async(lambda tx: note(tx, seen))


def _shown(ctx: Context) -> str | None:
    with ctx.store.read() as tx:
        return instance.app_access(tx).tier


def _known(ctx: Context) -> str | None:
    return ctx.access_tier or _shown(ctx)


# the duty


async def go_on(ctx: Context, duty: Duty) -> Conclude:
    """Trial access is over: what waited for its days is decided anew, and of what it refused one Pin tries at once."""
    await asyncio.to_thread(_go_on, ctx)
    log.info("app.standard_access")
    return lambda tx: None


HANDLERS = {SHOWN: go_on}


def _go_on(ctx: Context) -> None:
    with ctx.store.read() as tx:
        deferred = pins.connections_deferred(tx, (TRIAL_USED, instance.USED_UP))
    for connection_id in deferred:
        ctx.store.write(partial(_decide_anew, connection_id))
    ctx.store.write(partial(try_now, ctx))


def _decide_anew(connection_id: str, tx: Tx) -> None:
    lanes.lock(tx, connection_id)
    pins.decide_anew(tx, connection_id)
    lanes.hint(tx, connection_id, tx.now)


def try_now(ctx: Context, tx: Tx) -> None:
    """The incident of Trial access, if it is open, need not wait for its next probe. When nothing else is due, a Pin that
    was refused is the probe."""
    known = next(
        (
            each
            for each in incidents.open_in(tx, "production")
            if each.kind is IncidentKind.APP and each.rule == _TRIAL_RULE
        ),
        None,
    )
    if known is None:
        return
    incidents.probe_soon(tx, tx.now, known.id)
    waiting = incidents.waiting(tx, known.environment, "", _PAGE)
    if waiting:
        incidents.begin_again(tx, dict.fromkeys(waiting, tx.now))
        return
    for pin_id in incidents.held_for_rule(tx, known.environment, _TRIAL_RULE):
        pin = pins.get_locked(tx, pin_id)
        if pin is not None and _may_try(ctx, tx, pin):
            transitions.go_again(tx, pin, tx.now, None, pin.trouble, tries=0)
            return


def _may_try(ctx: Context, tx: Tx, pin: Pin) -> bool:
    if pin.stage is not Stage.HELD or pin.in_doubt or pin.due_at is None or pin.due_at > tx.now:
        return False
    return pin.late_by(tx.now).total_seconds() <= ctx.policy.late_grace_s
