"""One track of a movie: how long, how large, how turned, how coded."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from steadypin.probe.boxes import Box, find
from steadypin.probe.reading import Reading, Window
from steadypin.probe.videos.codecs import Coding, picture_coding, sound_coding

_MOST_EDITS = 512
_MOST_RUNS = 1024
_MOST_ENTRY = 4096
_UNKNOWN = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, slots=True)
class Track:
    """Seconds and pixels as shown; `handler` is `vide`, `soun` or another; None and 0 are what it does not say."""

    handler: str
    number: int = 0
    timescale: int = 0
    duration_s: float | None = None
    width: int = 0
    height: int = 0
    rotation: int = 0
    fps: float | None = None
    coding: Coding | None = None


def read_track(window: Window, box: Box, movie_scale: int) -> Reading[Track | None]:
    """One `trak`; None when it holds no media at all. Raises Unreadable."""
    parts = yield from find(window, box, b"tkhd", b"edts", b"mdia")
    if b"mdia" not in parts:
        return None
    media = yield from find(window, parts[b"mdia"], b"mdhd", b"hdlr", b"minf")
    handler = ""
    if b"hdlr" in media:
        handler = (yield from window.exactly(media[b"hdlr"].body + 8, 4)).decode("latin-1")
    scale, length = (yield from scale_and_duration(window, media[b"mdhd"])) if b"mdhd" in media else (0, 0)
    edited = (yield from _edited(window, parts[b"edts"])) if b"edts" in parts else 0
    entry, samples = b"", None
    if b"minf" in media and handler in ("vide", "soun"):
        entry, samples = yield from _samples(window, media[b"minf"])
    seconds = length / scale if scale and length else None
    fps = samples / seconds if samples and seconds and handler == "vide" else None
    if edited and movie_scale:
        seconds = edited / movie_scale
    number, rotation, width, height = (
        (yield from _header(window, parts[b"tkhd"])) if b"tkhd" in parts else (0, 0, 0, 0)
    )
    if handler != "vide" or not entry:
        return Track(handler, number, scale, seconds, coding=sound_coding(entry) if entry else None)
    coding = picture_coding(entry)
    width, height = _shown(width, height, rotation, coding)
    return Track(handler, number, scale, seconds, width, height, rotation, fps and round(fps, 3), coding)


def _shown(width: int, height: int, rotation: int, coding: Coding) -> tuple[int, int]:
    if not width or not height:
        across, down = coding.pixel_shape
        width, height = round(coding.width * across / down), coding.height
    return (height, width) if rotation in (90, 270) else (width, height)


def _header(window: Window, box: Box) -> Reading[tuple[int, int, int, int]]:
    """(number, rotation, width, height); the last two as they are before turning."""
    version = (yield from window.exactly(box.body, 1))[0]
    before = 52 if version == 1 else 40
    data = yield from window.exactly(box.body, before + 44)
    (number,) = struct.unpack_from(">I", data, 20 if version == 1 else 12)
    a, b = struct.unpack_from(">ii", data, before)
    width, height = struct.unpack_from(">II", data, before + 36)
    turned = {(0, 1): 90, (0, -1): 270, (-1, 0): 180}.get((_sign(a), _sign(b)), 0)
    return number, turned, width >> 16, height >> 16


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def scale_and_duration(window: Window, box: Box) -> Reading[tuple[int, int]]:
    """(units in a second, units) of a `mvhd` or `mdhd`; 0 units when it does not say."""
    version = (yield from window.exactly(box.body, 1))[0]
    if version == 1:
        scale, length = struct.unpack(">IQ", (yield from window.exactly(box.body + 20, 12)))
    else:
        scale, length = struct.unpack(">II", (yield from window.exactly(box.body + 12, 8)))
    return scale, 0 if length in _UNKNOWN else length


def _edited(window: Window, box: Box) -> Reading[int]:
    """What an edit list leaves of the track, in units of the movie; 0 without one."""
    found = yield from find(window, box, b"elst")
    if b"elst" not in found:
        return 0
    at = found[b"elst"].body
    version, count = struct.unpack(">B3xI", (yield from window.exactly(at, 8)))
    step, kind = (20, ">Q") if version == 1 else (12, ">I")
    count = min(count, _MOST_EDITS, max(found[b"elst"].size - 8, 0) // step)
    table = yield from window.exactly(at + 8, step * count)
    lengths = (struct.unpack_from(kind, table, step * number)[0] for number in range(count))
    return sum(length for length in lengths if length not in _UNKNOWN)


def _samples(window: Window, box: Box) -> Reading[tuple[bytes, int | None]]:
    """The first sample entry, and how many samples there are where that is cheap to know."""
    table = (yield from find(window, box, b"stbl")).get(b"stbl")
    if table is None:
        return b"", None
    found = yield from find(window, table, b"stsd", b"stts")
    entry = b""
    if b"stsd" in found and found[b"stsd"].size > 16:
        at = found[b"stsd"].body + 8
        size = int.from_bytes((yield from window.exactly(at, 4)))
        entry = yield from window.read(at, min(size, found[b"stsd"].end - at, _MOST_ENTRY))
    samples = None
    if b"stts" in found:
        (count,) = struct.unpack(">I", (yield from window.exactly(found[b"stts"].body + 4, 4)))
        if 0 < count <= _MOST_RUNS and 8 + 8 * count <= found[b"stts"].size:
            runs = yield from window.exactly(found[b"stts"].body + 8, 8 * count)
            samples = sum(struct.unpack_from(">I", runs, 8 * number)[0] for number in range(count))
    return (entry if len(entry) >= 8 else b""), samples
