"""Ids and secrets that follow from the seed alone."""

from __future__ import annotations

import base64
import hashlib

_LOWEST = 10**17
_SPAN = 9 * 10**17


def digest(*parts: object) -> bytes:
    """32 bytes that follow from the parts."""
    return hashlib.sha256(":".join(str(part) for part in parts).encode()).digest()


def chance(*parts: object) -> float:
    """A number in [0, 1) that follows from the parts."""
    return int.from_bytes(digest(*parts)[:6], "big") / float(1 << 48)


class Ids:
    """Series of ids, one per kind: 18 digits (beyond 2**53), never repeated, in no visible order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count: dict[str, int] = {}
        self._line: dict[str, tuple[int, int]] = {}

    def next(self, kind: str) -> str:
        """The next decimal id of this kind."""
        start, stride = self._line.get(kind) or self._new_line(kind)
        return str(_LOWEST + (start + self._next_count(kind) * stride) % _SPAN)

    def secret(self, kind: str) -> str:
        """The next 52-character secret of this kind."""
        name = "secret/" + kind
        return base64.b32encode(digest(self._seed, name, self._next_count(name))).decode().rstrip("=")

    def _next_count(self, kind: str) -> int:
        count = self._count.get(kind, 0) + 1
        self._count[kind] = count
        return count

    def _new_line(self, kind: str) -> tuple[int, int]:
        raw = digest(self._seed, kind)
        stride = int.from_bytes(raw[8:16], "big") % _SPAN
        # A stride without a factor in common with the span (2, 3 and 5) visits every id once.
        while stride % 2 == 0 or stride % 3 == 0 or stride % 5 == 0:
            stride += 1
        self._line[kind] = (int.from_bytes(raw[:8], "big") % _SPAN, stride)
        return self._line[kind]
