"""API keys, browser sessions and set-up links. Only digests of secrets are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, api_keys, sessions

SETUP, BROWSER = "setup", "browser"


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret. `connection_ids` None means every connection."""

    id: str
    name: str
    scopes: frozenset[str]
    connection_ids: tuple[str, ...] | None
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


def _key(row: Any) -> Key:
    ids = row.connection_ids
    return Key(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        connection_ids=tuple(ids) if ids is not None else None,
        created_at=row.created_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def add_key(tx: Tx, key: Key, digest: str) -> None:
    """Store a new key."""
    tx.conn.execute(
        sa.insert(api_keys).values(
            id=key.id,
            name=key.name,
            digest=digest,
            scopes=" ".join(sorted(key.scopes)),
            connection_ids=list(key.connection_ids) if key.connection_ids is not None else None,
            created_at=key.created_at,
        )
    )


_by_digest = sa.select(api_keys).where(
    api_keys.c.digest == p("digest", type_=sa.Text), api_keys.c.revoked_at.is_(None)
)


def key_by_digest(tx: Tx, digest: str) -> Key | None:
    """The key with this digest, unless it was revoked."""
    row = tx.conn.execute(_by_digest, {"digest": digest}).one_or_none()
    return _key(row) if row is not None else None


def all_keys(tx: Tx) -> list[Key]:
    """Every key, newest first, revoked ones included."""
    return [_key(row) for row in tx.conn.execute(sa.select(api_keys).order_by(api_keys.c.id.desc()))]


def revoke_key(tx: Tx, key_id: str) -> Key | None:
    """End a key for good; None when there is none."""
    tx.conn.execute(
        sa.update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )
    row = tx.conn.execute(sa.select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    return _key(row) if row is not None else None


def key_used(tx: Tx, key_id: str) -> None:
    """Note that a key was used now."""
    tx.conn.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(used_at=tx.now))


def add_session(tx: Tx, kind: str, digest: str, csrf: str | None, expires_at: datetime) -> None:
    """Store a set-up link or a browser session."""
    tx.conn.execute(
        sa.insert(sessions).values(
            digest=digest, kind=kind, csrf=csrf, created_at=tx.now, expires_at=expires_at
        )
    )


def use_setup(tx: Tx, digest: str) -> bool:
    """Use up a set-up link; False when it is unknown, expired or used."""
    changed = tx.conn.execute(
        sa.update(sessions)
        .where(
            sessions.c.digest == digest,
            sessions.c.kind == SETUP,
            sessions.c.used_at.is_(None),
            sessions.c.expires_at > tx.now,
        )
        .values(used_at=tx.now)
    )
    return changed.rowcount == 1


_browser = sa.select(sessions.c.csrf).where(
    sessions.c.digest == p("digest", type_=sa.Text),
    sessions.c.kind == BROWSER,
    sessions.c.expires_at > p("now", type_=Moment),
)


def csrf_of(tx: Tx, digest: str) -> str | None:
    """The form token of a browser session that is not over; None when there is no such session."""
    token: str | None = tx.conn.execute(_browser, {"digest": digest, "now": tx.now}).scalar_one_or_none()
    return token


def end_session(tx: Tx, digest: str) -> None:
    """Forget a browser session, and whatever expired."""
    tx.conn.execute(
        sa.delete(sessions).where(sa.or_(sessions.c.digest == digest, sessions.c.expires_at < tx.now))
    )
