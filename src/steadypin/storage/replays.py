"""Answers already given under an Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.storage.database import Tx
from steadypin.storage.schema import replays


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered; `status` is None while that first request is under way."""

    request_digest: str
    status: int | None
    body: Any


def _where(key_id: str, idempotency_key: str) -> sa.ColumnElement[bool]:
    return sa.and_(replays.c.key_id == key_id, replays.c.idempotency_key == idempotency_key)


def begin(
    tx: Tx, key_id: str, idempotency_key: str, request_digest: str, forget_before: datetime
) -> Replay | None:
    """Take this key for this transaction; the Replay when an answer newer than `forget_before` is there already."""
    tx.conn.execute(
        sa.delete(replays).where(_where(key_id, idempotency_key), replays.c.created_at < forget_before)
    )
    insert = postgresql.insert if tx.conn.dialect.name == "postgresql" else sqlite.insert
    taken = tx.conn.execute(
        insert(replays)
        .values(
            key_id=key_id,
            idempotency_key=idempotency_key,
            request_digest=request_digest,
            created_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(replays.c.key_id)
    ).scalar_one_or_none()
    if taken is not None:
        return None
    return find(tx, key_id, idempotency_key)


def find(tx: Tx, key_id: str, idempotency_key: str) -> Replay | None:
    """The answer given under a key."""
    row = tx.conn.execute(sa.select(replays).where(_where(key_id, idempotency_key))).one_or_none()
    return Replay(row.request_digest, row.status, row.body) if row is not None else None


def finish(tx: Tx, key_id: str, idempotency_key: str, status: int, body: Any) -> None:
    """Keep the answer."""
    tx.conn.execute(
        sa.update(replays).where(_where(key_id, idempotency_key)).values(status=status, body=body)
    )


def forget(tx: Tx, before: datetime) -> int:
    """Drop answers older than that moment; how many."""
    return tx.conn.execute(sa.delete(replays).where(replays.c.created_at < before)).rowcount
