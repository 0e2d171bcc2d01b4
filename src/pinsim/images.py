"""Pictures: received image bytes, really decoded, kept by digest."""

from __future__ import annotations

import asyncio
import colorsys
import hashlib
import io
from collections import OrderedDict
from dataclasses import dataclass

from PIL import Image

_THREAD_FROM_BYTES = 256 * 1024
"""Decoding what is smaller costs less than handing it to a thread."""
_KEEP_BYTES = 256 * 1024 * 1024
"""Bytes kept to be shown again; older ones are forgotten, their facts are not."""
_MOST_PIXELS = 150_000_000
_STAND_IN_PX = 600
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}
_KNOWN_UNSUPPORTED = ("WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO")


@dataclass(frozen=True, slots=True)
class Picture:
    """The facts of received bytes. `trouble` is empty, `format` or `broken`; sizes in pixels and bytes."""

    digest: str
    size: int
    content_type: str = ""
    width: int = 0
    height: int = 0
    color: str = "#000000"
    trouble: str = ""


class Pictures:
    """Received images by sha256."""

    def __init__(self) -> None:
        self._facts: dict[str, Picture] = {}
        self._bytes: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0

    async def receive(self, data: bytes) -> Picture:
        """Look at image bytes; the same bytes are decoded once."""
        digest = hashlib.sha256(data).hexdigest()
        known = self._facts.get(digest)
        if known is not None:
            return known
        large = len(data) >= _THREAD_FROM_BYTES
        picture = await asyncio.to_thread(look, digest, data) if large else look(digest, data)
        self._facts[digest] = picture
        self._keep(digest, data)
        return picture

    def find(self, digest: str) -> tuple[Picture, bytes] | None:
        """Facts and bytes of a picture that is still held."""
        data = self._bytes.get(digest)
        return None if data is None else (self._facts[digest], data)

    def _keep(self, digest: str, data: bytes) -> None:
        if digest in self._bytes:
            return
        self._bytes[digest] = data
        self._held += len(data)
        while self._held > _KEEP_BYTES and len(self._bytes) > 1:
            self._held -= len(self._bytes.popitem(last=False)[1])


def look(digest: str, data: bytes) -> Picture:
    """Decode an image fully, as far as Pinterest would notice."""
    if _is_heic(data):
        return Picture(digest, len(data), trouble="format")
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _decoded(digest, len(data), image)
    except Exception:  # Pillow raises many kinds for foreign or damaged bytes; all mean: not an image.
        return Picture(digest, len(data), trouble="broken")


def stand_in(name: str, width: int, height: int) -> bytes:
    """A plain PNG in a colour that follows from the name, with the shape of `width` x `height`."""
    scale = min(1.0, _STAND_IN_PX / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    hue = hashlib.sha256(name.encode()).digest()
    red, green, blue = colorsys.hls_to_rgb(hue[0] / 255, 0.35 + hue[1] / 1024, 0.45)
    file = io.BytesIO()
    Image.new("RGB", size, (int(red * 255), int(green * 255), int(blue * 255))).save(file, "PNG")
    return file.getvalue()


def _decoded(digest: str, size: int, image: Image.Image) -> Picture:
    kind = image.format or ""
    width, height = image.size
    if kind == "MPO":  # what many phone cameras write: a JPEG with a second picture behind it
        kind = "JPEG"
    if kind in _KNOWN_UNSUPPORTED:
        return Picture(digest, size, trouble="format")
    if kind not in _FORMATS or width * height > _MOST_PIXELS:
        return Picture(digest, size, trouble="broken")
    image.draft("RGB", (64, 64))
    image.load()
    return Picture(digest, size, _FORMATS[kind], width, height, _color(image))


def _color(image: Image.Image) -> str:
    pixel = image.convert("RGB").resize((1, 1)).tobytes()
    return "#" + pixel.hex()


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc")
