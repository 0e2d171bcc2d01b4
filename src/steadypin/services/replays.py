"""Idempotency-Key: a request that is sent again gets its first answer again, and nothing is made twice.

The answer is kept in the transaction that makes the thing, so that a crash leaves both or neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError
from steadypin.services.context import Context
from steadypin.storage import replays
from steadypin.storage.database import Tx
from steadypin.storage.replays import Replay

__all__ = ["Answer", "Asked"]

REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose request it is, under which Idempotency-Key, and the digest of what it asks."""

    key_id: str
    idempotency_key: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a JSON-ready body; `again` is True when it was given before."""

    status: int
    body: Any
    again: bool = False


def once(ctx: Context, asked: Asked | None, make: Callable[[Tx], Answer]) -> Answer:
    """Run `make` in a transaction, or give the first answer again. Raises InputRefused, and whatever `make` raises."""

    def work(tx: Tx) -> Answer:
        if asked is None:
            return make(tx)
        before = replays.begin(
            tx, asked.key_id, asked.idempotency_key, asked.request_digest, tx.now - REMEMBERED
        )
        if before is not None:
            return _again(before, asked)
        answer = make(tx)
        replays.finish(tx, asked.key_id, asked.idempotency_key, answer.status, answer.body)
        return answer

    return ctx.store.write(work)


def forget_old(ctx: Context) -> int:
    """Upkeep: drop the answers that nobody will ask for again; how many."""
    return ctx.store.write(lambda tx: replays.forget(tx, tx.now - REMEMBERED))


def _again(before: Replay, asked: Asked) -> Answer:
    if before.request_digest != asked.request_digest or before.status is None:
        raise InputRefused(
            [
                FieldError(
                    "Idempotency-Key",
                    "This Idempotency-Key was used for another request. Use a new key for a new request.",
                )
            ]
        )
    return Answer(before.status, before.body, again=True)
