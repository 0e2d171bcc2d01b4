"""Boards as people look at them: with what keeps their Pins, how many wait, their sections, and the next reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.boards import Board, Section, block
from steadypin.domain.connections import Connection
from steadypin.domain.errors import NotThere
from steadypin.domain.pins import Trouble
from steadypin.services.context import Context
from steadypin.storage import board_pins, boards, connections, errands
from steadypin.storage.errands import Errand

__all__ = ["Errand"]


@dataclass(frozen=True, slots=True)
class BoardSeen:
    """One board. `trouble`: what keeps all its Pins from going out. `waiting`: Pins that are not live yet."""

    board: Board
    trouble: Trouble | None
    waiting: int
    sections: list[Section]


@dataclass(frozen=True, slots=True)
class BoardsSeen:
    """The boards of a Connection by name, and the two readings, the last and the next."""

    boards: list[BoardSeen]
    synced_at: datetime | None
    next_sync_at: datetime | None


@dataclass(frozen=True, slots=True)
class GoneBoard:
    """A board that takes no Pins although some wait for it."""

    connection: Connection
    board: Board
    trouble: Trouble
    waiting: int


def of_connection(ctx: Context, connection_id: str) -> BoardsSeen:
    """The mirror of a Connection. Raises NotThere."""
    with ctx.store.read() as tx:
        connection = connections.get(tx, connection_id)
        if connection is None:
            raise NotThere(f"There is no connection {connection_id}.")
        waiting = board_pins.count_waiting(tx, connection_id)
        sections = boards.sections_of(tx, connection_id)
        found = [
            BoardSeen(
                board,
                block(board, connection.scopes),
                waiting.get(board.id, 0),
                sections.get(board.id, []),
            )
            for board in boards.get_all(tx, connection_id)
        ]
        return BoardsSeen(found, boards.synced_at(tx, connection_id), boards.next_sync_at(tx, connection_id))


def in_the_way(ctx: Context, most: int) -> list[GoneBoard]:
    """Boards of all Connections that hold Pins, those with the most Pins first."""
    with ctx.store.read() as tx:
        found = []
        for connection_id, ids in boards.all_holding(tx).items():
            connection = connections.get(tx, connection_id)
            waiting = board_pins.count_waiting(tx, connection_id, ids)
            for board_id, count in waiting.items():
                board = boards.get(tx, connection_id, board_id)
                trouble = (
                    block(board, connection.scopes) if board is not None and connection is not None else None
                )
                if board is not None and connection is not None and trouble is not None and count:
                    found.append(GoneBoard(connection, board, trouble, count))
    found.sort(key=lambda each: (-each.waiting, each.board.name, each.board.id))
    return found[:most]


def errand_of(ctx: Context, connection_id: str, errand_id: str) -> Errand:
    """What was asked of a Connection's Lane, and what came of it. Raises NotThere."""
    with ctx.store.read() as tx:
        errand = errands.get(tx, errand_id)
    if errand is None or errand.connection_id != connection_id:
        raise NotThere(f"There is no errand {errand_id} of this connection.")
    return errand
