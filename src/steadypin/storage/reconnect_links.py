"""Reconnect links. Only digests are kept; a link is dead once it has brought its Connection back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.storage.database import Tx
from steadypin.storage.schema import reconnect_links


@dataclass(frozen=True, slots=True)
class Link:
    """A link without its secret. `asked_by` is who asks for the reconnect, in the words of whoever made it."""

    id: str
    connection_id: str
    asked_by: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


def add(tx: Tx, link: Link, digest: str) -> None:
    """Store a new link."""
    tx.conn.execute(
        sa.insert(reconnect_links).values(
            id=link.id,
            connection_id=link.connection_id,
            digest=digest,
            asked_by=link.asked_by,
            created_at=link.created_at,
            expires_at=link.expires_at,
        )
    )


def find(tx: Tx, digest: str) -> Link | None:
    """The link with this digest, dead ones included."""
    return _read(tx, reconnect_links.c.digest == digest)


def get(tx: Tx, link_id: str) -> Link | None:
    """A link by its id."""
    return _read(tx, reconnect_links.c.id == link_id)


def _read(tx: Tx, which: sa.ColumnElement[bool]) -> Link | None:
    row: Any = tx.conn.execute(sa.select(reconnect_links).where(which)).one_or_none()
    if row is None:
        return None
    return Link(
        row.id,
        row.connection_id,
        row.asked_by,
        row.created_at,
        row.expires_at,
        row.used_at,
        row.revoked_at,
    )


def use(tx: Tx, link_id: str) -> bool:
    """It has brought its Connection back; False when it was used or revoked before."""
    changed = tx.conn.execute(
        sa.update(reconnect_links)
        .where(
            reconnect_links.c.id == link_id,
            reconnect_links.c.used_at.is_(None),
            reconnect_links.c.revoked_at.is_(None),
        )
        .values(used_at=tx.now)
    )
    return changed.rowcount == 1


def revoke(tx: Tx, connection_id: str) -> int:
    """End every link of a Connection that still works; answers how many."""
    changed = tx.conn.execute(
        sa.update(reconnect_links)
        .where(
            reconnect_links.c.connection_id == connection_id,
            reconnect_links.c.used_at.is_(None),
            reconnect_links.c.revoked_at.is_(None),
            reconnect_links.c.expires_at > tx.now,
        )
        .values(revoked_at=tx.now)
    )
    return changed.rowcount
