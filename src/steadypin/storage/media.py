"""Records of kept media; the bytes are in the media store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

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


def _kept(row: Any) -> KeptMedia:
    return KeptMedia(
        row.id, row.digest, row.content_type, row.size, row.width, row.height, row.name, row.created_at
    )


_get = sa.select(media).where(media.c.id == sa.bindparam("media", type_=sa.Text))


def get(tx: Tx, media_id: str) -> KeptMedia | None:
    """By id."""
    row = tx.conn.execute(_get, {"media": media_id}).one_or_none()
    return _kept(row) if row is not None else None


def add(tx: Tx, new: KeptMedia) -> KeptMedia:
    """Store a record; when the same bytes are known already, that record is the answer."""
    row = tx.conn.execute(sa.select(media).where(media.c.digest == new.digest)).one_or_none()
    if row is not None:
        return _kept(row)
    tx.conn.execute(
        sa.insert(media).values(
            id=new.id,
            digest=new.digest,
            content_type=new.content_type,
            size=new.size,
            width=new.width,
            height=new.height,
            name=new.name,
            created_at=new.created_at,
        )
    )
    return new
