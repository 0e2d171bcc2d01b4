"""One process owns an SQLite file: a lock beside the file, which the kernel drops when the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """Held from construction to `release`. The descriptor is close-on-exec, so children do not keep it."""

    def __init__(self, path: Path) -> None:
        """Raises BlockingIOError when another process holds it, OSError when the file cannot be made."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Give it up; the file stays, as removing it would race with the next owner."""
        os.close(self._handle)
