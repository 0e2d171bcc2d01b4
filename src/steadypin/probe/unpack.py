"""Unpacking what a server packed although nobody asked for that, a bounded number of bytes at a time."""

from __future__ import annotations

import zlib


class CannotUnpack(Exception):
    """The bytes are damaged, or packed in a way that is not known here."""


class Unpacker:
    """For one body; `encoding` is the value of Content-Encoding."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        self._is_plain = self._name in ("", "identity", "none")
        self._packer: zlib._Decompress | None = None

    def feed(self, data: bytes, most: int) -> bytes:
        """What `data` holds, at most `most` bytes of it; the rest is dropped. Raises CannotUnpack."""
        if self._is_plain:
            return data[:most]
        if most <= 0 or not data:
            return b""
        try:
            return self._begun(data).decompress(data, most)
        except zlib.error as error:
            raise CannotUnpack(f"the {self._name} bytes are damaged ({error})") from None

    def _begun(self, data: bytes) -> zlib._Decompress:
        if self._packer is None:
            if self._name in ("gzip", "x-gzip"):
                self._packer = zlib.decompressobj(wbits=31)
            elif self._name == "deflate":  # with or without the header of zlib; both are about
                self._packer = zlib.decompressobj(wbits=15 if data[0] & 0x0F == 8 else -15)
            else:
                raise CannotUnpack(
                    f"the page is packed with '{self._name[:40]}', although that was not asked for"
                )
        return self._packer
