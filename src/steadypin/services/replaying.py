"""Classifying again, with today's rules, what was stored: which replies would be told differently now?

Reads only, page by page, so it may run beside the service. Nothing that was stored changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.errors import CannotStart
from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import Native
from steadypin.storage import attempts
from steadypin.storage.attempts import Outcome, Reply
from steadypin.storage.database import Store
from steadypin.storage.engines import open_engines

PAGE = 500


@dataclass(frozen=True, slots=True)
class Told:
    """How a reply is told."""

    rule: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored reply: what was said of it then, and what is said now."""

    pin_id: str
    attempt_id: str
    at: datetime
    kind: OutcomeKind
    was: Told
    now: Told
    failure: Failure

    @property
    def changed(self) -> bool:
        """Whether today's rules say something else."""
        return self.was != self.now


@contextmanager
def reading(database_url: str) -> Iterator[Store]:
    """The database of an installation, to read from, also while its service runs. Raises CannotStart."""
    engines = open_engines(database_url)
    if engines.path is not None and not engines.path.exists():
        raise CannotStart(
            f"There is no database at {engines.path} yet, so no reply is stored. Publish a Pin first."
        )
    store = Store(engines)
    try:
        yield store
    finally:
        store.close()


def replay(store: Store, page: int = PAGE) -> Iterator[Replayed]:
    """Every stored reply, oldest first. Raises StoreTrouble."""
    after = 0
    while found := _page(store, after, page):
        yield from map(_again, found)
        after = found[-1].n


def failure_of(outcome: Outcome, environment: str) -> Failure:
    """What a stored reply means by today's rules, on a Connection of that environment."""
    nothing_left = OutcomeKind.NOT_MADE.value in (outcome.kind.value, outcome.evidence)
    return classify(Native.from_json(outcome.native or {}), environment=environment, left=not nothing_left)


def _page(store: Store, after: int, most: int) -> list[Reply]:
    with store.read() as tx:
        return attempts.with_native(tx, after, most)


def _again(stored: Reply) -> Replayed:
    known = stored.outcome
    failure = failure_of(known, stored.environment)
    return Replayed(
        pin_id=stored.pin_id,
        attempt_id=known.attempt_id,
        at=known.at,
        kind=known.kind,
        was=Told(known.rule or "", known.cause or "", known.remedy or ""),
        now=Told(failure.rule, failure.cause.value, failure.remedy.value),
        failure=failure,
    )
