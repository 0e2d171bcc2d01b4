"""Rows to test on: a store on a real clock or a moved one, Connections with their Lanes, Pins, Attempts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from steadypin.domain.attempts import Attempt, Fingerprint
from steadypin.domain.connections import Connection, Grant
from steadypin.domain.pins import Content, Media, MediaKind, Pin
from steadypin.domain.words import Stage
from steadypin.storage import attempts, connections, instance, lanes, pins, schema
from steadypin.storage.database import Store, Tx
from steadypin.storage.seal import Seal

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
SEAL = Seal(bytes(range(32)))
PATIENCE_S = 10.0


def connect(store: Store, name: str = "con_1", due_at: datetime | None = None) -> None:
    """A Connection with its Grant and its Lane, due at that moment."""
    day = timedelta(days=30)
    connection = Connection(
        name, "production", f"account of {name}", name, "BUSINESS", frozenset(), NOW + day, NOW + day, NOW
    )
    grant = Grant("pina_1", "pinr_1", frozenset(), NOW + day, NOW + day, NOW)

    def work(tx: Tx) -> None:
        connections.insert(tx, connection, grant, SEAL)
        lanes.open_lane(tx, name)
        if due_at is not None:
            lanes.hint(tx, name, due_at)

    store.write(work)


def pin_of(name: str = "pin_1", connection: str = "con_1", **fields: Any) -> Pin:
    """A scheduled Pin, due at NOW."""
    content = Content("17", Media(MediaKind.IMAGE, "med_1"), None, "Lemon cake")
    given: dict[str, Any] = {"stage": Stage.SCHEDULED, "due_at": NOW, "act_at": NOW, **fields}
    return Pin(name, connection, content, created_at=NOW, updated_at=NOW, **given)


def add_pin(store: Store, name: str = "pin_1", connection: str = "con_1", **fields: Any) -> Pin:
    """The same, stored."""
    pin = pin_of(name, connection, **fields)
    store.write(lambda tx: pins.insert(tx, pin))
    return pin


def add_attempt(store: Store, pin: Pin, name: str = "att_1") -> Attempt:
    """An intent for that Pin, without its Stage."""
    attempt = Attempt(name, pin.id, pin.connection_id, 1, "w1", NOW, Fingerprint.of(pin.content))
    store.write(lambda tx: attempts.write_intent(tx, attempt))
    return attempt


def with_instance(store: Store) -> None:
    """The one row about the installation."""
    store.write(lambda tx: instance.check_key(tx, SEAL))


def lane_row(store: Store, name: str = "con_1") -> Any:
    """The row of a Lane."""
    with store.read() as tx:
        return tx.conn.execute(sa.select(schema.lanes).where(schema.lanes.c.connection_id == name)).one()


class Pausing:
    """A transaction in a thread of its own that stops in the middle until it is let go."""

    def __init__(self, store: Store, work: Callable[[Tx], T]) -> None:
        self._inside, self._go = threading.Event(), threading.Event()
        self.result: object = None

        def paused(tx: Tx) -> T:
            result = work(tx)
            self._inside.set()
            assert self._go.wait(PATIENCE_S)
            return result

        def run() -> None:
            self.result = store.write(paused)

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert self._inside.wait(PATIENCE_S)

    def finish(self) -> None:
        """Let it commit."""
        self._go.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


class Meanwhile:
    """Something done in another thread that is expected to wait."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.result: object = None

        def run() -> None:
            self.result = work()

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def waits(self, seconds: float = 0.3) -> bool:
        """Whether it is still waiting after that time."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def finish(self) -> object:
        """Its result."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.result
