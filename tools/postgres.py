"""Runs a command beside a PostgreSQL server of its own: `python -m tools.postgres [--durable] -- COMMAND …`.

The server lives in a temporary folder, listens on a free loopback port, and ends with the command, whose exit code is
passed on. The command finds it by STEADYPIN_TEST_POSTGRES_URL; when that is set already, that server is used.
Commits are synchronous. Without --durable they are not flushed to the disk, which only a loss of power can tell.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tools import debian

VARIABLE = "STEADYPIN_TEST_POSTGRES_URL"
START_S, STOP_S = 60, 30
NO_DEFAULT_CLUSTER = Path("/etc/postgresql-common/createcluster.d/steadypin.conf")


def main(arguments: list[str]) -> int:
    options, command = split(arguments)
    if os.environ.get(VARIABLE):
        return run(command, os.environ[VARIABLE])
    signal.signal(signal.SIGTERM, _end)
    with server(find_programs() or install(), durable="--durable" in options) as url:
        return run(command, url)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    options, command = arguments, list[str]()
    if "--" in arguments:
        at = arguments.index("--")
        options, command = arguments[:at], arguments[at + 1 :]
    if not command or not set(options) <= {"--durable"}:
        sys.exit("usage: python -m tools.postgres [--durable] -- COMMAND …")
    return options, command


def find_programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version installed."""
    debians = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for folder in [*debians, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def install() -> Path:
    """Debian's server, without the cluster that its package would start on port 5432."""
    if os.geteuid() == 0:
        NO_DEFAULT_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        NO_DEFAULT_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        debian.install("postgresql", "for the tests on PostgreSQL")
    finally:
        if os.geteuid() == 0:
            NO_DEFAULT_CLUSTER.unlink()
    programs = find_programs()
    assert programs, "Debian's postgresql brings initdb"
    return programs


@contextmanager
def server(programs: Path, *, durable: bool) -> Iterator[str]:
    """A running server; gives its URL."""
    owner = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="steadypin-postgres-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        for path in (folder, folder / "password"):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        create(programs, folder, owner)
        port = free_port()
        process = start(programs, folder, owner, port, durable=durable)
        wait_until_ready(programs, folder, process, port)
        yield f"postgresql://steadypin:{password}@127.0.0.1:{port}/postgres"
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if process is not None:
            stop(process)
        shutil.rmtree(folder)


def unprivileged() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    names = [entry.pw_name for entry in pwd.getpwall()]
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def create(programs: Path, folder: Path, owner: pwd.struct_passwd) -> None:
    options = f"--username=steadypin --auth=scram-sha-256 --pwfile={folder}/password --encoding=UTF8 --locale=C --no-sync"
    command = [str(programs / "initdb"), f"--pgdata={folder}/data", *options.split()]
    done = subprocess.run(
        command,
        cwd=folder,
        user=owner.pw_uid,
        group=owner.pw_gid,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"initdb failed:\n{done.stdout}{done.stderr}")


def start(
    programs: Path, folder: Path, owner: pwd.struct_passwd, port: int, *, durable: bool
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "synchronous_commit": "on",
        "fsync": "on" if durable else "off",
        "max_connections": 200,
        "timezone": "UTC",
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", "data", *(f"--{name}={value}" for name, value in settings.items())],
            cwd=folder,
            user=owner.pw_uid,
            group=owner.pw_gid,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that a Ctrl-C reaches the command alone, and the server outlives it
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(programs: Path, folder: Path, process: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + START_S
    ready = [str(programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > give_up_at:
            sys.exit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes]) -> None:
    """A fast shutdown, else an immediate one (PostgreSQL's SIGINT and SIGQUIT)."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_S)


def run(command: list[str], url: str) -> int:
    """Runs `command` to its end, whatever signal arrives meanwhile; its exit code, as a shell would tell it."""
    child = subprocess.Popen(command, env=os.environ | {VARIABLE: url})

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends it to the command too
    code = child.wait()
    return code if code >= 0 else 128 - code


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
