"""secret: a new key while the service runs, by the real commands."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from steadypin.storage.keys import KeyFile, read_key, read_keys
from tests.support.commands import SECRET_KEY, installed, steadypin
from tests.support.processes import PROGRAM, Process, free_port

REFUSED = 4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    installed(tmp_path / "home")
    return tmp_path / "home"


def test_a_rotation_without_a_server(home: Path) -> None:
    ran = steadypin(home, "secret", "rotate", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["finished"], told["resealed"], told["left"]) == (0, True, 1, 0)
    file = KeyFile(home / "secret.key")
    assert len(file.read()) == 1
    assert told["former_file"] == str(file.former_path)
    assert read_keys(file.former_path.read_text()) == (read_key(SECRET_KEY),)
    assert steadypin(home, "connections").code == 0
    words = steadypin(home, "secret", "rotate").out
    assert "Everything is sealed with the key" in words
    assert "Only backups from before now need it." in words
    assert len(read_keys(file.former_path.read_text())) == 2


def test_a_rotation_while_the_server_runs(home: Path, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STEADYPIN_")}
    environ |= {"STEADYPIN_DATA_DIR": str(home), "STEADYPIN_BIND": f"127.0.0.1:{free_port()}"}
    server = Process([PROGRAM, "serve"], tmp_path / "serve.log", environ)
    try:
        server.wait_for("Steadypin is at")
        before = KeyFile(home / "secret.key").read()
        assert steadypin(home, "secret", "rotate").code == 0
        (key,) = KeyFile(home / "secret.key").read()
        assert key not in before
        assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
        assert steadypin(home, "connections").code == 0
    finally:
        assert server.end() == 0
    assert steadypin(home, "doctor").out.count("the secret key fits it") == 1


def test_a_key_in_a_variable_is_changed_by_its_owner(home: Path) -> None:
    (home / "secret.key").unlink()
    told = steadypin(home, "secret", "rotate", SECRET_KEY=SECRET_KEY)
    assert told.code == REFUSED
    told.says("STEADYPIN_SECRET_KEY, which is yours to change", "steadypin secret new")
    fresh = steadypin(home, "secret", "new").out.strip()
    both = f"{fresh},{SECRET_KEY}"
    assert steadypin(home, "connections", SECRET_KEY=both).code == 0
    done = steadypin(home, "secret", "rotate", SECRET_KEY=both)
    assert "Remove the former key from where you keep it." in done.out
    assert steadypin(home, "connections", SECRET_KEY=fresh).code == 0
    steadypin(home, "connections", SECRET_KEY=SECRET_KEY).says("not the one", "Nothing was changed")
