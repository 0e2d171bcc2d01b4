"""What a file is, by its first bytes; names and content types are only claims."""

from __future__ import annotations

from steadypin.domain.media_facts import EMPTY, JPEG, PNG, UNKNOWN

HEAD_BYTES = 512
"""As many first bytes are enough for `kind_of`."""

_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\x1aE\xdf\xa3", "WebM or Matroska video"),
    (b"0&\xb2u\x8ef\xcf\x11", "Windows Media video"),
    (b"FLV\x01", "Flash video"),
    (b"\x00\x00\x01\xba", "MPEG video"),
    (b"\x00\x00\x01\xb3", "MPEG video"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3 audio"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xff\xfe", "text"),
    (b"\xfe\xff", "text"),
)
_BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC", b"hevx": "HEIC",
    b"mif1": "HEIC", b"msf1": "HEIC", b"avif": "AVIF", b"avis": "AVIF", b"qt  ": "QuickTime video",
    b"M4V ": "M4V video", b"M4VH": "M4V video", b"M4VP": "M4V video", b"M4A ": "M4A audio", b"M4B ": "M4A audio",
    b"crx ": "camera raw",
}  # fmt: skip
_GENERAL = (b"mif1", b"msf1")
"""Brands that leave open what codes the picture; then the compatible brands say it."""
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""Atoms that may open a QuickTime file from before `ftyp`."""


def kind_of(head: bytes) -> str:
    """A short name: JPEG, PNG, WebP, HEIC, MP4 video, HTML, text, … ; `empty` for no bytes, else `unknown`."""
    if not head:
        return EMPTY
    if head[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"AVI ": "AVI video", b"WAVE": "WAV audio"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[4:8] in _OLD_QUICKTIME:
        return "QuickTime video"
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "MPEG video"
    return _text_kind(head)


def _by_brand(head: bytes) -> str:
    major, end = head[8:12], min(int.from_bytes(head[:4]), len(head))
    if major in _GENERAL and {head[at : at + 4] for at in range(16, end, 4)} & {b"avif", b"avis"}:
        return "AVIF"
    if major[:2] == b"3g":
        return "3GP video"
    return _BRANDS.get(major, "MP4 video")


def _text_kind(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "HTML"
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "SVG"
    if text.startswith(b"<?xml"):
        return "HTML" if b"<html" in text else "XML"
    if text[:1] in (b"{", b"["):
        return "JSON"
    control = sum(byte < 32 and byte not in b"\t\r\n\f\x1b" for byte in head)
    return UNKNOWN if control else "text"
