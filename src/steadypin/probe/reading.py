"""How the header readers get bytes: they ask, somebody else reads. So the same reader serves a file and a web address.

A reader is a generator: it yields `Want(offset, size)`, is sent the bytes (fewer at the end of the file), and returns what it
found. When that would cost more than a look may, TooCostly is thrown into it.

    read_from(reader, file)     drives it over a file
    Fetcher.look(url, reader)   drives it over ranges of a web address
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

T = TypeVar("T")

NEAR, FAR = 4 * 1024, 16 * 1024
"""As many bytes are read at once, of a file and of the web, where asking costs more than a few bytes too many."""


class Unreadable(ValueError):
    """The bytes are not what they say to be; the text says in a few words what was wrong."""


class TooCostly(Unreadable):
    """It would take more reading than a look may cost."""


@dataclass(frozen=True, slots=True)
class Want:
    """A piece of the file, in bytes from its start."""

    offset: int
    size: int


Reading = Generator[Want, bytes, T]


@dataclass(slots=True)
class Cost:
    """What one look may read, and has read."""

    most_bytes: int
    most_reads: int
    bytes: int = 0
    reads: int = 0

    def spend(self, want: Want) -> None:
        """Count a read before it is made. Raises TooCostly."""
        self.bytes += want.size
        self.reads += 1
        if self.bytes > self.most_bytes or self.reads > self.most_reads:
            raise TooCostly("its parts lie too far apart for a look")


def cost_of_a_file() -> Cost:
    """What a look at a file may read; seeking is cheap there."""
    return Cost(most_bytes=32_000_000, most_reads=8192)


def cost_of_an_address() -> Cost:
    """What a look at a web address may read; each read is a request."""
    return Cost(most_bytes=512 * 1024, most_reads=24)


class Window:
    """Cuts small reads out of larger ones; keeps the head of the file and the last two pieces in memory."""

    def __init__(self, size: int, ahead: int = NEAR, head: bytes = b"") -> None:
        self.size = size
        self._ahead = ahead
        self._head = head
        self._pieces: list[tuple[int, bytes]] = []

    def read(self, offset: int, size: int) -> Reading[bytes]:
        """`size` bytes, fewer at the end of the file."""
        size = max(0, min(size, self.size - offset))
        for start, piece in ((0, self._head), *self._pieces):
            if start <= offset and offset + size <= start + len(piece):
                return piece[offset - start : offset - start + size]
        if not size:
            return b""
        piece = yield Want(offset, min(max(size, self._ahead), self.size - offset))
        self._pieces = [*self._pieces[-1:], (offset, piece)]
        return piece[:size]

    def exactly(self, offset: int, size: int) -> Reading[bytes]:
        """`size` bytes. Raises Unreadable when the file ends before."""
        piece = yield from self.read(offset, size)
        if len(piece) < size:
            raise Unreadable("it ends in the middle of its header")
        return piece


def read_from(reader: Reading[T], file: BinaryIO, cost: Cost | None = None) -> T:
    """Let a reader read a file. Raises Unreadable and OSError."""
    cost = cost or cost_of_a_file()
    try:
        want = next(reader)
        while True:
            try:
                cost.spend(want)
            except TooCostly as refusal:
                want = reader.throw(refusal)
                continue
            file.seek(want.offset)
            want = reader.send(file.read(want.size))
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        reader.close()
