"""The one row about this installation: which secret key seals it, and whether everything is paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.errors import CannotStart
from steadypin.storage.database import Tx
from steadypin.storage.schema import instance, lanes
from steadypin.storage.seal import Seal, WrongKey

_CHECK = "steadypin"


@dataclass(frozen=True, slots=True)
class Pause:
    """The pause of everything: since when (None: not paused) and why; and the last restore of a backup, if any.

    Since `restored_since` the rows that were there at `restored_at` may have been sent without knowing it.
    """

    at: datetime | None
    because: str | None
    restored_at: datetime | None = None
    restored_since: datetime | None = None


def is_sealed(tx: Tx) -> bool:
    """Whether anything was ever sealed here, so that the key must be the one of that time."""
    return tx.conn.execute(sa.select(instance.c.id)).first() is not None


def check_key(tx: Tx, seal: Seal) -> None:
    """Remember the key of this installation at first, compare it ever after. Raises CannotStart."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    first = insert(instance).values(
        id=1, key_check=seal.close(_CHECK, "instance", "key_check"), created_at=tx.now
    )
    tx.conn.execute(first.on_conflict_do_nothing(index_elements=["id"]))
    sealed = tx.conn.execute(sa.select(instance.c.key_check).where(instance.c.id == 1)).scalar_one()
    try:
        seal.open(sealed, "instance", "key_check")
    except WrongKey:
        raise CannotStart(
            "The secret key is not the one this database was made with, so its tokens cannot be read. Put the former "
            "key back (STEADYPIN_SECRET_KEY, or the file secret.key in the data folder). Nothing was changed."
        ) from None


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
