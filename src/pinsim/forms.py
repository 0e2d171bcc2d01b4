"""Forms: a multipart/form-data body read piece by piece, as an S3 bucket reads it: fields first, then one file.

FormReader.feed(piece)  takes what arrived; the bytes of the file go to `on_file` at once and are not kept
FormReader.fields       what came before the file, names in lower case
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MOST_FIELD_BYTES = 20 * 1024
"""What S3 takes of fields before the file."""
_NAME = re.compile(
    rb'^content-disposition:[^\r\n]*?;[ \t]*name=(?:"((?:\\.|[^"\\\r\n])*)"|([^\s;]+))', re.I | re.M
)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.I)


class BadForm(ValueError):
    """A body that is no well-formed form."""


class FieldsTooLarge(BadForm):
    """More fields before the file than anybody needs."""


def boundary_of(content_type: str) -> bytes | None:
    """The boundary of a multipart/form-data body; None for any other body."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        return None
    return (found[1] or found[2]).encode()


class FormReader:
    """Holds a field or a few hundred bytes at a time, whatever the size of the body.

    `on_start` is called when the file begins, with all fields read; `on_file` with its bytes. What follows the file
    is read past. Raises BadForm.
    """

    def __init__(
        self, boundary: bytes, on_start: Callable[[], None], on_file: Callable[[bytes], None]
    ) -> None:
        self._mark = b"\r\n--" + boundary
        self._held = bytearray(b"\r\n")
        self._read: Callable[[], bool] = self._preamble
        self._on_start, self._on_file = on_start, on_file
        self._name = b""
        self._field_bytes = 0
        self.fields: dict[str, str] = {}
        self.has_file = self.is_whole = False
        """Whether a file began, and whether the form came to its end or past its file."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the body."""
        if self.is_whole:
            return
        self._held += piece
        while self._read():
            pass

    def _preamble(self) -> bool:
        at = self._held.find(self._mark)
        if at < 0:
            self._spare(len(self._held) - len(self._mark))
            return False
        del self._held[: at + len(self._mark)]
        self._read = self._after_mark
        return True

    def _after_mark(self) -> bool:
        """A mark is followed by a line end and a part, or by two hyphens and nothing."""
        if len(self._held) < 2:
            return False
        if self._held[:2] == b"--" or self.has_file:
            self.is_whole = True
            self._held.clear()
            return False
        if self._held[:2] != b"\r\n":
            raise BadForm
        self._read = self._part_head
        return True

    def _part_head(self) -> bool:
        at = self._held.find(b"\r\n\r\n")
        if at < 0:
            self._bound(len(self._held))
            return False
        self._bound(at)
        found = _NAME.search(bytes(self._held[2:at]))
        if found is None:
            raise BadForm
        del self._held[: at + 4]
        self._name = found[1] if found[1] is not None else found[2]
        if self._name.lower() == b"file":
            self.has_file = True
            self._on_start()
            self._read = self._file
        else:
            self._read = self._field
        return True

    def _field(self) -> bool:
        at = self._held.find(self._mark)
        if at < 0:
            self._bound(len(self._held))
            return False
        self._bound(at)
        self._field_bytes += at
        self.fields[_text(self._name).lower()] = _text(bytes(self._held[:at]))
        del self._held[: at + len(self._mark)]
        self._read = self._after_mark
        return True

    def _file(self) -> bool:
        at = self._held.find(self._mark)
        end = at if at >= 0 else len(self._held) - len(self._mark)
        if end > 0:
            self._on_file(bytes(memoryview(self._held)[:end]))
        if at < 0:
            self._spare(end)
            return False
        del self._held[: at + len(self._mark)]
        self._read = self._after_mark
        return True

    def _spare(self, count: int) -> None:
        """Forget `count` bytes; the mark may have begun in what stays."""
        if count > 0:
            del self._held[:count]

    def _bound(self, more: int) -> None:
        if self._field_bytes + more > _MOST_FIELD_BYTES:
            raise FieldsTooLarge


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
