"""What the holder of a Lane does: choose one act, perform it, record it, until nothing is due.

    claim -> [ choose -> Send | Look | Renewal | Run -> perform -> record ]… -> release

Choosing and recording are transactions under the Lane's lock, performing is the wire between them. A crash anywhere
leaves the Pin's Stage, and the next holder goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.connections import Connection
from steadypin.domain.errors import StoreTrouble
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.verdicts import Proof
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import errand_work, looking, refreshing, restoring, sending, transitions
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held, LaneLost, persist
from steadypin.services.looking import Look
from steadypin.services.refreshing import Renewal
from steadypin.services.sending import NotSent, Send
from steadypin.storage import attempts, connections, errands, instance, lanes, pins
from steadypin.storage.connections import Upkeep
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane

_READING = (Stage.CONFIRMING.value, Stage.PUBLISHED.value)
_SENDING = (Stage.SCHEDULED.value,)
_MOST_DECIDED_AT_ONCE = 50


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
    ctx = wired.ctx
    try:
        await held.write(lambda tx: recover(ctx, tx, held.lane))
        while True:
            act = await held.write(lambda tx: choose(ctx, tx, held.lane))
            if isinstance(act, Rest):
                return
            await _perform(wired, held, act)
    except LaneLost:
        return


async def _perform(wired: Wired, held: Held, act: Act) -> None:
    ctx = wired.ctx
    match act:
        case Send():
            proof = await sending.send(wired, held, act)
            await finish_send(wired, held, act, proof)
        case Look():
            seen = await looking.look(wired, act)
            await held.write(lambda tx: looking.conclude(ctx, tx, act, seen))
        case Renewal():
            renewed = await refreshing.renew(wired, act)
            await held.write(lambda tx: refreshing.record(ctx, tx, act, renewed))
        case errand_work.Run():
            result = await errand_work.run(wired, act)
            await held.write(lambda tx: errand_work.record(ctx, tx, act, result))


async def finish_send(wired: Wired, held: Held, act: Send, proof: Proof | NotSent) -> None:
    """Record what came back. When the Lane is lost it is kept as evidence, and LaneLost is raised."""
    ctx = wired.ctx
    try:
        await held.write(lambda tx: sending.record(ctx, tx, act, proof))
    except LaneLost:
        await persist(ctx, lambda tx: sending.keep_late(ctx, tx, act, proof))
        raise


def recover(ctx: Context, tx: Tx, lane: Lane) -> None:
    """Whatever stands in `sending` was left there by a holder that is gone: it is confirmed before anything else."""
    for pin in pins.sending(tx, lane.connection_id):
        attempt = attempts.get_many(tx, [pin.open_attempt_id or ""]).get(pin.open_attempt_id or "")
        since = attempt.at if attempt is not None else tx.now
        transitions.confirm_at(tx, pin, ctx.policy.first_look(since), transitions.no_reply_kept(since))


def choose(ctx: Context, tx: Tx, lane: Lane) -> Act | Rest:
    """The next thing to do on this Lane; the intent of a create is on record when this returns one.

    The pause is read so firmly that it cannot begin unnoticed.
    """
    connection, upkeep = connections.state(tx, lane.connection_id)
    usable = connection.broken_because is None and connection.disconnected_at is None
    if usable and upkeep.refresh_at is not None and upkeep.refresh_at <= tx.now:
        return refreshing.plan(ctx, tx, connection.id, connection.environment)
    asleep = usable and upkeep.refused_at is not None
    for _ in range(0 if asleep else _MOST_DECIDED_AT_ONCE):
        errand = errands.next_due(tx, connection.id) if usable else None
        if errand is not None:
            run = errand_work.plan(ctx, tx, errand, connection.environment)
            if run is not None:
                return run
            continue
        pause = instance.pause(tx, firmly=True)
        may_send = pause.at is None and connection.paused_at is None
        stages = _READING + _SENDING if may_send else _READING
        pin = pins.next_due(tx, connection.id, stages)
        if pin is None:
            return _rest(tx, lane, connection, upkeep, stages, usable)
        act: Act | None = None
        if pin.stage is not Stage.SCHEDULED:
            act = _look(ctx, tx, pin, connection, usable)
        elif usable:
            if restoring.is_unsure(tx, pin, pause):
                restoring.doubt(ctx, tx, pin, pause)
            else:
                act = sending.plan(ctx, tx, lane, pin, connection.environment)
        else:
            transitions.hold(tx, pin, _disconnected(connection))
        if act is not None:
            return act
    lanes.release(tx, lane, upkeep.refresh_at if asleep else tx.now)
    return Rest()


def _look(ctx: Context, tx: Tx, pin: Pin, connection: Connection, usable: bool) -> Look | None:
    if usable:
        return looking.plan(ctx, tx, pin, connection.environment)
    later = tx.now + timedelta(seconds=ctx.policy.recheck_s)
    transitions.change(tx, pin, act_at=later)
    return None


def _rest(
    tx: Tx, lane: Lane, connection: Connection, upkeep: Upkeep, stages: tuple[str, ...], usable: bool
) -> Rest:
    ahead: list[datetime | None] = [pins.next_act_at(tx, connection.id, stages)]
    if usable:
        ahead += [upkeep.refresh_at, errands.next_act_at(tx, connection.id)]
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


async def give_back(ctx: Context, lane: Lane) -> None:
    """At shutdown: let somebody else, or the next start, take this Lane at once."""
    try:
        await ctx.store.write_async(lambda tx: lanes.release(tx, lane, tx.now))
    except StoreTrouble:
        return  # the lease will end by itself
