"""A rotation of the secret key that is killed anywhere leaves everything readable, and ends when it is run again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.support.commands import installed

EVERY = 11
"""Lines between two kills; 1 kills before each of them and takes some minutes."""


def test_a_kill_before_any_line_costs_nothing(tmp_path: Path) -> None:
    installed(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.rotation_kills", str(tmp_path / "home"), str(EVERY)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    found = re.search(r"lives: (\d+)", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert found is not None
    assert int(found[1]) > 10
