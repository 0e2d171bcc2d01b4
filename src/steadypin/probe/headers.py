"""The size that an image file declares, read before anything decodes it, so that a bomb is never unpacked.

read_header(kind) -> Reading[Header]        JPEG, PNG, GIF, BMP, TIFF, Photoshop here; WebP and HEIC in their own files
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from steadypin.probe.reading import Reading, Unreadable, Window

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame; C4, C8 and CC are tables and extensions."""
_BARE = frozenset(range(0xD0, 0xDA)) | {0x01}
_MOST_SEGMENTS = 4096
_MOST_FILL = 65536
_PIECE = 1024


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says; width and height in pixels as they are stored, `bits` of one colour."""

    width: int
    height: int
    bits: int = 8
    alpha: bool = False
    frames: int = 1
    icc: bool = False
    exif: bool = False


def read_png(window: Window) -> Reading[Header]:
    """IHDR, which must be the first chunk."""
    name, width, height, bits = struct.unpack(">4sIIB", (yield from window.exactly(12, 13)))
    if name != b"IHDR":
        raise Unreadable("its header cannot be read")
    return Header(width, height, bits)


def read_jpeg(window: Window) -> Reading[Header]:
    """The first frame segment."""
    offset = 2
    for _ in range(_MOST_SEGMENTS):
        marker, offset = yield from _marker(window, offset)
        if marker in _BARE:
            continue
        (length,) = struct.unpack(">H", (yield from window.exactly(offset, 2)))
        if marker in _FRAMES:
            bits, height, width = struct.unpack(">BHH", (yield from window.exactly(offset + 2, 5)))
            return Header(width, height, bits)
        if length < 2:
            break
        offset += length
    raise Unreadable("its header cannot be read")


def _marker(window: Window, offset: int) -> Reading[tuple[int, int]]:
    """The next marker and the place behind it; skips the fill bytes that may stand between segments."""
    at, last = offset, offset + _MOST_FILL
    while at < last:
        piece = yield from window.read(at, _PIECE)
        found = piece.find(b"\xff")
        if found < 0 and len(piece) == _PIECE:
            at += _PIECE
            continue
        if found < 0:
            raise Unreadable("it ends in the middle of its header")
        (code,) = yield from window.exactly(at + found + 1, 1)
        if code == 0xFF:
            at += found + 1
        elif code:
            return code, at + found + 2
        else:
            at += found + 2
    raise Unreadable("its header cannot be read")


def read_gif(window: Window) -> Reading[Header]:
    """The logical screen."""
    return Header(*struct.unpack("<HH", (yield from window.exactly(6, 4))))


def read_bmp(window: Window) -> Reading[Header]:
    """The information header; a negative height means that the rows are stored from above."""
    (length,) = struct.unpack("<I", (yield from window.exactly(14, 4)))
    if length == 12:
        return Header(*struct.unpack("<HH", (yield from window.exactly(18, 4))))
    width, height = struct.unpack("<ii", (yield from window.exactly(18, 8)))
    return Header(abs(width), abs(height))


def read_psd(window: Window) -> Reading[Header]:
    """The fixed header of Photoshop."""
    height, width, bits = struct.unpack(">IIH", (yield from window.exactly(14, 10)))
    return Header(width, height, bits)


def read_tiff(window: Window) -> Reading[Header]:
    """The tags of the first page, in either byte order."""
    order = "<" if (yield from window.exactly(0, 2)) == b"II" else ">"
    version, offset = struct.unpack(f"{order}HI", (yield from window.exactly(2, 6)))
    if version != 42:
        raise Unreadable("it is a BigTIFF")
    (count,) = struct.unpack(f"{order}H", (yield from window.exactly(offset, 2)))
    found: dict[int, int] = {}
    for number in range(min(count, 512)):
        entry = yield from window.exactly(offset + 2 + 12 * number, 12)
        tag, kind = struct.unpack(f"{order}HH", entry[:4])
        if kind in (3, 4):
            (found[tag],) = struct.unpack(
                f"{order}{'H' if kind == 3 else 'I'}", entry[8 : 10 if kind == 3 else 12]
            )
    if 256 not in found or 257 not in found:
        raise Unreadable("its header names no size")
    return Header(found[256], found[257])


READERS: dict[str, Callable[[Window], Reading[Header]]] = {
    "PNG": read_png,
    "JPEG": read_jpeg,
    "GIF": read_gif,
    "BMP": read_bmp,
    "Photoshop": read_psd,
    "TIFF": read_tiff,
}
