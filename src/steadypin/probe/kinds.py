"""What a file is, by its first bytes; names and content types are only claims."""

from __future__ import annotations

HEAD_BYTES = 512
"""As many first bytes are enough for `kind_of`."""

JPEG, PNG, EMPTY, UNKNOWN = "JPEG", "PNG", "empty", "unknown"
PUBLISHABLE = {JPEG: "image/jpeg", PNG: "image/png"}
"""What Pinterest's API takes as an image, with its content type."""

VIDEOS = frozenset({"MP4 video", "QuickTime video", "WebM or Matroska video", "AVI video"})
PICTURES = frozenset({"WebP", "GIF", "HEIC", "AVIF", "BMP", "TIFF", "ICO", "Photoshop", "JPEG XL", "SVG"})

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
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x1aE\xdf\xa3", "WebM or Matroska video"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
)
_BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC", b"mif1": "HEIC",
    b"msf1": "HEIC", b"avif": "AVIF", b"avis": "AVIF", b"qt  ": "QuickTime video",
}  # fmt: skip


def kind_of(head: bytes) -> str:
    """A short name: JPEG, PNG, WebP, HEIC, MP4 video, HTML, text, … ; `empty` for no bytes, else `unknown`."""
    if not head:
        return EMPTY
    if head[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"AVI ": "AVI video"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "MP4 video")
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return _text_kind(head)


def _text_kind(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "HTML"
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "SVG"
    if text.startswith(b"<?xml"):
        return "XML"
    if text[:1] in (b"{", b"["):
        return "JSON"
    control = sum(byte < 32 and byte not in b"\t\r\n\f\x1b" for byte in head)
    return UNKNOWN if control else "text"
