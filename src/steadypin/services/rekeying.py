"""Putting a new secret key in the place of the present one while everything runs.

    put in front (key file) -> switch (one row) -> seal rows anew (small transactions) -> retire (key file)

The new key is on disk before anything is sealed with it, and the former one stays beside it until no row needs it. So
both open everything meanwhile, and after a crash at any point the same command goes on where it stopped. Which key
seals is written in the database; whoever is about to seal reads it there in the same transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from steadypin.domain.accounts import Broken
from steadypin.domain.errors import Conflict
from steadypin.domain.words import Cause, Remedy
from steadypin.services import breaking
from steadypin.services.context import Context
from steadypin.storage import connections, instance, resealing
from steadypin.storage.database import Tx
from steadypin.storage.filelock import FileLock
from steadypin.storage.keys import GivenKeys, KeyFile, KeySource
from steadypin.storage.seal import WrongKey, key_id, shown

__all__ = ["Rotation", "WrongKey", "knows_key", "rotate"]

log = structlog.get_logger()

ROWS_AT_ONCE = 50
"""Rows in one transaction: publishing waits for none of them longer than some milliseconds."""
_PATIENCE_S = 5.0
"""After so long a call answers how far it is; the next call goes on."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far it is. `waits`: the new key is ready, and every machine must have it first. `former_file`: where the keys
    went that no row needs any more, None when the operator has to remove them. `unreadable`: rows that no key opens."""

    key: str
    finished: bool
    waits: bool = False
    resealed: int = 0
    left: int = 0
    unreadable: tuple[str, ...] = ()
    former_file: Path | None = None


def rotate(ctx: Context, *, everywhere: bool) -> Rotation:
    """Begin a rotation, or go on with one, for some seconds. Raises Conflict.

    `everywhere`: every machine that works on this database has the new key. Nobody else can know that on PostgreSQL.
    """
    source = ctx.seal.source
    if source is None:
        raise Conflict("This installation has no key of its own. Set STEADYPIN_SECRET_KEY.")
    with _alone(source):
        key = _target(ctx, source)
        if ctx.store.dialect != "sqlite" and not everywhere and not _is_in_force(ctx, key):
            return Rotation(shown(key), finished=False, waits=True, left=_left(ctx, key))
        ctx.store.write(lambda tx: instance.switch_key(tx, ctx.seal, key))
        done = _reseal(ctx)
        left = _left(ctx, key)
        if left > len(done.unreadable):
            return Rotation(shown(key), finished=False, resealed=done.rows, left=left)
        return Rotation(
            shown(key),
            finished=True,
            resealed=done.rows,
            left=left,
            unreadable=done.unreadable,
            former_file=_retire(source, key),
        )


UNREADABLE = "The stored tokens of this connection cannot be read with the secret key. They are kept; connect it again."
KEY_MISSING = (
    "The secret key was rotated elsewhere, and this process does not have the new one. Put it in front of the former one "
    "(in the key file it is found by itself; for STEADYPIN_SECRET_KEY start this process again). Nothing was changed."
)


def tokens_unreadable(ctx: Context, tx: Tx, connection_id: str) -> None:
    """The key fits the installation, but not these tokens: only a reconnect helps, and everyone concerned is told so."""
    version, connection = (
        connections.unreadable(tx, connection_id, ctx.seal),
        connections.get(tx, connection_id),
    )
    if version is not None and connection is not None:
        because = "its stored tokens cannot be read with the secret key"
        why = Broken(because, Cause.TOKEN, Remedy.RECONNECT, "tokens-unreadable", connection.how_to_reconnect)
        breaking.breaks(ctx, tx, connection_id, why, version=version)


def knows_key(ctx: Context) -> bool:
    """Whether this process has the key that seals the installation; False after a rotation elsewhere without it."""
    with ctx.store.read() as tx:
        key = instance.current_key(tx)
    return ctx.seal.use(key)


def _target(ctx: Context, source: KeySource) -> bytes:
    """The key to seal with: the first of the source when it waits to be used, else a new one."""
    keys = _read(source)
    ctx.seal.learn()
    with ctx.store.read() as tx:
        current = instance.current_key(tx)
    ours = isinstance(source, KeyFile)
    begun = key_id(keys[0]) != current or (len(keys) > 1 if ours else _left(ctx, current) > 0)
    if begun:
        return key_id(keys[0])
    if not isinstance(source, KeyFile):
        raise Conflict(_give_a_new_one(source))
    key = source.put_in_front()
    ctx.seal.learn()
    log.info("secret.key_made", key=shown(key_id(key)))
    return key_id(key)


def _read(source: KeySource) -> tuple[bytes, ...]:
    try:
        return source.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Conflict(f"The secret keys cannot be read ({reason}). Correct that, then try again.") from None


def _give_a_new_one(source: KeySource) -> str:
    where = (
        source.file if isinstance(source, GivenKeys) and source.file is not None else "STEADYPIN_SECRET_KEY"
    )
    how = (
        "; running processes read it by themselves"
        if isinstance(source, GivenKeys) and source.file is not None
        else " and start them again, one after the other"
    )
    return (
        f"The secret key is in {where}, which is yours to change, and every row is sealed with the first key there. Put "
        f"a new one (`steadypin secret new`) in front of it with a comma between, on every machine{how}. Then rotate."
    )


def _is_in_force(ctx: Context, key: bytes) -> bool:
    with ctx.store.read() as tx:
        return instance.current_key(tx) == key


def _left(ctx: Context, key: bytes) -> int:
    with ctx.store.read() as tx:
        return resealing.left(tx, key)


@dataclass(frozen=True, slots=True)
class _Done:
    rows: int
    unreadable: tuple[str, ...]


def _reseal(ctx: Context) -> _Done:
    """Row by row through every table with sealed columns, until all are done or the patience ends."""
    ends, rows = time.monotonic() + _PATIENCE_S, 0
    unreadable: list[str] = []
    for table in resealing.SEALED:
        after: str | None = ""
        while after is not None and time.monotonic() < ends:
            part = ctx.store.write(
                partial(resealing.reseal, seal=ctx.seal, table=table, after=after, most=ROWS_AT_ONCE)
            )
            rows, after = rows + part.rows, part.after
            unreadable += part.unreadable
    return _Done(rows, tuple(unreadable))


def _retire(source: KeySource, key: bytes) -> Path | None:
    log.info("secret.rotated", key=shown(key))
    if not isinstance(source, KeyFile):
        return None
    keys = source.read()
    if len(keys) > 1:
        source.retire([each for each in keys if key_id(each) == key])
    return source.former_path


@contextmanager
def _alone(source: KeySource) -> Iterator[None]:
    """One rotation at a time on this machine."""
    if not isinstance(source, KeyFile):
        yield
        return
    try:
        lock = FileLock(source.path.with_name(source.path.name + ".lock"))
    except BlockingIOError:
        raise Conflict("A rotation of the secret key is under way already. Wait for its end.") from None
    try:
        yield
    finally:
        lock.release()
