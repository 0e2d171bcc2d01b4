"""The boxes of ISO files (MP4, QuickTime, HEIC, AVIF): a size, a name, and what is inside; bounded in number and depth."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from steadypin.probe.reading import Reading, Unreadable, Window

MOST_CHILDREN = 1024
_EXTENDED, _TO_THE_END = 1, 0


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `start` of its header, `body` and `end` as offsets in the file. `end` may lie beyond the file's."""

    name: bytes
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Bytes inside."""
        return self.end - self.body


def box_at(window: Window, offset: int, limit: int) -> Reading[Box | None]:
    """The box that begins here, inside of something that ends at `limit`; None when there is no room for one."""
    head = yield from window.read(offset, min(16, limit - offset))
    if len(head) < 8:
        return None
    size, name = struct.unpack(">I4s", head[:8])
    body = offset + 8
    if size == _EXTENDED:
        if len(head) < 16:
            raise Unreadable("it ends in the middle of its header")
        (size,) = struct.unpack(">Q", head[8:16])
        body = offset + 16
    elif size == _TO_THE_END:
        size = limit - offset
    if offset + size < body:
        raise Unreadable(f"its part {spelled(name)} has an impossible size")
    return Box(name, offset, body, offset + size)


def children(window: Window, parent: Box, skip: int = 0) -> Reading[list[Box]]:
    """The boxes inside of a box, behind its first `skip` bytes. Raises Unreadable when they do not fit into it."""
    found: list[Box] = []
    offset, limit = parent.body + skip, min(parent.end, window.size)
    while offset < limit:
        box = yield from box_at(window, offset, limit)
        if box is None or not any(box.name):  # QuickTime ends some lists with a zero
            break
        _require_fit(box, parent)
        found.append(box)
        if len(found) > MOST_CHILDREN:
            raise Unreadable(f"its part {spelled(parent.name)} has too many parts")
        offset = box.end
    return found


def find(window: Window, parent: Box, *names: bytes, skip: int = 0) -> Reading[dict[bytes, Box]]:
    """The first box of each name inside of a box; stops reading when all are found."""
    found: dict[bytes, Box] = {}
    offset, limit = parent.body + skip, min(parent.end, window.size)
    for _ in range(MOST_CHILDREN):
        box = (yield from box_at(window, offset, limit)) if offset < limit else None
        if box is None or not any(box.name):
            return found
        _require_fit(box, parent)
        if box.name in names:
            found.setdefault(box.name, box)
            if len(found) == len(names):
                return found
        offset = box.end
    raise Unreadable(f"its part {spelled(parent.name)} has too many parts")


def _require_fit(box: Box, parent: Box) -> None:
    if box.end > parent.end:
        raise Unreadable(f"its part {spelled(box.name)} is larger than {spelled(parent.name)} around it")


def spelled(name: bytes) -> str:
    """The four letters of a box for people."""
    return "".join(chr(byte) if 32 <= byte < 127 or byte == 0xA9 else "?" for byte in name)
