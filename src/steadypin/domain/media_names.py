"""What a file name or a content type says that a file is. Only a claim: the bytes decide."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_TYPES = {
    "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/pjpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP",
    "image/gif": "GIF", "image/heic": "HEIC", "image/heif": "HEIC", "image/avif": "AVIF", "image/bmp": "BMP",
    "image/tiff": "TIFF", "image/svg+xml": "SVG", "image/x-icon": "ICO", "image/vnd.microsoft.icon": "ICO",
    "image/jxl": "JPEG XL", "video/mp4": "MP4 video", "video/quicktime": "QuickTime video",
    "video/x-m4v": "M4V video", "video/webm": "WebM or Matroska video", "video/x-matroska": "WebM or Matroska video",
    "video/x-msvideo": "AVI video", "text/html": "HTML", "application/xhtml+xml": "HTML", "text/plain": "text",
    "application/pdf": "PDF", "application/json": "JSON", "application/zip": "ZIP",
}  # fmt: skip
_ENDINGS = {
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF",
    "heic": "HEIC", "heif": "HEIC", "avif": "AVIF", "bmp": "BMP", "tif": "TIFF", "tiff": "TIFF", "svg": "SVG",
    "ico": "ICO", "psd": "Photoshop", "jxl": "JPEG XL", "mp4": "MP4 video", "mov": "QuickTime video",
    "m4v": "M4V video", "webm": "WebM or Matroska video", "mkv": "WebM or Matroska video", "avi": "AVI video",
    "pdf": "PDF", "html": "HTML", "htm": "HTML", "txt": "text", "zip": "ZIP",
}  # fmt: skip
_SAME = ({"MP4 video", "QuickTime video", "M4V video", "3GP video"}, {"HEIC", "AVIF"})


def claimed_kind(claim: str) -> str | None:
    """The kind that a name, an address or a content type stands for; None when it stands for none that is known."""
    plain = claim.partition(";")[0].strip().lower()
    if plain in _TYPES:
        return _TYPES[plain]
    return _ENDINGS.get(PurePosixPath(claim).suffix.lower().removeprefix("."))


def contradicts(claim: str, kind: str) -> bool:
    """Whether a claim names another kind than the bytes; relatives with one container are no contradiction."""
    said = claimed_kind(claim)
    if said is None or said == kind:
        return False
    return not any({said, kind} <= family for family in _SAME)


def name_in_url(url: str) -> str:
    """The file name at the end of an address, without its query; empty when there is none."""
    try:
        return PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:
        return ""
