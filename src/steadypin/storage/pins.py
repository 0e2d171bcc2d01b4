"""Queries about Pins. State changes are conditional updates; each caller looks at the number of changed rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.pacing.day import LATE
from steadypin.domain.pins import Content, Media, Pin, Trouble
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, lanes, pins, twins

_alive = pins.c.deleted_at.is_(None)


def trouble_to_json(trouble: Trouble | None) -> dict[str, Any] | None:
    """How a Trouble is kept in its column."""
    if trouble is None:
        return None
    return {
        "step": int(trouble.step),
        "cause": trouble.cause.value,
        "remedy": trouble.remedy.value,
        "fix": trouble.fix,
        "title": trouble.title,
        "rule": trouble.rule,
        "native": dict(trouble.native) if trouble.native is not None else None,
    }


def read_trouble(data: Mapping[str, Any] | None) -> Trouble | None:
    """The reverse of trouble_to_json."""
    if data is None:
        return None
    return Trouble(
        step=Step(data["step"]),
        cause=Cause(data["cause"]),
        remedy=Remedy(data["remedy"]),
        fix=data["fix"],
        title=data["title"],
        rule=data["rule"],
        native=data["native"],
    )


def read_pin(row: Any) -> Pin:
    """From a row that holds the columns of the table."""
    return Pin(
        id=row.id,
        connection_id=row.connection_id,
        content=Content(
            board_id=row.board_id,
            board_section_id=row.board_section_id,
            title=row.title,
            description=row.description,
            alt_text=row.alt_text,
            link=row.link,
            media=Media.from_json(row.media),
        ),
        stage=Stage(row.stage),
        due_at=row.due_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        step=Step(row.step),
        trouble=read_trouble(row.trouble),
        act_at=row.act_at,
        deferred_until=row.deferred_until,
        deferred_because=row.deferred_because,
        open_attempt_id=row.open_attempt_id,
        cancel_requested_at=row.cancel_requested_at,
        tries=row.tries,
        looks=row.looks,
        refused_grant=row.refused_grant,
        pinterest_pin_id=row.pinterest_pin_id,
        published_at=row.published_at,
        deleted_at=row.deleted_at,
    )


def content_columns(content: Content) -> dict[str, Any]:
    """The columns that hold a Content."""
    return {
        "board_id": content.board_id,
        "board_section_id": content.board_section_id,
        "title": content.title,
        "description": content.description,
        "alt_text": content.alt_text,
        "link": content.link,
        "media": content.media.to_json(),
    }


def insert(tx: Tx, pin: Pin, import_key: str | None = None) -> None:
    """Store a new Pin."""
    tx.conn.execute(sa.insert(pins), [new_row(pin, import_key)])


def new_row(pin: Pin, import_key: str | None) -> dict[str, Any]:
    """The row of a new Pin, for inserting many at once."""
    return {
        "id": pin.id,
        "connection_id": pin.connection_id,
        **content_columns(pin.content),
        "version": pin.version,
        "stage": pin.stage.value,
        "step": int(pin.step),
        "due_at": pin.due_at,
        "act_at": pin.act_at,
        "trouble": trouble_to_json(pin.trouble),
        "tries": 0,
        "looks": 0,
        "created_at": pin.created_at,
        "updated_at": pin.updated_at,
        "import_key": import_key,
    }


_get = sa.select(pins).where(pins.c.id == p("pin", type_=sa.Text), _alive)


def get(tx: Tx, pin_id: str) -> Pin | None:
    """A Pin by id, unless deleted; with the ids of its twins."""
    row = tx.conn.execute(_get, {"pin": pin_id}).one_or_none()
    if row is None:
        return None
    found = (
        tx.conn.execute(sa.select(twins.c.pinterest_pin_id).where(twins.c.pin_id == pin_id)).scalars().all()
    )
    return replace(read_pin(row), twin_ids=tuple(found))


def get_row(tx: Tx, pin_id: str) -> Pin | None:
    """A Pin by id for a holder, who has locked the Lane row already."""
    row = tx.conn.execute(_get, {"pin": pin_id}).one_or_none()
    return read_pin(row) if row is not None else None


def get_locked(tx: Tx, pin_id: str) -> Pin | None:
    """A Pin for changing it: its Lane row is locked first, then its own row, so no holder can act meanwhile."""
    owner = tx.conn.execute(sa.select(pins.c.connection_id).where(pins.c.id == pin_id)).scalar_one_or_none()
    if owner is None:
        return None
    tx.conn.execute(sa.select(lanes.c.fence).where(lanes.c.connection_id == owner).with_for_update())
    row = tx.conn.execute(_get.with_for_update(), {"pin": pin_id}).one_or_none()
    return read_pin(row) if row is not None else None


def list_page(
    tx: Tx,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
    connection_id: str | None = None,
    connection_ids: Sequence[str] | None = None,
    board_id: str | None = None,
    stage: Stage | None = None,
    cause: Cause | None = None,
    remedy: Remedy | None = None,
    due_from: datetime | None = None,
    due_until: datetime | None = None,
) -> list[Pin]:
    """Pins, newest first. `after` is the (created_at, id) of the last one of the page before."""
    query = sa.select(pins).where(_alive).order_by(pins.c.created_at.desc(), pins.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(pins.c.created_at, pins.c.id) < sa.tuple_(*_pair(after)))
    if connection_id is not None:
        query = query.where(pins.c.connection_id == connection_id)
    if connection_ids is not None:
        query = query.where(pins.c.connection_id.in_(connection_ids))
    if board_id is not None:
        query = query.where(pins.c.board_id == board_id)
    if stage is not None:
        query = query.where(pins.c.stage == stage.value)
    if cause is not None:
        query = query.where(pins.c.trouble["cause"].as_string() == cause.value)
    if remedy is not None:
        query = query.where(pins.c.trouble["remedy"].as_string() == remedy.value)
    if due_from is not None:
        query = query.where(pins.c.due_at >= due_from)
    if due_until is not None:
        query = query.where(pins.c.due_at < due_until)
    return [read_pin(row) for row in tx.conn.execute(query)]


def _pair(after: tuple[datetime, str]) -> tuple[sa.BindParameter[Any], sa.BindParameter[Any]]:
    return sa.literal(after[0], Moment), sa.literal(after[1], sa.Text)


def count_by_stage(tx: Tx, connection_ids: Sequence[str] | None = None) -> dict[Stage, int]:
    """How many Pins stand in each Stage, of all Connections or of those named."""
    query = sa.select(pins.c.stage, sa.func.count()).where(_alive).group_by(pins.c.stage)
    if connection_ids is not None:
        query = query.where(pins.c.connection_id.in_(connection_ids))
    return {Stage(stage): count for stage, count in tx.conn.execute(query)}


@lru_cache(maxsize=8)
def _due(stages: tuple[Stage, ...]) -> sa.Select[Any]:
    """The due Pin that has waited longest, in these Stages; written out, as a list that expands is costly to send."""
    return (
        sa.select(pins)
        .where(
            pins.c.connection_id == p("connection", type_=sa.Text),
            pins.c.act_at <= p("now", type_=Moment),
            pins.c.act_at.isnot(None),
            sa.or_(*(pins.c.stage == sa.literal_column(f"'{stage.value}'") for stage in stages)),
        )
        .order_by(pins.c.act_at, pins.c.id)
        .limit(sa.literal_column("1"))
    )


def next_due(tx: Tx, connection_id: str, stages: tuple[Stage, ...]) -> Pin | None:
    """The Pin of this Connection in one of these Stages that has waited longest for something to be done."""
    row = tx.conn.execute(_due(stages), {"connection": connection_id, "now": tx.now}).one_or_none()
    return read_pin(row) if row is not None else None


@lru_cache(maxsize=8)
def _ahead(stages: tuple[Stage, ...]) -> sa.Select[Any]:
    return sa.select(sa.func.min(pins.c.act_at)).where(
        pins.c.connection_id == p("connection", type_=sa.Text),
        pins.c.act_at.isnot(None),
        sa.or_(*(pins.c.stage == sa.literal_column(f"'{stage.value}'") for stage in stages)),
    )


def next_act_at(tx: Tx, connection_id: str, stages: tuple[Stage, ...]) -> datetime | None:
    """When the next Pin of this Connection needs something."""
    found = tx.conn.execute(_ahead(stages), {"connection": connection_id})
    return cast("datetime | None", found.scalar_one())


_change = sa.update(pins).where(
    pins.c.id == p("pin", type_=sa.Text),
    pins.c.stage == p("was_stage", type_=sa.Text),
    sa.func.coalesce(pins.c.open_attempt_id, "") == p("was_open", type_=sa.Text),
    pins.c.version == p("was_version", type_=sa.Integer),
)
_AS_STORED: dict[str, Callable[[Any], Any]] = {
    "trouble": trouble_to_json,
    "stage": lambda stage: stage.value,
    "step": int,
}


@lru_cache(maxsize=128)
def _changing(names: frozenset[str]) -> sa.Update:
    """The statement that sets these columns, built once for each set of names."""
    values: dict[str, Any] = {name: p(f"new_{name}", type_=pins.c[name].type) for name in names}
    return _change.values(values)


def change(tx: Tx, pin: Pin, **values: Any) -> bool:
    """Change columns of a Pin if Stage, version and open Attempt still are as in `pin`; False when they are not.

    Stage and step are given as their enums, `trouble` as a Trouble or None.
    """
    values["updated_at"] = tx.now
    filled = {
        f"new_{name}": _AS_STORED[name](value) if name in _AS_STORED else value
        for name, value in values.items()
    }
    guards = {
        "pin": pin.id,
        "was_stage": pin.stage.value,
        "was_open": pin.open_attempt_id or "",
        "was_version": pin.version,
    }
    return tx.change_later(_changing(frozenset(values)), guards | filled)


_send = (
    sa.update(pins)
    .where(
        pins.c.id == p("pin", type_=sa.Text),
        pins.c.stage == Stage.SCHEDULED.value,
        pins.c.open_attempt_id.is_(None),
        pins.c.cancel_requested_at.is_(None),
        pins.c.pinterest_pin_id.is_(None),
        pins.c.version == p("was_version", type_=sa.Integer),
        _alive,
    )
    .values(
        stage=Stage.SENDING.value,
        step=int(Step.PUBLISH),
        open_attempt_id=p("attempt", type_=sa.Text),
        tries=pins.c.tries + 1,
        looks=0,
        act_at=p("now", type_=Moment),
        deferred_until=None,
        deferred_because=None,
        updated_at=p("now", type_=Moment),
    )
)


def mark_sending(tx: Tx, pin: Pin, attempt_id: str) -> bool:
    """The one statement that lets a create leave: it refuses a Pin with an open Attempt, whatever the caller believes."""
    return tx.change_later(
        _send, {"pin": pin.id, "was_version": pin.version, "attempt": attempt_id, "now": tx.now}
    )


def connections_deferred(tx: Tx, because: Sequence[str]) -> Sequence[str]:
    """Connections of which a Pin waits for one of these reasons."""
    query = sa.select(pins.c.connection_id).where(
        pins.c.act_at > tx.now,
        pins.c.stage == Stage.SCHEDULED.value,
        pins.c.deferred_until.isnot(None),
        pins.c.deferred_because.in_(because),
    )
    return tx.conn.execute(query.distinct().order_by(pins.c.connection_id)).scalars().all()


def decide_anew(tx: Tx, connection_id: str) -> None:
    """Let the Lane decide now about every Pin that nothing but a limit or a quota keeps waiting; the caller holds its
    Lane row. They are not late by that. Late Pins keep their places one after the other."""
    tx.conn.execute(
        sa.update(pins)
        .where(
            pins.c.connection_id == connection_id,
            pins.c.act_at > tx.now,
            pins.c.stage == Stage.SCHEDULED.value,
            pins.c.deferred_until.isnot(None),
            pins.c.deferred_because.notlike(f"{LATE}%"),
            pins.c.trouble.is_(sa.null()),
            pins.c.open_attempt_id.is_(None),
        )
        .values(act_at=tx.now, deferred_until=tx.now, deferred_because=None, updated_at=tx.now)
    )


_sending = sa.select(pins).where(
    pins.c.connection_id == p("connection", type_=sa.Text),
    pins.c.open_attempt_id.isnot(None),
    pins.c.stage == Stage.SENDING.value,
)


def sending(tx: Tx, connection_id: str) -> list[Pin]:
    """Pins of this Connection that stand in `sending`; found by their open Attempt, whatever the clock says."""
    return [read_pin(row) for row in tx.conn.execute(_sending, {"connection": connection_id})]


def with_open_attempt(tx: Tx, connection_id: str, board_id: str) -> list[Pin]:
    """Pins of one board whose Attempt is open, in whatever Stage they stand."""
    query = sa.select(pins).where(
        pins.c.connection_id == connection_id, pins.c.board_id == board_id, pins.c.open_attempt_id.isnot(None)
    )
    return [read_pin(row) for row in tx.conn.execute(query)]


def last_change(tx: Tx) -> datetime | None:
    """When any Pin was last changed; None without Pins."""
    return cast("datetime | None", tx.conn.execute(sa.select(sa.func.max(pins.c.updated_at))).scalar_one())


def due_until(tx: Tx, until: datetime) -> list[Pin]:
    """Scheduled Pins of all Connections that were due until that moment."""
    query = sa.select(pins).where(
        _alive,
        pins.c.stage == Stage.SCHEDULED.value,
        pins.c.open_attempt_id.is_(None),
        pins.c.act_at <= until,
    )
    return [read_pin(row) for row in tx.conn.execute(query)]


_doubt = (
    sa.update(pins)
    .where(
        pins.c.id == p("pin", type_=sa.Text),
        pins.c.stage == Stage.SCHEDULED.value,
        pins.c.open_attempt_id.is_(None),
        _alive,
    )
    .values(open_attempt_id=p("attempt", type_=sa.Text))
)


def open_doubt(tx: Tx, pin: Pin, attempt_id: str) -> bool:
    """Tie an Attempt that somebody else may have made to a scheduled Pin."""
    return tx.conn.execute(_doubt, {"pin": pin.id, "attempt": attempt_id}).rowcount == 1


def bring_back(tx: Tx, pin_id: str, trouble: Trouble) -> bool:
    """Undo a deletion that did not happen on Pinterest; False when the row was not deleted."""
    back = sa.update(pins).where(pins.c.id == pin_id, pins.c.deleted_at.isnot(None))
    changed = back.values(deleted_at=None, trouble=trouble_to_json(trouble), updated_at=tx.now)
    return tx.conn.execute(changed).rowcount == 1


def held_for(tx: Tx, connection_id: str, causes: Sequence[Cause]) -> list[Pin]:
    """Held Pins of a Connection whose trouble has one of these causes, in order of their times."""
    query = (
        sa.select(pins)
        .where(
            _alive,
            pins.c.connection_id == connection_id,
            pins.c.stage == Stage.HELD.value,
            pins.c.trouble["cause"].as_string().in_([cause.value for cause in causes]),
        )
        .order_by(pins.c.due_at, pins.c.id)
    )
    return [read_pin(row) for row in tx.conn.execute(query)]
