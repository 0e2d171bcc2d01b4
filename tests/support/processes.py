"""Real processes: a simulator and Steadypin's own commands, to be killed, stopped and woken by their process id."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import leaks

START_S, END_S = 60.0, 30.0
PROGRAM = str(Path(sys.executable).with_name("steadypin"))


class Process:
    """A running command. What it prints goes to the end of `log`."""

    def __init__(self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> None:
        self._command, self._log = list(command), log
        self._from = log.stat().st_size if log.exists() else 0
        self.started_at = time.time()
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**(os.environ if environ is None else environ), "PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def printed(self) -> str:
        """What it has printed so far."""
        with self._log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode(errors="replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it has printed that."""
        give_up_at = time.monotonic() + START_S
        while (found := re.search(pattern, self.printed())) is None:
            if self._popen.poll() is not None or time.monotonic() > give_up_at:
                raise AssertionError(f"{self._command} did not print {pattern!r}:\n{self.printed()}")
            time.sleep(0.01)
        return found

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        try:
            return self._popen.wait(START_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self._command} did not end:\n{self.printed()}") from None

    def kill(self) -> float:
        """SIGKILL; answers when."""
        self._popen.kill()
        at = time.time()
        self._popen.wait()
        return at

    def stop(self) -> None:
        """SIGSTOP: it stands still in the middle of whatever it does."""
        self._popen.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._popen.send_signal(signal.SIGCONT)

    def end(self) -> int:
        """SIGTERM, and its exit code; SIGKILL when that takes too long."""
        if self._popen.poll() is None:
            self.go_on()
            self._popen.terminate()
            try:
                self._popen.wait(END_S)
            except subprocess.TimeoutExpired:
                self.kill()
        leaks.note(f"the log of {self._command}", self.printed())
        return self._popen.returncode


class SimProcess:
    """A simulator in a process of its own, and its control side."""

    def __init__(self, process: Process, base_url: str) -> None:
        self.process, self.base_url = process, base_url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A request under /_sim/."""
        sent = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.base_url}/_sim/{path}", sent, method=method), timeout=60
        ) as answer:
            return json.load(answer)


@contextmanager
def simulator(folder: Path, seed: int = 1) -> Iterator[SimProcess]:
    """A simulator on a free port."""
    process = Process([sys.executable, "-m", "pinsim", "--port=0", f"--seed={seed}"], folder / "pinsim.log")
    try:
        yield SimProcess(process, process.wait_for(r"pinsim is at (http://\S+)").group(1))
    finally:
        process.end()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
