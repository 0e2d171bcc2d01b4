"""Looks at an image file: what it is, how large, whether it is whole. What that means is said in `domain.media_checks`.

    path -> kind_of -> header -> decode -> ImageFacts -> Findings

Decoding is bounded: the declared size is looked at first, and a JPEG is decoded at an eighth of its size.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from steadypin.domain.findings import Finding, blockers
from steadypin.domain.media_checks import CHANGED, image_findings, too_large
from steadypin.domain.media_facts import PUBLISHABLE, ImageFacts, ImageLimits
from steadypin.probe.headers import READERS, Header
from steadypin.probe.heif import read_heif
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.reading import Unreadable, Window, read_from
from steadypin.probe.webp import read_webp

__all__ = ["MOST_BYTES", "ImageFacts", "Probe", "decoding", "image_facts", "probe_image", "too_large"]

MOST_BYTES = ImageLimits().most_bytes

_READERS = READERS | {"WebP": read_webp, "HEIC": read_heif, "AVIF": read_heif}
_PILLOW = {
    "JPEG": ("JPEG", "MPO"), "PNG": ("PNG",), "GIF": ("GIF",), "BMP": ("BMP", "DIB"), "TIFF": ("TIFF",),
    "WebP": ("WEBP",),
}  # fmt: skip
_one_at_a_time = threading.Lock()
_ROTATED = frozenset({5, 6, 7, 8})
_ORIENTATION, _GPS = 0x0112, 0x8825
_MOST_COUNTED = 64_000_000
"""Counting frames reads the whole file."""


@contextmanager
def decoding() -> Iterator[None]:
    """One image of the process at a time is unpacked, so that memory holds one. What Pillow mutters of it is nobody's."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True, slots=True)
class Probe:
    """Facts and Findings of one file."""

    facts: ImageFacts
    findings: tuple[Finding, ...]

    @property
    def publishable(self) -> bool:
        """No blocker was found."""
        return not blockers(self.findings)


def probe_image(path: Path, claimed: str = "", limits: ImageLimits | None = None) -> Probe:
    """Look at the file; never raises for what is in it. Raises OSError when it cannot be read."""
    limits = limits or ImageLimits()
    facts = image_facts(path, claimed, limits)
    return Probe(facts, image_findings(facts, limits))


def image_facts(path: Path, claimed: str = "", limits: ImageLimits | None = None) -> ImageFacts:
    """Measure the file; beyond the limits only its header is read. Raises OSError when it cannot be read."""
    limits = limits or ImageLimits()
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        facts = _measured(file, before.st_size, claimed, limits)
        after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return facts if same else replace(facts, damage=CHANGED)


def _measured(file: BinaryIO, size: int, claimed: str, limits: ImageLimits) -> ImageFacts:
    kind = kind_of(file.read(HEAD_BYTES))
    facts = ImageFacts(kind, PUBLISHABLE.get(kind, ""), size, claimed=claimed)
    if kind not in _READERS:
        return facts
    try:
        header = read_from(_READERS[kind](Window(size)), file)
    except Unreadable as error:
        return replace(facts, damage=str(error))
    if not header.width or not header.height:
        return replace(facts, damage="its header names no size")
    facts = _with_header(facts, header)
    if kind not in _PILLOW or facts.pixels > limits.most_pixels:
        return facts
    with decoding():
        return _decoded(file, facts, whole=kind in PUBLISHABLE and size <= limits.most_bytes)


def _with_header(facts: ImageFacts, header: Header) -> ImageFacts:
    return replace(
        facts,
        width=header.width,
        height=header.height,
        bits=max(header.bits, 8),
        alpha=header.alpha,
        frames=header.frames,
        icc=header.icc,
        exif=header.exif,
        declared=True,
    )


def _decoded(file: BinaryIO, facts: ImageFacts, *, whole: bool) -> ImageFacts:
    """What only a decoder knows. Without `whole` the pixels stay packed: nobody will publish these bytes."""
    try:
        if facts.format == "PNG" and whole:
            file.seek(0)
            with Image.open(file, formats=("PNG",)) as image:
                image.verify()
        file.seek(0)
        image = Image.open(file, formats=_PILLOW[facts.format])
        facts = _described(image, facts)
        if whole:
            image.draft(None, (max(facts.width // 8, 1), max(facts.height // 8, 1)))
            image.load()
            facts = replace(facts, alpha=_shows_through(image))
    except Exception as error:  # Pillow raises many kinds for damaged bytes; all mean: not a whole image
        return replace(facts, damage=" ".join(str(error).split()) or type(error).__name__)
    if facts.orientation in _ROTATED:
        return replace(facts, width=facts.height, height=facts.width)
    return facts


def _described(image: Image.Image, facts: ImageFacts) -> ImageFacts:
    orientation, exif, gps = _notes(image)
    counted = image.format in ("PNG", "GIF", "TIFF") and facts.size <= _MOST_COUNTED
    return replace(
        facts,
        mode=image.mode,
        bits=max(facts.bits, 16 if image.mode.startswith(("I", "F")) else 8),
        alpha=facts.alpha or image.has_transparency_data,
        orientation=orientation,
        frames=int(getattr(image, "n_frames", 1)) if counted else facts.frames,
        icc=bool(image.info.get("icc_profile")),
        exif=exif,
        gps=gps,
    )


def _notes(image: Image.Image) -> tuple[int, bool, bool]:
    """(orientation, whether there are any, whether one is the place) of what a camera noted.

    Notes that cannot be read spoil no image: every viewer passes over them.
    """
    try:
        exif = image.getexif()
        turned, gps = exif.get(_ORIENTATION, 1), bool(exif.get_ifd(_GPS))
    except Exception:  # Pillow raises many kinds for damaged notes
        return 1, True, False
    return turned if isinstance(turned, int) and 1 <= turned <= 8 else 1, bool(exif), gps


def _shows_through(image: Image.Image) -> bool:
    """Whether any pixel is not opaque; many programs write an alpha channel that is full."""
    if not image.has_transparency_data:
        return False
    if "A" in image.getbands():
        least = image.getchannel("A").getextrema()[0]
        return isinstance(least, int | float) and least < 255
    return True
