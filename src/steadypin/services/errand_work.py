"""What a Lane does when it was asked: read the boards, make one, delete a Pin on Pinterest, consult a late reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from steadypin.domain.connections import Connection
from steadypin.domain.failures import Failure
from steadypin.domain.operations import Category
from steadypin.domain.pins import Trouble
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Caller, Refused, Unreached
from steadypin.services import board_making, calling, looking, mirroring, pacing, transitions, watching
from steadypin.services.board_making import Made, NotYet
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.mirroring import Mirror, Reading
from steadypin.services.watching import Check
from steadypin.storage import attempts, boards, connections, errands, pins, twins
from steadypin.storage.database import Tx
from steadypin.storage.errands import Errand, ErrandKind
from steadypin.storage.standing import Standing

_GIVE_UP_AFTER = timedelta(hours=6)
_WRITES = (ErrandKind.CREATE_BOARD, ErrandKind.CREATE_SECTION)
_MAY_STILL_BE_SENT = (Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD)


@dataclass(frozen=True, slots=True)
class Run:
    """An errand that needs Pinterest; with `reading`: which boards, and when to stop."""

    errand: Errand
    caller: Caller
    grant_version: int
    connection: Connection
    tier: str | None = None
    reading: Reading | None = None


Result = Mirror | Made | NotYet | Failure | None


def plan(ctx: Context, tx: Tx, here: Standing) -> Run | Check | None:
    """What to do on the wire for the errand that is due; None when it could be done in the database alone."""
    errand = errands.next_due(tx, here.connection.id)
    if errand is None:
        return None
    if errand.kind is ErrandKind.CHECK_ACCOUNT:
        return watching.plan(ctx, here, asked=True)
    wanted: Reading | None = None
    if errand.kind is ErrandKind.CONSULT_LATE:
        _consult(ctx, tx, errand)
        return None
    if errand.kind is ErrandKind.SYNC_BOARDS:
        wanted = mirroring.plan(ctx, tx, errand, here)
        if wanted is None:
            return None
    if errand.kind in _WRITES:
        block = here.pace.block(Category.ORG_WRITE, tx.now)
        if block is not None:
            errands.later(tx, errand.id, block.until)
            return None
        planned = board_making.plan(ctx, tx, errand)
        if planned is None:
            return None
        errand = planned
    grant = here.grant(ctx.seal)
    caller = ctx.hosts.caller(here.connection.environment, grant.access_token)
    return Run(errand, caller, grant.version, here.connection, pacing.access(ctx, here), wanted)


async def run(wired: Wired, held: Held, act: Run) -> Result:
    """Do it. What was read or made, None for a done deletion, or the Failure."""
    if act.reading is not None:
        return await mirroring.read(wired, held, act.caller, act.reading)
    if act.errand.kind in _WRITES:
        return await board_making.run(wired, held, act.caller, act.connection, act.errand)
    request = wire.delete_pin(act.caller, str(act.errand.payload["pinterest_pin_id"]))
    try:
        reply = await calling.call(wired, held, request)
        wire.read_deletion(reply, request.environment)
    except Unreached as unreached:
        return wire.refused_by(request.operation, unreached).failure
    except Refused as refused:
        return refused.failure
    return None


def record(ctx: Context, tx: Tx, act: Run, result: Result) -> None:
    """Write what came of it. What time heals is tried again for some hours, then reported."""
    match result:
        case Failure():
            _failed(ctx, tx, act, result)
            return
        case NotYet():
            board_making.look_later(ctx, tx, act.errand)
        case Made():
            board_making.record(tx, act.connection, act.errand, result)
        case Mirror() if act.reading is not None:
            told = mirroring.record(ctx, tx, act.connection, act.reading, result)
            if act.errand.id != boards.standing_errand(act.connection.id):
                errands.done(tx, act.errand.id, told)
        case _:
            _deleted(tx, act.errand)
    connections.worked(tx, act.errand.connection_id, act.grant_version)


def _failed(ctx: Context, tx: Tx, act: Run, failure: Failure) -> None:
    errand = act.errand
    standing = errand.id == boards.standing_errand(errand.connection_id)
    young = standing or tx.now - errand.asked_at < _GIVE_UP_AFTER
    if errand.kind in _WRITES and not failure.leaves_doubt:
        board_making.not_made(tx, errand)
    if failure.refresh_first and young:
        connections.token_refused(tx, errand.connection_id, act.grant_version)
        errands.later(tx, errand.id, tx.now + timedelta(seconds=ctx.policy.failed_look_s))
        return
    passing = failure.remedy in {Remedy.RETRY_LATER, Remedy.CONFIRM} or failure.cause is Cause.NETWORK
    if standing and act.reading is not None:
        mirroring.failed(ctx, tx, errand.connection_id, act.reading, passing=passing)
    elif errand.kind in _WRITES and failure.leaves_doubt and young:
        board_making.look_later(ctx, tx, errand)
    elif passing and young:
        errands.later(tx, errand.id, tx.now + timedelta(seconds=ctx.policy.failed_look_s))
    else:
        errands.done(tx, errand.id, _said(failure))
        if errand.kind is ErrandKind.DELETE_PIN:
            pins.bring_back(tx, str(errand.payload["pin_id"]), _still_live(failure))


def _said(failure: Failure) -> dict[str, Any]:
    return {
        "failed": failure.title,
        "fix": failure.fix,
        "rule": failure.rule,
        "native": failure.native.to_json(),
    }


def _still_live(failure: Failure) -> Trouble:
    """What a Pin says that was removed here and could not be deleted on Pinterest."""
    return replace(
        transitions.trouble_of(failure),
        title=f"Pinterest did not delete this Pin: {failure.title}",
        fix=f"It is still live, so it is back in your list. {failure.fix} Then delete it again.",
    )


def _deleted(tx: Tx, errand: Errand) -> None:
    gone: str = errand.payload["pinterest_pin_id"]
    pin = pins.get_row(tx, str(errand.payload["pin_id"]))
    twins.deleted(tx, gone)
    if pin is not None and pin.trouble is not None and pin.trouble.rule == "late-twin":
        transitions.change(tx, pin, trouble=None)
    errands.done(tx, errand.id, {"deleted": gone})


def _consult(ctx: Context, tx: Tx, errand: Errand) -> None:
    """A reply came after its sender had lost the Lane: adopt it, or find that it made a twin."""
    payload: dict[str, Any] = dict(errand.payload)
    attempt_id = str(payload["attempt_id"])
    attempt = attempts.get_many(tx, [attempt_id]).get(attempt_id)
    proven = attempts.late_ids(tx, [attempt_id]).get(attempt_id)
    pin = pins.get_row(tx, attempt.pin_id) if attempt is not None else None
    outcome = "nothing to do"
    if pin is not None and proven is not None and not twins.known_pinterest_ids(tx, [proven]):
        if pin.open_attempt_id == attempt_id and pin.stage in (Stage.CONFIRMING, Stage.HELD):
            outcome = "adopted" if looking.consult_late(ctx, tx, pin) else outcome
        elif pin.in_doubt and pin.stage is not Stage.HELD:
            # A later Attempt is open; what this proof means depends on what becomes of that one.
            errands.later(tx, errand.id, tx.now + timedelta(seconds=ctx.policy.failed_look_s))
            return
        elif not pin.in_doubt and pin.pinterest_pin_id is None and pin.stage in _MAY_STILL_BE_SENT:
            looking.adopt_late(ctx, tx, pin, proven, attempt_id)
            outcome = "adopted"
        else:
            looking.add_twin(tx, pin, proven, attempt_id)
            outcome = "twin"
    errands.done(tx, errand.id, {"outcome": outcome})
