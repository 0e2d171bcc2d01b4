"""In CI a skipped test is a failed one; elsewhere it is skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[2] / "conftest.py"
SKIPS = {
    "a test": "import pytest\ndef test_it():\n    pytest.skip('no server')\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef server():\n    pytest.skip('no server')\ndef test_it(server): pass\n",
    "a mark": "import pytest\n@pytest.mark.skipif(True, reason='no server')\ndef test_it(): pass\n",
    "a module": "import pytest\npytest.skip('no server', allow_module_level=True)\n",
}


@pytest.mark.parametrize("kind", SKIPS)
@pytest.mark.parametrize(("ci", "outcome"), [("true", "no server"), ("", "1 skipped")])
def test_a_skip_is_a_failure_in_ci(kind, ci, outcome, tmp_path):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text(SKIPS[kind])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in done.stdout
    assert ("in CI nothing is skipped" in done.stdout) == (ci == "true")
    assert (done.returncode in (1, 2)) == (ci == "true")
