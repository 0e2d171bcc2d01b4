"""What the holder of a Lane does next, decided in one transaction under the Lane's lock.

    choose -> Send | Look | Renewal | Run | Check | Rest

The intent of a create is on record when it is chosen; with Rest the Lane was given back in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from steadypin.domain.accounts import lacking_for_pins
from steadypin.domain.connections import BROKEN, Connection
from steadypin.domain.pacing.budgets import Pace
from steadypin.domain.pacing.day import Wait
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import (
    breaking,
    errand_work,
    incidents,
    looking,
    pacing,
    refreshing,
    restoring,
    sending,
    transitions,
    watching,
)
from steadypin.services.context import Context
from steadypin.services.looking import Look
from steadypin.services.pacing import Paced, unchanged
from steadypin.services.refreshing import Renewal
from steadypin.services.sending import Later, Send
from steadypin.services.watching import Check
from steadypin.storage import attempts, errands, lanes, pins, standing
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind
from steadypin.storage.lanes import Lane
from steadypin.storage.standing import READING, Standing

_MOST_DECIDED_AT_ONCE = 50
_NOT_WORTH_TELLING = timedelta(seconds=10)
"""A shorter wait is the Lane's alone; a longer one is written on the Pin, for people to see."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `until`, None: before somebody says so. The Lane was given back in the same transaction."""

    until: datetime | None = None


Act = Send | Look | Renewal | errand_work.Run | Check


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


def choose(
    ctx: Context, tx: Tx, lane: Lane, paced: Paced = unchanged, *, stopping: bool = False
) -> Act | Rest:
    """The next thing to do on this Lane. `paced` is what was called since the last choice; with `stopping` it rests."""
    here = standing.read(tx, lane)
    before = here.pace
    choice = _Choice(ctx, tx, lane, here, paced(before, tx.now))
    act = Rest(tx.now) if stopping else choice.make()
    if isinstance(act, Rest):
        lanes.release(tx, lane, act.until)
    if choice.pace != before:
        lanes.remember(tx, lane, choice.pace)
    return act


@dataclass(slots=True)
class _Choice:
    """One choice under way: how the Connection stands, its Pace, and how many Pins were lined up behind another."""

    ctx: Context
    tx: Tx
    lane: Lane
    here: Standing
    pace: Pace
    lined_up: int = 0

    def make(self) -> Act | Rest:
        """Decide until something needs the wire, or nothing is left."""
        for _ in range(_MOST_DECIDED_AT_ONCE):
            found = self._most_urgent()
            if found is not None:
                return found
            self.here = standing.read(self.tx, self.lane)
        return Rest(self.tx.now)

    def _most_urgent(self) -> Act | Rest | None:
        """None when it was decided in the database alone."""
        here, now = self.here, self.tx.now
        if here.renews and here.upkeep.refresh_at is not None and here.upkeep.refresh_at <= now:
            return refreshing.plan(self.ctx, self.tx, here)
        if here.usable and here.upkeep.lacks_access(now):
            return Rest(here.upkeep.refresh_at)
        if here.errand_at is not None and here.errand_at <= now and not self._read_block():
            if here.usable:
                return errand_work.plan(self.ctx, self.tx, here)
            if self._asked_to_check():
                return watching.plan(self.ctx, here, asked=True)
        if here.due is not None:
            return self._deal_with(here.due)
        if here.in_doubt and recover(self.ctx, self.tx, self.lane):
            return None  # an intent of ours whose commit the database did not report: it was never sent
        return self._rest(self._incident_until())

    def _deal_with(self, pin: Pin) -> Act | Rest | None:
        if pin.stage is not Stage.SCHEDULED:
            return self._look(pin)
        if not self.here.usable:
            transitions.hold(self.tx, pin, _out_of_use(self.here.connection))
            return None
        lacking = lacking_for_pins(self.here.connection.username, self.here.connection.scopes)
        if lacking is not None:
            breaking.tells(self.ctx, self.tx, self.here.connection, lacking)
            transitions.hold(self.tx, pin, breaking.trouble(lacking))
            return None
        if watching.is_due_before_a_pin(self.here, self.tx.now) and not self._read_block():
            return watching.plan(self.ctx, self.here)
        if restoring.is_unsure(self.tx, pin, self.here.pause):
            restoring.doubt(self.ctx, self.tx, pin, self.here.pause)
            return None
        return self._send(pin)

    def _send(self, pin: Pin) -> Act | Rest | None:
        limits = pacing.limits_of(self.ctx, self.here.limits)
        found = sending.plan(self.ctx, self.tx, self.lane, pin, self.here, self.pace)
        match found:
            case Send():
                self.pace = pacing.counted_written(self.pace, limits, self.tx.now)
                return found
            case Later(until):
                return self._meanwhile(until)
            case Wait(until, because, apart) if until - self.tx.now > _NOT_WORTH_TELLING:
                transitions.defer(self.tx, pin, until + apart * self.lined_up, because)
                self.lined_up += bool(apart)
                return None
            case Wait(until):
                return self._meanwhile(until)
            case None:
                return None

    def _look(self, pin: Pin) -> Look | None:
        if not self.here.usable:
            looking.cannot_look(self.ctx, self.tx, pin)
            return None
        block = self._read_block()
        if block is not None:
            transitions.change(self.tx, pin, act_at=block.until)
            return None
        return looking.plan(self.ctx, self.tx, pin, self.here)

    def _asked_to_check(self) -> bool:
        """Whether a person wants to know how the account of a broken Connection is."""
        if self.here.connection.disconnected_at is not None:
            return False
        return errands.waiting(self.tx, self.lane.connection_id, ErrandKind.CHECK_ACCOUNT)

    def _meanwhile(self, until: datetime) -> Act | Rest | None:
        """Nothing may be sent until then; a board may be read."""
        pin = pins.next_due(self.tx, self.lane.connection_id, READING)
        return self._look(pin) if pin is not None else self._rest(until)

    def _rest(self, nothing_sent_until: datetime | None = None) -> Check | Rest:
        """Until the next Pin, errand, refresh or read of the account; Pins that are to be sent count from that moment on."""
        name, here = self.lane.connection_id, self.here
        block = self._read_block()
        if watching.is_due(here, self.tx.now) and block is None:
            return watching.plan(self.ctx, here)
        ahead = [pins.next_act_at(self.tx, name, READING)]
        if here.may_send:
            sends = pins.next_act_at(self.tx, name, (Stage.SCHEDULED,))
            ahead.append(max(sends, nothing_sent_until) if sends and nothing_sent_until else sends)
        errand_at = here.errand_at if here.usable or block is not None else None
        reads = [errand_at, watching.next_at(here, self.tx.now)]
        ahead += [max(at, block.until) if at and block else at for at in reads]
        if here.renews:
            ahead.append(here.upkeep.refresh_at)
        return Rest(min((moment for moment in ahead if moment is not None), default=None))

    def _incident_until(self) -> datetime | None:
        incident = self.here.incident
        return incidents.look_again_at(self.ctx, incident, self.lane.connection_id) if incident else None

    def _read_block(self) -> Wait | None:
        return pacing.may_read(self.ctx, self.here, self.pace, self.tx.now)


def _out_of_use(connection: Connection) -> Trouble:
    """What holds a Pin whose Connection cannot be used: exactly what broke it."""
    name, broken = connection.username, connection.broken
    if broken is not None:
        return replace(
            breaking.trouble(broken), title=f"The connection to {name} is broken: {broken.because}"
        )
    return Trouble(
        step=Step.TOKEN_AND_SCOPES,
        cause=Cause.TOKEN,
        remedy=Remedy.RECONNECT,
        title=f"The connection to {name} is disconnected",
        fix=connection.how_to_reconnect,
        rule=BROKEN,
    )
