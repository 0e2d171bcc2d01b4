"""Moving all Pins of one board to another: what would move, where it could go, the move in one transaction, its undoing.

    look -> Outlook (nothing changes) -> move -> Moved -> undo -> Undone

A Pin that is being sent, may be live, or is cancelled stays where it is. A Pin that its user has changed since the move,
or that was sent, is not brought back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.board_ranks import Proposal, rank
from steadypin.domain.boards import Board, Section, block
from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, InputRefused, NotThere
from steadypin.domain.pins import Pin
from steadypin.domain.texts import FieldError
from steadypin.domain.words import Stage
from steadypin.services import mirroring
from steadypin.services.context import Context
from steadypin.storage import board_pins, boards, connections, lanes, remaps
from steadypin.storage.database import Tx
from steadypin.storage.remaps import Remap

__all__ = ["Outlook", "Remap"]

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a move would do. `stays`: Pins of the board that would not move, since they are being sent or may be live.
    `sections_lost`: names of sections that the target lacks; their Pins go onto the board itself."""

    board: Board
    problem: str | None
    count: int
    by_stage: Mapping[Stage, int]
    stays: int
    sample: list[Pin]
    more: bool
    proposals: list[Proposal]
    target: Board | None = None
    sections_kept: tuple[str, ...] = ()
    sections_lost: tuple[str, ...] = ()


def look(
    ctx: Context,
    connection_id: str,
    board_id: str,
    target_id: str | None,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> Outlook:
    """What a move would do; nothing is changed. Raises NotThere, InputRefused for a target that takes no Pins."""
    with ctx.store.read() as tx:
        return _outlook(tx, connection_id, board_id, target_id, limit, after)


def _outlook(
    tx: Tx,
    connection_id: str,
    board_id: str,
    target_id: str | None,
    limit: int,
    after: tuple[datetime, str] | None,
) -> Outlook:
    connection, board = _there(tx, connection_id, board_id)
    counts = board_pins.count_by_stage(tx, connection_id, board_id)
    moves = {stage: count for stage, count in counts.items() if stage in board_pins.MOVABLE}
    found = board_pins.page(tx, connection_id, board_id, limit + 1, after)
    trouble = block(board, connection.scopes)
    standing = [each for each in boards.get_all(tx, connection_id) if block(each, connection.scopes) is None]
    target = _target(tx, connection, board, target_id) if target_id is not None else None
    kept, lost = _sections(tx, connection_id, board_id, target.id) if target is not None else ({}, ())
    return Outlook(
        board=board,
        problem=trouble.title if trouble is not None else None,
        count=sum(moves.values()),
        by_stage=moves,
        stays=sum(counts.values()) - sum(moves.values()),
        sample=found[:limit],
        more=len(found) > limit,
        proposals=rank(board, standing, board_pins.count_of_boards(tx, connection_id)),
        target=target,
        sections_kept=tuple(name for name, _ in kept.values()),
        sections_lost=tuple(lost),
    )


def move(ctx: Context, tx: Tx, connection_id: str, board_id: str, target_id: str) -> Remap:
    """Move every Pin that may be moved, in this transaction; those held for their board go on. Raises NotThere,
    InputRefused."""
    lanes.lock(tx, connection_id)
    connection, board = _there(tx, connection_id, board_id)
    target = _target(tx, connection, board, target_id)
    kept, _ = _sections(tx, connection_id, board_id, target.id)
    remap_id = ctx.new_id("rmp", tx.now)
    remaps.add(tx, remap_id, connection_id, board_id, target.id)
    sections = {old: new for old, (_, new) in kept.items()}
    count = board_pins.move(tx, remap_id, connection_id, board_id, target.id, sections)
    remaps.counted(tx, remap_id, count)
    _look_ahead(tx, connection_id)
    return Remap(remap_id, connection_id, board_id, target.id, tx.now, count)


def undo(ctx: Context, connection_id: str, remap_id: str) -> Remap:
    """Bring back the Pins of a move that nobody has changed or sent since, in one transaction. Raises NotThere, Conflict."""

    def work(tx: Tx) -> Remap:
        lanes.lock(tx, connection_id)
        done = remaps.get(tx, remap_id)
        if done is None or done.connection_id != connection_id:
            raise NotThere(f"There is no move {remap_id}. `steadypin boards remap --list` shows them.")
        if done.undone_at is not None:
            raise Conflict(
                f"The move {remap_id} is undone already. To move the Pins once more, re-map the board again."
            )
        restored = board_pins.move_back(tx, remap_id, connection_id, done.from_board_id, done.to_board_id)
        remaps.undone(tx, remap_id, restored)
        connection = connections.get(tx, connection_id)
        board = boards.get(tx, connection_id, done.from_board_id)
        if connection is not None and board is not None:
            if block(board, connection.scopes) is None:
                board_pins.let_go(tx, connection_id, board.id)
            mirroring.settle(ctx, tx, connection)
        _look_ahead(tx, connection_id)
        found = remaps.get(tx, remap_id)
        assert found is not None
        return found

    return ctx.store.write(work)


def listing(ctx: Context, connection_id: str) -> list[Remap]:
    """The last moves of a Connection, newest first. Raises NotThere."""
    with ctx.store.read() as tx:
        if connections.get(tx, connection_id) is None:
            raise NotThere(f"There is no connection {connection_id}.")
        return remaps.listing(tx, connection_id, MOST_SHOWN)


def _look_ahead(tx: Tx, connection_id: str) -> None:
    """Pins have other boards now: the boards are read before the first of them is due."""
    ahead = board_pins.next_due_after(tx, connection_id, tx.now)
    if ahead is not None:
        lanes.hint(tx, connection_id, ahead)
        boards.look_before(tx, connection_id, ahead)


def _there(tx: Tx, connection_id: str, board_id: str) -> tuple[Connection, Board]:
    connection = connections.get(tx, connection_id)
    if connection is None:
        raise NotThere(f"There is no connection {connection_id}.")
    board = boards.get(tx, connection_id, board_id)
    if board is None:
        raise NotThere(
            f"{connection.username} has no board {board_id}. List its boards with `steadypin boards list`."
        )
    return connection, board


def _target(tx: Tx, connection: Connection, board: Board, target_id: str) -> Board:
    target = boards.get(tx, connection.id, target_id)
    if target is None:
        sentence = (
            f"{connection.username} has no board {target_id}. List its boards with `steadypin boards list`."
        )
    elif target.id == board.id:
        sentence = "The Pins are on this board already. Choose another one."
    elif (trouble := block(target, connection.scopes)) is not None:
        sentence = f"{trouble.title}. Choose another board."
    else:
        return target
    raise InputRefused([FieldError("target", sentence)])


def _sections(
    tx: Tx, connection_id: str, from_id: str, to_id: str
) -> tuple[dict[str, tuple[str, str]], Sequence[str]]:
    """Which section of the new board stands for one of the old, as old id -> (name, new id), and the names that it lacks."""
    known = boards.sections_of(tx, connection_id)
    there = {_plain(each): each.id for each in known.get(to_id, []) if each.gone_at is None}
    used = board_pins.sections_used(tx, connection_id, from_id)
    mine = [each for each in known.get(from_id, []) if each.id in used]
    kept = {each.id: (each.name, there[_plain(each)]) for each in mine if _plain(each) in there}
    lost = [each.name for each in mine if each.id not in kept]
    return kept, [*lost, *sorted(used - {each.id for each in mine})]


def _plain(section: Section) -> str:
    return section.name.strip().casefold()
