"""The PostgreSQL runner passes on what its command says, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools import postgres

SAY_URL = f"import os; print(os.environ[{postgres.VARIABLE!r}])"


def runner(*command: str, temporary: Path, **environment: str) -> subprocess.Popen[str]:
    known = {name: value for name, value in os.environ.items() if name != postgres.VARIABLE}
    return subprocess.Popen(
        [sys.executable, "-m", "tools.postgres", "--", *command],
        cwd=Path(postgres.__file__).parents[1],
        env=known | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder that the server's own user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def refuses_connections(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return True
    return False


def test_the_command_gets_a_server_that_keeps_what_it_commits(temporary):
    script = (
        "import os, psycopg\n"
        f"with psycopg.connect(os.environ[{postgres.VARIABLE!r}]) as connection:\n"
        "    print(connection.execute('show synchronous_commit').fetchone()[0])\n"
        "    print(connection.execute('show server_encoding').fetchone()[0])\n"
    )
    printed, _ = runner(sys.executable, "-c", script, temporary=temporary).communicate(timeout=120)
    assert printed.split() == ["on", "UTF8"]


def test_the_exit_code_is_the_commands_and_nothing_is_left(temporary):
    command = (sys.executable, "-c", f"{SAY_URL}; raise SystemExit(7)")
    process = runner(*command, temporary=temporary)
    url, _ = process.communicate(timeout=120)
    assert process.returncode == 7
    assert refuses_connections(url.strip())
    assert list(temporary.iterdir()) == []


def test_a_server_that_is_named_already_is_used(temporary):
    named = {postgres.VARIABLE: "postgresql://elsewhere/test"}
    printed, _ = runner(sys.executable, "-c", SAY_URL, temporary=temporary, **named).communicate(timeout=120)
    assert printed.strip() == "postgresql://elsewhere/test"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_and_then_the_server(number, temporary):
    process = runner(sys.executable, "-c", f"{SAY_URL}; import time; time.sleep(600)", temporary=temporary)
    assert process.stdout
    url = process.stdout.readline().strip()
    process.send_signal(number)
    if number == signal.SIGINT:  # a terminal sends it to the whole group; here the command is still waiting
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    process.stdout.close()
    assert refuses_connections(url)
    assert list(temporary.iterdir()) == []


def test_without_a_command_it_says_how_to_use_it(temporary):
    printed, _ = runner(temporary=temporary).communicate(timeout=60)
    assert printed.startswith("usage:")
