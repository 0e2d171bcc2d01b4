"""Who may come in: API keys for programs, set-up links and sessions for browsers.

make_key -> secret `sp_…`, shown once        find_key(secret) -> Key
new_setup_link -> token, once, one hour      open_session(token) -> Session (its secret is the cookie)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.texts import FieldError
from steadypin.services.context import Context
from steadypin.storage import access, connections
from steadypin.storage.access import BROWSER, SETUP, Key
from steadypin.storage.database import Tx

__all__ = ["Key", "NewKey", "Scope", "Session"]

SETUP_LASTS = timedelta(hours=1)
SESSION_LASTS = timedelta(days=30)
_NOTE_USE_EVERY = timedelta(minutes=10)
_KEY_MARK = "sp_"


class Scope(StrEnum):
    """What a key may do; `admin` includes all others."""

    PINS_READ = "pins:read"
    PINS_WRITE = "pins:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with the secret that nobody can read again."""

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """An open browser session: the cookie's value, and the token that its forms must carry."""

    secret: str = field(repr=False)
    csrf: str = field(repr=False)


def make_key(
    ctx: Context, name: str, scopes: Collection[Scope], connection_ids: Collection[str] | None = None
) -> NewKey:
    """Make an API key, for all connections or for those named. Raises InputRefused."""
    secret = _KEY_MARK + secrets.token_urlsafe(32)

    def work(tx: Tx) -> Key:
        _check_key(tx, name, scopes, connection_ids)
        key = Key(
            id=ctx.new_id("key", tx.now),
            name=name,
            scopes=frozenset(scope.value for scope in scopes),
            connection_ids=tuple(dict.fromkeys(connection_ids)) if connection_ids is not None else None,
            created_at=tx.now,
        )
        access.add_key(tx, key, _digest(secret))
        return key

    return NewKey(ctx.store.write(work), secret)


def _check_key(tx: Tx, name: str, scopes: Collection[Scope], connection_ids: Collection[str] | None) -> None:
    errors = []
    if not name.strip() or len(name) > 100 or not name.isprintable():
        errors.append(FieldError("name", "Give the key a name of 1 to 100 printable characters."))
    if not scopes:
        errors.append(FieldError("scopes", "Give the key at least one scope; without one it opens nothing."))
    if connection_ids is not None:
        if Scope.ADMIN in scopes:
            errors.append(
                FieldError(
                    "connection_ids",
                    "An admin key cannot be limited to connections. Leave one of the two out.",
                )
            )
        known = {connection.id for connection in connections.get_all(tx, list(connection_ids))}
        errors += [
            FieldError("connection_ids", f"There is no connection {missing}.")
            for missing in connection_ids
            if missing not in known
        ]
    if errors:
        raise InputRefused(errors)


def keys(ctx: Context) -> list[Key]:
    """Every key without its secret, newest first."""
    with ctx.store.read() as tx:
        return access.all_keys(tx)


def revoke_key(ctx: Context, key_id: str) -> Key:
    """End a key at once and for good. Raises NotThere."""
    key = ctx.store.write(lambda tx: access.revoke_key(tx, key_id))
    if key is None:
        raise NotThere(f"There is no key {key_id}.")
    return key


def find_key(ctx: Context, secret: str) -> Key | None:
    """The key that this secret opens; None when it is unknown or revoked. Notes its use now and then."""
    if not secret.startswith(_KEY_MARK):
        return None
    with ctx.store.read() as tx:
        key = access.key_by_digest(tx, _digest(secret))
        now = tx.now
    if key is not None and (key.used_at is None or now - key.used_at > _NOTE_USE_EVERY):
        used = key.id
        ctx.store.submit(lambda tx: access.key_used(tx, used))
    return key


def new_setup_link(ctx: Context) -> str:
    """A token for `BASE_URL/setup/<token>`: opens one browser session, once, within an hour."""
    token = secrets.token_urlsafe(32)
    ctx.store.write(lambda tx: access.add_session(tx, SETUP, _digest(token), None, tx.now + SETUP_LASTS))
    return token


def open_session(ctx: Context, token: str) -> Session | None:
    """Turn a set-up token into a session; None when it is unknown, used or too old."""
    session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32))

    def work(tx: Tx) -> bool:
        if not access.use_setup(tx, _digest(token)):
            return False
        access.add_session(tx, BROWSER, _digest(session.secret), session.csrf, tx.now + SESSION_LASTS)
        return True

    return session if ctx.store.write(work) else None


def find_session(ctx: Context, secret: str) -> Session | None:
    """The session behind a cookie; None when it is unknown or over."""
    with ctx.store.read() as tx:
        csrf = access.csrf_of(tx, _digest(secret))
    return Session(secret, csrf) if csrf is not None else None


def close_session(ctx: Context, session: Session) -> None:
    """Sign out."""
    ctx.store.write(lambda tx: access.end_session(tx, _digest(session.secret)))


def _digest(secret: str) -> str:
    """The secrets hold 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
