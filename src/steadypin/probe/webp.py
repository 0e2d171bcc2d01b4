"""The header of a WebP file: RIFF chunks, of which the first says all but the number of frames."""

from __future__ import annotations

import struct

from steadypin.probe.headers import Header
from steadypin.probe.reading import Reading, Unreadable, Window

_ICC, _ALPHA, _EXIF, _MOVING = 0x20, 0x10, 0x08, 0x02
_MOST_CHUNKS = 2048


def read_webp(window: Window) -> Reading[Header]:
    """Size, transparency, frames. Raises Unreadable, also when the file is shorter than it says."""
    (size,) = struct.unpack("<I", (yield from window.exactly(4, 4)))
    if size + 8 > window.size:
        raise Unreadable(f"{size + 8 - window.size} bytes that it speaks of are not there")
    name = yield from window.exactly(12, 4)
    if name == b"VP8X":
        return (yield from _extended(window))
    if name == b"VP8L":
        return (yield from _lossless(window))
    if name == b"VP8 ":
        return (yield from _lossy(window))
    raise Unreadable("its first chunk is no picture")


def _lossy(window: Window) -> Reading[Header]:
    data = yield from window.exactly(20, 10)
    if data[3:6] != b"\x9d\x01\x2a":
        raise Unreadable("its picture does not begin as one")
    width, height = struct.unpack("<HH", data[6:10])
    return Header(width & 0x3FFF, height & 0x3FFF)


def _lossless(window: Window) -> Reading[Header]:
    data = yield from window.exactly(20, 5)
    if data[0] != 0x2F:
        raise Unreadable("its picture does not begin as one")
    (packed,) = struct.unpack("<I", data[1:5])
    return Header((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, alpha=bool(packed >> 28 & 1))


def _extended(window: Window) -> Reading[Header]:
    data = yield from window.exactly(20, 10)
    flags = data[0]
    width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (4, 7))
    frames = (yield from _count_frames(window)) if flags & _MOVING else 1
    return Header(
        width,
        height,
        alpha=bool(flags & _ALPHA),
        frames=max(frames, 1),
        icc=bool(flags & _ICC),
        exif=bool(flags & _EXIF),
    )


def _count_frames(window: Window) -> Reading[int]:
    offset, frames = 12, 0
    for _ in range(_MOST_CHUNKS):
        head = yield from window.read(offset, 8)
        if len(head) < 8:
            break
        frames += head[:4] == b"ANMF"
        offset += 8 + (int.from_bytes(head[4:8], "little") + 1 & ~1)
    return frames
