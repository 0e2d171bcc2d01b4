"""The one row about this installation: which secret key seals it, and whether everything is paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.app_access import STANDARD
from steadypin.domain.errors import CannotStart
from steadypin.storage.database import Tx
from steadypin.storage.schema import instance, lanes
from steadypin.storage.seal import KEY_ID_BYTES, Seal, WrongKey, shown

USED_UP = "Pinterest says that the App's budget of a day under Trial access is used up"
"""Why every account waits for the end of a Trial day."""
_CHECK = "steadypin"
_CHECK_PLACE = ("instance", "key_check")
_key_check = sa.select(instance.c.key_check).where(instance.c.id == 1)


@dataclass(frozen=True, slots=True)
class Pause:
    """The pause of everything: since when (None: not paused) and why; and the last restore of a backup, if any.

    Since `restored_since` the rows that were there at `restored_at` may have been sent without knowing it.
    """

    at: datetime | None
    because: str | None
    restored_at: datetime | None = None
    restored_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppAccess:
    """The App: its access as Pinterest showed it (None: not yet) and since when, and until when its budget of a Trial day
    is used up."""

    tier: str | None
    app_blocked_until: datetime | None
    app_blocked_because: str | None
    since: datetime | None = None


def is_sealed(tx: Tx) -> bool:
    """Whether anything was ever sealed here, so that the key must be the one of that time."""
    return tx.conn.execute(sa.select(instance.c.id)).first() is not None


def check_key(tx: Tx, seal: Seal) -> None:
    """Remember the key of this installation at first, compare it ever after, and seal with it. Raises CannotStart."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    first = insert(instance).values(id=1, key_check=seal.close(_CHECK, *_CHECK_PLACE), created_at=tx.now)
    tx.conn.execute(first.on_conflict_do_nothing(index_elements=["id"]))
    sealed = tx.conn.execute(_key_check).scalar_one()
    try:
        key, _ = seal.opened(sealed, *_CHECK_PLACE)
    except WrongKey:
        raise CannotStart(
            "The secret key is not the one this database was made with, so its tokens cannot be read. Put the former "
            "key back, or beside the present one when the key was rotated elsewhere (STEADYPIN_SECRET_KEY, or the file "
            f"secret.key in the data folder; the database says key {shown(sealed[:KEY_ID_BYTES])}). Nothing was changed."
        ) from None
    seal.use(key)
    if not sealed.startswith(key):  # from before sealed values named their key
        switch_key(tx, seal, key)


def switch_key(tx: Tx, seal: Seal, key: bytes) -> None:
    """From now on everybody seals with that key; returns once no transaction that sealed with another is under way."""
    seal.use(key)
    tx.conn.execute(sa.update(instance).values(key_check=seal.close(_CHECK, *_CHECK_PLACE)))


def catch_up(tx: Tx, seal: Seal) -> None:
    """Seal with the key of this installation, also after another process switched it; it stays until this transaction
    ends. A process that does not know that key goes on with its own: what it seals is worth more than order."""
    sealed = tx.conn.execute(_key_check.with_for_update(read=True)).scalar_one_or_none()
    if sealed is not None:
        seal.use(sealed[:KEY_ID_BYTES])


def current_key(tx: Tx) -> bytes:
    """The id of the key that seals this installation."""
    return bytes(tx.conn.execute(_key_check).scalar_one()[:KEY_ID_BYTES])


_pause = sa.select(instance).where(instance.c.id == 1)


def pause(tx: Tx) -> Pause:
    """Whether everything is paused, and the last restore."""
    row = tx.conn.execute(_pause).one()
    return read_pause(row.paused_at, row)


def read_pause(paused_at: datetime | None, row: Any) -> Pause:
    """From a row that holds the other columns under their own names."""
    return Pause(paused_at, row.paused_because, row.restored_at, row.restored_since)


def mark_restored(tx: Tx, since: datetime) -> None:
    """The rows were put back from a backup that ends at `since`."""
    tx.conn.execute(sa.update(instance).values(restored_at=tx.now, restored_since=since))


def set_pause(tx: Tx, because: str) -> None:
    """Pause everything; returns once no transaction that saw it unpaused is under way."""
    tx.conn.execute(sa.update(instance).values(paused_at=tx.now, paused_because=because))


def end_pause(tx: Tx) -> None:
    """Resume, and let every Lane look at what is due. The Lanes are locked first and in order, as holders lock them."""
    tx.conn.execute(sa.select(lanes.c.fence).order_by(lanes.c.connection_id).with_for_update())
    tx.conn.execute(sa.update(instance).values(paused_at=None, paused_because=None))
    tx.conn.execute(sa.update(lanes).values(next_due_at=tx.now))


def app_access(tx: Tx) -> AppAccess:
    """The App as it is known, without a lock."""
    row = tx.conn.execute(_pause).one()
    return AppAccess(row.access_tier, row.app_blocked_until, row.app_blocked_because, row.access_since)


def note_access(tx: Tx, tier: str | None, used_up_for_s: float | None) -> str | None:
    """Pinterest showed which access the App has (None: none, or none yet), and perhaps that its budget of a Trial day is
    used up for so long. Answers what was known before. Without Trial access there is no such day."""
    before: str | None = tx.conn.execute(
        sa.select(instance.c.access_tier).where(instance.c.id == 1).with_for_update()
    ).scalar_one()
    values: dict[str, Any] = {"access_tier": tier}
    if tier != before:
        values["access_since"] = tx.now
    if used_up_for_s is not None:
        values["app_blocked_until"] = tx.now + timedelta(seconds=used_up_for_s)
        values["app_blocked_because"] = USED_UP
    elif tier == STANDARD:
        values |= {"app_blocked_until": None, "app_blocked_because": None}
    tx.conn.execute(sa.update(instance).values(values))
    return before
