"""What a user does to Pins: create, look, edit, cancel, retry, resolve, delete.

Every change locks the Lane row first and then the Pin, so that it cannot happen in the middle of a holder's decision.
While a Pin is being sent or confirmed its content stays as it left; cancelling then is a wish that the outcome decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from steadypin.domain.attempts import Attempt, OutcomeKind
from steadypin.domain.boards import block
from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, InputRefused, NotThere
from steadypin.domain.findings import refusals
from steadypin.domain.lookahead import reasons
from steadypin.domain.media_shape import check_media
from steadypin.domain.pins import EDITABLE, Content, Media, Pin
from steadypin.domain.preflight import together
from steadypin.domain.texts import FieldError, check_texts
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import look_ahead, mirroring, transitions
from steadypin.services.context import Context
from steadypin.services.repeating import refuse_identical
from steadypin.storage import (
    attempts,
    boards,
    connections,
    duties,
    errands,
    lanes,
    media,
    pins,
    preflights,
    twins,
)
from steadypin.storage.attempts import Outcome
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind

__all__ = ["NewPin", "Outcome", "PinFilter"]

_NOTHING_TO_RETRY = {
    Stage.DRAFT: "This Pin is a draft. Give it a time, and it goes by itself.",
    Stage.PREPARING: "The image of this Pin is being fetched already. It is scheduled by itself after that.",
    Stage.SENDING: "This Pin is being sent right now. Wait for the outcome.",
    Stage.PUBLISHED: "This Pin is live already. There is nothing to retry.",
    Stage.CANCELLED: "This Pin is cancelled. Give it a new time to bring it back.",
}
_TEXTS = ("title", "description", "alt_text", "link")
_CONTENT = (*_TEXTS, "board_id", "board_section_id", "media")


@dataclass(frozen=True, slots=True)
class NewPin:
    """A Pin as it is asked for. Without `due_at` it stays a draft."""

    connection_id: str
    board_id: str
    media: Media
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    link: str | None = None
    board_section_id: str | None = None
    due_at: datetime | None = None

    @property
    def content(self) -> Content:
        """The part that goes to Pinterest."""
        return Content(
            board_id=self.board_id,
            media=self.media,
            board_section_id=self.board_section_id,
            title=self.title,
            description=self.description,
            alt_text=self.alt_text,
            link=self.link,
        )


@dataclass(frozen=True, slots=True)
class PinFilter:
    """Which Pins to list; None means any."""

    connection_id: str | None = None
    connection_ids: tuple[str, ...] | None = None
    board_id: str | None = None
    stage: Stage | None = None
    cause: Cause | None = None
    remedy: Remedy | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None


def create(ctx: Context, new: NewPin, confirmed: Collection[str] = ()) -> Pin:
    """Store a Pin; `confirmed` names what its user has accepted. Raises InputRefused."""
    return ctx.store.write(lambda tx: insert(ctx, tx, new, confirmed))


def insert(ctx: Context, tx: Tx, new: NewPin, confirmed: Collection[str] = ()) -> Pin:
    """The same inside a transaction of the caller."""
    _check(tx, new.connection_id, new.content)
    pin = _placed(
        Pin(
            id=ctx.new_id("pin", tx.now),
            connection_id=new.connection_id,
            content=new.content,
            stage=Stage.DRAFT,
            due_at=new.due_at,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    refuse_identical(tx, pin, confirmed)
    pins.insert(tx, pin)
    _wake(tx, pin, confirmed)
    return pin


def get(ctx: Context, pin_id: str) -> Pin:
    """One Pin. Raises NotThere."""
    with ctx.store.read() as tx:
        (pin,) = _with_risk(tx, [_there(pins.get(tx, pin_id), pin_id)])
        return pin


def several(ctx: Context, pin_ids: Sequence[str]) -> list[Pin]:
    """Those of these Pins that are there, in this order."""
    with ctx.store.read() as tx:
        return _with_risk(tx, [pin for pin in (pins.get(tx, each) for each in pin_ids) if pin is not None])


def page(ctx: Context, wanted: PinFilter, limit: int, after: tuple[datetime, str] | None = None) -> list[Pin]:
    """Pins, newest first; `after` is the (created_at, id) of the last one of the page before."""
    with ctx.store.read() as tx:
        found = pins.list_page(
            tx,
            limit=limit,
            after=after,
            connection_id=wanted.connection_id,
            connection_ids=wanted.connection_ids,
            board_id=wanted.board_id,
            stage=wanted.stage,
            cause=wanted.cause,
            remedy=wanted.remedy,
            due_from=wanted.due_from,
            due_until=wanted.due_until,
        )
        second = twins.of_pins(tx, [pin.id for pin in found])
        found = _with_risk(tx, found)
    return [replace(pin, twin_ids=tuple(twin for twin, _ in second.get(pin.id, []))) for pin in found]


def _with_risk(tx: Tx, found: Sequence[Pin]) -> list[Pin]:
    """The same Pins with what the last look-ahead found; what is not ahead any more is at no risk."""
    ahead = [pin.id for pin in found if pin.stage in preflights.AHEAD and pin.stage is not Stage.HELD]
    known = preflights.of_pins(tx, ahead) if ahead else {}
    return [
        replace(pin, risk=next(iter(reasons(known[pin.id].findings, pin.due_at, pin.due_at)), None))
        if pin.id in known and known[pin.id].at_risk and pin.due_at is not None
        else pin
        for pin in found
    ]


def counts(ctx: Context, connection_ids: tuple[str, ...] | None = None) -> dict[Stage, int]:
    """How many Pins stand in each Stage."""
    with ctx.store.read() as tx:
        return pins.count_by_stage(tx, connection_ids)


def history(ctx: Context, pin_id: str) -> list[tuple[Attempt, list[Outcome]]]:
    """Every Attempt of a Pin with what became known about it, oldest first. Raises NotThere."""
    with ctx.store.read() as tx:
        _there(pins.get(tx, pin_id), pin_id)
        return attempts.of_pin(tx, pin_id)


def edit(ctx: Context, pin_id: str, changes: Mapping[str, Any], confirmed: Collection[str] = ()) -> Pin:
    """Change content fields or `due_at`. A Pin held for its input goes on by itself. Raises Conflict, InputRefused."""

    def work(tx: Tx) -> Pin:
        pin = _editable(tx, pin_id)
        content = replace(pin.content, **{name: value for name, value in changes.items() if name in _CONTENT})
        _check(tx, pin.connection_id, content)
        due_at = changes.get("due_at", pin.due_at)
        edited = replace(pin, content=content, due_at=due_at)
        waits_for_another = pin.trouble is not None and pin.trouble.remedy is not Remedy.FIX_INPUT
        stays = (pin.stage is Stage.HELD and waits_for_another) or (
            pin.stage is Stage.CANCELLED and "due_at" not in changes
        )
        placed = edited if stays else _placed(edited)
        if placed.stage is not Stage.CANCELLED:
            refuse_identical(tx, placed, confirmed)
        return _put(tx, pin, placed, confirmed)

    return ctx.store.write(work)


def reschedule(ctx: Context, pin_id: str, due_at: datetime) -> Pin:
    """Give a Pin another time; brings a cancelled or held one back. Raises Conflict."""

    def work(tx: Tx) -> Pin:
        pin = _editable(tx, pin_id)
        return _put(tx, pin, _placed(replace(pin, due_at=due_at, deferred_until=None, deferred_because=None)))

    return ctx.store.write(work)


def cancel(ctx: Context, pin_id: str) -> Pin:
    """Take a Pin out of the queue; while its outcome is open, note the wish. Raises Conflict once it is live."""

    def work(tx: Tx) -> Pin:
        pin = _there(pins.get_locked(tx, pin_id), pin_id)
        if pin.stage is Stage.PUBLISHED:
            raise Conflict("This Pin is live already. Delete it on Pinterest with delete and live=true.")
        if pin.in_doubt:
            transitions.change(tx, pin, cancel_requested_at=tx.now)
        elif pin.stage is not Stage.CANCELLED:
            transitions.cancel(tx, pin)
        return _there(pins.get(tx, pin_id), pin_id)

    return ctx.store.write(work)


def retry(ctx: Context, pin_id: str) -> Pin:
    """Try a held or waiting Pin now. One whose outcome is open is looked for again, never sent. Raises Conflict."""

    def work(tx: Tx) -> Pin:
        pin = _there(pins.get_locked(tx, pin_id), pin_id)
        if pin.stage is Stage.CONFIRMING:
            raise Conflict(f"Steadypin is looking for this Pin already; the next look is at {pin.act_at}.")
        if pin.stage not in (Stage.HELD, Stage.SCHEDULED):
            raise Conflict(_NOTHING_TO_RETRY[pin.stage])
        if pin.in_doubt:
            transitions.confirm_at(tx, pin, tx.now, pin.trouble)
            return _there(pins.get(tx, pin_id), pin_id)
        mirroring.accepts_again(ctx, tx, pin.connection_id, pin.content.board_id)
        pin = _there(pins.get(tx, pin_id), pin_id)
        _check(tx, pin.connection_id, pin.content)
        due_at = max(pin.due_at or tx.now, tx.now)  # a person's word starts the grace anew
        placed = _placed(replace(pin, due_at=due_at, tries=0, refused_grant=None))
        if placed.stage is Stage.SCHEDULED:
            placed = replace(placed, act_at=max(due_at, tx.now))
        return _put(tx, pin, placed)

    return ctx.store.write(work)


def resolve(ctx: Context, pin_id: str, live_as: str | None) -> Pin:
    """A person's word on an open outcome: live under that Pinterest id, or not live (None). Raises Conflict."""

    def work(tx: Tx) -> Pin:
        pin = _there(pins.get_locked(tx, pin_id), pin_id)
        if not pin.in_doubt or pin.stage not in (Stage.HELD, Stage.CONFIRMING):
            raise Conflict(
                f"The outcome of this Pin is not open: it is {pin.stage}. There is nothing to resolve."
            )
        attempt_id = pin.open_attempt_id or ""
        if live_as is None:
            attempts.write_outcome(tx, attempt_id, OutcomeKind.SAID_NOT_LIVE)
            transitions.go_again(tx, pin, tx.now, None, None)
        else:
            if not (live_as.isascii() and live_as.isdigit()):
                raise InputRefused(
                    [FieldError("live_as", "A Pinterest id is a number, as at the end of the Pin's address.")]
                )
            if twins.known_pinterest_ids(tx, [live_as]):
                raise Conflict(f"The Pinterest id {live_as} belongs to another Pin of yours.")
            attempts.write_outcome(tx, attempt_id, OutcomeKind.SAID_LIVE, pinterest_pin_id=live_as)
            transitions.went_live(tx, pin, live_as, ctx.policy)
        return _there(pins.get(tx, pin_id), pin_id)

    return ctx.store.write(work)


def delete(ctx: Context, pin_id: str, live: bool) -> Pin:
    """Remove a Pin from Steadypin; with `live` the Lane also deletes it on Pinterest. Its ids stay known. Raises Conflict."""

    def work(tx: Tx) -> Pin:
        pin = _there(pins.get_locked(tx, pin_id), pin_id)
        if pin.in_doubt:
            raise Conflict(
                "This Pin may be live, so it cannot be deleted now. Wait for the outcome, or resolve it."
            )
        if live and pin.pinterest_pin_id is not None:
            _ask_deletion(ctx, tx, pin, pin.pinterest_pin_id)
        transitions.change(tx, pin, deleted_at=tx.now, act_at=None)
        return replace(pin, deleted_at=tx.now, act_at=None)

    return ctx.store.write(work)


def undo_twin(ctx: Context, pin_id: str, pinterest_pin_id: str) -> Pin:
    """Delete a twin on Pinterest; the Pin's own stays. Raises NotThere."""

    def work(tx: Tx) -> Pin:
        pin = _there(pins.get(tx, pin_id), pin_id)
        if pinterest_pin_id not in pin.twin_ids:
            raise NotThere(f"This Pin has no twin {pinterest_pin_id}.")
        _ask_deletion(ctx, tx, pin, pinterest_pin_id)
        return pin

    return ctx.store.write(work)


def _ask_deletion(ctx: Context, tx: Tx, pin: Pin, pinterest_pin_id: str) -> None:
    payload = {"pinterest_pin_id": pinterest_pin_id, "pin_id": pin.id}
    errands.ask(tx, ctx.new_id("err", tx.now), pin.connection_id, ErrandKind.DELETE_PIN, payload)


def _placed(pin: Pin) -> Pin:
    """The Stage that a Pin without open questions belongs in: draft, preparing or scheduled."""
    pin = replace(pin, trouble=None, cancel_requested_at=None, deferred_until=None, deferred_because=None)
    if pin.due_at is None:
        return replace(pin, stage=Stage.DRAFT, step=Step.COMPOSE, act_at=None)
    if not pin.content.media.ready:
        return replace(pin, stage=Stage.PREPARING, step=Step.MEDIA_AND_TEXT, act_at=None)
    return replace(pin, stage=Stage.SCHEDULED, step=Step.COMPOSE, act_at=pin.due_at)


def _put(tx: Tx, before: Pin, after: Pin, confirmed: Collection[str] = ()) -> Pin:
    transitions.change(
        tx,
        before,
        **pins.content_columns(after.content),
        version=before.version + 1,
        stage=after.stage,
        step=after.step,
        due_at=after.due_at,
        act_at=after.act_at,
        trouble=after.trouble,
        tries=after.tries,
        refused_grant=after.refused_grant,
        deferred_until=after.deferred_until,
        deferred_because=after.deferred_because,
        cancel_requested_at=after.cancel_requested_at,
    )
    _wake(tx, replace(after, version=before.version + 1), confirmed)
    return _there(pins.get(tx, before.id), before.id)


def _wake(tx: Tx, pin: Pin, confirmed: Collection[str]) -> None:
    if pin.act_at is not None:
        lanes.hint(tx, pin.connection_id, pin.act_at)
        boards.look_before(tx, pin.connection_id, pin.act_at)
    if pin.stage is Stage.PREPARING:
        duties.ask(tx, "fetch_media", pin.id, tx.now)
    look_ahead.ask(tx, [pin], confirmed)


def _editable(tx: Tx, pin_id: str) -> Pin:
    pin = _there(pins.get_locked(tx, pin_id), pin_id)
    if pin.in_doubt or pin.stage not in EDITABLE:
        if pin.stage is Stage.PUBLISHED:
            raise Conflict("This Pin is live already, so it cannot be changed. Make a new one in its place.")
        doing = "is being sent" if pin.stage is Stage.SENDING else "may be live, and that is being confirmed"
        raise Conflict(f"This Pin {doing}, so it cannot be changed now. Wait for the outcome, or cancel it.")
    return pin


def _there(pin: Pin | None, pin_id: str) -> Pin:
    if pin is None:
        raise NotThere(f"There is no Pin {pin_id}.")
    return pin


def _check(tx: Tx, connection_id: str, content: Content) -> None:
    """Everything that can be known without asking Pinterest. Raises InputRefused with every fault at once."""
    errors = check_texts({name: getattr(content, name) for name in _TEXTS})
    connection = connections.get(tx, connection_id)
    if connection is None or connection.disconnected_at is not None:
        errors.append(
            FieldError(
                "connection_id",
                f"There is no connection {connection_id}. List them with `steadypin connections`.",
            )
        )
    else:
        errors += _check_board(tx, connection, content)
    errors += _check_media(tx, content.media)
    if errors:
        raise InputRefused(errors)


def _check_board(tx: Tx, connection: Connection, content: Content) -> list[FieldError]:
    board = boards.get(tx, connection.id, content.board_id)
    if board is None:
        sentence = f"{connection.username} has no board {content.board_id}. List its boards with `steadypin boards list`."
        return [FieldError("board_id", sentence)]
    trouble = block(board, connection.scopes)
    if trouble is not None:
        return [FieldError("board_id", f"{trouble.title}. Choose another board.")]
    if content.board_section_id is None or board.sections_at is None:
        return []
    known = boards.sections_of(tx, connection.id, board.id).get(board.id, [])
    if any(each.id == content.board_section_id and each.gone_at is None for each in known):
        return []
    sentence = (
        f"The board '{board.name}' has no section {content.board_section_id}. Choose another one, or none; what is new on "
        "Pinterest is read with `steadypin boards sync`."
    )
    return [FieldError("board_section_id", sentence)]


def _check_media(tx: Tx, wanted: Media) -> list[FieldError]:
    kept = media.get_many(tx, wanted.files)
    errors = check_media(wanted, frozenset(kept))
    return errors or refusals("media", together(wanted, media.pictures(kept)))
