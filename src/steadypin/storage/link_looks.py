"""Looks at links: one row for each link that a Pin ahead leads to, however many Pins share it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.link_seen import LinkSeen
from steadypin.storage.database import Tx
from steadypin.storage.preflights import AHEAD
from steadypin.storage.schema import link_looks, pins, preflights

_TOGETHER = 500
_ahead = sa.and_(pins.c.stage.in_([stage.value for stage in AHEAD]), pins.c.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class LinkLook:
    """A link and what the last look at it saw; `looked_at` and `seen` are None while nobody has looked."""

    key: str
    link: str
    looked_at: datetime | None = None
    seen: LinkSeen | None = None


def add(tx: Tx, links: Mapping[str, str]) -> None:
    """Links by their keys that Pins lead to from now on; those that are known stay as they are."""
    if not links:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(link_looks).on_conflict_do_nothing(index_elements=["link_key"])
    tx.conn.execute(statement, [{"link_key": key, "link": links[key]} for key in sorted(links)])


def get(tx: Tx, keys: Collection[str]) -> dict[str, LinkLook]:
    """By their keys; links that nobody needs are missing."""
    wanted = sorted(keys)
    found: dict[str, LinkLook] = {}
    for start in range(0, len(wanted), _TOGETHER):
        query = sa.select(link_looks).where(link_looks.c.link_key.in_(wanted[start : start + _TOGETHER]))
        for row in tx.conn.execute(query):
            seen = LinkSeen.from_json(row.seen) if row.seen is not None else None
            found[row.link_key] = LinkLook(row.link_key, row.link, row.looked_at, seen)
    return found


def keep(tx: Tx, key: str, seen: LinkSeen) -> None:
    """What a look has seen now."""
    tx.conn.execute(
        sa.update(link_looks)
        .where(link_looks.c.link_key == key)
        .values(looked_at=tx.now, seen=seen.to_json())
    )


def forget(tx: Tx, key: str) -> None:
    """Nobody needs it any more."""
    tx.conn.execute(sa.delete(link_looks).where(link_looks.c.link_key == key))


def due_times(tx: Tx, key: str, after: datetime) -> list[datetime]:
    """When the Pins ahead that lead there are due, each moment once; only those after that moment."""
    query = (
        sa.select(pins.c.due_at)
        .join(preflights, preflights.c.pin_id == pins.c.id)
        .where(preflights.c.link_key == key, pins.c.due_at > after, _ahead)
        .distinct()
    )
    return list(tx.conn.execute(query).scalars())
