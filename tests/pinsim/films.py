"""Films: small MP4 and MOV files made of their boxes, as true as a header reader can tell."""

from __future__ import annotations

import struct

TIMESCALE = 1_000
_UPRIGHT = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TURNED = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """One box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def film(
    duration_s: float = 12.0,
    size: tuple[int, int] = (1080, 1920),
    codec: bytes = b"avc1",
    *,
    brand: bytes = b"isom",
    index_last: bool = False,
    turned: bool = False,
    fragments: int = 0,
    long_form: bool = False,
    data: bytes = b"\x5a" * 2_000,
) -> bytes:
    """A whole file. With `fragments` the index knows no length and so many pieces carry it; `long_form` uses 64-bit
    times and sizes."""
    head = box(b"ftyp", brand, struct.pack(">I", 512), b"isom")
    length = 0 if fragments else round(duration_s * TIMESCALE)
    index = _index(length, size, codec, turned, bool(fragments), long_form)
    frames = _data(data, long_form)
    if not fragments:
        return head + (frames + index if index_last else index + frames)
    each = round(duration_s * TIMESCALE / fragments)
    return head + index + b"".join(_fragment(each) + frames for _ in range(fragments))


def opening(size: int, duration_s: float = 12.0) -> bytes:
    """The beginning of a film of `size` bytes: all that follows is picture data of any kind."""
    head = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isom")
    head += _index(round(duration_s * TIMESCALE), (1080, 1920), b"avc1", False, False, False)
    return head + struct.pack(">I4sQ", 1, b"mdat", size - len(head))


def _data(data: bytes, long_form: bool) -> bytes:
    return struct.pack(">I4sQ", 1, b"mdat", 16 + len(data)) + data if long_form else box(b"mdat", data)


def _index(
    length: int, size: tuple[int, int], codec: bytes, turned: bool, in_fragments: bool, long_form: bool
) -> bytes:
    movie = _times(length, long_form) + struct.pack(">IH10x9I24xI", 0x10000, 0x100, *_signless(_UPRIGHT), 3)
    more = box(b"mvex", full(b"trex", struct.pack(">IIIII", 1, 1, 500, 0, 0))) if in_fragments else b""
    version = 1 if long_form else 0
    return box(
        b"moov",
        full(b"mvhd", movie, version=version),
        _track(1, length, size, codec, turned, long_form),
        _sound(length),
        more,
    )


def _times(length: int, long_form: bool) -> bytes:
    return struct.pack(">QQIQ" if long_form else ">IIII", 0, 0, TIMESCALE, length)


def _track(
    number: int, length: int, size: tuple[int, int], codec: bytes, turned: bool, long_form: bool
) -> bytes:
    matrix = _signless(_TURNED if turned else _UPRIGHT)
    times = struct.pack(">QQIIQ" if long_form else ">IIIII", 0, 0, number, 0, length)
    placing = times + struct.pack(">8x4H9III", 0, 0, 0, 0, *matrix, size[0] << 16, size[1] << 16)
    entry = box(codec, struct.pack(">6xH16xHH50x", 1, *size))
    version = 1 if long_form else 0
    return box(
        b"trak",
        full(b"tkhd", placing, version=version, flags=3),
        box(
            b"mdia",
            full(b"mdhd", _times(length, long_form), b"\0" * 4, version=version),
            full(b"hdlr", b"\0" * 4, b"vide", b"\0" * 13),
            box(b"minf", box(b"stbl", full(b"stsd", struct.pack(">I", 1), entry))),
        ),
    )


def _sound(length: int) -> bytes:
    return box(
        b"trak",
        full(b"tkhd", struct.pack(">IIIII", 0, 0, 2, 0, length), b"\0" * 60, flags=3),
        box(
            b"mdia",
            full(b"mdhd", _times(length, False), b"\0" * 4),
            full(b"hdlr", b"\0" * 4, b"soun", b"\0" * 13),
            box(b"minf", box(b"stbl", full(b"stsd", struct.pack(">I", 1), box(b"mp4a", b"\0" * 28)))),
        ),
    )


def _fragment(length: int) -> bytes:
    """Two samples, each with its own length."""
    lengths = struct.pack(">II", length // 2, length - length // 2)
    return box(
        b"moof",
        full(b"mfhd", struct.pack(">I", 1)),
        box(
            b"traf",
            full(b"tfhd", struct.pack(">I", 1), flags=0x20000),
            full(b"trun", struct.pack(">II", 2, 0), lengths, flags=0x101),
        ),
    )


def _signless(matrix: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(value & 0xFFFFFFFF for value in matrix)
