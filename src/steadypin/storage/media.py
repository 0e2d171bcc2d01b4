"""Records of kept media; the bytes are in the media store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.media import Picture
from steadypin.storage.database import Tx
from steadypin.storage.schema import media


@dataclass(frozen=True, slots=True)
class KeptMedia:
    """One file of the media store. `digest` is the sha256 of its bytes, `size` in bytes."""

    id: str
    digest: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    name: str | None
    created_at: datetime

    @property
    def picture(self) -> Picture:
        """What a check needs to know of it."""
        return Picture(self.width, self.height, self.size)


def _kept(row: Any) -> KeptMedia:
    return KeptMedia(
        row.id, row.digest, row.content_type, row.size, row.width, row.height, row.name, row.created_at
    )


_get = sa.select(media).where(media.c.id == sa.bindparam("media", type_=sa.Text))


def get(tx: Tx, media_id: str) -> KeptMedia | None:
    """By id."""
    row = tx.conn.execute(_get, {"media": media_id}).one_or_none()
    return _kept(row) if row is not None else None


_AT_ONCE = 1000


def get_many(tx: Tx, media_ids: Iterable[str]) -> dict[str, KeptMedia]:
    """Those of these ids that are known."""
    wanted = list(dict.fromkeys(media_ids))
    found: dict[str, KeptMedia] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        query = sa.select(media).where(media.c.id.in_(wanted[first : first + _AT_ONCE]))
        found |= {row.id: _kept(row) for row in tx.conn.execute(query)}
    return found


def pictures(kept: Mapping[str, KeptMedia]) -> dict[str, Picture]:
    """By id, what a check needs to know of each."""
    return {media_id: each.picture for media_id, each in kept.items()}


_CACHED = 4096
_cache: WeakKeyDictionary[sa.Engine, dict[str, KeptMedia]] = WeakKeyDictionary()


def get_cached(tx: Tx, media_id: str) -> KeptMedia | None:
    """The same, remembered per database: a record never changes, only the file behind it can go."""
    known = _cache.setdefault(tx.engine, {})
    found = known.get(media_id) or get(tx, media_id)
    if found is not None:
        if len(known) >= _CACHED:
            known.clear()
        known[media_id] = found
    return found


_by_digest = sa.select(media).where(media.c.digest == sa.bindparam("digest", type_=sa.Text))


def by_digest(tx: Tx, digest: str) -> KeptMedia | None:
    """The record of these bytes, if they are known."""
    row = tx.conn.execute(_by_digest, {"digest": digest}).one_or_none()
    return _kept(row) if row is not None else None


def add(tx: Tx, new: KeptMedia) -> KeptMedia:
    """Store a record; when the same bytes are known already, or become so at this moment, that record is the answer."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(media).values(
        id=new.id,
        digest=new.digest,
        content_type=new.content_type,
        size=new.size,
        width=new.width,
        height=new.height,
        name=new.name,
        created_at=new.created_at,
    )
    tx.conn.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    return by_digest(tx, new.digest) or new
