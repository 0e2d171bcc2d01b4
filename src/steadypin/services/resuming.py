"""A Connection is whole again: held Pins go on, at new times that are told and can be taken back until one is sent.

    preview                 reads: what would go on or did, at which times
    healed                  in the transaction of a reconnect, or of a read that shows that none is needed any more:
                            what is within the grace goes on by itself
    on_your_word            what is later than that goes on because a person said so
    undo                    held again exactly as before, until the first of them was sent

Only Pins held for what is healed are touched. One whose outcome is open is looked for, never sent by this.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from json import dumps

from steadypin.domain.accounts import A_READ_HEALS
from steadypin.domain.connections import Connection, Went
from steadypin.domain.errors import Conflict, NotThere
from steadypin.domain.operations import Category
from steadypin.domain.pacing.places import Place, Waiting, places
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.scopes import named_scopes
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import limiting, pacing, transitions
from steadypin.services.context import Context
from steadypin.storage import budgets, connections, instance, lanes, pins, resumes
from steadypin.storage.database import Tx
from steadypin.storage.resumes import Resume, Resumed, Was

__all__ = ["Resume"]

HEALED = (Cause.TOKEN, Cause.SCOPE, Cause.ACCOUNT)
"""Causes that a reconnect may heal, where the remedy says so, or a good read of the account."""
_MOST_OTHERS = 2000
"""Departures of other Pins that are reckoned with; what is further behind moves nothing much."""

_NEWS_FOR = timedelta(days=1)


class How(StrEnum):
    """What becomes of a Pin: it goes on `by_itself` with the reconnect, waits for `on_your_word`, has `gone_on`, or is
    `looked_for` because it may be live."""

    BY_ITSELF = "by_itself"
    ON_YOUR_WORD = "on_your_word"
    GONE_ON = "gone_on"
    LOOKED_FOR = "looked_for"


@dataclass(frozen=True, slots=True)
class Going:
    """One Pin: the time it had, its new one (None: it is only looked for), and why that is not its own."""

    pin: Pin
    how: How
    due_at: datetime | None
    at: datetime | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What is held for a reconnect, and what went on last. `usable`: it is connected. `waits`: a pause that keeps all of
    it. `undoable` and `undo_because`: whether the last resume can be taken back, and why not."""

    connection: Connection
    now: datetime
    usable: bool
    paused: bool
    going: tuple[Going, ...]
    last: Resume | None
    undoable: bool
    undo_because: str | None

    def count(self, how: How) -> int:
        """How many Pins."""
        return sum(each.how is how for each in self.going)


@dataclass(frozen=True, slots=True)
class News:
    """How many Pins are held until a reconnect, or a word after it; and when some went on lately."""

    held: int
    went_at: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """A Pin that an undo left alone, and why."""

    pin_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Undone:
    """How many Pins are held again, and which were left alone."""

    put_back: int
    left: tuple[Left, ...]


def preview(ctx: Context, connection_id: str) -> Preview:
    """How it stands. Raises NotThere."""
    with ctx.store.read() as tx:
        return _preview(ctx, tx, connection_id)


def news(ctx: Context, connection_ids: Sequence[str]) -> dict[str, News]:
    """What is worth telling beside these Connections; those with nothing to tell are left out."""
    with ctx.store.read() as tx:
        held = resumes.held_counts(tx, connection_ids)
        went = resumes.latest_of(tx, connection_ids, tx.now - _NEWS_FOR)
    return {name: News(held.get(name, 0), went.get(name)) for name in {*held, *went}}


def healed(ctx: Context, tx: Tx, connection: Connection, causes: Collection[Cause] = HEALED) -> Went:
    """Let go on what was held for one of these causes, if its time is not too long ago. The caller has locked the Lane row
    in `tx`."""
    held = _healed(tx, connection.id, connection.scopes, causes)
    grace = timedelta(seconds=ctx.policy.late_grace_s)
    soon = [pin for pin in held if pin.in_doubt or _late_by(pin, tx.now) <= grace]
    found = _go_on(ctx, tx, connection.id, soon, by_itself=True)
    return replace(found, on_your_word=len(held) - len(soon))


def on_your_word(ctx: Context, connection_id: str) -> Preview:
    """Let go on whatever is still held for this, however late. Its new time is its due time from now on, as after Retry.

    Raises NotThere, Conflict.
    """

    def work(tx: Tx) -> Preview:
        lanes.lock(tx, connection_id)
        connection = _there(tx, connection_id)
        if not _is_usable(connection):
            raise Conflict(
                f"{connection.username} is not connected, so nothing can go on. Connect the account again first."
            )
        held = _healed(tx, connection_id, connection.scopes)
        if not held:
            raise Conflict(
                f"No Pin of {connection.username} waits for your word. There is nothing to resume."
            )
        _go_on(ctx, tx, connection_id, held, by_itself=False)
        return _preview(ctx, tx, connection_id)

    return ctx.store.write(work)


def undo(ctx: Context, connection_id: str) -> Undone:
    """Hold again, exactly as before, what went on last. What a person changed meanwhile is left alone.

    Raises NotThere; Conflict once one of them was sent, or when nothing went on.
    """

    def work(tx: Tx) -> Undone:
        lanes.lock(tx, connection_id)
        connection = _there(tx, connection_id)
        last = resumes.latest(tx, connection_id)
        if last is None:
            raise Conflict(f"Nothing of {connection.username} went on that could be taken back.")
        found = resumes.pins_of(tx, last.id)
        refused = _cannot_undo(tx, last, found)
        if refused is not None:
            raise Conflict(refused)
        left = []
        for known, pin in found:
            because = _changed(known, pin)
            if because is None:
                transitions.put_back(tx, pin, known.was)
            else:
                left.append(Left(pin.id, because))
        resumes.mark_undone(tx, last.id)
        return Undone(len(found) - len(left), tuple(left))

    return ctx.store.write(work)


def _preview(ctx: Context, tx: Tx, connection_id: str) -> Preview:
    connection = _there(tx, connection_id)
    usable = _is_usable(connection)
    held = _healed(tx, connection_id, connection.scopes if usable else None)
    at = {place.pin_id: place for place in _places(ctx, tx, connection_id, held)}
    grace = timedelta(seconds=ctx.policy.late_grace_s)
    going = []
    for pin in held:
        word = usable or _late_by(pin, tx.now) > grace
        how = How.LOOKED_FOR if pin.in_doubt else How.ON_YOUR_WORD if word else How.BY_ITSELF
        place = at.get(pin.id)
        going.append(
            Going(pin, how, pin.due_at, place.at if place else None, place.because if place else None)
        )
    last = resumes.latest(tx, connection_id)
    found = resumes.pins_of(tx, last.id) if last is not None else []
    refused = _cannot_undo(tx, last, found) if last is not None else None
    went = [
        Going(pin, How.GONE_ON, known.was.due_at, pin.act_at, pin.deferred_because)
        for known, pin in found
        if _changed(known, pin) is None and not pin.in_doubt
    ]
    paused = connection.paused_at is not None or instance.pause(tx).at is not None
    return Preview(
        connection=connection,
        now=tx.now,
        usable=usable,
        paused=paused,
        going=(*went, *going),
        last=last,
        undoable=last is not None and refused is None,
        undo_because=refused,
    )


def _go_on(ctx: Context, tx: Tx, connection_id: str, chosen: Sequence[Pin], *, by_itself: bool) -> Went:
    if not chosen:
        return Went()
    at = {place.pin_id: place for place in _places(ctx, tx, connection_id, chosen)}
    tried = resumes.attempts_of_held(tx, connection_id)
    resume = Resume(ctx.new_id("res", tx.now), connection_id, tx.now, by_itself)
    kept = []
    for pin in chosen:
        place = at.get(pin.id)
        kept.append(Resumed(pin.id, place.at if place else None, tried.get(pin.id, 0), Was.of(pin)))
        if place is None:
            transitions.confirm_at(tx, pin, tx.now, pin.trouble)
        else:
            due_at = pin.due_at if by_itself else max(pin.due_at or place.at, place.at)
            transitions.resume(tx, pin, place.at, place.because, due_at)
    resumes.add(tx, resume, kept)
    first = min((place.at for place in at.values()), default=None)
    return Went(goes_on=len(at), looked_for=len(chosen) - len(at), first_at=first)


def _places(ctx: Context, tx: Tx, connection_id: str, chosen: Sequence[Pin]) -> list[Place]:
    """New times for those that are to be sent, after the moment for which an undo is sure to be possible."""
    waiting = [Waiting(pin.id, pin.due_at) for pin in chosen if not pin.in_doubt and pin.due_at is not None]
    if not waiting:
        return []
    known = budgets.read_many(tx, [connection_id])[connection_id]
    limits = pacing.limits_of(ctx, known.own)
    start = tx.now + timedelta(seconds=ctx.policy.resume_after_s)
    of_app = limiting.app_wait(ctx, tx, Category.ORG_WRITE)
    begin = max(start, of_app.until) if of_app is not None else start
    return places(known.pace, limits, begin, waiting, resumes.departures(tx, connection_id, _MOST_OTHERS))


def _healed(
    tx: Tx, connection_id: str, granted: frozenset[str] | None, causes: Collection[Cause] = HEALED
) -> list[Pin]:
    """Held Pins whose cause a reconnect heals, oldest first; with `granted`, only if these scopes are enough for them."""
    return [
        pin
        for pin in pins.held_for(tx, connection_id, tuple(causes))
        if pin.in_doubt or (pin.due_at is not None and _is_healed(pin.trouble, granted))
    ]


def _is_healed(trouble: Trouble | None, granted: frozenset[str] | None) -> bool:
    if trouble is None or (trouble.remedy is not Remedy.RECONNECT and trouble.rule not in A_READ_HEALS):
        return False
    if trouble.cause is not Cause.SCOPE or granted is None:
        return True
    return named_scopes(f"{trouble.title} {dumps(trouble.native, default=str)}") <= granted


def _cannot_undo(tx: Tx, last: Resume, found: Sequence[tuple[Resumed, Pin]]) -> str | None:
    """The sentence that refuses an undo; None when it is possible."""
    tried = resumes.attempts_of(tx, last.id)
    sent = [
        (tried[pin.id][1], pin)
        for known, pin in found
        if pin.id in tried and tried[pin.id][0] > known.attempts
    ]
    if not sent:
        return None
    at, first = min(sent, key=lambda each: (each[0], each[1].id))
    name = f"'{first.content.title}' ({first.id})" if first.content.title else first.id
    return (
        f"It cannot be taken back any more: the Pin {name} was sent at {at:%Y-%m-%d %H:%M:%S} UTC. Cancel or reschedule "
        "the others one by one, or pause the account."
    )


def _changed(known: Resumed, pin: Pin) -> str | None:
    """Why a Pin does not stand any more as the resume left it; None: it does."""
    if pin.deleted_at is not None:
        return "it was deleted meanwhile"
    if pin.stage is Stage.CANCELLED or pin.cancel_requested_at is not None:
        return "it was cancelled meanwhile"
    if pin.version != known.was.version:
        return "it was edited or rescheduled meanwhile"
    if pin.open_attempt_id != known.was.open_attempt_id:
        return "its outcome was settled meanwhile" if known.was.open_attempt_id else "it may be live"
    stages = (Stage.CONFIRMING,) if pin.in_doubt else (Stage.SCHEDULED, Stage.PREPARING)
    return None if pin.stage in stages else f"it is {pin.stage} meanwhile"


def _late_by(pin: Pin, now: datetime) -> timedelta:
    return now - pin.due_at if pin.due_at is not None else timedelta(0)


def _is_usable(connection: Connection) -> bool:
    return connection.broken_because is None and connection.disconnected_at is None


def _there(tx: Tx, connection_id: str) -> Connection:
    found = connections.get(tx, connection_id)
    if found is None:
        raise NotThere(f"There is no connection {connection_id}.")
    return found
