"""What codes the picture and the sound, from the first sample entry of a track."""

from __future__ import annotations

from dataclasses import dataclass

_PICTURES = {
    b"avc1": "H.264", b"avc2": "H.264", b"avc3": "H.264", b"avc4": "H.264", b"dva1": "H.264", b"dvav": "H.264",
    b"hvc1": "H.265", b"hev1": "H.265", b"dvh1": "H.265", b"dvhe": "H.265", b"vp08": "VP8", b"vp09": "VP9",
    b"av01": "AV1", b"vvc1": "H.266", b"vvi1": "H.266", b"mp4v": "MPEG-4 Visual", b"s263": "H.263", b"h263": "H.263",
    b"H263": "H.263", b"apch": "ProRes 422 HQ", b"apcn": "ProRes 422", b"apcs": "ProRes 422 LT",
    b"apco": "ProRes 422 Proxy", b"ap4h": "ProRes 4444", b"ap4x": "ProRes 4444 XQ", b"aprn": "ProRes RAW",
    b"jpeg": "Motion JPEG", b"mjpa": "Motion JPEG", b"mjpb": "Motion JPEG", b"mjp2": "Motion JPEG 2000",
    b"png ": "PNG pictures", b"rle ": "QuickTime Animation", b"SVQ1": "Sorenson Video", b"SVQ3": "Sorenson Video 3",
    b"cvid": "Cinepak", b"raw ": "uncompressed pictures", b"2vuy": "uncompressed pictures",
    b"v210": "uncompressed pictures", b"AVdn": "DNxHD", b"AVdh": "DNxHR", b"CFHD": "CineForm", b"dvc ": "DV",
    b"dvcp": "DV", b"dvpp": "DV", b"dv5p": "DV", b"dv5n": "DV", b"m2v1": "MPEG-2", b"mx5p": "MPEG-2", b"xdvc": "XDCAM",
    b"icod": "Apple Intermediate", b"gif ": "GIF pictures", b"WMV3": "Windows Media", b"vc-1": "VC-1",
}  # fmt: skip
_SOUNDS = {
    b"mp4a": "AAC", b"alac": "Apple Lossless", b"ac-3": "Dolby Digital", b"ec-3": "Dolby Digital Plus", b"ac-4": "Dolby AC-4",
    b"Opus": "Opus", b".mp3": "MP3", b"sowt": "PCM", b"twos": "PCM", b"lpcm": "PCM", b"in24": "PCM", b"in32": "PCM",
    b"fl32": "PCM", b"fl64": "PCM", b"raw ": "PCM", b"NONE": "PCM", b"ulaw": "µ-law", b"alaw": "A-law", b"samr": "AMR",
    b"sawb": "AMR wide", b"dtsc": "DTS", b"dtsh": "DTS", b"fLaC": "FLAC", b"ima4": "IMA 4:1", b"QDM2": "QDesign Music",
}  # fmt: skip
_BY_OBJECT = {
    0x69: "MP3",
    0x6B: "MP3",
    0xA5: "Dolby Digital",
    0xA6: "Dolby Digital Plus",
    0xA9: "DTS",
    0xDD: "Vorbis",
}
_H264 = {
    66: "Baseline",
    77: "Main",
    88: "Extended",
    100: "High",
    110: "High 10-bit",
    122: "High 4:2:2",
    244: "High 4:4:4",
}
_H265 = {1: "Main", 2: "Main 10-bit", 3: "Main Still Picture", 4: "Range Extensions"}
_LOCKED = {b"encv", b"enca", b"drmi", b"drms"}
_VISUAL, _AUDIO = 86, 36
"""Bytes of a sample entry before its own boxes."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A codec in words; `width` and `height` as coded, `pixel_shape` (horizontal, vertical)."""

    name: str
    tag: str
    profile: str = ""
    level: str = ""
    encrypted: bool = False
    width: int = 0
    height: int = 0
    pixel_shape: tuple[int, int] = (1, 1)


def picture_coding(entry: bytes) -> Coding:
    """From the bytes of a visual sample entry, its header included."""
    tag, locked = _tag(entry, _VISUAL)
    profile = level = ""
    if (found := _inner(entry, b"avcC", _VISUAL)) is not None and len(found) >= 4:
        profile, level = _H264.get(found[1], f"profile {found[1]}"), f"{found[3] / 10:.1f}"
    elif (found := _inner(entry, b"hvcC", _VISUAL)) is not None and len(found) >= 13:
        profile, level = _H265.get(found[1] & 31, f"profile {found[1] & 31}"), f"{found[12] / 30:.1f}"
    shape = _inner(entry, b"pasp", _VISUAL) or b""
    across, down = int.from_bytes(shape[:4]), int.from_bytes(shape[4:8])
    return Coding(
        _PICTURES.get(tag, ""),
        _spelled(tag),
        profile,
        level,
        locked,
        int.from_bytes(entry[32:34]),
        int.from_bytes(entry[34:36]),
        (across, down) if 0 < across <= 0xFFFF and 0 < down <= 0xFFFF else (1, 1),
    )


def sound_coding(entry: bytes) -> Coding:
    """From the bytes of an audio sample entry, its header included."""
    tag, locked = _tag(entry, _AUDIO)
    name = _SOUNDS.get(tag, f"'{_spelled(tag)}'")
    if tag == b"mp4a" and (at := entry.find(b"esds")) > 0:
        name = _BY_OBJECT.get(_object_type(entry[at + 8 :]), name)
    return Coding(name, _spelled(tag), encrypted=locked)


def _tag(entry: bytes, skip: int) -> tuple[bytes, bool]:
    """The four letters of the codec, and whether they stood behind a lock."""
    tag = entry[4:8]
    if tag not in _LOCKED:
        return tag, False
    at = entry.find(b"frma", skip)
    return (entry[at + 4 : at + 8] if at > 0 else tag), True


def _inner(entry: bytes, name: bytes, skip: int) -> bytes | None:
    """What is inside of a box of the sample entry."""
    at = skip
    while at + 8 <= len(entry):
        size = int.from_bytes(entry[at : at + 4])
        if entry[at + 4 : at + 8] == name:
            return entry[at + 8 : at + size]
        if size < 8:
            return None
        at += size
    return None


def _object_type(descriptors: bytes) -> int:
    """The object type in an `esds`, 0 when it cannot be found."""
    at = _behind_length(descriptors, 1) if descriptors[:1] == b"\x03" else 0
    if not at or len(descriptors) < at + 3:
        return 0
    flags = descriptors[at + 2]
    at += 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    if descriptors[at : at + 1] != b"\x04":
        return 0
    at = _behind_length(descriptors, at + 1)
    return descriptors[at] if at < len(descriptors) else 0


def _behind_length(data: bytes, at: int) -> int:
    for _ in range(4):
        if at >= len(data) or data[at] < 0x80:
            break
        at += 1
    return at + 1


def _spelled(tag: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in tag)
