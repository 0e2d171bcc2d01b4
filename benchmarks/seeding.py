"""Fills a database with connections, one small image and many Pins, in the database's own SQL."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from PIL import Image

from steadypin.bootstrap.assembly import opened
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection, Grant
from steadypin.domain.operations import MINIMUM_SCOPES
from steadypin.domain.pacing.budgets import STANDARD, Budget, Pace
from steadypin.domain.pacing.headers import Quota
from steadypin.services.context import Context
from steadypin.settings import Settings
from steadypin.storage import boards, connections, lanes, media
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane
from steadypin.storage.media import KeptMedia
from steadypin.storage.schema import to_micros

MEDIA_ID = "med_1"
_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series({first}, {last})) ",
}
_UNLIMITED = Pace({key: Budget(Quota(key, 10**9, 60)) for key in STANDARD})
"""As if Pinterest had said that it gives a thousand million requests a minute."""
_PINS = """
INSERT INTO pins (id, connection_id, board_id, title, link, media, version, stage, step, due_at, act_at,
                  tries, looks, created_at, updated_at)
{series}
SELECT 'pin_' || CAST(1000000000 + i AS TEXT), 'con_' || CAST(i % {connections} AS TEXT), '1',
       '{title} ' || CAST({due} AS TEXT), 'https://shop.example/' || CAST(i AS TEXT), '{media}', 1, 'scheduled', 1,
       {due}, {due}, 0, 0, {now}, {now}
FROM n
"""


def connect(settings: Settings, count: int) -> None:
    """Make `count` connections with a board each, and the one image that all Pins show."""
    with opened(settings) as ctx:
        digest, size = asyncio.run(ctx.files.take(_picture(), 10**7))
        ctx.store.write(lambda tx: _connections(ctx, tx, count))
        ctx.store.write(
            lambda tx: media.add(tx, KeptMedia(MEDIA_ID, digest, "image/png", size, 600, 900, None, tx.now))
        )


def add_pins(
    settings: Settings,
    connection_count: int,
    *,
    first: int,
    count: int,
    due: datetime,
    apart: timedelta = timedelta(0),
    title: str = "due",
) -> None:
    """Schedule `count` Pins over the connections in turn; the title ends with the due time in microseconds."""
    with opened(settings) as ctx:
        series = _SERIES[ctx.store.dialect].format(first=first, last=first + count - 1)
        micros = to_micros(due)
        statement = _PINS.format(
            series=series,
            connections=connection_count,
            title=title,
            due=f"({micros} + (CAST(i AS BIGINT) - {first}) * {apart // timedelta(microseconds=1)})",
            media=f'{{"type": "image", "media_id": "{MEDIA_ID}"}}',
            now=to_micros(datetime.now(UTC)),
        )
        with ctx.store.engines.writer.begin() as conn:
            conn.exec_driver_sql(
                statement.replace("%", "%%") if ctx.store.dialect == "postgresql" else statement
            )
            conn.execute(
                sa.text(
                    "UPDATE lanes SET next_due_at = (SELECT min(act_at) FROM pins "
                    "WHERE pins.connection_id = lanes.connection_id AND act_at IS NOT NULL)"
                )
            )
            if ctx.store.dialect == "postgresql":
                conn.execute(sa.text("ANALYZE pins"))


def published(settings: Settings) -> int:
    """How many Pins are live, read by a connection of its own."""
    engine = sa.create_engine(settings.database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as conn:
        found: int = conn.execute(sa.text("SELECT count(*) FROM pins WHERE stage = 'published'")).scalar_one()
    engine.dispose()
    return found


def _connections(ctx: Context, tx: Tx, count: int) -> None:
    for n in range(count):
        scopes = frozenset(MINIMUM_SCOPES)
        grant = Grant(
            f"pina_{n}",
            f"pinr_{n}",
            scopes,
            tx.now + timedelta(days=30),
            tx.now + timedelta(days=60),
            tx.now,
        )
        connection = Connection(
            f"con_{n}",
            "production",
            str(n),
            f"shop_{n}",
            "BUSINESS",
            scopes,
            grant.access_expires_at,
            grant.refresh_expires_at,
            tx.now,
        )
        connections.insert(tx, connection, grant, ctx.seal)
        lanes.open_lane(tx, connection.id)
        lanes.remember(tx, Lane(connection.id, "", 0), _UNLIMITED)
        boards.replace_all(tx, connection.id, [Board("1", "Board")])


async def _picture() -> AsyncIterator[bytes]:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((600, 900)).convert("RGB").save(buffer, "JPEG", quality=70)
    yield buffer.getvalue()
