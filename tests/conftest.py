"""Databases to test on: every test that asks for `url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.rig import Rig, rig


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> str:
    """A PostgreSQL database of this test process alone."""
    server = os.environ.get("STEADYPIN_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("needs PostgreSQL; `make test` starts one")
    name = f"steadypin_{worker_id}"
    engine = sa.create_engine(_driver(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return emptied(request.getfixturevalue("postgres_url"))


def emptied(server: str) -> str:
    """The same PostgreSQL database without its tables."""
    engine = sa.create_engine(_driver(server))
    with engine.begin() as conn:
        conn.execute(sa.text("DROP SCHEMA public CASCADE"))
        conn.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return server


@pytest.fixture
def home(url: str, tmp_path: Path) -> Iterator[Rig]:
    """An installation on each database, with a simulated Pinterest."""
    with rig(url, tmp_path) as made:
        yield made


def _driver(server: str) -> str:
    return server.replace("postgresql://", "postgresql+psycopg://", 1)
