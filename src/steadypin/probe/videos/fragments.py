"""How long a fragmented movie is: its pieces (`moof`) lie behind one another, each with its own times."""

from __future__ import annotations

import struct

from steadypin.probe.boxes import Box, children, find
from steadypin.probe.reading import Reading, Window

_MOST_RUN = 64 * 1024
_MOST_REFERENCES = 4096


def extended_duration(window: Window, box: Box) -> Reading[tuple[int, dict[int, int]]]:
    """(units of the movie or 0, default sample duration of each track) from a `mvex`."""
    total, defaults = 0, {}
    for part in (yield from children(window, box)):
        if part.name == b"mehd":
            version = (yield from window.exactly(part.body, 1))[0]
            total = int.from_bytes((yield from window.exactly(part.body + 4, 8 if version == 1 else 4)))
        elif part.name == b"trex":
            track, _, length = struct.unpack(">III", (yield from window.exactly(part.body + 4, 12)))
            defaults[track] = length
    return total, defaults


def indexed(window: Window, box: Box) -> Reading[tuple[float, int]]:
    """(seconds, offset at which the last piece ends) of a `sidx`."""
    version, _, scale = struct.unpack(">B3xII", (yield from window.exactly(box.body, 12)))
    first = yield from window.exactly(box.body + 12, 20 if version == 1 else 12)
    ahead, count = struct.unpack(
        ">QH" if version == 1 else ">IH",
        first[8:16] + first[18:20] if version == 1 else first[4:8] + first[10:12],
    )
    count = min(count, _MOST_REFERENCES)
    table = yield from window.exactly(box.body + 12 + len(first), 12 * count)
    sizes, lengths = 0, 0
    for number in range(count):
        size, length = struct.unpack_from(">II", table, 12 * number)
        sizes += size & 0x7FFF_FFFF
        lengths += length
    return (lengths / scale if scale else 0.0), box.end + ahead + sizes


def end_of_fragment(window: Window, box: Box, track: int, default: int) -> Reading[int | None]:
    """When the samples of a track in this `moof` end, in units of its media; None when it has none here.

    Without a time of its own (`tfdt`) the length alone is answered.
    """
    for piece in (yield from children(window, box)):
        if piece.name != b"traf":
            continue
        head = yield from find(window, piece, b"tfhd", b"tfdt")
        if b"tfhd" not in head:
            continue
        number, length = yield from _fragment_head(window, head[b"tfhd"], default)
        if number != track:
            continue
        begins = 0
        if b"tfdt" in head:
            version = (yield from window.exactly(head[b"tfdt"].body, 1))[0]
            begins = int.from_bytes(
                (yield from window.exactly(head[b"tfdt"].body + 4, 8 if version == 1 else 4))
            )
        total = 0
        for run in (yield from children(window, piece)):
            if run.name == b"trun":
                total += yield from _run(window, run, length)
        return begins + total
    return None


def _fragment_head(window: Window, box: Box, default: int) -> Reading[tuple[int, int]]:
    """(track, default sample duration) of a `tfhd`."""
    data = yield from window.read(box.body, min(box.size, 28))
    flags, number = int.from_bytes(data[1:4]), int.from_bytes(data[4:8])
    at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    return number, int.from_bytes(data[at : at + 4]) if flags & 8 else default


def _run(window: Window, box: Box, default: int) -> Reading[int]:
    """The length of a `trun`."""
    head = yield from window.exactly(box.body, 8)
    flags, count = int.from_bytes(head[1:4]), int.from_bytes(head[4:8])
    if not flags & 0x100:
        return count * default
    step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    at = box.body + 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    count = min(count, _MOST_RUN // step, max(box.end - at, 0) // step)
    table = yield from window.exactly(at, step * count)
    return sum(struct.unpack_from(">I", table, step * number)[0] for number in range(count))
