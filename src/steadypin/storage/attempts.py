"""Intents and outcomes: append-only, so nothing that was ever known about a create is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from steadypin.domain.attempts import Attempt, Fingerprint, OutcomeKind
from steadypin.domain.failures import Failure
from steadypin.domain.operations import PIN_CREATE
from steadypin.domain.words import Step
from steadypin.storage.database import Tx
from steadypin.storage.schema import attempts, connections, outcomes


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that became known about an Attempt, as stored."""

    attempt_id: str
    at: datetime
    kind: OutcomeKind
    worker: str | None
    pinterest_pin_id: str | None
    rule: str | None
    cause: str | None
    remedy: str | None
    native: Mapping[str, Any] | None
    evidence: Any


def write_intent(tx: Tx, attempt: Attempt) -> None:
    """The record before the request."""
    tx.add_later(
        attempts,
        {
            "id": attempt.id,
            "pin_id": attempt.pin_id,
            "connection_id": attempt.connection_id,
            "operation": PIN_CREATE.id,
            "step": int(Step.PUBLISH),
            "fence": attempt.fence,
            "worker": attempt.worker,
            "at": attempt.at,
            "fingerprint": attempt.fingerprint.to_json(),
        },
    )


def write_outcome(
    tx: Tx,
    attempt_id: str,
    kind: OutcomeKind,
    *,
    worker: str | None = None,
    pinterest_pin_id: str | None = None,
    failure: Failure | None = None,
    evidence: object = None,
) -> None:
    """The record after, or anything learned later."""
    tx.add_later(
        outcomes,
        {
            "attempt_id": attempt_id,
            "at": tx.now,
            "kind": kind.value,
            "worker": worker,
            "pinterest_pin_id": pinterest_pin_id,
            "rule": failure.rule if failure else None,
            "cause": failure.cause.value if failure else None,
            "remedy": failure.remedy.value if failure else None,
            "native": failure.native.to_json() if failure else None,
            "evidence": evidence,
        },
    )


def _attempt(row: Any) -> Attempt:
    return Attempt(
        id=row.id,
        pin_id=row.pin_id,
        connection_id=row.connection_id,
        fence=row.fence,
        worker=row.worker,
        at=row.at,
        fingerprint=Fingerprint.from_json(row.fingerprint),
    )


def get_many(tx: Tx, ids: Sequence[str]) -> dict[str, Attempt]:
    """Attempts by id."""
    rows = tx.conn.execute(sa.select(attempts).where(attempts.c.id.in_(ids)))
    return {row.id: _attempt(row) for row in rows}


def of_pin(tx: Tx, pin_id: str) -> list[tuple[Attempt, list[Outcome]]]:
    """The whole history of a Pin, oldest first."""
    found = [
        _attempt(row)
        for row in tx.conn.execute(
            sa.select(attempts).where(attempts.c.pin_id == pin_id).order_by(attempts.c.at, attempts.c.id)
        )
    ]
    known = outcomes_of(tx, [attempt.id for attempt in found])
    return [(attempt, known.get(attempt.id, [])) for attempt in found]


def outcomes_of(tx: Tx, attempt_ids: Sequence[str]) -> dict[str, list[Outcome]]:
    """Outcome records by Attempt, in the order in which they were written."""
    found: dict[str, list[Outcome]] = {}
    query = sa.select(outcomes).where(outcomes.c.attempt_id.in_(attempt_ids)).order_by(outcomes.c.n)
    for row in tx.conn.execute(query):
        found.setdefault(row.attempt_id, []).append(_outcome(row))
    return found


def _outcome(row: Any) -> Outcome:
    return Outcome(
        attempt_id=row.attempt_id,
        at=row.at,
        kind=OutcomeKind(row.kind),
        worker=row.worker,
        pinterest_pin_id=row.pinterest_pin_id,
        rule=row.rule,
        cause=row.cause,
        remedy=row.remedy,
        native=row.native,
        evidence=row.evidence,
    )


def learned_since(tx: Tx, pin_id: str, since: datetime) -> bool:
    """Whether any outcome about this Pin was written since that moment."""
    query = (
        sa.select(outcomes.c.n)
        .join(attempts, attempts.c.id == outcomes.c.attempt_id)
        .where(attempts.c.pin_id == pin_id, outcomes.c.at >= since)
        .limit(1)
    )
    return tx.conn.execute(query).first() is not None


def late_ids(tx: Tx, attempt_ids: Sequence[str]) -> dict[str, str]:
    """Pinterest ids from replies that arrived after their sender had lost the Lane: proof, by Attempt."""
    rows = tx.conn.execute(
        sa.select(outcomes.c.attempt_id, outcomes.c.pinterest_pin_id).where(
            outcomes.c.attempt_id.in_(attempt_ids),
            outcomes.c.kind == OutcomeKind.LATE.value,
            outcomes.c.pinterest_pin_id.isnot(None),
        )
    )
    return {row.attempt_id: row.pinterest_pin_id for row in rows}


@dataclass(frozen=True, slots=True)
class Reply:
    """An outcome that kept a native reply; `n` orders them as they were written. `environment` is its Connection's."""

    n: int
    pin_id: str
    environment: str
    outcome: Outcome


def with_native(tx: Tx, after: int, most: int) -> list[Reply]:
    """Outcomes that kept what came back, oldest first, from behind `after` on."""
    query = (
        sa.select(outcomes, attempts.c.pin_id, connections.c.environment)
        .join(attempts, attempts.c.id == outcomes.c.attempt_id)
        .join(connections, connections.c.id == attempts.c.connection_id)
        .where(outcomes.c.n > after, outcomes.c.rule.isnot(None), outcomes.c.native.isnot(None))
        .order_by(outcomes.c.n)
        .limit(most)
    )
    return [Reply(row.n, row.pin_id, row.environment, _outcome(row)) for row in tx.conn.execute(query)]
