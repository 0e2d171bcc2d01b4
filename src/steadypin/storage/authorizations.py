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
    """One consent: waiting (`used_at` None), or how it ended. `scopes` are those asked for.

    `browser` is the digest of what only the browser that began it has; None when no browser of ours did. `expects` is the
    Connection that it must bring back, None: any account will do. `link_id` is the reconnect link that began it.
    """

    environment: str
    redirect_uri: str
    expires_at: datetime
    used_at: datetime | None = None
    connection_id: str | None = None
    failure: Mapping[str, Any] | None = None
    scopes: tuple[str, ...] = ()
    browser: str | None = None
    expects: str | None = None
    link_id: str | None = None


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()


def begin(tx: Tx, state: str, consent: Consent) -> None:
    """Remember that this state was handed out."""
    tx.conn.execute(sa.delete(authorizations).where(authorizations.c.expires_at < tx.now))
    tx.conn.execute(
        sa.insert(authorizations).values(
            state_hash=_hash(state),
            environment=consent.environment,
            redirect_uri=consent.redirect_uri,
            created_at=tx.now,
            expires_at=consent.expires_at,
            scopes=" ".join(consent.scopes),
            browser=consent.browser,
            expects=consent.expects,
            link_id=consent.link_id,
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
        environment=row.environment,
        redirect_uri=row.redirect_uri,
        expires_at=row.expires_at,
        used_at=row.used_at,
        connection_id=row.connection_id,
        failure=row.failure,
        scopes=tuple((row.scopes or "").split()),
        browser=row.browser,
        expects=row.expects,
        link_id=row.link_id,
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
