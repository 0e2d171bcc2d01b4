"""The Pins of a board, all at once: counted, held, let go, moved to another board and back. The caller holds the Lane.

Nothing here touches a Pin whose outcome is open, or one that is being sent, is live, cancelled or deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from steadypin.domain.boards import BOARD_REFUSALS, HOLDS
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.words import Cause, Stage, Step
from steadypin.storage import lanes
from steadypin.storage.database import Tx
from steadypin.storage.pins import read_pin, trouble_to_json
from steadypin.storage.schema import Moment, pins, remap_pins

MOVABLE = (Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD)
_FOR_THE_BOARD = (*HOLDS, *sorted(BOARD_REFUSALS))


def _waiting(connection_id: str) -> sa.ColumnElement[bool]:
    """Not live yet; written as the index is."""
    return sa.and_(
        pins.c.connection_id == connection_id, pins.c.pinterest_pin_id.is_(None), pins.c.deleted_at.is_(None)
    )


_free = sa.and_(pins.c.open_attempt_id.is_(None), pins.c.cancel_requested_at.is_(None))
_movable = sa.and_(_free, pins.c.stage.in_([stage.value for stage in MOVABLE]))
_rule = pins.c.trouble["rule"].as_string()


def count_waiting(tx: Tx, connection_id: str, board_ids: Sequence[str] | None = None) -> dict[str, int]:
    """How many Pins wait for each board, by its id: those that could be moved, of all boards or of those named."""
    query = (
        sa.select(pins.c.board_id, sa.func.count().label("waiting"))
        .where(_waiting(connection_id), _movable)
        .group_by(pins.c.board_id)
    )
    if board_ids is not None:
        query = query.where(pins.c.board_id.in_(board_ids))
    return {row.board_id: row.waiting for row in tx.conn.execute(query)}


def count_of_boards(tx: Tx, connection_id: str) -> dict[str, int]:
    """How many Pins each board holds here, live ones too, by its id: how much it is used."""
    query = (
        sa.select(pins.c.board_id, sa.func.count().label("held"))
        .where(pins.c.connection_id == connection_id, pins.c.deleted_at.is_(None))
        .group_by(pins.c.board_id)
    )
    return {row.board_id: row.held for row in tx.conn.execute(query)}


def sections_used(tx: Tx, connection_id: str, board_id: str) -> set[str]:
    """The sections of a board in which Pins wait that could be moved."""
    query = (
        sa.select(pins.c.board_section_id)
        .where(
            _waiting(connection_id),
            pins.c.board_id == board_id,
            pins.c.board_section_id.isnot(None),
            _movable,
        )
        .distinct()
    )
    return set(tx.conn.execute(query).scalars())


def count_by_stage(tx: Tx, connection_id: str, board_id: str) -> dict[Stage, int]:
    """How many Pins of this board are not live yet, by Stage; those whose outcome is open count as `confirming`."""
    stage = sa.case((pins.c.open_attempt_id.isnot(None), Stage.CONFIRMING.value), else_=pins.c.stage)
    query = (
        sa.select(stage.label("standing"), sa.func.count())
        .where(_waiting(connection_id), pins.c.board_id == board_id, pins.c.stage != Stage.CANCELLED.value)
        .group_by(sa.text("standing"))
    )
    return {Stage(name): count for name, count in tx.conn.execute(query)}


def page(
    tx: Tx, connection_id: str, board_id: str, limit: int, after: tuple[datetime, str] | None = None
) -> list[Pin]:
    """The Pins of a board that could be moved, newest first; `after` as in pins.list_page."""
    query = (
        sa.select(pins)
        .where(_waiting(connection_id), pins.c.board_id == board_id, _movable)
        .order_by(pins.c.created_at.desc(), pins.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        last = sa.tuple_(sa.literal(after[0], Moment), sa.literal(after[1], sa.Text))
        query = query.where(sa.tuple_(pins.c.created_at, pins.c.id) < last)
    return [read_pin(row) for row in tx.conn.execute(query)]


def hold(tx: Tx, connection_id: str, board_id: str, trouble: Trouble, section_id: str | None = None) -> int:
    """Hold every scheduled Pin of a board, or of one section of it; how many."""
    found = [
        _waiting(connection_id),
        pins.c.board_id == board_id,
        pins.c.stage == Stage.SCHEDULED.value,
        _free,
    ]
    if section_id is not None:
        found.append(pins.c.board_section_id == section_id)
    held = (
        sa.update(pins)
        .where(*found)
        .values(
            stage=Stage.HELD.value,
            step=int(trouble.step),
            act_at=None,
            trouble=trouble_to_json(trouble),
            deferred_until=None,
            deferred_because=None,
            updated_at=tx.now,
        )
    )
    return tx.conn.execute(held).rowcount


def retell(tx: Tx, connection_id: str, board_id: str, trouble: Trouble) -> None:
    """More is known about why a board takes no Pins: say it on those that are held for it already."""
    tx.conn.execute(
        sa.update(pins)
        .where(
            _waiting(connection_id),
            pins.c.board_id == board_id,
            pins.c.stage == Stage.HELD.value,
            _rule.in_(HOLDS),
            _free,
        )
        .values(trouble=trouble_to_json(trouble), updated_at=tx.now)
    )


def let_go(
    tx: Tx,
    connection_id: str,
    board_id: str,
    rules: Sequence[str] = _FOR_THE_BOARD,
    section_id: str | None = None,
) -> int:
    """Schedule again every Pin that was held for the board itself, at its time; late ones are dealt with as late. How
    many."""
    found = [pins.c.board_id == board_id, _rule.in_(rules)]
    if section_id is not None:
        found.append(pins.c.board_section_id == section_id)
    return _schedule(tx, connection_id, *found)


def _schedule(tx: Tx, connection_id: str, *found: sa.ColumnElement[bool]) -> int:
    again = (
        sa.update(pins)
        .where(
            _waiting(connection_id),
            pins.c.stage == Stage.HELD.value,
            pins.c.trouble["cause"].as_string() == Cause.BOARD.value,
            pins.c.due_at.isnot(None),
            pins.c.media["media_id"].as_string().isnot(None),
            _free,
            *found,
        )
        .values(
            stage=Stage.SCHEDULED.value,
            step=int(Step.COMPOSE),
            act_at=sa.case((pins.c.due_at > tx.now, pins.c.due_at), else_=sa.literal(tx.now, Moment)),
            trouble=None,
            tries=0,
            deferred_until=None,
            deferred_because=None,
            updated_at=tx.now,
        )
    )
    count = tx.conn.execute(again).rowcount
    if count:
        lanes.hint(tx, connection_id, tx.now)
    return count


def next_due_after(tx: Tx, connection_id: str, moment: datetime) -> datetime | None:
    """When the first Pin is to be sent from that moment on."""
    query = sa.select(sa.func.min(pins.c.act_at)).where(
        pins.c.connection_id == connection_id,
        pins.c.act_at >= moment,
        pins.c.act_at.isnot(None),
        pins.c.stage == Stage.SCHEDULED.value,
    )
    return cast("datetime | None", tx.conn.execute(query).scalar_one())


def move(
    tx: Tx, remap_id: str, connection_id: str, from_id: str, to_id: str, sections: Mapping[str, str]
) -> int:
    """Move every movable Pin of one board to another, and note which; how many.

    `sections` says which section of the new board stands for one of the old; a Pin of any other goes onto the board itself.
    """
    there = sa.select(sa.literal(remap_id), pins.c.id, pins.c.board_section_id, pins.c.version + 1).where(
        _waiting(connection_id), pins.c.board_id == from_id, _movable
    )
    tx.conn.execute(sa.insert(remap_pins).from_select(["remap_id", "pin_id", "section_id", "version"], there))
    section: Any = None
    if sections:
        section = sa.case(dict(sections), value=pins.c.board_section_id, else_=None)
    mine = sa.select(remap_pins.c.pin_id).where(remap_pins.c.remap_id == remap_id)
    count = tx.conn.execute(
        sa.update(pins)
        .where(pins.c.id.in_(mine))
        .values(board_id=to_id, board_section_id=section, version=pins.c.version + 1, updated_at=tx.now)
    ).rowcount
    _schedule(tx, connection_id, pins.c.id.in_(mine))
    return count


def move_back(tx: Tx, remap_id: str, connection_id: str, from_id: str, to_id: str) -> int:
    """Undo a move for the Pins that nobody has changed or sent since; how many."""
    mine = sa.select(remap_pins.c.pin_id).where(remap_pins.c.remap_id == remap_id)
    noted = (
        sa.select(remap_pins.c.section_id, remap_pins.c.version)
        .where(remap_pins.c.remap_id == remap_id, remap_pins.c.pin_id == pins.c.id)
        .correlate(pins)
    )
    return tx.conn.execute(
        sa.update(pins)
        .where(
            _waiting(connection_id),
            pins.c.board_id == to_id,
            pins.c.id.in_(mine),
            pins.c.version == noted.with_only_columns(remap_pins.c.version).scalar_subquery(),
            _movable,
        )
        .values(
            board_id=from_id,
            board_section_id=noted.with_only_columns(remap_pins.c.section_id).scalar_subquery(),
            version=pins.c.version + 1,
            updated_at=tx.now,
        )
    ).rowcount
