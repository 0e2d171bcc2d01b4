"""What a Lane does when it was asked: read the boards, delete a Pin on Pinterest, consult a late reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from steadypin.domain.boards import Board
from steadypin.domain.failures import Failure
from steadypin.domain.pins import Trouble
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Caller, Refused, Unreached
from steadypin.services import calling, looking, pacing, reading, transitions, watching
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.reading import Unreadable
from steadypin.services.watching import Check
from steadypin.storage import attempts, boards, connections, errands, pins, twins
from steadypin.storage.database import Tx
from steadypin.storage.errands import Errand, ErrandKind
from steadypin.storage.standing import Standing

_GIVE_UP_AFTER = timedelta(hours=6)
_MAY_STILL_BE_SENT = (Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD)


@dataclass(frozen=True, slots=True)
class Run:
    """An errand that needs Pinterest."""

    errand: Errand
    caller: Caller
    grant_version: int
    tier: str | None = None


Result = list[Board] | Failure | None


def plan(ctx: Context, tx: Tx, here: Standing) -> Run | Check | None:
    """What to do on the wire for the errand that is due; None when it could be done in the database alone."""
    errand = errands.next_due(tx, here.connection.id)
    if errand is None:
        return None
    if errand.kind is ErrandKind.CHECK_ACCOUNT:
        return watching.plan(ctx, here, asked=True)
    if errand.kind is ErrandKind.CONSULT_LATE:
        _consult(ctx, tx, errand)
        return None
    grant = here.grant(ctx.seal)
    caller = ctx.hosts.caller(here.connection.environment, grant.access_token)
    return Run(errand, caller, grant.version, pacing.access(ctx, here))


async def run(wired: Wired, held: Held, act: Run) -> Result:
    """Do it. A list of boards, None for a done deletion, or the Failure."""
    if act.errand.kind is ErrandKind.SYNC_BOARDS:
        found = await reading.boards(wired, held, act.caller)
        return found.failure if isinstance(found, Unreadable) else found
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
    errand = act.errand
    if isinstance(result, Failure):
        if result.refresh_first and tx.now - errand.asked_at < _GIVE_UP_AFTER:
            connections.token_refused(tx, errand.connection_id, act.grant_version)
            errands.later(tx, errand.id, tx.now + timedelta(seconds=ctx.policy.failed_look_s))
            return
        passing = result.remedy in {Remedy.RETRY_LATER, Remedy.CONFIRM} or result.cause is Cause.NETWORK
        if passing and tx.now - errand.asked_at < _GIVE_UP_AFTER:
            errands.later(tx, errand.id, tx.now + timedelta(seconds=ctx.policy.failed_look_s))
        else:
            errands.done(tx, errand.id, {"failed": result.title, "fix": result.fix, "rule": result.rule})
            if errand.kind is ErrandKind.DELETE_PIN:
                pins.bring_back(tx, str(errand.payload["pin_id"]), _still_live(result))
        return
    connections.worked(tx, errand.connection_id, act.grant_version)
    if isinstance(result, list):
        boards.replace_all(tx, errand.connection_id, result)
        errands.done(tx, errand.id, {"boards": len(result)})
        return
    _deleted(tx, errand)


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
