"""Consents under way. Only the hash of the state is kept; it is used once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from steadypin.storage.database import Tx
from steadypin.storage.schema import authorizations


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent: waiting (`used_at` None), or how it ended."""

    environment: str
    redirect_uri: str
    expires_at: datetime
    used_at: datetime | None
    connection_id: str | None
    failure: Mapping[str, Any] | None


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()


def begin(tx: Tx, state: str, environment: str, redirect_uri: str, expires_at: datetime) -> None:
    """Remember that this state was handed out."""
    tx.conn.execute(sa.delete(authorizations).where(authorizations.c.expires_at < tx.now))
    tx.conn.execute(
        sa.insert(authorizations).values(
            state_hash=_hash(state),
            environment=environment,
            redirect_uri=redirect_uri,
            created_at=tx.now,
            expires_at=expires_at,
        )
    )


def get(tx: Tx, state: str) -> Consent | None:
    """The consent of a state, unless it was never handed out or is long over."""
    row = tx.conn.execute(
        sa.select(authorizations).where(authorizations.c.state_hash == _hash(state))
    ).one_or_none()
    if row is None:
        return None
    return Consent(
        row.environment, row.redirect_uri, row.expires_at, row.used_at, row.connection_id, row.failure
    )


def use(tx: Tx, state: str) -> bool:
    """Claim the state; False when it was used before or has expired."""
    changed = tx.conn.execute(
        sa.update(authorizations)
        .where(
            authorizations.c.state_hash == _hash(state),
            authorizations.c.used_at.is_(None),
            authorizations.c.expires_at > tx.now,
        )
        .values(used_at=tx.now)
    )
    return changed.rowcount == 1


def finish(tx: Tx, state: str, connection_id: str | None, failure: Mapping[str, Any] | None) -> None:
    """How it ended, for whoever waits for it."""
    tx.conn.execute(
        sa.update(authorizations)
        .where(authorizations.c.state_hash == _hash(state))
        .values(connection_id=connection_id, failure=dict(failure) if failure is not None else None)
    )
