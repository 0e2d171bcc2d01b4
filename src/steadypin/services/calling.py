"""The one way to Pinterest's API under a Lane: every call is counted, and what its reply says about rates is kept."""

from __future__ import annotations

from collections.abc import Callable

from steadypin.domain.failures import Failure
from steadypin.domain.native import Native
from steadypin.domain.operations import Category
from steadypin.domain.pacing.headers import RateSaid, parse_rate
from steadypin.domain.words import Cause, Remedy, Step
from steadypin.pinterest.wire import Refused, Reply, Request
from steadypin.services import app_access
from steadypin.services.context import Wired
from steadypin.services.holding import Held
from steadypin.services.pacing import STANDARD, TRIAL, Heard
from steadypin.storage import app_calls

_BETWEEN_READS_S = 0.061
"""1,000 reads a minute, with a margin."""


async def create(wired: Wired, held: Held, request: Request, may_leave: Callable[[], bool]) -> Reply:
    """Send a create, whose intent counted it already. Raises Unreached, LeaseTooShort."""
    said: RateSaid | None = None
    try:
        reply = await wired.pinterest.send(request, wired.ctx.policy.timeout_s, may_leave)
        said = parse_rate(reply.headers)
    finally:
        held.calls.append(Heard(Category.ORG_WRITE, said, counted=True))
    await _learn(held, request, reply, said)
    return reply


async def call(wired: Wired, held: Held, request: Request, *, background: bool = False) -> Reply:
    """Send any other request of this Connection. `background`: publishing can do without it.

    Raises Unreached, and Refused when the App's budget of a day is used up.
    """
    if any(isinstance(each, Heard) and not each.counted for each in held.calls):
        await wired.ctx.clock.wait(_BETWEEN_READS_S)
    category = request.operation.category
    if held.tier != STANDARD:
        refuses = held.tier == TRIAL
        free_at = await wired.ctx.store.write_async(
            lambda tx: app_calls.spend(tx, category, background=background, refuses=refuses)
        )
        if free_at is not None:
            raise Refused(_used_up(request.operation.id))
    said: RateSaid | None = None
    try:
        reply = await wired.pinterest.send(request, wired.ctx.policy.timeout_s)
        said = parse_rate(reply.headers)
    finally:
        held.calls.append(Heard(category, said))
    await _learn(held, request, reply, said)
    return reply


async def _learn(held: Held, request: Request, reply: Reply, said: RateSaid | None) -> None:
    """What the reply shows about the App's access, and that its budget of a day is used up, concerns every Lane."""
    seen = app_access.see(request, reply, said)
    if seen is None:
        return
    operator = held.ctx.access_tier
    known = held.tier if operator is None else held.shown
    if seen.sign.tier == known and not seen.is_news:
        return
    await held.ctx.store.write_async(lambda tx: app_access.note(tx, seen))
    held.tier, held.shown = operator or seen.sign.tier, seen.sign.tier


def _used_up(endpoint: str) -> Failure:
    """Our own refusal of a call that would go over the App's budget."""
    return Failure(
        cause=Cause.RATE_LIMIT,
        remedy=Remedy.RETRY_LATER,
        step=Step.PUBLISH,
        rule="trial-budget",
        title="The App's 1,000 calls of a day under Trial access are used up",
        meaning="Steadypin counts the calls of all accounts together, so that Pinterest does not have to refuse one.",
        fix="Nothing to do: it goes on when the oldest calls are a day old. Standard access ends this limit.",
        by_itself="Steadypin goes on by itself.",
        native=Native(endpoint=endpoint, status=None),
    )
