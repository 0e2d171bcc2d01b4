"""The other Pins of an account that are near in time: what a Preflight compares a Pin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from steadypin.domain.pins import Content, Media
from steadypin.domain.preflight import Looks, Sibling
from steadypin.domain.words import Stage
from steadypin.storage.database import Tx
from steadypin.storage.schema import pins

_GOES_OUT = (Stage.SCHEDULED, Stage.PREPARING, Stage.SENDING, Stage.CONFIRMING, Stage.HELD, Stage.PUBLISHED)


def near(tx: Tx, connection_id: str, since: datetime, until: datetime) -> Sequence[Sibling]:
    """Every Pin of the Connection that is live, or will be, between those two moments, by its time."""
    query = (
        sa.select(
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
        .where(
            pins.c.connection_id == connection_id,
            pins.c.due_at >= since,
            pins.c.due_at <= until,
            pins.c.stage.in_([stage.value for stage in _GOES_OUT]),
            pins.c.deleted_at.is_(None),
        )
        .order_by(pins.c.due_at)
    )
    found = [
        Sibling(
            row.id,
            row.published_at or row.due_at,
            row.stage == Stage.PUBLISHED.value,
            Looks.of(
                Content(
                    row.board_id,
                    Media.from_json(row.media),
                    row.board_section_id,
                    row.title,
                    row.description,
                    row.alt_text,
                    row.link,
                )
            ),
        )
        for row in tx.conn.execute(query)
    ]
    return sorted(found, key=lambda sibling: sibling.at)
