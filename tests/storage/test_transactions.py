"""Transactions: many in one commit without spoiling each other, and readers that cannot write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from steadypin.domain.errors import Conflict, StoreTrouble
from steadypin.storage import lanes
from steadypin.storage.database import Store, Tx
from steadypin.storage.schema import sessions
from tests.storage import rows


def note(name: str, error: Exception | None = None) -> Callable[[Tx], str]:
    """Work that leaves one row, or writes it and then fails."""

    def work(tx: Tx) -> str:
        tx.conn.execute(
            sa.insert(sessions).values(digest=name, kind="test", created_at=tx.now, expires_at=tx.now)
        )
        if error is not None:
            raise error
        return name

    return work


def notes(store: Store) -> set[str]:
    with store.read() as tx:
        return set(tx.conn.execute(sa.select(sessions.c.digest)).scalars())


def crowd(store: Store, works: list[Callable[[Tx], Any]]) -> list[Future[Any]]:
    """Submit while every writer is busy, so that the works come together."""
    gate = threading.Event()
    busy = [store.submit(lambda tx: gate.wait(10)) for _ in range(1)]
    futures = [store.submit(work) for work in works]
    gate.set()
    for future in busy:
        future.result(20)
    return futures


def test_one_failing_function_in_a_batch_does_not_spoil_the_others(store: Store) -> None:
    works = [note(f"n{n}", Conflict("no") if n % 7 == 3 else None) for n in range(60)]
    futures = crowd(store, works)
    for n, future in enumerate(futures):
        if n % 7 == 3:
            with pytest.raises(Conflict):
                future.result(20)
        else:
            assert future.result(20) == f"n{n}"
    assert notes(store) == {f"n{n}" for n in range(60) if n % 7 != 3}


def test_a_broken_promise_in_a_batch_hurts_only_its_own_function(store: Store) -> None:
    futures = crowd(store, [note("a"), note("b"), note("a"), note("c")])
    ends = [type(future.exception(20)) for future in futures]
    assert sorted(end.__name__ for end in ends) == ["IntegrityError", "NoneType", "NoneType", "NoneType"]
    assert notes(store) == {"a", "b", "c"}


def test_many_functions_share_a_commit(store: Store) -> None:
    committed: list[int] = []
    sa.event.listen(store.engines.writer, "commit", lambda conn: committed.append(1))
    for future in crowd(store, [note(f"n{n}") for n in range(100)]):
        future.result(20)
    assert len(committed) < 20
    assert len(notes(store)) == 100


def test_a_function_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.write(note("a", ZeroDivisionError()))
    with pytest.raises(IntegrityError):
        store.write(lambda tx: (note("b")(tx), note("b")(tx)))
    assert notes(store) == set()


def test_what_wakes_the_lanes_wakes_them_after_the_commit_and_never_runs_it_twice(store: Store) -> None:
    seen: list[set[str]] = []

    def wake() -> None:
        seen.append(notes(store))
        raise RuntimeError("the event loop is closed")

    store.on_wake = wake

    def with_hint(tx: Tx) -> None:
        note("a")(tx)
        lanes.hint(tx, "con_1", tx.now)

    for future in crowd(store, [with_hint, note("b")]):
        future.result(20)
    store.write(note("quiet"))
    assert all("a" in found for found in seen)
    assert seen
    assert notes(store) == {"a", "b", "quiet"}


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreTrouble), store.read() as tx:
        note("a")(tx)
    assert notes(store) == set()


def test_a_reader_sees_one_moment(store: Store) -> None:
    count = sa.select(sa.func.count()).select_from(sessions)
    with store.read() as tx:
        before = tx.conn.execute(count).scalar_one()
        store.write(note("a"))
        assert tx.conn.execute(count).scalar_one() == before
    assert notes(store) == {"a"}


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    writing = rows.Pausing(store, note("a"))
    assert notes(store) == set()
    writing.finish()
    assert notes(store) == {"a"}


def test_closing_finishes_what_is_queued(store: Store) -> None:
    gate = threading.Event()
    store.submit(lambda tx: gate.wait(10))
    futures = [store.submit(note(f"n{n}")) for n in range(20)]
    gate.set()
    store.close()
    assert [future.result(0) for future in futures] == [f"n{n}" for n in range(20)]


def test_a_cancelled_wait_is_not_run(store: Store) -> None:
    gate = threading.Event()
    busy = [store.submit(lambda tx: gate.wait(10)) for _ in range(1)]
    unwanted, wanted = store.submit(note("unwanted")), store.submit(note("wanted"))
    assert unwanted.cancel()
    gate.set()
    assert wanted.result(20) == "wanted"
    assert all(future.result(20) for future in busy)
    assert notes(store) == {"wanted"}
