"""What a conversion would do to an image, in words, before anybody agrees to it.

conversion_for(facts) -> Plan | None
"""

from __future__ import annotations

from dataclasses import dataclass

from steadypin.domain.media_facts import JPEG, PNG, PUBLISHABLE, ImageFacts, ImageLimits

CONVERTIBLE = frozenset({JPEG, PNG, "WebP", "HEIC", "AVIF", "GIF", "BMP", "TIFF"})
MOST_UNPACKED = 50_000_000
"""Pixels that are held in memory at once: 200 MB with transparency, twice that while colours are changed."""
EXTRA = "media"
"""The optional dependencies without which HEIC cannot be read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `to` (JPEG or PNG) and how large at most; `changes` are sentences for the person who has to agree."""

    source: str
    to: str
    width: int
    height: int
    most_bytes: int
    changes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The shape for the API and the command line."""
        return {"to": self.to, "width": self.width, "height": self.height, "changes": list(self.changes)}


def conversion_for(facts: ImageFacts, limits: ImageLimits | None = None) -> Plan | None:
    """The plan for an image that Pinterest would refuse or spoil; None when nothing is wrong, or nothing can be done."""
    limits = limits or ImageLimits()
    if not _can_be_read(facts, limits) or not _is_needed(facts, limits):
        return None
    to = _target(facts, limits)
    width, height = _fitted(facts.width, facts.height)
    small_enough = (
        limits.most_bytes if facts.size > limits.most_bytes or facts.format not in PUBLISHABLE else None
    )
    most = small_enough or (limits.base64_bytes if facts.size > limits.base64_bytes else limits.most_bytes)
    return Plan(facts.format, to, width, height, most, tuple(_changes(facts, to, (width, height), most)))


def _can_be_read(facts: ImageFacts, limits: ImageLimits) -> bool:
    most = limits.most_pixels if facts.format == JPEG else min(MOST_UNPACKED, limits.most_pixels)
    return (
        facts.format in CONVERTIBLE
        and not facts.damage
        and min(facts.width, facts.height) >= limits.least_side
        and facts.pixels <= most
    )


def _is_needed(facts: ImageFacts, limits: ImageLimits) -> bool:
    return (
        facts.format not in PUBLISHABLE
        or facts.mode == "CMYK"
        or facts.bits > 8
        or facts.orientation != 1
        or facts.frames > 1
        or facts.gps
        or facts.size > limits.base64_bytes
    )


def _target(facts: ImageFacts, limits: ImageLimits) -> str:
    """PNG for what JPEG would spoil: transparency and drawings of few colours. A PNG that is too large was a photo."""
    drawing = facts.mode in ("P", "1") or facts.format in (PNG, "GIF")
    return PNG if facts.alpha or (drawing and facts.size <= limits.base64_bytes) else JPEG


def _fitted(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, (MOST_UNPACKED / max(width * height, 1)) ** 0.5)
    return (width, height) if share == 1 else (max(int(width * share), 1), max(int(height * share), 1))


def _changes(facts: ImageFacts, to: str, size: tuple[int, int], most: int) -> list[str]:
    said = []
    if facts.format != to:
        said.append(f"It becomes a {to} file instead of {facts.format}.")
    if facts.frames > 1:
        said.append(f"Only the first of its {facts.frames} frames is kept.")
    if facts.mode == "CMYK":
        said.append("Its printing colours (CMYK) become screen colours (sRGB).")
    elif facts.icc:
        said.append("Its colours are brought to sRGB.")
    if facts.bits > 8:
        said.append(f"Its {facts.bits} bits for each colour become 8.")
    if facts.orientation != 1:
        said.append("It is turned upright.")
    if size != (facts.width, facts.height):
        said.append(f"It becomes smaller: {size[0]} × {size[1]} pixels.")
    if facts.size > most:
        said.append(f"It is packed tighter, to less than {most / 1e6:g} MB.")
    if facts.alpha and to == PNG:
        said.append(
            f"Transparent parts stay, unless the file would be larger than {most / 1e6:g} MB; then they become white."
        )
    if facts.exif or facts.gps:
        said.append("What the camera noted is left out, the place included.")
    return said
