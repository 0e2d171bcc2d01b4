"""The real command line in a process of its own, on an installation that has something to lose."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sqlite3
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import leaks
from tests.support.rig import KEY, rig

TIMEOUT_S = 60
SECRET_KEY = urlsafe_b64encode(KEY).decode()
_KEPT = ("instance", "connections", "grants", "lanes", "boards", "media", "pins", "attempts", "outcomes")
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def says(self, *fragments: str) -> str:
        """Its sentence, which must hold these; no traceback, and one line for each thing to correct."""
        assert "Traceback" not in self.out + self.err
        sentence = self.err.strip()
        assert sentence, self.out
        for fragment in fragments:
            assert fragment in sentence, sentence
        assert sentence.endswith((".", ")")), sentence
        assert sentence.count("\n") <= 1, sentence
        return sentence


def steadypin(home: Path, *words: str, before: Callable[[], None] | None = None, **settings: str) -> Ran:
    """Run a command on the data folder `home`; `before` is called in its process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STEADYPIN_")}
    environ |= {"STEADYPIN_DATA_DIR": str(home), "STEADYPIN_BIND": "127.0.0.1:0"}
    environ |= {f"STEADYPIN_{name}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", "from steadypin.cli import main; main()", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        preexec_fn=before,
    )
    leaks.note(f"steadypin {words[0]}", f"{done.stdout}\n{done.stderr}")
    return Ran(done.returncode, done.stdout, done.stderr)


def refused_as_json(home: Path, code: int, *words: str, **more: Any) -> str:
    """The sentence of a command's one JSON document."""
    ran = steadypin(home, *words, "--json", **more)
    assert ran.code == code, ran
    assert ran.err == ""
    error: Mapping[str, Any] = json.loads(ran.out)["error"]
    assert error["exit_code"] == code
    return str(error["sentence"])


def installed(home: Path) -> None:
    """An installation with an account, a live Pin, and one far ahead."""
    home.mkdir(parents=True)
    (home / "secret.key").write_text(SECRET_KEY + "\n")
    (home / "secret.key").chmod(0o600)
    with rig(f"sqlite:///{home / 'steadypin.db'}", home) as made:
        shop = made.connect()
        made.pin(shop, "Live")
        made.drain()
        made.pin(shop, "Ahead", due_in=10**9)
    with closing(sqlite3.connect(home / "steadypin.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def everything(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that matters, read without Steadypin."""
    with closing(sqlite3.connect(f"file:{home / 'steadypin.db'}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name: database.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in _KEPT}


def without_roots_powers() -> None:
    """Root, too, must obey the permissions of files: drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH for good."""
    for capability in (1, 2):
        _LIBC.prctl(24, capability, 0, 0, 0)


def with_small_files(most: int = 600_000) -> None:
    """No file may grow past that, as if the disk had no more room."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
