"""Engines set up so that they keep their promises on both databases.

SQLAlchemy's default SQLite set-up begins a transaction only at the first write, so two of them can both read, then
both write, and one update is lost. Here every writing transaction starts with BEGIN IMMEDIATE, and readers cannot write.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from steadypin.domain.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Engines:
    """A writing and a reading engine on one database."""

    writer: sa.Engine
    reader: sa.Engine
    dialect: str
    path: Path | None

    def close(self) -> None:
        """Close all pooled connections."""
        self.writer.dispose()
        self.reader.dispose()


def open_engines(url: str) -> Engines:
    """Engines for `sqlite:///path` or `postgresql://…`; connects to nothing yet. Raises CannotStart."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise CannotStart(
            "STEADYPIN_DATABASE_URL is not a database address. Write sqlite:///path/to/file.db or postgresql://…"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(Path(parsed.database or ""))
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise CannotStart(
        f"Steadypin keeps its data in SQLite or PostgreSQL, not in {parsed.get_backend_name()}. "
        "Correct STEADYPIN_DATABASE_URL."
    )


def _sqlite(path: Path) -> Engines:
    url = sa.URL.create("sqlite+pysqlite", database=str(path))
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": 10.0, "cached_statements": 512}
    pooled = {"poolclass": QueuePool, "connect_args": arguments, "hide_parameters": True}
    writer = sa.create_engine(url, pool_size=1, max_overflow=0, **pooled)
    reader = sa.create_engine(url, pool_size=4, max_overflow=12, **pooled)

    @sa.event.listens_for(writer, "connect")
    def _open_writer(connection: Any, _: object) -> None:
        _pragmas(connection, "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000")

    @sa.event.listens_for(reader, "connect")
    def _open_reader(connection: Any, _: object) -> None:
        _pragmas(connection, "query_only=ON", "busy_timeout=10000")

    @sa.event.listens_for(writer, "begin")
    def _begin_writer(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(reader, "begin")
    def _begin_reader(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN")

    return Engines(writer, reader, "sqlite", path)


def _pragmas(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # transactions begin when we say so, not when the driver thinks so
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


_STALLED_MS = 15_000
"""A process that stands still inside a transaction loses it after so long, and with it the locks that others wait for."""


def _postgresql(url: sa.URL) -> Engines:
    flags = "-c synchronous_commit=on -c timezone=UTC"
    options = {"options": flags, "connect_timeout": 10}
    writer = sa.create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        connect_args=options | {"options": f"{flags} -c idle_in_transaction_session_timeout={_STALLED_MS}"},
        hide_parameters=True,
    )
    reader = sa.create_engine(
        url,
        pool_size=4,
        max_overflow=12,
        connect_args=options | {"options": f"{flags} -c default_transaction_read_only=on"},
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
    )
    for engine in (writer, reader):
        sa.event.listen(engine, "checkin", _note_use)
        sa.event.listen(engine, "checkout", _ping_after_idleness)
    return Engines(writer, reader, "postgresql", None)


_IDLE_S = 5.0


def _note_use(connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_after_idleness(connection: Any, record: Any, proxy: Any) -> None:
    """A connection that was idle may be dead by now: ask it first. A busy one is not asked each time."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < _IDLE_S:
        return
    try:
        connection.execute("SELECT 1").close()
        connection.rollback()
    except psycopg.Error as error:
        raise sa.exc.DisconnectionError from error
