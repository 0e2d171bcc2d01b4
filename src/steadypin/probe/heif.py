"""The header of a HEIC or AVIF file: boxes that say which item is the picture, and which properties belong to it."""

from __future__ import annotations

import struct

from steadypin.probe.boxes import Box, box_at, children
from steadypin.probe.headers import Header
from steadypin.probe.reading import Reading, Unreadable, Window

_MOST_TABLE = 64 * 1024
_MOST_ITEMS = 2048


def read_heif(window: Window) -> Reading[Header]:
    """Size as shown, depth, transparency. Raises Unreadable, also when the file is shorter than it says."""
    top: list[Box] = []
    offset = 0
    while len(top) < 32 and (box := (yield from box_at(window, offset, window.size))) is not None:
        if box.end > window.size:
            raise Unreadable(f"{box.end - window.size} bytes that it speaks of are not there")
        top.append(box)
        offset = box.end
    if (meta := _first(top, b"meta")) is None:
        if (moov := _first(top, b"moov")) is not None:
            return (yield from _sequence(window, moov))
        raise Unreadable("it names no picture")
    parts = yield from children(window, meta, skip=4)
    primary = yield from _primary(window, _first(parts, b"pitm"))
    exif = yield from _has_exif(window, _first(parts, b"iinf"))
    properties = _first(parts, b"iprp")
    if properties is None:
        raise Unreadable("it names no size")
    inside = yield from children(window, properties)
    container = _first(inside, b"ipco")
    if container is None:
        raise Unreadable("it names no size")
    known = yield from children(window, container)
    mine = yield from _of_item(window, _first(inside, b"ipma"), primary)
    return (yield from _header(window, known, [known[at - 1] for at in mine if 0 < at <= len(known)], exif))


def _header(window: Window, known: list[Box], mine: list[Box], exif: bool) -> Reading[Header]:
    size = _first(mine, b"ispe") or _first(known, b"ispe")
    if size is None:
        raise Unreadable("it names no size")
    width, height = struct.unpack(">II", (yield from window.exactly(size.body + 4, 8)))
    if (turn := _first(mine, b"irot")) is not None and (yield from window.exactly(turn.body, 1))[0] & 1:
        width, height = height, width
    bits, icc, alpha = 8, False, False
    if (depth := _first(mine, b"pixi")) is not None:
        bits = (yield from window.exactly(depth.body + 5, 1))[0]
    if (colour := _first(mine, b"colr")) is not None:
        icc = (yield from window.exactly(colour.body, 4)) in (b"prof", b"rICC")
    for each in known:
        if each.name == b"auxC":
            alpha |= b":alpha" in (yield from window.read(each.body, min(each.size, 80)))
    return Header(width, height, bits, alpha, icc=icc, exif=exif)


def _primary(window: Window, box: Box | None) -> Reading[int]:
    if box is None:
        return 1
    version = (yield from window.exactly(box.body, 1))[0]
    return int.from_bytes((yield from window.exactly(box.body + 4, 4 if version else 2)))


def _has_exif(window: Window, box: Box | None) -> Reading[bool]:
    if box is None:
        return False
    version = (yield from window.exactly(box.body, 1))[0]
    items = yield from children(window, box, skip=8 if version else 6)
    for item in items:
        head = yield from window.read(item.body, min(item.size, 14))
        wide = head[:1] == b"\x03"
        if head[10 if wide else 8 :][:4] == b"Exif":
            return True
    return False


def _of_item(window: Window, box: Box | None, item: int) -> Reading[list[int]]:
    """The numbers of the properties of one item, counted from 1."""
    if box is None:
        return []
    table = yield from window.read(box.body, min(box.size, _MOST_TABLE))
    if len(table) < 8:
        return []
    version, wide = table[0], table[3] & 1
    count, at = int.from_bytes(table[4:8]), 8
    id_size = 4 if version else 2
    for _ in range(min(count, _MOST_ITEMS)):
        found, number = int.from_bytes(table[at : at + id_size]), table[at + id_size : at + id_size + 1]
        at += id_size + 1
        step, mask = (2, 0x7FFF) if wide else (1, 0x7F)
        length = step * (number[0] if number else 0)
        if found == item and length:
            entries = table[at : at + length]
            return [
                int.from_bytes(entries[here : here + step]) & mask for here in range(0, len(entries), step)
            ]
        at += length
    return []


def _sequence(window: Window, moov: Box) -> Reading[Header]:
    """An image sequence without a still picture: the size is that of its track."""
    for track in (yield from children(window, moov)):
        if track.name == b"trak":
            head = _first((yield from children(window, track)), b"tkhd")
            if head is not None and head.size >= 8:
                width, height = struct.unpack(">II", (yield from window.exactly(head.end - 8, 8)))
                return Header(width >> 16, height >> 16, frames=2)
    raise Unreadable("it names no size")


def _first(boxes: list[Box], name: bytes) -> Box | None:
    return next((box for box in boxes if box.name == name), None)
