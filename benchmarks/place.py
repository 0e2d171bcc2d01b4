"""A fresh installation for one measurement: settings, a database of its own, and processes that end with it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from steadypin import bootstrap
from steadypin.settings import Settings, load


@dataclass(slots=True)
class Place:
    """Settings as variables, and the processes started in it."""

    environ: dict[str, str]
    children: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Parsed."""
        return load(self.environ)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `python …` with these settings; it is ended with the place."""
        child = subprocess.Popen(
            [sys.executable, *arguments], env=os.environ | self.environ, stdout=subprocess.PIPE, text=True
        )
        self.children.append(child)
        return child

    def replier(self, delay_s: float) -> str:
        """Start a bare replier and let the settings point at it; answers its address."""
        child = self.start("-m", "benchmarks.replier", "--delay", str(delay_s))
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}"
        self.environ["STEADYPIN_PINTEREST_API_URL"] = f"{url}/v5"
        return url

    def serve(self) -> subprocess.Popen[str]:
        """Start what publishes, and wait until it is ready."""
        command = "serve" if self.environ["STEADYPIN_DATABASE_URL"].startswith("sqlite") else "worker"
        child = self.start("-c", f"from steadypin.cli import main; main(['{command}', '--json'])")
        assert child.stdout is not None
        while "}" not in (line := child.stdout.readline()):
            assert line, "the service did not start"
        return child


@contextmanager
def place(database: str) -> Iterator[Place]:
    """An empty installation on `sqlite` or `postgresql`."""
    with tempfile.TemporaryDirectory(prefix="steadypin-bench-") as folder:
        url = f"sqlite:///{folder}/steadypin.db"
        name = f"bench_{secrets.token_hex(4)}"
        if database == "postgresql":
            url = _create(name)
        made = Place(
            {
                "STEADYPIN_DATA_DIR": folder,
                "STEADYPIN_DATABASE_URL": url,
                "STEADYPIN_BIND": "127.0.0.1:0",
                "STEADYPIN_PINTEREST_APP_ID": "1",
                "STEADYPIN_PINTEREST_APP_SECRET": "secret",
                "STEADYPIN_LOG_LEVEL": "warning",
                "STEADYPIN_DAILY_CAP": "10000",
            }
        )
        Path(folder).mkdir(exist_ok=True)
        bootstrap.migrate(made.settings)
        try:
            yield made
        finally:
            for child in reversed(made.children):
                child.terminate()
            for child in made.children:
                child.wait(timeout=30)
            if database == "postgresql":
                _drop(name)


def _server() -> sa.URL:
    return sa.make_url(os.environ["STEADYPIN_TEST_POSTGRES_URL"])


def _admin(statement: str) -> None:
    engine = sa.create_engine(_server().set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(sa.text(statement))
    engine.dispose()


def _create(name: str) -> str:
    _admin(f"CREATE DATABASE {name}")
    return _server().set(database=name).render_as_string(hide_password=False)


def _drop(name: str) -> None:
    _admin(f"DROP DATABASE {name} WITH (FORCE)")
