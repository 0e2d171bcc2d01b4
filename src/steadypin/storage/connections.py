"""Connections and their Grants. Tokens are opened only here, and only for the one who sends a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.connections import Connection, Grant
from steadypin.storage.database import Tx
from steadypin.storage.schema import connections, grants
from steadypin.storage.seal import Seal

_both = sa.select(
    connections,
    grants.c.scopes,
    grants.c.access_expires_at,
    grants.c.refresh_expires_at,
).join(grants, grants.c.connection_id == connections.c.id)
_get = _both.where(connections.c.id == p("connection", type_=sa.Text))
_grant = sa.select(grants).where(grants.c.connection_id == p("connection", type_=sa.Text))


def read_connection(row: Any) -> Connection:
    """From a row that holds the columns of both tables."""
    return Connection(
        id=row.id,
        environment=row.environment,
        account_id=row.account_id,
        username=row.username,
        account_type=row.account_type,
        scopes=frozenset(row.scopes.split()),
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        created_at=row.created_at,
        broken_because=row.broken_because,
        paused_at=row.paused_at,
        disconnected_at=row.disconnected_at,
    )


def get(tx: Tx, connection_id: str) -> Connection | None:
    """A Connection without its tokens."""
    row = tx.conn.execute(_get, {"connection": connection_id}).one_or_none()
    return read_connection(row) if row is not None else None


def get_all(tx: Tx, ids: Sequence[str] | None = None) -> list[Connection]:
    """All Connections, or those named, by username."""
    query = _both.order_by(connections.c.username, connections.c.environment)
    if ids is not None:
        query = query.where(connections.c.id.in_(ids))
    return [read_connection(row) for row in tx.conn.execute(query)]


def find_account(tx: Tx, environment: str, account_id: str) -> Connection | None:
    """The Connection of a Pinterest account, whoever connected it."""
    query = _both.where(connections.c.environment == environment, connections.c.account_id == account_id)
    row = tx.conn.execute(query).one_or_none()
    return read_connection(row) if row is not None else None


def insert(tx: Tx, connection: Connection, grant: Grant, seal: Seal) -> None:
    """Store a new Connection with its Grant."""
    tx.conn.execute(
        sa.insert(connections).values(
            id=connection.id,
            environment=connection.environment,
            account_id=connection.account_id,
            username=connection.username,
            account_type=connection.account_type,
            created_at=connection.created_at,
        )
    )
    tx.conn.execute(
        sa.insert(grants).values(connection_id=connection.id, **_grant_columns(connection.id, grant, seal))
    )


def reconnect(tx: Tx, connection: Connection, grant: Grant, seal: Seal) -> None:
    """The same account was connected again: new Grant, nothing else lost, whatever broke it is over."""
    tx.conn.execute(
        sa.update(connections)
        .where(connections.c.id == connection.id)
        .values(
            username=connection.username,
            account_type=connection.account_type,
            broken_because=None,
            disconnected_at=None,
        )
    )
    former = tx.conn.execute(
        sa.select(grants.c.version).where(grants.c.connection_id == connection.id).with_for_update()
    ).scalar_one()
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection.id)
        .values(**_grant_columns(connection.id, replace(grant, version=former + 1), seal))
    )


def refreshed(tx: Tx, connection_id: str, grant: Grant, seal: Seal, *, replaces: int) -> bool:
    """Put a refreshed Grant in place of version `replaces`; False when another one (a reconnect) came first."""
    changed = tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == replaces)
        .values(**_grant_columns(connection_id, replace(grant, version=replaces + 1), seal))
    )
    return changed.rowcount == 1


def refresh_later(tx: Tx, connection_id: str, at: datetime, *, version: int) -> None:
    """A refresh of this version failed for a passing reason: when to try again."""
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == version)
        .values(refresh_at=at, tries=grants.c.tries + 1)
    )


def token_refused(tx: Tx, connection_id: str, version: int) -> None:
    """Pinterest refused the access token of this version: refresh it before anything else is sent with it."""
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == version)
        .values(refused_at=tx.now, refresh_at=tx.now)
    )


@dataclass(frozen=True, slots=True)
class Upkeep:
    """When a Grant wants its next refresh, how many failed in a row, and since when its access token is refused."""

    refresh_at: datetime | None
    tries: int
    refused_at: datetime | None


def upkeep(tx: Tx, connection_id: str) -> Upkeep:
    """What the Grant of a Connection needs."""
    row = tx.conn.execute(_grant, {"connection": connection_id}).one()
    return Upkeep(row.refresh_at, row.tries, row.refused_at)


def read_grant(row: Any, seal: Seal) -> Grant:
    """The Grant in a row that holds its columns, and the Connection's id as `id`. Raises WrongKey."""
    refresh = seal.open(row.refresh_token, "grants", "refresh_token", row.id) if row.refresh_token else None
    return Grant(
        access_token=seal.open(row.access_token, "grants", "access_token", row.id),
        refresh_token=refresh,
        scopes=frozenset(row.scopes.split()),
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refreshed_at=row.refreshed_at,
        version=row.version,
    )


def _grant_columns(connection_id: str, value: Grant, seal: Seal) -> dict[str, Any]:
    refresh = value.refresh_token
    return {
        "version": value.version,
        "access_token": seal.close(value.access_token, "grants", "access_token", connection_id),
        "refresh_token": seal.close(refresh, "grants", "refresh_token", connection_id) if refresh else None,
        "scopes": " ".join(sorted(value.scopes)),
        "access_expires_at": value.access_expires_at,
        "refresh_expires_at": value.refresh_expires_at,
        "refreshed_at": value.refreshed_at,
        "refresh_at": value.refresh_due_at(),
        "refused_at": None,
        "tries": 0,
    }


def mark_broken(tx: Tx, connection_id: str, because: str, *, version: int) -> None:
    """Pinterest ended the Grant of this version; only a person can bring it back. One connected anew is not touched."""
    current = sa.select(grants.c.version).where(grants.c.connection_id == connection_id).scalar_subquery()
    tx.conn.execute(
        sa.update(connections)
        .where(connections.c.id == connection_id, current == version)
        .values(broken_because=because)
    )


def set_paused(tx: Tx, connection_id: str, at: datetime | None) -> bool:
    """Pause (a moment) or resume (None) one Connection; the caller holds its Lane row."""
    changed = tx.conn.execute(
        sa.update(connections).where(connections.c.id == connection_id).values(paused_at=at)
    )
    return changed.rowcount == 1


def mark_disconnected(tx: Tx, connection_id: str) -> None:
    """Our copy of the tokens is destroyed; the row stays, so its Pins keep their history."""
    tx.conn.execute(
        sa.update(connections).where(connections.c.id == connection_id).values(disconnected_at=tx.now)
    )
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id)
        .values(access_token=b"", refresh_token=None, refresh_at=None, version=grants.c.version + 1)
    )
