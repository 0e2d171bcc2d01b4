"""Databases to test on: every test that asks for `url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.support import leaks
from tests.support.rig import Rig, rig


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No test passes that let a secret be seen, whatever else it is about."""
    report = yield
    if report.when == "call":
        said = [*leaks.heard(), *((name, text.encode("utf-8", "replace")) for name, text in report.sections)]
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        found = leaks.find([*said, *(leaks.files(folder) if folder is not None else ())])
        if found and report.passed and "shows_secrets" not in item.keywords:
            report.outcome, report.longrepr = "failed", "\n".join(found)
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The proofs wait for real minutes, so they begin first and the others run meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_proofs.py")


@pytest.fixture(autouse=True, scope="session")
def _overheard() -> Iterator[None]:
    """What tests take away for themselves is heard too: captured output, and answers of the API and the pages."""
    with pytest.MonkeyPatch.context() as patch:
        read, send = pytest.CaptureFixture.readouterr, TestClient.send

        def readouterr(self: Any) -> Any:
            found = read(self)
            leaks.note("captured output", f"{found.out}\n{found.err}")
            return found

        def sent(self: Any, request: Any, **more: Any) -> Any:
            answer = send(self, request, **more)
            if not more.get("stream"):
                leaks.note(f"{request.method} {request.url}", answer.content + str(answer.headers).encode())
            return answer

        patch.setattr(pytest.CaptureFixture, "readouterr", readouterr)
        patch.setattr(TestClient, "send", sent)
        yield


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
