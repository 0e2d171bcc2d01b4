"""Where secret keys come from: a file of ours, a file or a variable of the operator. Several keys: the newest first."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_KEY_BYTES = 32
_PARTIAL = ".partial-"
FORMER = ".former"
"""What the name of our key file gets for the keys that no row needs any more; backups from before may need them."""


class KeySource(Protocol):
    """Something that keys are read from, again and again."""

    def read(self) -> tuple[bytes, ...]:
        """The keys, the newest first. Raises ValueError, OSError."""
        ...


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys from a variable (`file` None), or from a file that its name points to; ours to read only."""

    text: str = field(repr=False)
    file: Path | None = None

    def read(self) -> tuple[bytes, ...]:
        """What the file holds now, or what the variable held at the start."""
        return read_keys(self.file.read_text("ascii", "replace") if self.file is not None else self.text)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The key file in the data folder, which Steadypin makes and changes itself."""

    path: Path

    @property
    def former_path(self) -> Path:
        """Where keys go that no row needs any more."""
        return self.path.with_name(self.path.name + FORMER)

    def read(self) -> tuple[bytes, ...]:
        """The keys in it, the newest first."""
        return read_keys(self.path.read_text("ascii", "replace"))

    def make(self) -> None:
        """Put a first key into it, whole and with mode 0600, unless it is there: it is never overwritten by this."""
        if self.path.exists():
            return
        partial = _written(self.path, new_key() + "\n")
        try:
            with suppress(FileExistsError):  # somebody else was first: his key it is
                os.link(partial, self.path)
        finally:
            partial.unlink(missing_ok=True)

    def put_in_front(self) -> bytes:
        """Make a new key and put it in front of those in the file; on disk for certain when this returns."""
        text = new_key()
        for left in self.path.resolve().parent.glob(f"{self.path.resolve().name}{_PARTIAL}*"):
            left.unlink(missing_ok=True)  # whoever wrote it was killed, and nothing is sealed with it
        self._replace(self.path, [text, *map(write_key, self.read())])
        return read_key(text)

    def retire(self, keep: Iterable[bytes]) -> None:
        """Move every other key to the file of former keys, which has each of them before it leaves this one."""
        kept = set(keep)
        here = self.read()
        with suppress(FileNotFoundError):
            known = read_keys(self.former_path.read_text("ascii", "replace"))
            here = (*here, *(key for key in known if key not in here))
        self._replace(self.former_path, [write_key(key) for key in here if key not in kept])
        self._replace(self.path, [write_key(key) for key in self.read() if key in kept])

    def _replace(self, path: Path, lines: Iterable[str]) -> None:
        real = path.resolve()  # it may be a link to where the operator keeps secrets
        partial = _written(real, "".join(f"{line}\n" for line in lines))
        try:
            owner = self.path.stat()
            os.chown(
                partial, owner.st_uid, owner.st_gid
            )  # root may do this for the user who runs the service
            partial.replace(real)
            _flush_folder(real.parent)
        finally:
            partial.unlink(missing_ok=True)


def read_key(text: str) -> bytes:
    """A key as it is written in a variable or file: 32 bytes in URL-safe base64. Raises ValueError."""
    try:
        key = urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("The secret key must be 32 random bytes in URL-safe base64 (43 characters).")
    return key


def read_keys(text: str) -> tuple[bytes, ...]:
    """One key or several, with commas or line ends between, each once. Raises ValueError."""
    parts = [part for part in re.split(r"[,\s]+", text) if part] or [""]
    return tuple(dict.fromkeys(read_key(part) for part in parts))


def write_key(key: bytes) -> str:
    """The reverse of read_key."""
    return urlsafe_b64encode(key).decode().rstrip("=")


def new_key() -> str:
    """A fresh random key in the form that read_key takes."""
    return write_key(secrets.token_bytes(_KEY_BYTES))


def _written(path: Path, text: str) -> Path:
    """A file beside `path` that holds the text, flushed, readable for its owner alone."""
    partial = path.with_name(f"{path.name}{_PARTIAL}{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
