"""What the holder of a Lane does: choose one act, perform it, record it, until nothing is due.

    claim -> [ choose -> Send | Look | Renewal | Run | Check -> perform -> record ]… -> release

Choosing and recording are transactions under the Lane's lock, performing is the wire between them. A crash anywhere
leaves the Pin's Stage, and the next holder goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.errors import StoreTrouble
from steadypin.domain.verdicts import Made, Proof
from steadypin.services import errand_work, looking, refreshing, sending, watching
from steadypin.services.choosing import Act, Rest, choose, recover
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held, LaneLost, persist
from steadypin.services.looking import Look
from steadypin.services.pacing import Paced, Together, unchanged
from steadypin.services.refreshing import Renewal
from steadypin.services.sending import NotSent, Send
from steadypin.services.watching import Check
from steadypin.storage import lanes
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane

_HAND_BACK_S = 0.5


def claim(ctx: Context, tx: Tx, most: int) -> list[Lane]:
    """Take free Lanes that have something due."""
    return lanes.claim(tx, ctx.worker, most, ctx.lease)


def next_wake(ctx: Context) -> tuple[datetime, datetime | None]:
    """The database's clock, and when the next Lane becomes due."""
    with ctx.store.read() as tx:
        return tx.now, lanes.next_wake(tx)


async def work(wired: Wired, held: Held) -> None:
    """Do all that is due on one claimed Lane, then give it back. Returns early when the Lane is lost."""
    ctx, lane = wired.ctx, held.lane

    def first(tx: Tx) -> Act | Rest:
        recover(ctx, tx, lane)
        return choose(ctx, tx, lane)

    try:
        act = await held.write(first)
        while not isinstance(act, Rest):
            act = await finish(held, await _perform(wired, held, act))
    except LaneLost:
        return


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be written after an act. `keep`: what must be written even when the Lane is lost, Pins untouched.
    `settles`: the Attempt that is open no more afterwards. `paced`: what the act adds to the Pace."""

    record: Callable[[Tx], None]
    keep: Callable[[Tx], None] | None = None
    settles: str | None = None
    paced: Paced = unchanged


async def _perform(wired: Wired, held: Held, act: Act) -> Told:
    """Do what needs the wire; answers what is to be written about it."""
    ctx, held.tier = wired.ctx, act.tier
    match act:
        case Send():
            return told_of_send(ctx, act, await sending.send(wired, held, act))
        case Look():
            seen = await looking.look(wired, held, act)
            return Told(lambda tx: looking.conclude(ctx, tx, act, seen))
        case Renewal():
            renewed = await refreshing.renew(wired, held, act)
            return Told(
                lambda tx: refreshing.record(ctx, tx, act, renewed),
                lambda tx: refreshing.keep(ctx, tx, act, renewed),
            )
        case errand_work.Run():
            result = await errand_work.run(wired, held, act)
            return Told(lambda tx: errand_work.record(ctx, tx, act, result))
        case Check():
            known = await watching.read(wired, held, act)
            return Told(lambda tx: watching.record(ctx, tx, act, known))


def told_of_send(ctx: Context, act: Send, proof: Proof | NotSent) -> Told:
    """The outcome of a create, which is evidence even when the Lane is lost."""
    return Told(
        lambda tx: sending.record(ctx, tx, act, proof),
        lambda tx: sending.keep_late(ctx, tx, act, proof),
        act.attempt.id if isinstance(proof, Made) else None,
        sending.paced(ctx, act, proof),
    )


async def finish(held: Held, told: Told) -> Act | Rest:
    """Record what came of one act and choose the next, in one transaction: half the commits. Raises LaneLost."""
    paced = Together((*held.calls, told.paced))

    def work(tx: Tx) -> Act | Rest:
        told.record(tx)
        return choose(held.ctx, tx, held.lane, paced, stopping=held.stopping)

    try:
        act = await held.write(work, told.settles)
        held.calls.clear()
        return act
    except LaneLost:
        if told.keep is not None:
            await persist(held.ctx, told.keep)
        raise
    except Exception:
        if told.keep is not None:
            await held.write(told.record)  # a fault in choosing must not cost what was learned
        raise


async def give_back(ctx: Context, left: Sequence[Lane]) -> None:
    """At shutdown: let somebody else, or the next start, take these Lanes at once."""

    def work(tx: Tx) -> None:
        for lane in sorted(left, key=lambda lane: lane.connection_id):
            lanes.release(tx, lane, tx.now)

    try:
        async with asyncio.timeout(_HAND_BACK_S):
            await ctx.store.write_async(work)
    except (StoreTrouble, TimeoutError):
        return  # the leases will end by themselves
