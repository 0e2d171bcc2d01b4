"""The command line against a running service with a simulated Pinterest, in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from steadypin import bootstrap
from steadypin.bootstrap import DemoInstallation
from steadypin.cli.app import run
from steadypin.cli.client import Client


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture(scope="session")
def place() -> Iterator[DemoInstallation]:
    """A running service with an account connected and its boards read."""
    with bootstrap.demo_installation() as made:
        client = Client(made.socket)
        begun = client.post("/connections/authorize", {})
        made.consent(begun["url"])
        account = client.get("/connections")["items"][0]["id"]
        ends = time.monotonic() + 20
        while not client.get(f"/connections/{account}/boards")["items"]:
            assert time.monotonic() < ends
            time.sleep(0.05)
        yield made


@pytest.fixture
def alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Cli:
    """Run a command on an empty data folder of its own; no server runs there."""
    monkeypatch.setenv("STEADYPIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TZ", "UTC")

    def steadypin(*words: str) -> Ran:
        capsys.readouterr()
        code = run(words)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return steadypin


@pytest.fixture
def cli(alone: Cli, place: DemoInstallation, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command against the running service."""
    monkeypatch.setenv("STEADYPIN_DATA_DIR", str(place.socket.parent))
    return alone
