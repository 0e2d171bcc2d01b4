"""What the holder of a duty does: look at what is wanted, do the slow part, conclude in one fenced transaction.

    claim -> work -> handler(…) -> Conclude -> transaction -> done | later

A holder whose lease ran out, or whose duty was asked for afresh, concludes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

import structlog

from steadypin.domain.errors import StoreTrouble
from steadypin.services.context import Context
from steadypin.services.holding import persist
from steadypin.storage import duties
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty

__all__ = ["Duty", "DutyLost", "Handler"]

log = structlog.get_logger()

Conclude = Callable[[Tx], datetime | None]
"""Writes the result; answers when the duty is due again, None when it is over."""
Handler = Callable[[Context, Duty], Awaitable[Conclude]]

_FAULT_WAIT = timedelta(minutes=5)
_STORE_WAIT = timedelta(seconds=30)


class DutyLost(Exception):
    """Another holder has the duty now."""


def claim(ctx: Context, tx: Tx, most: int, kinds: Collection[str]) -> list[Duty]:
    """Take free duties of these kinds that are due."""
    return duties.claim(tx, ctx.worker, most, ctx.lease, kinds)


def next_due_at(ctx: Context, kinds: Collection[str]) -> tuple[datetime, datetime | None]:
    """The database's time, and when the next duty of these kinds is due."""
    with ctx.store.read() as tx:
        return tx.now, duties.next_due_at(tx, kinds)


async def work(ctx: Context, duty: Duty, handlers: Mapping[str, Handler]) -> None:
    """Do one claimed duty to its end; the lease is renewed meanwhile."""
    renewing = asyncio.create_task(_renew(ctx, duty))
    try:
        conclude = await _handle(ctx, duty, handlers)
    finally:
        renewing.cancel()
    try:
        await persist(ctx, lambda tx: _conclude(ctx, tx, duty, conclude))
    except DutyLost:
        log.info("duty.lost", kind=duty.kind, key=duty.key)


async def give_back(ctx: Context, duty: Duty) -> None:
    """At shutdown: let somebody else, or the next start, take it at once."""
    try:
        await ctx.store.write_async(lambda tx: duties.give_back(tx, duty))
    except StoreTrouble:
        return  # the lease will end by itself


async def _handle(ctx: Context, duty: Duty, handlers: Mapping[str, Handler]) -> Conclude:
    try:
        return await handlers[duty.kind](ctx, duty)
    except StoreTrouble as trouble:
        log.error("store.trouble", sentence=str(trouble))
        return lambda tx: tx.now + _STORE_WAIT
    except Exception:
        # A fault of ours in one duty must not stop the others; it is tried again, and the log has the story.
        log.exception("duty.failed", kind=duty.kind, key=duty.key)
        return lambda tx: tx.now + _FAULT_WAIT


def _conclude(ctx: Context, tx: Tx, duty: Duty, conclude: Conclude) -> None:
    """The rows that the duty is about are locked first, its own row last: the order in which users' edits lock them."""
    again = conclude(tx)
    if not duties.hold(tx, duty, ctx.lease):
        raise DutyLost
    if again is None:
        duties.done(tx, duty)
    else:
        duties.later(tx, duty, again)


async def _renew(ctx: Context, duty: Duty) -> None:
    while True:
        await asyncio.sleep(ctx.lease.total_seconds() / 3)
        try:
            if not await ctx.store.write_async(lambda tx: duties.hold(tx, duty, ctx.lease)):
                return  # concluding will find the same
        except StoreTrouble:
            continue
