"""The mirror of an account's boards: read under its Lane, compared with what was known, and what follows from it.

    plan -> Reading -> read (wire) -> Mirror -> record (transaction): boards written, Pins held or let go, people told

A board that a complete listing does not show is asked for by its id before it counts as gone. A listing that fails
changes nothing. The next reading is the `act_at` of an errand that never ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from steadypin.domain import board_changes
from steadypin.domain.board_changes import FRESH, LEAST_AHEAD, Change, ChangeKind
from steadypin.domain.boards import (
    BOARD_REFUSALS,
    SECTION_GONE,
    Board,
    GoneBecause,
    Section,
    block,
    section_gone,
)
from steadypin.domain.connections import Alert, AlertKind, Connection
from steadypin.domain.failures import Failure
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Caller
from steadypin.services import pacing, reading
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.reading import Unreadable
from steadypin.storage import board_pins, boards, connections, pins
from steadypin.storage.database import Tx
from steadypin.storage.errands import Errand
from steadypin.storage.standing import Standing

MOST_ASKED_FOR = 25
"""Missing boards asked for by their ids in one reading; the others stand until the next one, an hour later."""
_UNREADABLE = (IncidentKind.PLATFORM, IncidentKind.NETWORK)
"""While these last, readings by the schedule wait: each would be one more call that comes to nothing."""
_A_MOMENT = timedelta(seconds=5)
"""Reading of sections stops so long before the next Pin is due."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read, as planned `at` that moment. `asked`: by a person, so all sections too. `until`: a Pin is due
    then, and sections wait."""

    at: datetime
    known: list[Board]
    asked: bool
    trial: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Mirror:
    """What was read: every board, those proven to be gone, whether missing ones are left to ask for, and the sections of
    the boards whose sections were read to their end. `left`: some boards' sections wait for the next time. `trial`: the
    App's access, perhaps learned from this reading."""

    boards: list[Board]
    gone: Mapping[str, GoneBecause]
    unasked: bool
    trial: bool
    sections: dict[str, list[Section]] = field(default_factory=dict)
    left: bool = False


def plan(ctx: Context, tx: Tx, errand: Errand, here: Standing) -> Reading | None:
    """What to read for this errand; None when it is not time yet, which is then on record."""
    name = here.connection.id
    asked = bool(errand.payload.get("asked"))
    standing = errand.id == boards.standing_errand(name)
    trial = pacing.access(ctx, here) == pacing.TRIAL
    last = boards.synced_at(tx, name)
    if trial and standing and last is not None and tx.now < last + board_changes.EVERY_UNDER_TRIAL:
        boards.sync_at(tx, name, last + board_changes.EVERY_UNDER_TRIAL)
        return None
    if standing and here.incident is not None and here.incident.kind in _UNREADABLE:
        boards.sync_at(tx, name, board_changes.again_at(tx.now, trial=trial))
        return None
    until = pins.next_act_at(tx, name, (Stage.SCHEDULED, Stage.CONFIRMING, Stage.PUBLISHED))
    return Reading(tx.now, boards.get_all(tx, name), asked, trial, until)


async def read(wired: Wired, held: Held, caller: Caller, wanted: Reading) -> Mirror | Failure:
    """Read the boards, and the sections whose turn it is. Raises LaneLost."""
    found = await reading.boards(wired, held, caller)
    if isinstance(found, Unreadable):
        return found.failure
    gone: dict[str, GoneBecause] = {}
    absent = board_changes.missing(wanted.known, found)
    for board in absent[:MOST_ASKED_FOR]:
        answer = await reading.board(wired, held, caller, board.id)
        if isinstance(answer, Board):
            found.append(answer)
            continue
        why = board_changes.why_gone(board, answer.failure)
        if why is not None:
            gone[board.id] = why
    trial = wanted.trial or held.tier == pacing.TRIAL
    mirror = Mirror(found, gone, len(absent) > MOST_ASKED_FOR, trial)
    if wanted.asked or not trial:
        return await _with_sections(wired, held, caller, wanted, mirror)
    return mirror


async def _with_sections(wired: Wired, held: Held, caller: Caller, wanted: Reading, mirror: Mirror) -> Mirror:
    """Sections one board after the other, until a Pin is due: reading them must not make it late."""
    last_read = {board.id: board.sections_at for board in wanted.known}
    sections: dict[str, list[Section]] = {}
    for board in mirror.boards:
        read_at = None if wanted.asked else last_read.get(board.id)
        if not board_changes.sections_due(board, read_at, wanted.at):
            continue
        late = wanted.until is not None and wired.ctx.clock.now() >= wanted.until - _A_MOMENT
        if late or held.stopping:
            return replace(mirror, sections=sections, left=True)
        found = await reading.sections(wired, held, caller, board.id)
        if not isinstance(found, Unreadable):
            sections[board.id] = found
        elif found.failure.native.status not in (403, 404):
            return replace(mirror, sections=sections, left=True)
    return replace(mirror, sections=sections)


def record(ctx: Context, tx: Tx, connection: Connection, wanted: Reading, mirror: Mirror) -> dict[str, int]:
    """Write what was read and what follows from it, and when to read next; answers counts for whoever asked.

    The caller has locked the Lane row in `tx`.
    """
    known = boards.get_all(tx, connection.id)
    seen = board_changes.with_ownership(known, mirror.boards, connection.username)
    changes = board_changes.compare(known, seen, mirror.gone, tx.now)
    boards.put(tx, connection.id, seen)
    boards.gone(tx, connection.id, {change.board.id: GoneBecause(change.after) for change in changes if change.kind is ChangeKind.GONE})  # fmt: skip
    _forget_refusals(tx, connection.id, known, seen, changes, all_of_them=wanted.asked)
    held = settle(ctx, tx, connection, new={each.board.id for each in changes if each.kind is ChangeKind.NEW})
    _tell_of_names(ctx, tx, connection, changes)
    _write_sections(tx, connection.id, seen, mirror.sections)
    result = {"boards": len(seen), "changes": len(changes), "held": held}
    boards.synced(tx, connection.id, wanted.at, result)
    _ask_again(ctx, tx, connection.id, trial=mirror.trial, soon=mirror.unasked or mirror.left)
    return result


def failed(ctx: Context, tx: Tx, connection_id: str, wanted: Reading, *, passing: bool) -> None:
    """The boards could not be read when their turn came: try again later; nothing is known to have changed."""
    at = board_changes.again_at(tx.now, trial=wanted.trial)
    if not passing:
        at = board_changes.next_sync_at(tx.now, trial=wanted.trial, next_pin_at=None, jitter=ctx.jitter())
    boards.sync_at(tx, connection_id, at)


def settle(ctx: Context, tx: Tx, connection: Connection, *, new: Collection[str] = ()) -> int:
    """Hold the scheduled Pins of every board that takes none, let those of the others go, and tell what has changed;
    answers how many were held. Of boards that are `new` nothing is told. The caller has locked the Lane row in `tx`."""
    before, count = boards.holding(tx, connection.id), 0
    blocked = {
        board.id: (board, trouble)
        for board in boards.get_all(tx, connection.id)
        if (trouble := block(board, connection.scopes)) is not None
    }
    waiting = board_pins.count_waiting(tx, connection.id, list(blocked)) if blocked else {}
    for board_id, (board, trouble) in blocked.items():
        if waiting.get(board_id):
            count += board_pins.hold(tx, connection.id, board_id, trouble)
        if before.get(board_id) != trouble.rule:
            boards.set_holding(tx, connection.id, board_id, trouble.rule)
            board_pins.retell(tx, connection.id, board_id, trouble)
            if board_id not in new:
                title = f"{trouble.title}. {_pins(waiting.get(board_id, 0))}"
                ctx.alerts.tell(tx, _alert(connection, AlertKind.BOARD_GONE, board, title, trouble.fix))
    for board_id in before.keys() - blocked.keys():
        board_pins.let_go(tx, connection.id, board_id)
        boards.set_holding(tx, connection.id, board_id, None)
    return count


def after_refusal(ctx: Context, tx: Tx, pin: Pin, failure: Failure) -> None:
    """A create was refused: when it was for the board itself, every other Pin of that board is held at once, and the
    boards are read to find out more. The caller has locked the Lane row in `tx`."""
    if failure.rule not in BOARD_REFUSALS:
        return
    said = {"title": failure.title, "rule": failure.rule, "native": failure.native.to_json()}
    connection = connections.get(tx, pin.connection_id)
    if connection is None or not boards.refused(tx, pin.connection_id, pin.content.board_id, said):
        return
    settle(ctx, tx, connection)
    last = boards.synced_at(tx, connection.id)
    if last is None or tx.now - last >= LEAST_AHEAD:
        boards.sync_at(tx, connection.id, tx.now)


def accepts_again(ctx: Context, tx: Tx, connection_id: str, board_id: str) -> None:
    """A person says that a board takes Pins again: what Pinterest refused is forgotten, and its Pins go on. The first of
    them shows whether it is so."""
    board = boards.get(tx, connection_id, board_id)
    connection = connections.get(tx, connection_id)
    if board is None or board.refused is None or connection is None:
        return
    boards.refused(tx, connection_id, board_id, None)
    settle(ctx, tx, connection)


def hold_if_blocked(tx: Tx, connection_id: str, board_id: str) -> None:
    """A Pin of this board has just been scheduled: it is held if the board takes none."""
    board = boards.get(tx, connection_id, board_id)
    connection = connections.get(tx, connection_id)
    trouble = block(board, connection.scopes) if board is not None and connection is not None else None
    if trouble is not None:
        board_pins.hold(tx, connection_id, board_id, trouble)


def _forget_refusals(
    tx: Tx,
    connection_id: str,
    known: list[Board],
    seen: list[Board],
    changes: list[Change],
    *,
    all_of_them: bool,
) -> None:
    """A refusal counts no more once the board has visibly changed, or when a person asked to look again."""
    stands = {board.id for board in seen}
    changed = {change.board.id for change in changes if change.kind is not ChangeKind.RENAMED}
    for board in known:
        if board.refused is not None and board.id in stands and (all_of_them or board.id in changed):
            boards.refused(tx, connection_id, board.id, None)


def _write_sections(
    tx: Tx, connection_id: str, seen: list[Board], read_to_end: Mapping[str, list[Section]]
) -> None:
    if not read_to_end:
        return
    known = boards.sections_of(tx, connection_id)
    for board in seen:
        if board.id not in read_to_end:
            continue
        now = read_to_end[board.id]
        for change in board_changes.compare_sections(board, known.get(board.id, []), now):
            if change.section is None:
                continue
            if change.kind is ChangeKind.SECTION_GONE:
                trouble = section_gone(change.section, board)
                board_pins.hold(tx, connection_id, board.id, trouble, change.section.id)
            elif change.kind is ChangeKind.SECTION_BACK:
                board_pins.let_go(tx, connection_id, board.id, (SECTION_GONE,), change.section.id)
        boards.replace_sections(tx, connection_id, board.id, now)


def _tell_of_names(ctx: Context, tx: Tx, connection: Connection, changes: list[Change]) -> None:
    renamed = [change for change in changes if change.kind is ChangeKind.RENAMED]
    if not renamed:
        return
    waiting = board_pins.count_waiting(tx, connection.id, [change.board.id for change in renamed])
    for change in renamed:
        title = f"The board '{change.before}' is called '{change.after}' now."
        told = f"{_pins(waiting.get(change.board.id, 0))} They follow by themselves: nothing to do."
        ctx.alerts.tell(tx, _alert(connection, AlertKind.BOARD_RENAMED, change.board, title, told))


def _ask_again(ctx: Context, tx: Tx, connection_id: str, *, trial: bool, soon: bool) -> None:
    """When to read next: by the schedule, before the next Pin that is due when this reading is no longer fresh, or soon
    when something was left unread."""
    ahead = board_pins.next_due_after(tx, connection_id, tx.now + FRESH + LEAST_AHEAD)
    at = board_changes.next_sync_at(tx.now, trial=trial, next_pin_at=ahead, jitter=ctx.jitter())
    boards.sync_at(tx, connection_id, min(at, tx.now + FRESH) if soon and not trial else at)


def _pins(count: int) -> str:
    if count == 0:
        return "No Pin waits for it."
    return f"{count} Pins wait for it." if count > 1 else "1 Pin waits for it."


def _alert(connection: Connection, kind: AlertKind, board: Board, title: str, fix: str) -> Alert:
    return Alert(kind, connection.id, connection.username, title, fix, connection.ends_at, board_id=board.id)
