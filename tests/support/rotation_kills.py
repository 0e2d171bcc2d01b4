"""Kills a rotation of the secret key before each of its lines in turn, and looks at what is left each time.

    python -m tests.support.rotation_kills FOLDER EVERY

FOLDER holds an installation (`installed`). Each life is a forked process that kills itself (SIGKILL) before its n-th
line of the code that rotates; `EVERY` skips that many. Prints the number of lives, or the first thing that is wrong.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from steadypin.bootstrap.assembly import opened
from steadypin.services import rekeying
from steadypin.settings import load
from steadypin.storage import instance, keys, resealing, seal
from steadypin.storage.keys import KeyFile, read_keys
from steadypin.storage.seal import Seal
from tests.support.rig import KEY

_WATCHED = frozenset(module.__file__ for module in (instance, keys, rekeying, resealing, seal))


def main(folder: Path, every: int) -> None:
    """Kill, look, and begin anew until a rotation outlives its last line."""
    expected = tokens(folder, Seal(KEY))
    assert expected
    lives, under_way = 0, True
    while under_way:
        home = folder.with_name(f"life-{lives}")
        shutil.copytree(folder, home)
        under_way = _forked(partial(_rotate_until, home, 1 + lives * every)) == -signal.SIGKILL
        _check(home, expected)
        shutil.rmtree(home)
        lives += 1
    sys.stdout.write(f"lives: {lives}\n")


def tokens(home: Path, ring: Seal) -> dict[str, str]:
    """Every access token in the clear, read without Steadypin's store."""
    with closing(sqlite3.connect(home / "steadypin.db")) as database:
        rows = database.execute("SELECT connection_id, access_token FROM grants").fetchall()
    return {name: ring.open(sealed, "grants", "access_token", name) for name, sealed in rows}


def _check(home: Path, expected: dict[str, str]) -> None:
    """After a crash everything opens, and the same command ends what was begun."""
    file = KeyFile(home / "secret.key")
    assert tokens(home, Seal(*file.read())) == expected, "something cannot be opened after the crash"
    assert _forked(partial(_rotate_until, home, None)) == 0, "the rotation did not end"
    (key,) = file.read()
    assert key != KEY
    assert tokens(home, Seal(key)) == expected, "something is sealed with the former key"
    assert KEY in read_keys(file.former_path.read_text()), "the former key is gone"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert not list(home.glob("*.db-wal")), "the database was not closed"


def _forked(work: Any) -> int:
    """Do it in a process of its own, so that this one never has threads; answers how it ended."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            sys.stdout.write(f"{type(error).__name__}: {error}\n")
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _rotate_until(home: Path, n: int | None) -> None:
    """A whole rotation, which dies before its n-th line; lines are counted in every thread, the store's writer too."""
    passed, counting = 0, False

    def watch(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal passed
        if frame.f_code.co_filename in _WATCHED and event == "line" and counting:
            passed += 1
            if passed == n:
                os.kill(os.getpid(), signal.SIGKILL)
        return watch if frame.f_code.co_filename in _WATCHED else None

    if n is not None:
        threading.settrace(watch)
        sys.settrace(watch)
    with opened(load({"STEADYPIN_DATA_DIR": str(home)})) as ctx:
        counting = True
        while not rekeying.rotate(ctx, everywhere=True).finished:
            pass
        counting = False


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
