"""The size that an image file declares, read before anything decodes it, so that a bomb is never unpacked."""

from __future__ import annotations

import struct
from typing import BinaryIO

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame; C4, C8 and CC are tables and extensions."""
_BARE = frozenset(range(0xD0, 0xDA)) | {0x01}
_MOST_SEGMENTS = 4096


def declared_size(kind: str, file: BinaryIO) -> tuple[int, int] | None:
    """(width, height) in pixels as written in a JPEG or PNG header; None when it cannot be read."""
    try:
        return _png(file) if kind == "PNG" else _jpeg(file)
    except (struct.error, EOFError):
        return None


def _png(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(12)
    name, width, height = struct.unpack(">4sII", file.read(12))
    return (width, height) if name == b"IHDR" else None


def _jpeg(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        marker = _next_marker(file)
        if marker in _BARE:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _FRAMES:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return width, height
        if length < 2:
            return None
        file.seek(length - 2, 1)
    return None


def _next_marker(file: BinaryIO) -> int:
    """Skips the fill bytes that may stand between segments."""
    for _ in range(65536):
        byte = file.read(1)
        if not byte:
            raise EOFError
        if byte == b"\xff":
            code = file.read(1)
            while code == b"\xff":
                code = file.read(1)
            if code and code != b"\x00":
                return code[0]
    raise EOFError
