"""What a database's error means to a person: a sentence with what to do, then the driver's own words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from steadypin.domain.errors import CannotStart, StoreTrouble
from steadypin.storage import engines as engines_module
from steadypin.storage import migrations
from steadypin.storage.database import Tx
from steadypin.storage.engines import open_engines
from steadypin.storage.schema import sessions
from steadypin.storage.troubles import explain_trouble, is_passing
from tests.storage.test_transactions import note, notes
from tests.support.rig import make_store


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("database or disk is full", "Free some space"),
        ("could not extend file: No space left on device", "Free some space"),
        ("attempt to write a readonly database", "write permission"),
        ("cannot execute UPDATE in a read-only transaction", "writable PostgreSQL primary"),
        ("file is not a database", "Restore a backup"),
        ("database disk image is malformed", "restore a backup"),
        ("unable to open database file", "Check that its folder exists"),
        ('FATAL: password authentication failed for user "x"', "STEADYPIN_DATABASE_URL"),
        ('FATAL: database "x" does not exist', "Create it"),
        ('relation "pins" does not exist LINE 1', "changed outside of Steadypin"),
        ("no such table: pins", "changed outside of Steadypin"),
        ("connection failed: Connection refused", "Start it"),
        ("failed to resolve host 'x'", "STEADYPIN_DATABASE_URL"),
        ("server closed the connection unexpectedly", "tries again by itself"),
        ("terminating connection due to administrator command", "tries again by itself"),
        ("database is locked", "Another program"),
        ("disk I/O error", "Check the disk"),
        ("something new", "The database refused: something new"),
    ],
)
def test_each_trouble_says_what_to_do_and_keeps_the_native_words(words: str, expected: str) -> None:
    sentence = explain_trouble(
        OperationalError("SELECT secret", {"token": "pina"}, Exception(f"{words}\n  here"))
    )
    assert expected in sentence
    assert words in sentence
    assert "secret" not in sentence
    assert "pina" not in sentence
    assert "\n" not in sentence


def test_only_deadlocks_and_conflicts_pass_by_themselves() -> None:
    def error(state: str | None) -> DBAPIError:
        native = Exception("x")
        if state is not None:
            native.sqlstate = state  # type: ignore[attr-defined]
        return DBAPIError("x", None, native)

    assert [is_passing(error(state)) for state in ("40001", "40P01", "23505", None)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_full_disk_half_writes_nothing_and_the_store_goes_on(tmp_path: Path) -> None:
    store = make_store(f"sqlite:///{tmp_path / 'test.db'}", None)
    with store.engines.writer.begin() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    store.write(note("before"))
    with pytest.raises(StoreTrouble, match="Free some space"):
        store.write(lambda tx: [note(f"{n} {'x' * 4000}")(tx) for n in range(20)])
    assert notes(store) == {"before"}
    with store.engines.writer.begin() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 100000")
    store.write(lambda tx: [note(f"{n} {'x' * 4000}")(tx) for n in range(20)])
    assert len(notes(store)) == 21
    store.close()


def test_a_lost_connection_to_postgresql_is_told_and_mended(postgres_url: str, url: str) -> None:
    if url != postgres_url:
        return
    store = make_store(url, None)
    killing = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")

    def die(tx: Tx) -> None:
        note("lost")(tx)
        tx.conn.execute(killing)

    with pytest.raises(StoreTrouble, match="tries again by itself"):
        store.write(die)
    assert store.write(note("kept")) == "kept"
    assert notes(store) == {"kept"}
    store.close()


def test_two_processes_that_lock_each_other_both_get_through(postgres_url: str, url: str) -> None:
    if url != postgres_url:
        return  # one writer at a time cannot
    store, elsewhere = make_store(url, None), make_store(url, None)
    store.write(lambda tx: [note("a")(tx), note("b")(tx)])
    inside, met = threading.Event(), threading.Event()

    def crossing(
        first: str, second: str, begin: threading.Event, go_on: threading.Event
    ) -> Callable[[Tx], int]:
        tries = []

        def work(tx: Tx) -> int:
            tries.append(1)
            for name in (first, second):
                tx.conn.execute(sa.select(sessions).where(sessions.c.digest == name).with_for_update())
                if len(tries) == 1 and name == first:
                    begin.set()
                    assert go_on.wait(10)
            return len(tries)

        return work

    one = store.submit(crossing("a", "b", inside, met))
    assert inside.wait(10)
    other = elsewhere.submit(crossing("b", "a", met, inside))
    # PostgreSQL ends one of the two, which runs again; it may lose the race for the freed row once more.
    assert one.result(20) + other.result(20) >= 3
    store.close()
    elsewhere.close()


@pytest.mark.parametrize(
    "content", [b"this is no database, however long it may be" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "test.db"
    path.write_bytes(content)
    engines = open_engines(f"sqlite:///{path}")
    with pytest.raises(CannotStart, match=r"[Rr]estore a backup"):
        migrations.upgrade(engines)
    engines.close()
    assert path.read_bytes() == content


def test_a_process_that_stands_still_inside_a_transaction_keeps_nobody_waiting(
    postgres_url: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url != postgres_url:
        return  # one process owns an SQLite file
    monkeypatch.setattr(engines_module, "_STALLED_MS", 300)
    asleep, lively = make_store(url, None), make_store(url, None)
    asleep.write(note("a"))
    locked, wake = threading.Event(), threading.Event()
    locking = sa.select(sessions).where(sessions.c.digest == "a").with_for_update()

    def stand_still(tx: Tx) -> None:
        tx.conn.execute(locking)
        locked.set()
        assert wake.wait(10)
        tx.conn.execute(locking)

    stopped = asleep.submit(stand_still)
    assert locked.wait(10)
    lively.submit(lambda tx: tx.conn.execute(locking)).result(
        10
    )  # it gets the row although `asleep` never gave it
    wake.set()
    with pytest.raises(StoreTrouble):
        stopped.result(10)
    assert asleep.write(note("b")) == "b"
    asleep.close()
    lively.close()
