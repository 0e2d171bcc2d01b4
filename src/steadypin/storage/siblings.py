"""The other Pins of an account that are near in time: what a Preflight compares a Pin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.domain.pins import Content, Media
from steadypin.domain.preflight import Looks, Sibling
from steadypin.domain.words import Stage
from steadypin.storage.database import Tx
from steadypin.storage.schema import pins

_GOES_OUT = (Stage.SCHEDULED, Stage.PREPARING, Stage.SENDING, Stage.CONFIRMING, Stage.HELD, Stage.PUBLISHED)


_shown = (
    pins.c.id,
    pins.c.board_id,
    pins.c.board_section_id,
    pins.c.title,
    pins.c.description,
    pins.c.alt_text,
    pins.c.link,
    pins.c.media,
    pins.c.stage,
    pins.c.due_at,
    pins.c.published_at,
)


def near(tx: Tx, connection_id: str, since: datetime, until: datetime) -> Sequence[Sibling]:
    """Every Pin of the Connection that is live, or will be, between those two moments, by its time."""
    query = _between(connection_id, since, until).order_by(pins.c.due_at)
    return sorted(map(_sibling, tx.conn.execute(query)), key=lambda sibling: sibling.at)


def titled(
    tx: Tx, connection_id: str, board_id: str, title: str | None, since: datetime, until: datetime
) -> list[Sibling]:
    """Those among them with that title on that board."""
    query = _between(connection_id, since, until).where(
        pins.c.board_id == board_id, sa.func.coalesce(pins.c.title, "") == (title or "")
    )
    return sorted(map(_sibling, tx.conn.execute(query)), key=lambda sibling: sibling.at)


def _between(connection_id: str, since: datetime, until: datetime) -> sa.Select[Any]:
    return sa.select(*_shown).where(
        pins.c.connection_id == connection_id,
        pins.c.due_at >= since,
        pins.c.due_at <= until,
        pins.c.stage.in_([stage.value for stage in _GOES_OUT]),
        pins.c.deleted_at.is_(None),
    )


def _sibling(row: Any) -> Sibling:
    content = Content(
        row.board_id,
        Media.from_json(row.media),
        row.board_section_id,
        row.title,
        row.description,
        row.alt_text,
        row.link,
    )
    return Sibling(
        row.id, row.published_at or row.due_at, row.stage == Stage.PUBLISHED.value, Looks.of(content)
    )
