"""What the holder of a Lane does: choose one act, perform it, record it, until nothing is due.

    claim -> [ choose -> Send | Look | Renewal | Run -> perform -> record ]… -> release

Choosing and recording are transactions under the Lane's lock, performing is the wire between them. A crash anywhere
leaves the Pin's Stage, and the next holder goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.connections import Connection
from steadypin.domain.errors import StoreTrouble
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.verdicts import Made, Proof
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import errand_work, looking, refreshing, restoring, sending, transitions
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held, LaneLost, persist
from steadypin.services.looking import Look
from steadypin.services.refreshing import Renewal
from steadypin.services.sending import NotSent, Send
from steadypin.storage import attempts, lanes, pins, standing
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane
from steadypin.storage.standing import READING, Standing

_SENDING = (*READING, Stage.SCHEDULED)
_MOST_DECIDED_AT_ONCE = 50
_HAND_BACK_S = 0.5


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is due; the Lane was given back in the same transaction."""


Act = Send | Look | Renewal | errand_work.Run


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
    `settles`: the Attempt that is open no more afterwards."""

    record: Callable[[Tx], None]
    keep: Callable[[Tx], None] | None = None
    settles: str | None = None


async def _perform(wired: Wired, held: Held, act: Act) -> Told:
    """Do what needs the wire; answers what is to be written about it."""
    ctx = wired.ctx
    match act:
        case Send():
            return told_of_send(ctx, act, await sending.send(wired, held, act))
        case Look():
            seen = await looking.look(wired, held, act)
            return Told(lambda tx: looking.conclude(ctx, tx, act, seen))
        case Renewal():
            renewed = await refreshing.renew(wired, act)
            return Told(
                lambda tx: refreshing.record(ctx, tx, act, renewed),
                lambda tx: refreshing.keep(ctx, tx, act, renewed),
            )
        case errand_work.Run():
            result = await errand_work.run(wired, held, act)
            return Told(lambda tx: errand_work.record(ctx, tx, act, result))


def told_of_send(ctx: Context, act: Send, proof: Proof | NotSent) -> Told:
    """The outcome of a create, which is evidence even when the Lane is lost."""
    return Told(
        lambda tx: sending.record(ctx, tx, act, proof),
        lambda tx: sending.keep_late(ctx, tx, act, proof),
        act.attempt.id if isinstance(proof, Made) else None,
    )


async def finish(held: Held, told: Told) -> Act | Rest:
    """Record what came of one act and choose the next, in one transaction: half the commits. Raises LaneLost."""

    def work(tx: Tx) -> Act | Rest:
        told.record(tx)
        if held.stopping:
            lanes.release(tx, held.lane, tx.now)
            return Rest()
        return choose(held.ctx, tx, held.lane)

    try:
        return await held.write(work, told.settles)
    except LaneLost:
        if told.keep is not None:
            await persist(held.ctx, told.keep)
        raise
    except Exception:
        if told.keep is not None:
            await held.write(told.record)  # a fault in choosing must not cost what was learned
        raise


def recover(ctx: Context, tx: Tx, lane: Lane) -> bool:
    """Whatever stands in `sending` was left there by a holder that is gone: it is confirmed before anything else.

    True when there was something.
    """
    left = pins.sending(tx, lane.connection_id)
    for pin in left:
        attempt = attempts.get_many(tx, [pin.open_attempt_id or ""]).get(pin.open_attempt_id or "")
        since = attempt.at if attempt is not None else tx.now
        transitions.confirm_at(tx, pin, ctx.policy.first_look(since), transitions.no_reply_kept(since))
    return bool(left)


def choose(ctx: Context, tx: Tx, lane: Lane) -> Act | Rest:
    """The next thing to do on this Lane; the intent of a create is on record when this returns one."""
    for _ in range(_MOST_DECIDED_AT_ONCE):
        here = standing.read(tx, lane)
        if here.usable and here.upkeep.refresh_at is not None and here.upkeep.refresh_at <= tx.now:
            return refreshing.plan(ctx, here)
        if here.usable and here.upkeep.refused_at is not None:
            lanes.release(tx, lane, here.upkeep.refresh_at)
            return Rest()
        if here.usable and here.errand_at is not None and here.errand_at <= tx.now:
            run = errand_work.plan(ctx, tx, here)
            if run is not None:
                return run
            continue
        if here.due is None:
            if here.in_doubt and recover(ctx, tx, lane):
                continue  # an intent of ours whose commit the database did not report: it was never sent
            return _rest(tx, lane, here)
        act = _deal_with(ctx, tx, lane, here.due, here)
        if act is not None:
            return act
    lanes.release(tx, lane, tx.now)
    return Rest()


def _stages(here: Standing) -> tuple[Stage, ...]:
    return _SENDING if here.may_send else READING


def _deal_with(ctx: Context, tx: Tx, lane: Lane, pin: Pin, here: Standing) -> Act | None:
    """What a due Pin needs; None when it could be decided without the wire."""
    if pin.stage is not Stage.SCHEDULED:
        return _look(ctx, tx, pin, here)
    if not here.usable:
        transitions.hold(tx, pin, _disconnected(here.connection))
        return None
    if restoring.is_unsure(tx, pin, here.pause):
        restoring.doubt(ctx, tx, pin, here.pause)
        return None
    return sending.plan(ctx, tx, lane, pin, here)


def _look(ctx: Context, tx: Tx, pin: Pin, here: Standing) -> Look | None:
    if here.usable:
        return looking.plan(ctx, tx, pin, here)
    looking.cannot_look(ctx, tx, pin)
    return None


def _rest(tx: Tx, lane: Lane, here: Standing) -> Rest:
    ahead = [pins.next_act_at(tx, lane.connection_id, _stages(here))]
    if here.usable:
        ahead += [here.upkeep.refresh_at, here.errand_at]
    lanes.release(tx, lane, min((moment for moment in ahead if moment is not None), default=None))
    return Rest()


def _disconnected(connection: Connection) -> Trouble:
    because = connection.broken_because or "it was disconnected in Steadypin"
    return Trouble(
        step=Step.TOKEN_AND_SCOPES,
        cause=Cause.TOKEN,
        remedy=Remedy.RECONNECT,
        title=f"The connection to {connection.username} is broken: {because}",
        fix=f"Connect the Pinterest account {connection.username} again; its Pins then go on by themselves.",
        rule="connection-broken",
    )


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
