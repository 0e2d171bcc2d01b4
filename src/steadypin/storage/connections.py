"""Connections and their Grants. Tokens are opened only here, and only for the one who sends a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.accounts import Broken, next_read
from steadypin.domain.connections import Connection, Former, Grant, Owner, passed
from steadypin.domain.upkeep import RefreshTrouble, Upkeep
from steadypin.domain.words import Cause, Remedy
from steadypin.storage.database import Tx
from steadypin.storage.instance import catch_up
from steadypin.storage.resealing import SEALED
from steadypin.storage.schema import connections, from_micros, grants, to_micros
from steadypin.storage.seal import Seal, WrongKey

_both = sa.select(
    connections,
    grants.c.scopes,
    grants.c.access_expires_at,
    grants.c.refresh_expires_at,
    grants.c.refresh_token,
    grants.c.cut_at,
    grants.c.ended_at,
    grants.c.refresh_trouble,
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
        renewable=row.refresh_token is not None,
        renewal_ended_at=row.ended_at,
        renewal_cut_at=row.cut_at,
        refresh_trouble=_read_trouble(row.refresh_trouble),
        broken_cause=Cause(row.broken_cause) if row.broken_cause else None,
        broken_remedy=Remedy(row.broken_remedy) if row.broken_remedy else None,
        broken_rule=row.broken_rule,
        broken_fix=row.broken_fix,
        checked_at=row.checked_at,
        check_at=row.check_at,
        check_trouble=_read_trouble(row.check_trouble),
        owner=Owner(row.owner_name, row.owner_contact) if row.owner_name else None,
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


def insert(tx: Tx, connection: Connection, grant: Grant, seal: Seal, jitter: float = 0.0) -> bool:
    """Store a new Connection with its Grant; False when another transaction has just stored one of this account."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    made = insert(connections).values(
        id=connection.id,
        environment=connection.environment,
        account_id=connection.account_id,
        username=connection.username,
        account_type=connection.account_type,
        created_at=connection.created_at,
        **_just_read(tx, connection.id),
    )
    alone = made.on_conflict_do_nothing(index_elements=["environment", "account_id"])
    if tx.conn.execute(alone.returning(connections.c.id)).one_or_none() is None:
        return False
    tx.conn.execute(
        sa.insert(grants).values(
            connection_id=connection.id, **_grant_columns(tx, connection.id, grant, seal, jitter)
        )
    )
    return True


def reconnect(tx: Tx, connection: Connection, grant: Grant, seal: Seal, jitter: float = 0.0) -> None:
    """The same account was connected again: new Grant, nothing else lost, whatever broke it is over."""
    tx.conn.execute(
        sa.update(connections)
        .where(connections.c.id == connection.id)
        .values(
            username=connection.username,
            account_type=connection.account_type,
            disconnected_at=None,
            **WHOLE,
            **_just_read(tx, connection.id),
        )
    )
    former = tx.conn.execute(
        sa.select(grants.c.version).where(grants.c.connection_id == connection.id).with_for_update()
    ).scalar_one()
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection.id)
        .values(**_grant_columns(tx, connection.id, replace(grant, version=former + 1), seal, jitter))
    )


WHOLE: dict[str, Any] = {
    "broken_because": None,
    "broken_cause": None,
    "broken_remedy": None,
    "broken_rule": None,
    "broken_fix": None,
}
"""The columns of a Connection that is not broken."""


def _just_read(tx: Tx, connection_id: str) -> dict[str, Any]:
    """Connecting reads the account."""
    return {
        "checked_at": tx.now,
        "check_at": next_read(connection_id, tx.now),
        "check_tries": 0,
        "check_refused": None,
        "check_trouble": None,
    }


def refreshed(
    tx: Tx, connection_id: str, grant: Grant, seal: Seal, *, replaces: int, jitter: float = 0.0
) -> bool:
    """Put a refreshed Grant in place of version `replaces`; False when another one (a reconnect) came first."""
    changed = tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == replaces)
        .values(**_grant_columns(tx, connection_id, replace(grant, version=replaces + 1), seal, jitter))
    )
    return changed.rowcount == 1


def keep_upkeep(tx: Tx, connection_id: str, state: Upkeep, *, version: int) -> bool:
    """Write what became of a refresh of this version; False when another pair (a reconnect) came first."""
    changed = tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == version)
        .values(
            refresh_at=state.refresh_at,
            tries=state.tries,
            refused_at=state.refused_at,
            asked_at=state.asked_at,
            cut_at=state.cut_at,
            ended_at=state.ended_at,
            refresh_trouble=write_trouble(state.trouble),
        )
    )
    return changed.rowcount == 1


def worked(tx: Tx, connection_id: str, version: int) -> None:
    """Pinterest accepted the access token of this version: the pair before it is destroyed."""
    tx.conn.execute(
        sa.update(grants)
        .where(
            grants.c.connection_id == connection_id,
            grants.c.version == version,
            grants.c.former_access_token.isnot(None),
        )
        .values(_NO_FORMER)
    )


def told_days(tx: Tx, connection_id: str) -> int | None:
    """The last of the alerts ahead of the end that was told."""
    found: int | None = tx.conn.execute(
        sa.select(grants.c.told_days).where(grants.c.connection_id == connection_id)
    ).scalar_one()
    return found


def told(tx: Tx, connection_id: str, days: int | None) -> None:
    """This alert ahead of the end is told in this transaction."""
    tx.conn.execute(sa.update(grants).where(grants.c.connection_id == connection_id).values(told_days=days))


def token_refused(tx: Tx, connection_id: str, version: int) -> None:
    """Pinterest refused the access token of this version: refresh it before anything else is sent with it."""
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id, grants.c.version == version)
        .values(refused_at=tx.now, refresh_at=tx.now)
    )


def upkeep(tx: Tx, connection_id: str) -> Upkeep:
    """How the Grant of a Connection stands."""
    return read_upkeep(tx.conn.execute(_grant, {"connection": connection_id}).one())


def read_upkeep(row: Any) -> Upkeep:
    """From a row that holds the columns of a Grant."""
    return Upkeep(
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refresh_at=row.refresh_at,
        tries=row.tries,
        refused_at=row.refused_at,
        asked_at=row.asked_at,
        cut_at=row.cut_at,
        ended_at=row.ended_at,
        trouble=_read_trouble(row.refresh_trouble),
    )


def _read_trouble(stored: Any) -> RefreshTrouble | None:
    return None if stored is None else RefreshTrouble(**{**stored, "at": from_micros(stored["at"])})


def write_trouble(trouble: RefreshTrouble | None) -> dict[str, Any] | None:
    """As it is stored."""
    return None if trouble is None else {**asdict(trouble), "at": to_micros(trouble.at)}


def read_grant(row: Any, seal: Seal) -> Grant:
    """The Grant in a row that holds its columns, and the Connection's id as `id`. Raises WrongKey."""

    def opened(column: str) -> str | None:
        sealed = getattr(row, column)
        return seal.open(sealed, "grants", column, row.id) if sealed else None

    former = opened("former_access_token")
    return Grant(
        access_token=seal.open(row.access_token, "grants", "access_token", row.id),
        refresh_token=opened("refresh_token"),
        scopes=frozenset(row.scopes.split()),
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refreshed_at=row.refreshed_at,
        version=row.version,
        former=Former(former, opened("former_refresh_token"), row.former_access_expires_at)
        if former
        else None,
    )


_NO_FORMER: dict[str, Any] = {
    "former_access_token": None,
    "former_refresh_token": None,
    "former_access_expires_at": None,
}
_AFRESH: dict[str, Any] = {
    "refused_at": None,
    "tries": 0,
    "asked_at": None,
    "cut_at": None,
    "ended_at": None,
    "refresh_trouble": None,
}


def _grant_columns(tx: Tx, connection_id: str, value: Grant, seal: Seal, jitter: float) -> dict[str, Any]:
    """A pair as it is stored: all that belonged to the one before it starts afresh."""
    catch_up(tx, seal)

    def closed(column: str, secret: str | None) -> bytes | None:
        return seal.close(secret, "grants", column, connection_id) if secret else None

    former = value.former
    kept = _NO_FORMER
    if former is not None:
        kept = {
            "former_access_token": closed("former_access_token", former.access_token),
            "former_refresh_token": closed("former_refresh_token", former.refresh_token),
            "former_access_expires_at": former.access_expires_at,
        }
    return {
        **_AFRESH,
        **kept,
        "version": value.version,
        "access_token": closed("access_token", value.access_token),
        "refresh_token": closed("refresh_token", value.refresh_token),
        "scopes": " ".join(sorted(value.scopes)),
        "access_expires_at": value.access_expires_at,
        "refresh_expires_at": value.refresh_expires_at,
        "refreshed_at": value.refreshed_at,
        "refresh_at": value.refresh_due_at(jitter),
        "told_days": passed(value.ends_at(), value.refreshed_at),
    }


def mark_broken(
    tx: Tx, connection_id: str, because: str, *, version: int, broken: Broken | None = None
) -> bool:
    """Nothing can be done with the Grant of this version until a person acts; `broken` says what is wrong and who heals it.
    One connected anew is not touched: then False."""
    current = sa.select(grants.c.version).where(grants.c.connection_id == connection_id).scalar_subquery()
    changed = tx.conn.execute(
        sa.update(connections)
        .where(connections.c.id == connection_id, current == version)
        .values(
            broken_because=because,
            broken_cause=broken.cause.value if broken is not None else None,
            broken_remedy=broken.remedy.value if broken is not None else None,
            broken_rule=broken.rule if broken is not None else None,
            broken_fix=broken.fix if broken is not None else None,
        )
    )
    return changed.rowcount == 1


def unreadable(tx: Tx, connection_id: str, seal: Seal) -> int | None:
    """The version of its Grant whose tokens cannot be opened here; None when they can, replaced meanwhile."""
    named = sa.select(grants, grants.c.connection_id.label("id")).where(
        grants.c.connection_id == connection_id
    )
    row = tx.conn.execute(named.with_for_update()).one()
    try:
        read_grant(row, seal)
    except WrongKey:
        return int(row.version)
    return None


def set_paused(tx: Tx, connection_id: str, at: datetime | None) -> bool:
    """Pause (a moment) or resume (None) one Connection; the caller holds its Lane row."""
    changed = tx.conn.execute(
        sa.update(connections).where(connections.c.id == connection_id).values(paused_at=at)
    )
    return changed.rowcount == 1


def set_limits(tx: Tx, connection_id: str, limits: Mapping[str, Any]) -> None:
    """Keep what the user allows for this account where it differs from the settings; the caller holds its Lane row."""
    tx.conn.execute(
        sa.update(connections).where(connections.c.id == connection_id).values(limits=dict(limits) or None)
    )


_destroyed = {column.name: None if column.nullable else b"" for column in SEALED[grants]}


def mark_disconnected(tx: Tx, connection_id: str) -> bool:
    """Our copy of the tokens is destroyed, every pair of them; the row stays, so its Pins keep their history.

    False when that was done before. A renewal under way finds another version and is dropped.
    """
    ended = tx.conn.execute(
        sa.update(connections)
        .where(connections.c.id == connection_id, connections.c.disconnected_at.is_(None))
        .values(disconnected_at=tx.now, **WHOLE)
    )
    if ended.rowcount == 0:
        return False
    tx.conn.execute(
        sa.update(grants)
        .where(grants.c.connection_id == connection_id)
        .values(**_AFRESH, **_destroyed, refresh_at=None, version=grants.c.version + 1)
    )
    return True
