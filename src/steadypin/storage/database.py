"""Transactions. `Store.write` runs a function in one; `Store.read` gives a connection that cannot write.

One writer thread runs all writing functions of a process, many to a commit when many wait: one fsync and few statements
for all. A function may be run again in a transaction of its own when its batch failed, so it must have no effect but
the database's.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol, TypeVar, runtime_checkable

import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from steadypin.domain.errors import StoreTrouble
from steadypin.storage.engines import Engines
from steadypin.storage.schema import from_micros, metadata
from steadypin.storage.troubles import explain_trouble, is_passing

MOST_IN_A_BATCH = 64
"""Few enough that the first of many waiting Lanes can send while the next ones are decided."""
_PASSING_TRIES = 5
_CLOCK_HOLDS_S = 5.0
"""Machine clocks drift by less than a tenth of a millisecond in so long; a machine that slept asks again at once."""

_OUR_FAULT = (DataError, IntegrityError, ProgrammingError)
"""Errors that no waiting heals: a broken promise between our code and the tables."""

_DATABASE_CLOCK = sa.text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)")


class Missed(Exception):
    """A change that was put off to the end of a batch hit no row: the works of the batch are run one by one."""


@dataclass(slots=True)
class Tx:
    """A transaction under way: the database's clock when it began, and whether a Lane got something to do (`wakes`).

    Rows to add and changes of one row each are put off (`add_later`, `change_later`) and sent together, all of a batch
    in one statement a table and kind; whoever uses `conn` finds them written. With `alone` there is no batch.
    `ahead` holds what was read for all works of a batch at once; `touched` says that the work under way has used `conn`.
    `after` is called once the commit has succeeded.
    """

    _conn: sa.Connection
    now: datetime
    alone: bool = True
    wakes: bool = False
    touched: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)
    ahead: dict[Any, Any] = field(default_factory=dict)
    _rows: dict[sa.Table, list[dict[str, Any]]] = field(default_factory=dict)
    _changes: dict[sa.Update, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def conn(self) -> sa.Connection:
        """The connection, with everything written that was put off."""
        self.touched = True
        self.flush()
        return self._conn

    @property
    def engine(self) -> sa.Engine:
        """Which database this is, without writing anything."""
        return self._conn.engine

    def add_later(self, table: sa.Table, row: dict[str, Any]) -> None:
        """Insert a row before the commit."""
        self._rows.setdefault(table, []).append(row)

    def change_later(self, change: sa.Update, values: dict[str, Any]) -> bool:
        """Change one row before the commit; False when none was hit.

        In a batch the answer is True at once; when it turns out wrong, every work of the batch is run again alone.
        """
        if self.alone:
            return self.conn.execute(change, values).rowcount == 1
        self._changes.setdefault(change, []).append(values)
        return True

    def flush(self) -> None:
        """Write now what was put off: changes first, then rows, tables that others refer to first. Raises Missed."""
        if self._changes:
            changing, self._changes = self._changes, {}
            for change, many in changing.items():
                if self._conn.execute(change, many).rowcount != len(many):
                    raise Missed
        if self._rows:
            waiting, self._rows = self._rows, {}
            for table in sorted(waiting, key=_ORDER.index):
                self._conn.execute(_inserting(table), waiting[table])


@cache
def _inserting(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


_ORDER = list(metadata.sorted_tables)


T = TypeVar("T")
Work = Callable[[Tx], T]


@runtime_checkable
class Together(Protocol):
    """A work of which a batch may hold many: what they all need is read once for all, after the other works ran."""

    def __call__(self, tx: Tx) -> Any:
        """The work itself."""
        ...

    def prepare(self, tx: Tx, every: Sequence[Any]) -> None:
        """Read ahead for `every` one of them; called on the first."""
        ...


def _elapsed() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class _ServerClock:
    """PostgreSQL's clock without asking for it in every transaction: asked every few seconds, and counted on between
    on a clock that never jumps."""

    def __init__(self) -> None:
        self._asked = (float("-inf"), 0)

    def now(self, conn: sa.Connection) -> datetime:
        """The server's clock, to within the time that a question takes."""
        here, micros = self._asked
        passed = _elapsed() - here
        if passed > _CLOCK_HOLDS_S:
            micros = conn.execute(_DATABASE_CLOCK).scalar_one()
            self._asked, passed = (_elapsed(), micros), 0.0
        return from_micros(micros + int(passed * 1_000_000))


class Store:
    """The database of one process. `clock` replaces the database's clock in simulations.

    `on_wake` is called, from whatever thread, after a commit that gave a Lane something to do.
    """

    def __init__(self, engines: Engines, clock: Callable[[], datetime] | None = None) -> None:
        self.engines = engines
        self.dialect = engines.dialect
        self._clock = clock
        self._server = _ServerClock()
        self.on_wake: Callable[[], None] | None = None
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._writer.start()

    def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and wait for its commit. Raises StoreTrouble, or what `work` raises."""
        return self.submit(work).result()

    async def write_async(self, work: Work[T]) -> T:
        """The same without blocking the event loop."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue `work`; the future completes after the commit that holds it."""
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot to read from."""
        try:
            with self.engines.reader.connect() as conn:
                yield Tx(conn, self._now(conn))
        except DBAPIError as error:
            raise StoreTrouble(explain_trouble(error)) from error
        except PoolTimeout as error:
            raise StoreTrouble(
                "The database is too busy to answer. Steadypin tries again by itself."
            ) from error

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        self._waiting.put(None)
        self._writer.join()
        self.engines.close()

    def _now(self, conn: sa.Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self.dialect == "sqlite":
            return datetime.now(UTC)  # embedded: the database's clock is this machine's
        return self._server.now(conn)

    def _serve(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < MOST_IN_A_BATCH:
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    self._waiting.put(None)
                    break
                batch.append(item)
            wanted = [item for item in batch if item[1].set_running_or_notify_cancel()]
            if wanted:
                self._run_batch(wanted)

    def _run_batch(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        if len(batch) > 1:
            try:
                results = self._in_transaction([work for work, _ in batch])
            except Exception as error:
                if isinstance(error, DBAPIError) and error.connection_invalidated:
                    # The commit may have arrived: running anything again could do it twice.
                    for _, future in batch:
                        future.set_exception(StoreTrouble(explain_trouble(error)))
                    return
                for item in batch:  # one of them spoiled the batch: each gets a transaction of its own
                    self._run_batch([item])
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    future.set_result(result)
            return
        work, future = batch[0]
        try:
            result = self._alone(work)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _alone(self, work: Work[Any]) -> Any:
        for _ in range(_PASSING_TRIES):
            try:
                return self._in_transaction([work])[0]
            except _OUR_FAULT:
                raise
            except DBAPIError as error:
                if not is_passing(error):
                    raise StoreTrouble(explain_trouble(error)) from error
                last = error
            except PoolTimeout as error:
                raise StoreTrouble(
                    "The database is too busy to answer. Steadypin tries again by itself."
                ) from error
        raise StoreTrouble(explain_trouble(last)) from last

    def _in_transaction(self, works: list[Work[Any]]) -> list[Any]:
        with self.engines.writer.begin() as conn:
            tx = Tx(conn, self._now(conn), alone=len(works) == 1)
            results = _run_all(tx, works)
            tx.flush()
        with suppress(Exception):  # what was committed must not run again because telling of it failed
            for told in tx.after:
                told()
        wake = self.on_wake
        if tx.wakes and wake is not None:
            with suppress(RuntimeError):  # its loop has ended; what was committed must not run again for that
                wake()
        return results


def _run_all(tx: Tx, works: list[Work[Any]]) -> list[Any]:
    """Their results in their order; those that go together are run last, so that what is read ahead for them holds."""
    if tx.alone:
        return [works[0](tx)]
    results: dict[int, Any] = {}
    together: list[tuple[int, Together]] = []
    for n, work in enumerate(works):
        if isinstance(work, Together):
            together.append((n, work))
        else:
            results[n] = work(tx)
    if together:
        together[0][1].prepare(tx, [work for _, work in together])
    for n, work in together:
        results[n] = work(tx)
    return [results[n] for n in range(len(works))]
