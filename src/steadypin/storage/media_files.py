"""The media store: files named by the sha256 of their bytes, in the data folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from steadypin.domain.errors import StoreTrouble


class TooLarge(ValueError):
    """More bytes came than the caller allows."""


class MediaFiles:
    """Content-addressed files below one folder; a file appears under its name only when it is whole and on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        """Where the bytes of a digest are."""
        return self._folder / digest[:2] / digest

    async def take(self, chunks: AsyncIterable[bytes], limit: int) -> tuple[str, int]:
        """Store a stream; answers (sha256 in hex, size). Raises TooLarge, StoreTrouble, and what `chunks` raises."""
        hasher, size = hashlib.sha256(), 0
        partial = self._folder / f".partial-{secrets.token_hex(8)}"
        with self._keeping():
            self._folder.mkdir(parents=True, exist_ok=True)
            file = partial.open("xb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(size)
                hasher.update(chunk)
                with self._keeping():
                    file.write(chunk)
            target = self.path(hasher.hexdigest())
            with self._keeping():
                file.flush()
                os.fsync(file.fileno())
                target.parent.mkdir(exist_ok=True)
                partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        finally:
            with suppress(OSError):  # what could not be flushed was told above
                file.close()
        return hasher.hexdigest(), size

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """Trouble with the folder is told as such; trouble with the source of the bytes is somebody else's."""
        try:
            yield
        except OSError as error:
            raise StoreTrouble(
                f"The media store cannot keep a file ({error.strerror}). Free some space or give write permission on "
                f"{self._folder}."
            ) from error

    def read(self, digest: str, chunk_size: int) -> Iterator[bytes]:
        """The bytes in pieces of `chunk_size`. Raises FileNotFoundError."""
        with self.path(digest).open("rb") as file:
            while chunk := file.read(chunk_size):
                yield chunk
