"""The trap: SQLAlchemy's default set-up loses updates. And what we do instead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from steadypin.storage import lanes
from steadypin.storage.database import Store, Tx
from steadypin.storage.engines import open_engines
from steadypin.storage.schema import pins
from tests.storage import rows
from tests.support.rig import make_store

_READ = sa.select(pins.c.tries).where(pins.c.id == "pin_1")
_TIMES = 25


def _write(count: int) -> sa.Update:
    return sa.update(pins).where(pins.c.id == "pin_1").values(tries=count)


def together(*works: Callable[[], None]) -> None:
    """Run them at once; the first error is raised."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


@pytest.fixture
def stores(url: str) -> Iterator[tuple[Store, Store]]:
    """Two processes on one database."""
    one = make_store(url, None)
    rows.connect(one)
    rows.add_pin(one)
    other = Store(open_engines(url))
    yield one, other
    one.close()
    other.close()


def tries(store: Store) -> int:
    with store.read() as tx:
        return int(tx.conn.execute(_READ).scalar_one())


def test_the_default_set_up_loses_an_update(stores: tuple[Store, Store], url: str) -> None:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    both_have_read, one_at_a_time = threading.Barrier(2), threading.Lock()

    def add_one() -> None:
        with engine.connect() as conn, conn.begin():
            count = conn.execute(_READ).scalar_one()
            both_have_read.wait(10)
            with one_at_a_time:
                conn.execute(_write(count + 1))
                conn.commit()

    together(add_one, add_one)
    engine.dispose()
    assert tries(stores[0]) == 1  # two were added


def test_on_sqlite_a_writer_reads_only_after_it_holds_the_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    first = make_store(url, None)
    rows.connect(first)
    rows.add_pin(first)

    def add_some() -> None:
        engines = open_engines(url)
        for _ in range(_TIMES):
            with engines.writer.begin() as conn:
                count = conn.execute(_READ).scalar_one()
                conn.execute(_write(count + 1))
        engines.close()

    together(add_some, add_some)
    assert tries(first) == 2 * _TIMES
    first.close()


def test_changes_under_the_lane_lock_of_two_processes_are_all_kept(stores: tuple[Store, Store]) -> None:
    def add_one(tx: Tx) -> None:
        lanes.lock(tx, "con_1")
        count = tx.conn.execute(_READ).scalar_one()
        tx.conn.execute(_write(count + 1))

    def add_some(store: Store) -> Callable[[], None]:
        def work() -> None:
            for _ in range(_TIMES):
                store.write(add_one)

        return work

    together(*(add_some(store) for store in stores for _ in range(2)))
    assert tries(stores[0]) == 4 * _TIMES


def test_a_holder_waits_for_who_has_locked_its_lane_and_sees_what_he_wrote(
    stores: tuple[Store, Store],
) -> None:
    one, other = stores
    one.write(lambda tx: lanes.hint(tx, "con_1", tx.now))
    (lane,) = one.write(lambda tx: lanes.claim(tx, "w1", 1, rows.LEASE))

    def lock_and_write(tx: Tx) -> None:
        lanes.lock(tx, "con_1")
        tx.conn.execute(_write(7))

    edit = rows.Pausing(one, lock_and_write)
    held = rows.Meanwhile(
        lambda: other.write(
            lambda tx: (lanes.hold(tx, lane, rows.LEASE), tx.conn.execute(_READ).scalar_one())
        )
    )
    assert held.waits()
    edit.finish()
    assert held.finish() == (True, 7)
