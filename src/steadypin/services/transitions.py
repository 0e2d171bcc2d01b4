"""What becomes of a Pin once something is known about its Attempt. The one place that writes these changes.

Each function changes the row only if it still stands as `pin` says, and raises Moved when it does not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.failures import Failure
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.verdicts import Policy
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.storage import attempts, duties, lanes, pins
from steadypin.storage.database import Tx
from steadypin.storage.resumes import Was


class Moved(Exception):
    """The row was changed by somebody else since it was read; nothing was written."""


def change(tx: Tx, pin: Pin, **values: Any) -> None:
    """A conditional update that must hit."""
    if not pins.change(tx, pin, **values):
        raise Moved(pin.id)


def went_live(tx: Tx, pin: Pin, pinterest_pin_id: str, policy: Policy) -> None:
    """The Pin is live. If it had been proven absent before, the board is looked at again later for a twin."""
    resent = pin.tries > 1 and was_absent_once(tx, pin)
    change(
        tx,
        pin,
        stage=Stage.PUBLISHED,
        step=Step.PUBLISH,
        open_attempt_id=None,
        pinterest_pin_id=pinterest_pin_id,
        published_at=tx.now,
        act_at=policy.twin_look(tx.now, 0) if resent else None,
        looks=0,
        trouble=None,
        deferred_until=None,
        deferred_because=None,
    )


def was_absent_once(tx: Tx, pin: Pin) -> bool:
    """Whether an earlier Attempt was taken for absent after looking, or on a person's word."""
    absent = {OutcomeKind.ABSENT, OutcomeKind.SAID_NOT_LIVE}
    return any(outcome.kind in absent for _, known in attempts.of_pin(tx, pin.id) for outcome in known)


def go_again(
    tx: Tx, pin: Pin, at: datetime, because: str | None, trouble: Trouble | None, **more: Any
) -> None:
    """Nothing was made: send at that moment, unless the user cancelled meanwhile."""
    if pin.cancel_requested_at is not None:
        cancel(tx, pin)
        return
    waits = at > tx.now
    change(
        tx,
        pin,
        stage=Stage.SCHEDULED,
        open_attempt_id=None,
        act_at=at,
        deferred_until=at if waits else None,
        deferred_because=because if waits else None,
        trouble=trouble if waits else None,
        step=trouble.step if trouble is not None and waits else pin.step,
        **more,
    )
    lanes.hint(tx, pin.connection_id, at)


def defer(tx: Tx, pin: Pin, until: datetime, because: str) -> None:
    """Nothing is wrong with it, but it may not leave before then."""
    if pin.cancel_requested_at is not None:
        cancel(tx, pin)
        return
    change(tx, pin, act_at=until, deferred_until=until, deferred_because=because, trouble=None)


def hold(tx: Tx, pin: Pin, trouble: Trouble) -> None:
    """A person has to act. An open Attempt stays open: doubt is sticky."""
    if pin.cancel_requested_at is not None and not pin.in_doubt:
        cancel(tx, pin)
        return
    change(
        tx,
        pin,
        stage=Stage.HELD,
        act_at=None,
        trouble=trouble,
        step=trouble.step,
        deferred_until=None,
        deferred_because=None,
    )


def hold_refused(tx: Tx, pin: Pin, trouble: Trouble) -> None:
    """Nothing was made, and a person has to act before it is sent again."""
    if pin.cancel_requested_at is not None:
        cancel(tx, pin)
        return
    change(
        tx,
        pin,
        stage=Stage.HELD,
        open_attempt_id=None,
        act_at=None,
        trouble=trouble,
        step=trouble.step,
        deferred_until=None,
        deferred_because=None,
    )


def confirm_at(tx: Tx, pin: Pin, at: datetime, trouble: Trouble | None, looks: int = 0) -> None:
    """The outcome is unknown: look at the board at that moment."""
    change(
        tx,
        pin,
        stage=Stage.CONFIRMING,
        step=Step.PUBLISH,
        act_at=at,
        looks=looks,
        trouble=trouble,
        deferred_until=None,
        deferred_because=None,
    )
    lanes.hint(tx, pin.connection_id, at)


def resume(tx: Tx, pin: Pin, at: datetime, because: str | None, due_at: datetime | None) -> None:
    """What it was held for is over: it goes on at its new time; without the bytes of its media these are fetched first."""
    has_media = pin.content.media.ready
    moved = has_media and because is not None
    change(
        tx,
        pin,
        stage=Stage.SCHEDULED if has_media else Stage.PREPARING,
        act_at=at if has_media else None,
        due_at=due_at,
        trouble=None,
        deferred_until=at if moved else None,
        deferred_because=because if moved else None,
        tries=0,
        refused_grant=None,
    )
    if has_media:
        lanes.hint(tx, pin.connection_id, at)
    else:
        duties.ask(tx, "fetch_media", pin.id, tx.now)


def put_back(tx: Tx, pin: Pin, was: Was) -> None:
    """Held again exactly as it was before it went on."""
    change(
        tx,
        pin,
        stage=Stage.HELD,
        act_at=None,
        step=was.step,
        trouble=was.trouble,
        due_at=was.due_at,
        tries=was.tries,
        looks=was.looks,
        refused_grant=was.refused_grant,
        deferred_until=None,
        deferred_because=None,
    )


def cancel(tx: Tx, pin: Pin) -> None:
    """The user does not want it any more, and nothing was made."""
    change(
        tx,
        pin,
        stage=Stage.CANCELLED,
        open_attempt_id=None,
        act_at=None,
        trouble=None,
        deferred_until=None,
        deferred_because=None,
    )


def trouble_of(failure: Failure) -> Trouble:
    """What a Pin keeps of a Failure."""
    return Trouble(
        step=failure.step,
        cause=failure.cause,
        remedy=failure.remedy,
        fix=failure.fix,
        title=failure.title,
        rule=failure.rule,
        native=failure.native.to_json(),
    )


def no_reply_kept(since: datetime) -> Trouble:
    """The sender died, or lost its Lane, before it could write what came back."""
    return Trouble(
        step=Step.PUBLISH,
        cause=Cause.NETWORK,
        remedy=Remedy.CONFIRM,
        title="Steadypin was interrupted while this Pin was being sent",
        fix="Nothing to do: Steadypin reads the board to see whether the Pin is there.",
        rule="interrupted",
        native={"sent_at": since.isoformat()},
    )


def too_late(pin: Pin, grace_s: float) -> Trouble:
    """Its time passed by more than the grace."""
    hours = timedelta(seconds=grace_s).total_seconds() / 3600
    return Trouble(
        step=Step.COMPOSE,
        cause=Cause.DUE_TIME,
        remedy=Remedy.FIX_INPUT,
        title="Its time has passed",
        fix=f"It is more than {hours:g} hours late, so Steadypin asks first. Give it a new time, or cancel it.",
        rule="due-time-passed",
        native=dict(pin.trouble.native) if pin.trouble is not None and pin.trouble.native else None,
    )


def media_gone(place: str = "") -> Trouble:
    """The kept bytes are not in the media store; `place` says of which of several images."""
    which = place[:1].upper() + place[1:] or "The image"
    return Trouble(
        step=Step.MEDIA_AND_TEXT,
        cause=Cause.MEDIA,
        remedy=Remedy.FIX_INPUT,
        title=f"{which} is not in the media store any more",
        fix="Upload the image again, then choose Retry.",
        rule="media-missing",
    )
