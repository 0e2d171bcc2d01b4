"""What is stored about the account behind a Connection: what a read of it told, and who looks after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.domain.accounts import Account
from steadypin.domain.connections import Owner
from steadypin.domain.upkeep import RefreshTrouble
from steadypin.storage import lanes
from steadypin.storage.connections import WHOLE, write_trouble
from steadypin.storage.database import Tx
from steadypin.storage.schema import Moment, connections, grants


def was_read(tx: Tx, connection_id: str, known: Account, next_at: datetime) -> None:
    """Pinterest told who this is: keep what is `known` from now on, and read it again at that moment."""
    _change(
        tx,
        connection_id,
        username=known.username,
        account_type=known.account_type,
        checked_at=tx.now,
        check_at=next_at,
        check_tries=0,
        check_refused=None,
        check_trouble=None,
    )


def read_soon(tx: Tx, connection_id: str, unless_since: datetime) -> None:
    """Read the account now instead of later today, unless that was done since that moment or has just failed."""
    sooner = (
        sa.update(connections)
        .where(
            connections.c.id == connection_id,
            connections.c.check_at > tx.now,
            connections.c.checked_at < unless_since,
            connections.c.check_tries == 0,
            connections.c.broken_because.is_(None),
        )
        .values(check_at=tx.now)
    )
    if tx.conn.execute(sooner).rowcount:
        lanes.hint(tx, connection_id, tx.now)


def was_not_read(tx: Tx, connection_id: str, trouble: RefreshTrouble, tries: int, next_at: datetime) -> None:
    """The read told nothing about the account, for the `tries`-th time in a row; it is read again at that moment."""
    _change(
        tx,
        connection_id,
        check_at=next_at,
        check_tries=tries,
        check_refused=None,
        check_trouble=write_trouble(trouble),
    )


def read_refused(tx: Tx, connection_id: str, version: int) -> None:
    """Pinterest refused the access token of this version for a read: once it is renewed the account is read again."""
    _change(tx, connection_id, check_at=tx.now, check_refused=version)


def mend(tx: Tx, connection_id: str, *, access_works: bool) -> None:
    """The Connection is not broken any more. With `access_works` its token, which was given up, has just worked: what was
    concluded from its refusal is forgotten, and it is renewed next, if it can be."""
    _change(tx, connection_id, **WHOLE)
    if access_works:
        tx.conn.execute(
            sa.update(grants)
            .where(grants.c.connection_id == connection_id)
            .values(
                refused_at=None,
                ended_at=None,
                refresh_at=sa.case(
                    (grants.c.refresh_token.is_(None), grants.c.access_expires_at),
                    else_=sa.literal(tx.now, Moment),
                ),
                tries=0,
            )
        )


def set_owner(tx: Tx, connection_id: str, owner: Owner | None) -> bool:
    """Name the person who looks after it, or nobody; False when there is no such Connection."""
    name, contact = (owner.name, owner.contact) if owner is not None else (None, None)
    return _change(tx, connection_id, owner_name=name, owner_contact=contact)


def _change(tx: Tx, connection_id: str, **values: Any) -> bool:
    changed = sa.update(connections).where(connections.c.id == connection_id).values(**values)
    return tx.conn.execute(changed).rowcount == 1
