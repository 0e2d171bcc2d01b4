"""The mirror of Pinterest's boards and sections, and when it is to be read next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.board_changes import last_look_at
from steadypin.domain.boards import Board, GoneBecause, Section
from steadypin.storage import lanes
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind
from steadypin.storage.schema import boards, connections, errands, sections


def get_all(tx: Tx, connection_id: str) -> list[Board]:
    """The boards of a Connection by name, those that are gone included."""
    query = (
        sa.select(boards).where(boards.c.connection_id == connection_id).order_by(boards.c.name, boards.c.id)
    )
    return [_board(row) for row in tx.conn.execute(query)]


def get(tx: Tx, connection_id: str, board_id: str) -> Board | None:
    """One board."""
    row = tx.conn.execute(sa.select(boards).where(_is(connection_id, board_id))).one_or_none()
    return _board(row) if row is not None else None


def replace_all(tx: Tx, connection_id: str, seen: Sequence[Board]) -> None:
    """Make the mirror equal to a complete listing; boards that it no longer shows are kept and marked as gone."""
    put(tx, connection_id, seen)
    standing = boards.c.connection_id == connection_id, boards.c.gone_at.is_(None)
    tx.conn.execute(
        sa.update(boards).where(*standing, boards.c.id.not_in([board.id for board in seen])).values(gone_at=tx.now)
    )  # fmt: skip


def put(tx: Tx, connection_id: str, seen: Sequence[Board]) -> None:
    """Write boards as they were just seen, new or known; what was refused and held stays as it is."""
    if not seen:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(boards)
    changed = {name: statement.excluded[name] for name in _SEEN | {"gone_at", "gone_because", "synced_at"}}
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["connection_id", "id"], set_=changed),
        [{**_row(board), "connection_id": connection_id, "synced_at": tx.now} for board in seen],
    )


def gone(tx: Tx, connection_id: str, why: Mapping[str, GoneBecause]) -> None:
    """These boards are proven to be gone."""
    for board_id, because in why.items():
        tx.conn.execute(
            sa.update(boards)
            .where(_is(connection_id, board_id))
            .values(gone_at=tx.now, gone_because=because.value)
        )


def refused(tx: Tx, connection_id: str, board_id: str, said: Mapping[str, Any] | None) -> bool:
    """Pinterest refused a create for the board itself; None: somebody says that it takes Pins again. False when it is
    not known."""
    changed = sa.update(boards).where(_is(connection_id, board_id))
    return tx.conn.execute(changed.values(refused=dict(said) if said is not None else None)).rowcount == 1


def holding(tx: Tx, connection_id: str) -> dict[str, str]:
    """Boards that hold their Pins: id -> the rule under which they do."""
    found = tx.conn.execute(
        sa.select(boards.c.id, boards.c.holds).where(
            boards.c.connection_id == connection_id, boards.c.holds.isnot(None)
        )
    )
    return {row.id: row.holds for row in found}


def all_holding(tx: Tx) -> dict[str, list[str]]:
    """Boards that hold their Pins: Connection -> ids."""
    query = sa.select(boards.c.connection_id, boards.c.id).where(boards.c.holds.isnot(None))
    found: dict[str, list[str]] = {}
    for row in tx.conn.execute(query):
        found.setdefault(row.connection_id, []).append(row.id)
    return found


def set_holding(tx: Tx, connection_id: str, board_id: str, rule: str | None) -> None:
    """This board holds its Pins under that rule from now on, or not any more."""
    tx.conn.execute(sa.update(boards).where(_is(connection_id, board_id)).values(holds=rule))


def sections_of(tx: Tx, connection_id: str, board_id: str | None = None) -> dict[str, list[Section]]:
    """The mirrored sections by their board, each board's by name; of one board, or of all."""
    query = (
        sa.select(sections)
        .where(sections.c.connection_id == connection_id)
        .order_by(sections.c.board_id, sections.c.name, sections.c.id)
    )
    if board_id is not None:
        query = query.where(sections.c.board_id == board_id)
    found: dict[str, list[Section]] = {}
    for row in tx.conn.execute(query):
        found.setdefault(row.board_id, []).append(Section(row.id, row.name, row.gone_at))
    return found


def put_sections(tx: Tx, connection_id: str, board_id: str, seen: Sequence[Section]) -> None:
    """Write sections as they were just seen, new or known."""
    if not seen:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(sections)
    changed = {"name": statement.excluded.name, "gone_at": None}
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["connection_id", "board_id", "id"], set_=changed),
        [
            {"connection_id": connection_id, "board_id": board_id, "id": each.id, "name": each.name}
            for each in seen
        ],
    )


def replace_sections(tx: Tx, connection_id: str, board_id: str, seen: Sequence[Section]) -> None:
    """Make the sections of a board equal to a complete listing; those that it no longer shows are marked as gone."""
    put_sections(tx, connection_id, board_id, seen)
    tx.conn.execute(
        sa.update(sections)
        .where(
            sections.c.connection_id == connection_id,
            sections.c.board_id == board_id,
            sections.c.gone_at.is_(None),
            sections.c.id.not_in([each.id for each in seen]),
        )
        .values(gone_at=tx.now)
    )
    tx.conn.execute(sa.update(boards).where(_is(connection_id, board_id)).values(sections_at=tx.now))


def synced_at(tx: Tx, connection_id: str) -> datetime | None:
    """When the boards of a Connection were last read to their end."""
    found = sa.select(connections.c.boards_synced_at).where(connections.c.id == connection_id)
    return cast("datetime | None", tx.conn.execute(found).scalar_one_or_none())


def next_sync_at(tx: Tx, connection_id: str) -> datetime | None:
    """When its boards are to be read next; None when nothing has asked for it yet."""
    found = sa.select(sa.func.min(errands.c.act_at)).where(
        errands.c.connection_id == connection_id,
        errands.c.kind == ErrandKind.SYNC_BOARDS.value,
        errands.c.act_at.isnot(None),
    )
    return cast("datetime | None", tx.conn.execute(found).scalar_one())


def synced(tx: Tx, connection_id: str, started_at: datetime, result: Mapping[str, Any]) -> None:
    """The boards were read to their end: everybody who asked before it began has what they wanted."""
    tx.conn.execute(
        sa.update(connections).where(connections.c.id == connection_id).values(boards_synced_at=tx.now)
    )
    tx.conn.execute(
        sa.update(errands)
        .where(
            errands.c.connection_id == connection_id,
            errands.c.kind == ErrandKind.SYNC_BOARDS.value,
            errands.c.act_at.isnot(None),
            errands.c.asked_at <= started_at,
            errands.c.id != standing_errand(connection_id),
        )
        .values(done_at=tx.now, act_at=None, result=dict(result))
    )


def standing_errand(connection_id: str) -> str:
    """The id of the one errand of a Connection that never ends: its `act_at` is the next reading of the boards."""
    return f"boards_{connection_id}"


def sync_at(tx: Tx, connection_id: str, at: datetime) -> None:
    """Read the boards next at that moment, sooner or later than was planned."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": standing_errand(connection_id),
        "connection_id": connection_id,
        "kind": ErrandKind.SYNC_BOARDS.value,
        "payload": {},
        "asked_at": tx.now,
        "act_at": at,
    }
    statement = insert(errands).values(row)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"act_at": at}))
    lanes.hint(tx, connection_id, at)


def look_before(tx: Tx, connection_id: str, pin_at: datetime) -> None:
    """A Pin is due at that moment: read the boards once more before it, unless what is known is fresh then."""
    if pin_at <= tx.now:
        return
    at = last_look_at(tx.now, synced_at(tx, connection_id), pin_at)
    if at is None:
        return
    sooner = (
        sa.update(errands)
        .where(errands.c.id == standing_errand(connection_id), errands.c.act_at > at)
        .values(act_at=at)
    )
    if tx.conn.execute(sooner).rowcount:
        lanes.hint(tx, connection_id, at)


def _is(connection_id: str, board_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(boards.c.connection_id == connection_id, boards.c.id == board_id)


def _row(board: Board) -> dict[str, Any]:
    return {
        "id": board.id,
        "name": board.name,
        "privacy": board.privacy,
        "owner_username": board.owner_username,
        "pin_count": board.pin_count,
        "gone_at": None,
        "gone_because": None,
        "owned_by_another": board.group,
        "collaborator_count": board.collaborator_count,
        "follower_count": board.follower_count,
        "created_at": board.created_at,
        "pins_modified_at": board.pins_modified_at,
    }


_SEEN = {
    "name",
    "privacy",
    "owner_username",
    "pin_count",
    "owned_by_another",
    "collaborator_count",
    "follower_count",
    "created_at",
    "pins_modified_at",
}


def _board(row: Any) -> Board:
    return Board(
        id=row.id,
        name=row.name,
        privacy=row.privacy,
        owner_username=row.owner_username,
        pin_count=row.pin_count,
        gone_at=row.gone_at,
        gone_because=GoneBecause(row.gone_because) if row.gone_because else None,
        group=row.owned_by_another,
        collaborator_count=row.collaborator_count,
        follower_count=row.follower_count,
        created_at=row.created_at,
        pins_modified_at=row.pins_modified_at,
        refused=row.refused,
        sections_at=row.sections_at,
    )
