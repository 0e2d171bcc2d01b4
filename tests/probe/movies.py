"""Small MP4 and QuickTime files, built box by box: everything a header can say, and a few bytes instead of pictures."""

from __future__ import annotations

import struct

MATRICES = {
    0: (0x10000, 0, 0, 0x10000),
    90: (0, 0x10000, -0x10000, 0),
    180: (-0x10000, 0, 0, -0x10000),
    270: (0, -0x10000, 0x10000, 0),
}


def box(name: bytes, *inside: bytes, wide: bool = False) -> bytes:
    data = b"".join(inside)
    if wide:
        return struct.pack(">I4sQ", 1, name, 16 + len(data)) + data
    return struct.pack(">I4s", 8 + len(data), name) + data


def full(name: bytes, *inside: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *inside)


def ftyp(major: bytes = b"isom", *others: bytes) -> bytes:
    return box(b"ftyp", major, struct.pack(">I", 512), major, *others)


def mdat(size: int = 4000) -> bytes:
    return box(b"mdat", b"\x5a" * size)


def avc(profile: int = 100, level: int = 40) -> bytes:
    return box(b"avcC", bytes([1, profile, 0, level, 0xFF, 0xE0, 0]))


def hevc(profile: int = 1) -> bytes:
    return box(b"hvcC", bytes([1, profile, *([0] * 10), 120, *([0] * 10)]))


def picture_entry(
    codec: bytes = b"avc1", size: tuple[int, int] = (1080, 1920), extra: bytes | None = None
) -> bytes:
    if extra is None:
        extra = {b"avc1": avc(), b"avc3": avc(), b"hvc1": hevc(), b"hev1": hevc()}.get(codec, b"")
    fixed = struct.pack(">6xH16xHHII4xH32xHh", 1, *size, 0x480000, 0x480000, 1, 24, -1)
    return box(codec, fixed, extra)


def sound_entry(codec: bytes = b"mp4a", kind: int = 0x40) -> bytes:
    inner = b""
    if codec == b"mp4a":
        config = bytes([0x04, 13, kind, 0x15, *([0] * 11)])
        inner = full(b"esds", bytes([0x03, 3 + len(config), 0, 1, 0]), config)
    return box(codec, struct.pack(">6xH8xHHIH2x", 1, 2, 16, 0, 48000)[:28].ljust(28, b"\0"), inner)


def track(
    entry: bytes,
    handler: bytes = b"vide",
    number: int = 1,
    seconds: float = 10,
    size: tuple[int, int] = (1080, 1920),
    rotation: int = 0,
    edits: list[float] | None = None,
    version: int = 0,
    tables: int = 0,
    fps: int = 30,
) -> bytes:
    """A `trak`; times in 600ths of a second for the movie and in 90000ths for the media."""
    a, b, c, d = MATRICES[rotation]
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    times = (
        struct.pack(">QQI4xQ", 0, 0, number, round(seconds * 600))
        if version
        else struct.pack(">III4xI", 0, 0, number, round(seconds * 600))
    )
    tkhd = full(
        b"tkhd",
        times,
        b"\0" * 16,
        matrix,
        struct.pack(">II", size[0] << 16, size[1] << 16),
        version=version,
        flags=3,
    )
    edts = b""
    if edits is not None:
        entries = b"".join(struct.pack(">IiI", round(each * 600), 0, 0x10000) for each in edits)
        edts = box(b"edts", full(b"elst", struct.pack(">I", len(edits)), entries))
    length = round(seconds * 90000)
    mdhd = full(
        b"mdhd",
        struct.pack(">QQIQ4x", 0, 0, 90000, length)
        if version
        else struct.pack(">IIII4x", 0, 0, 90000, length),
        version=version,
    )
    hdlr = full(b"hdlr", struct.pack(">4s4s12x", b"\0\0\0\0", handler), b"made by hand\0")
    stsd = full(b"stsd", struct.pack(">I", 1), entry)
    samples = max(round(seconds * fps), 1)
    stts = full(b"stts", struct.pack(">III", 1, samples, 90000 // fps))
    stsz = full(b"stsz", struct.pack(">II", 0, tables), b"\0\0\1\0" * tables)
    stbl = box(b"stbl", stsd, stts, stsz)
    return box(b"trak", tkhd, edts, box(b"mdia", mdhd, hdlr, box(b"minf", stbl)))


def moov(*tracks: bytes, seconds: float = 10, extra: bytes = b"") -> bytes:
    mvhd = full(b"mvhd", struct.pack(">IIII", 0, 0, 600, round(seconds * 600)), b"\0" * 80)
    return box(b"moov", mvhd, *tracks, extra)


def movie(
    seconds: float = 10,
    size: tuple[int, int] = (1080, 1920),
    codec: bytes = b"avc1",
    sound: bytes | None = b"mp4a",
    major: bytes = b"isom",
    first: bool = True,
    wide: bool = False,
    extra: bytes | None = None,
    media: int = 4000,
    **more,
) -> bytes:
    """A whole file with one picture and one sound."""
    tracks = [track(picture_entry(codec, size, extra), seconds=seconds, size=size, **more)]
    if sound is not None:
        tracks.append(track(sound_entry(sound), b"soun", 2, seconds, (0, 0)))
    description = moov(*tracks, seconds=seconds)
    data = box(b"mdat", b"\x5a" * media, wide=wide)
    head = ftyp(major, b"mp42")
    return head + description + data if first else head + data + description


def fragment(number: int, begins: float, seconds: float, *, own: bool = False) -> bytes:
    """A `moof` with its `mdat`; `own` writes a duration for each sample."""
    samples = round(seconds * 30)
    tfhd = full(b"tfhd", struct.pack(">I", 1), flags=0x20000)
    tfdt = full(b"tfdt", struct.pack(">Q", round(begins * 90000)), version=1)
    runs = struct.pack(">I", 3000) * samples if own else b""
    trun = full(b"trun", struct.pack(">I", samples), runs, flags=0x100 if own else 0)
    return box(b"moof", full(b"mfhd", struct.pack(">I", number)), box(b"traf", tfhd, tfdt, trun)) + mdat(200)


def fragmented(
    pieces: int = 6, each: float = 2, *, mehd: bool = False, sidx: bool = False, own: bool = False
) -> bytes:
    """A file for streaming: a description without samples, then fragments."""
    total = pieces * each
    trex = full(b"trex", struct.pack(">IIIII", 1, 1, 3000, 0, 0))
    known = full(b"mehd", struct.pack(">I", round(total * 600))) if mehd else b""
    picture = track(picture_entry(), seconds=0)
    description = moov(picture, seconds=0, extra=box(b"mvex", known, trex))
    parts = [fragment(number + 1, number * each, each, own=own) for number in range(pieces)]
    index = b""
    if sidx:
        refs = b"".join(struct.pack(">III", len(part), round(each * 90000), 0x90000000) for part in parts)
        index = full(b"sidx", struct.pack(">IIIIHH", 1, 90000, 0, 0, 0, len(parts)), refs)
    return ftyp(b"iso5", b"dash") + description + index + b"".join(parts)
