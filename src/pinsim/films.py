"""Films: what the bytes of an uploaded video say of themselves, read as they arrive.

FilmReader   follows the boxes of an MP4 or MOV file; keeps the index (`moov`), reads past the rest
Film         what it found: container, codec, length, size, and what is wrong with the file itself
fault_of     why Pinterest would not process it; it never says so itself
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

_KEPT = {b"ftyp": 4_096, b"moov": 32 * 1024 * 1024, b"moof": 4 * 1024 * 1024}
"""Boxes that are looked into, and the most bytes of each that are."""
_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"}
"""What a film begins with."""
_BRANDS = {b"qt  ": "mov", b"M4V ": "m4v", b"M4VH": "m4v", b"M4VP": "m4v"}
_CODECS = {"avc1": "h264", "avc3": "h264", "hvc1": "h265", "hev1": "h265"}
_TALLEST, _WIDEST = 0.5, 1.91
_ROUNDING = 0.01
"""A ratio as near as this to a limit is taken for it: 1200x628 stands for 1.91:1."""


@dataclass(frozen=True, slots=True)
class Film:
    """Lengths in seconds, sizes in pixels as shown (turned if the file says so). `trouble` is empty for a film that
    can be read."""

    container: str = ""
    codec: str = ""
    duration_s: float = 0.0
    width: int = 0
    height: int = 0
    trouble: str = ""


def fault_of(film: Film, shortest_s: float, longest_s: float) -> str:
    """In a few words what Pinterest would not take; empty if it would."""
    if film.trouble:
        return film.trouble
    if film.codec not in _CODECS.values():
        return f"the codec is {film.codec or 'unknown'}, not H.264 or H.265"
    if not shortest_s <= film.duration_s <= longest_s:
        return f"{film.duration_s:g} s are not between {shortest_s:g} and {longest_s:g}"
    if not film.width or not film.height:
        return "the picture has no size"
    ratio = film.width / film.height
    if not _TALLEST - _ROUNDING <= ratio <= _WIDEST + _ROUNDING:
        return f"{film.width}x{film.height} is not between 1:2 and 1.91:1"
    return ""


class _Broken(Exception):
    """The file cannot be followed; the text says why."""


@dataclass(slots=True)
class _Track:
    """Lengths in the track's own units, `scale` of them a second."""

    number: int = 0
    kind: bytes = b""
    format: bytes = b""
    scale: int = 0
    duration: int = 0
    width: int = 0
    height: int = 0
    sample_duration: int = 0


@dataclass(slots=True)
class _Index:
    """What `moov` says."""

    scale: int = 0
    duration: int = 0
    tracks: list[_Track] = field(default_factory=list)

    def film_track(self) -> _Track | None:
        return next((each for each in self.tracks if each.kind == b"vide"), None)


class FilmReader:
    """Takes the bytes in order, at most a box of `_KEPT` in memory."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._box = b""
        self._kept = bytearray()
        self._left: float = 0
        """Bytes of the present box still to come; for ever when it reaches to the end of the file."""
        self._keeps = self._began = False
        self._trouble = ""
        self._container = ""
        self._index: _Index | None = None
        self._fragments = 0
        """Length of the pieces of a fragmented film, in the track's units."""

    def feed(self, piece: bytes) -> None:
        """The next bytes of the file."""
        at = 0
        while at < len(piece) and not self._trouble:
            try:
                at = self._take(piece, at)
            except (_Broken, struct.error, IndexError) as broken:
                self._trouble = str(broken) if isinstance(broken, _Broken) else "the index is damaged"

    def finish(self) -> Film:
        """What it was, when all bytes have come."""
        if self._trouble or not self._began:
            return Film(trouble=self._trouble or "it is neither MP4 nor MOV")
        if self._head or 0 < self._left < inf or (self._keeps and self._left):
            return Film(self._container, trouble="the file is cut off")
        if self._index is None:
            return Film(self._container, trouble="the file has no index (moov)")
        track = self._index.film_track()
        if track is None:
            return Film(self._container, trouble="the file has no picture track")
        codec = track.format.decode("ascii", "replace").strip()
        return Film(
            self._container or "mov",
            _CODECS.get(codec, codec),
            round(self._length_s(self._index, track), 3),
            track.width,
            track.height,
        )

    def _length_s(self, index: _Index, track: _Track) -> float:
        if index.duration and index.scale:
            return index.duration / index.scale
        length = track.duration or self._fragments
        return length / track.scale if track.scale else 0.0

    def _take(self, piece: bytes, at: int) -> int:
        if not self._left:
            return self._take_head(piece, at)
        count = int(min(self._left, len(piece) - at))
        if self._keeps:
            self._kept += memoryview(piece)[at : at + count]
        self._left -= count
        if not self._left:
            self._box_done()
        return at + count

    def _take_head(self, piece: bytes, at: int) -> int:
        wanted = 16 if self._head[:4] == b"\0\0\0\1" else 8
        count = min(wanted - len(self._head), len(piece) - at)
        self._head += memoryview(piece)[at : at + count]
        if len(self._head) < 8 or (self._head[:4] == b"\0\0\0\1" and len(self._head) < 16):
            return at + count
        size, self._box = int.from_bytes(self._head[:4], "big"), bytes(self._head[4:8])
        head_size = len(self._head)
        if size == 1:
            size = int.from_bytes(self._head[8:16], "big")
        self._head.clear()
        self._open(inf if size == 0 else size - head_size)
        return at + count

    def _open(self, size: float) -> None:
        if size < 0 or (not self._began and self._box not in _FIRST):
            raise _Broken("the file is damaged" if self._began else "it is neither MP4 nor MOV")
        self._began = True
        self._keeps, self._left = self._box in _KEPT, size
        if self._keeps and size > _KEPT[self._box]:
            raise _Broken(f"its {self._box.decode()} has no sensible size")
        if not size:
            self._box_done()

    def _box_done(self) -> None:
        if not self._keeps:
            return
        kept, self._kept, self._keeps = memoryview(bytes(self._kept)), bytearray(), False
        if self._box == b"ftyp":
            self._container = _BRANDS.get(bytes(kept[:4]), "mp4")
        elif self._box == b"moov" and self._index is None:
            self._index = _read_index(kept)
        elif self._box == b"moof" and self._index is not None:
            self._fragments += _fragment_length(kept, self._index)


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes in a box; raises _Broken for sizes that cannot be."""
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or len(data) - at
        if size < head or at + size > len(data):
            raise _Broken("the index is damaged")
        yield kind, data[at + head : at + size]
        at += size


def _read_index(moov: memoryview) -> _Index:
    index, defaults = _Index(), {}
    for kind, body in _boxes(moov):
        if kind == b"mvhd":
            index.scale, index.duration = _clocked(body)
        elif kind == b"trak":
            index.tracks.append(_read_track(body))
        elif kind == b"mvex":
            defaults = {_u32(each, 4): _u32(each, 12) for name, each in _boxes(body) if name == b"trex"}
            lengths = [_number(each, 4) for name, each in _boxes(body) if name == b"mehd"]
            index.duration = index.duration or next(iter(lengths), 0)
    for track in index.tracks:
        track.sample_duration = defaults.get(track.number, 0)
    return index


def _read_track(trak: memoryview) -> _Track:
    track = _Track()
    for kind, body in _boxes(trak):
        if kind == b"tkhd":
            _read_placing(track, body)
        elif kind == b"mdia":
            for name, part in _boxes(body):
                if name == b"mdhd":
                    track.scale, track.duration = _clocked(part)
                elif name == b"hdlr":
                    track.kind = bytes(part[8:12])
                elif name == b"minf":
                    track.format = _format(part)
    return track


def _read_placing(track: _Track, tkhd: memoryview) -> None:
    """Number and size of a track, turned as its matrix says."""
    wide = 12 if tkhd[0] == 1 else 0
    track.number = _u32(tkhd, 20 if wide else 12)
    width, height = (_u32(tkhd, 76 + wide + n) >> 16 for n in (0, 4))
    turned = _u32(tkhd, 40 + wide) == 0 and _u32(tkhd, 56 + wide) == 0
    track.width, track.height = (height, width) if turned else (width, height)


def _format(minf: memoryview) -> bytes:
    """The name of the codec: the first entry of `stsd`."""
    tables = [body for kind, body in _boxes(minf) if kind == b"stbl"]
    entries = [body for table in tables for kind, body in _boxes(table) if kind == b"stsd"]
    return bytes(entries[0][12:16]) if entries else b""


def _fragment_length(moof: memoryview, index: _Index) -> int:
    track = index.film_track()
    length = 0
    for kind, traf in _boxes(moof):
        if kind != b"traf" or track is None:
            continue
        parts = list(_boxes(traf))
        heads = [body for name, body in parts if name == b"tfhd"]
        if not heads or _u32(heads[0], 4) != track.number:
            continue
        each = _tfhd_duration(heads[0], track.sample_duration)
        length += sum(_run_length(body, each) for name, body in parts if name == b"trun")
    return length


def _tfhd_duration(tfhd: memoryview, default: int) -> int:
    flags = _u32(tfhd, 0) & 0xFFFFFF
    if not flags & 0x08:
        return default
    return _u32(tfhd, 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0))


def _run_length(trun: memoryview, each: int) -> int:
    flags, count = _u32(trun, 0) & 0xFFFFFF, _u32(trun, 4)
    if not flags & 0x100:
        return count * each
    at = 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
    stride = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    if at + count * stride > len(trun):
        raise _Broken("the index is damaged")
    return sum(_u32(trun, at + n * stride) for n in range(count))


def _clocked(body: memoryview) -> tuple[int, int]:
    """Units a second and length in them, of `mvhd` and `mdhd`."""
    if body[0] == 1:
        return _u32(body, 20), _known(int(struct.unpack_from(">Q", body, 24)[0]), 64)
    return _u32(body, 12), _known(_u32(body, 16), 32)


def _number(body: memoryview, at: int) -> int:
    return int(struct.unpack_from(">Q" if body[0] == 1 else ">I", body, at)[0])


def _known(length: int, bits: int) -> int:
    """All ones say that nobody knows."""
    return 0 if length == (1 << bits) - 1 else length


def _u32(body: memoryview, at: int) -> int:
    return int(struct.unpack_from(">I", body, at)[0])
