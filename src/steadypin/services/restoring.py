"""After a backup was put back: the rows know nothing of what was sent since it was made.

Everything starts paused. Pins that were due since are looked for on their boards at once, which a pause allows; any
other Pin that is older than the restore is looked for when its time comes, before it may be sent.
"""

from __future__ import annotations

from dataclasses import replace

from steadypin.domain.attempts import Attempt, Fingerprint
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.words import Cause, Remedy, Step
from steadypin.services import transitions
from steadypin.services.context import Context
from steadypin.services.sending import as_sent
from steadypin.storage import absences, attempts, instance, lanes, pins
from steadypin.storage.database import Tx
from steadypin.storage.instance import Pause

_BECAUSE = (
    "A backup was restored. What was sent since it was made is being looked for on the boards; "
    "resume when nothing is confirming any more."
)


def after_restore(ctx: Context) -> int:
    """Pause, void every lease, and open a doubt on each Pin that was due; answers how many."""

    def work(tx: Tx) -> int:
        lanes.void_all(tx)
        absences.forget_beat(tx)
        before = instance.pause(tx)
        since = min(pins.last_change(tx) or tx.now, before.restored_since or tx.now)
        instance.set_pause(tx, _BECAUSE)
        instance.mark_restored(tx, since)
        pause = instance.pause(tx)
        due = pins.due_until(tx, tx.now)
        for pin in due:
            doubt(ctx, tx, pin, pause)
        return len(due)

    return ctx.store.write(work)


def is_unsure(tx: Tx, pin: Pin, pause: Pause) -> bool:
    """Whether this Pin may have been sent between the backup and its restore, and was not looked for yet."""
    if pause.restored_at is None or pin.created_at >= pause.restored_at:
        return False
    return not attempts.learned_since(tx, pin.id, pause.restored_at)


def doubt(ctx: Context, tx: Tx, pin: Pin, pause: Pause) -> None:
    """Record an Attempt that may have been made in the lost time, and look for it."""
    since = pause.restored_since or tx.now
    attempt = Attempt(
        id=ctx.new_id("att", tx.now),
        pin_id=pin.id,
        connection_id=pin.connection_id,
        fence=0,
        worker="restore",
        at=since,
        fingerprint=Fingerprint.of(as_sent(ctx, pin)),
    )
    attempts.write_intent(tx, attempt)
    if not pins.open_doubt(tx, pin, attempt.id):
        raise transitions.Moved(pin.id)
    transitions.confirm_at(tx, replace(pin, open_attempt_id=attempt.id), tx.now, _trouble(pin))


def _trouble(pin: Pin) -> Trouble:
    return Trouble(
        step=Step.PUBLISH,
        cause=Cause.NETWORK,
        remedy=Remedy.CONFIRM,
        title="A backup was restored, and this Pin may have been sent after it was made",
        fix="Nothing to do: Steadypin reads the board to see whether the Pin is there.",
        rule="restored",
        native=pin.trouble.native if pin.trouble is not None else None,
    )
