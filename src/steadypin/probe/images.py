"""Looking at an image as Pinterest would: what it is by its bytes, whether it is whole, whether it will be taken.

    path -> kind_of -> declared_size -> decode -> ImageFacts, Findings

Decoding is bounded: the declared size is checked first, and a JPEG is decoded at an eighth of its size.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.words import Cause, Remedy
from steadypin.probe.headers import declared_size
from steadypin.probe.kinds import EMPTY, HEAD_BYTES, PICTURES, PUBLISHABLE, VIDEOS, kind_of

MOST_BYTES = 20_000_000
"""Copies of Pinterest's help page say 10, 20 and 32 MB; 20 is what is known to work."""
MOST_PIXELS = 80_000_000
"""Unpacked, such a PNG takes 320 MB of memory for a moment; Pinterest advises 1.5 million pixels."""
LEAST_SIDE = 100
"""Pinterest documents no minimum but refuses small images (403, code 233); others found 100 to be taken."""
_NARROW = 600
_TALLEST = 2.1
_WIDEST = 2.0

_one_at_a_time = threading.Lock()
_ROTATED = frozenset({5, 6, 7, 8})
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of an image; sizes in pixels as a viewer shows it, 0 when they could not be read."""

    format: str
    content_type: str
    size: int
    width: int = 0
    height: int = 0
    mode: str = ""
    orientation: int = 1
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Probe:
    """Facts and Findings of one file."""

    facts: ImageFacts
    findings: tuple[Finding, ...]

    @property
    def publishable(self) -> bool:
        """No blocker was found."""
        return not blockers(self.findings)


def probe_image(path: Path) -> Probe:
    """Look at the file; never raises for what is in it. Raises OSError when it cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
        refused = _refuse_kind(kind) or _refuse_bytes(size)
        if refused is not None:
            return Probe(ImageFacts(kind, PUBLISHABLE.get(kind, ""), size), (refused,))
        declared = declared_size(kind, file)
    facts = ImageFacts(kind, PUBLISHABLE[kind], size, *(declared or (0, 0)))
    if declared is None or 0 in declared:
        return Probe(facts, (_damaged(kind, "its header cannot be read"),))
    if declared[0] * declared[1] > MOST_PIXELS:
        return Probe(facts, (_too_many_pixels(facts),))
    with _one_at_a_time:
        return _decode(path, facts)


def _decode(path: Path, facts: ImageFacts) -> Probe:
    try:
        if facts.format == "PNG":
            with Image.open(path, formats=("PNG",)) as image:
                image.verify()
        with Image.open(path, formats=("PNG", "JPEG", "MPO")) as image:
            mode, orientation = image.mode, _orientation(image)
            frames = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
            image.draft(None, (max(facts.width // 8, 1), max(facts.height // 8, 1)))
            image.load()
    except Exception as error:  # Pillow raises many kinds for damaged bytes; all mean: not a whole image
        return Probe(facts, (_damaged(facts.format, " ".join(str(error).split()) or type(error).__name__),))
    width, height = facts.width, facts.height
    if orientation in _ROTATED:
        width, height = height, width
    seen = ImageFacts(facts.format, facts.content_type, facts.size, width, height, mode, orientation, frames)
    return Probe(seen, (*_size_findings(seen), *_look_findings(seen)) or (_fine(seen),))


def _orientation(image: Image.Image) -> int:
    found = image.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _refuse_kind(kind: str) -> Finding | None:
    if kind in PUBLISHABLE:
        return None
    if kind == EMPTY:
        return _blocker(
            "image.empty", "The file is empty.", "Choose the file again; its upload or export went wrong."
        )
    if kind in VIDEOS:
        title, fix = f"This is a {kind}. Videos are not supported yet.", "Use an image: JPEG or PNG."
    elif kind in PICTURES:
        article = "an" if kind in {"HEIC", "AVIF", "ICO", "SVG"} else "a"
        title, fix = f"This is {article} {kind} image, which Pinterest refuses.", "Save it as JPEG or PNG."
    elif kind == "PDF":
        title, fix = "This is a PDF document, not an image.", "Export the page as JPEG or PNG."
    elif kind == "HTML":
        title = "This is a web page, not an image: perhaps a login or share page."
        fix = "Use the address of the image itself, or upload the file."
    else:
        title = "This is no image." if kind == "unknown" else f"This is no image but {kind}."
        fix = "Use a JPEG or PNG file."
    return _blocker("image.format", title, fix, {"format": kind})


def _refuse_bytes(size: int) -> Finding | None:
    if size <= MOST_BYTES:
        return None
    return too_large(size)


def too_large(size: int | None) -> Finding:
    """More bytes than Pinterest takes; `size` None when the rest was not even read."""
    held = f"{size / 1e6:.1f} MB" if size is not None else "more than 20 MB"
    return _blocker(
        "image.bytes",
        f"The image has {held}; Pinterest takes 20 MB.",
        "Save it smaller or with more compression; 1000 × 1500 pixels are enough.",
        {"bytes": size, "most": MOST_BYTES},
    )


def _too_many_pixels(facts: ImageFacts) -> Finding:
    return _blocker(
        "image.pixels",
        f"The image has {facts.width} × {facts.height} pixels, {facts.width * facts.height / 1e6:.0f} million; "
        f"{MOST_PIXELS // 1_000_000} million is the most that can be handled.",
        "Make it smaller; 1000 × 1500 pixels are enough.",
        {"width": facts.width, "height": facts.height},
    )


def _damaged(kind: str, why: str) -> Finding:
    return _blocker(
        "image.whole",
        f"The {kind} file is damaged or cut short ({why}).",
        "Export or download it again, and check that it opens in an image viewer.",
        {"reason": why},
    )


def _size_findings(facts: ImageFacts) -> list[Finding]:
    width, height = facts.width, facts.height
    measured = {"width": width, "height": height}
    if min(width, height) < LEAST_SIDE:
        title = (
            f"The image is too small: {width} × {height} pixels. Pinterest refuses images below 100 × 100."
        )
        return [_blocker("image.size", title, "Use a larger one; 1000 × 1500 pixels are best.", measured)]
    found = []
    if width < _NARROW:
        title = f"The image is {width} pixels wide. Below {_NARROW}, Pinterest shows it to fewer people."
        found.append(_warning("image.size", title, "Use one that is 1000 pixels wide or more.", measured))
    if height / width > _TALLEST:
        title = f"The image is very tall ({width} × {height}). Pinterest cuts off its lower part in the feed."
        found.append(_warning("image.ratio", title, "Crop it to 2:3, for example 1000 × 1500.", measured))
    if width / height > _WIDEST:
        title = f"The image is very wide ({width} × {height}) and will be shown small."
        found.append(_warning("image.ratio", title, "Crop it to 2:3, for example 1000 × 1500.", measured))
    return found


def _look_findings(facts: ImageFacts) -> list[Finding]:
    found = []
    if facts.mode == "CMYK":
        title = "The image has printing colours (CMYK), which look different on screens."
        found.append(_warning("image.colours", title, "Save it in RGB.", {"mode": facts.mode}))
    if facts.frames > 1:
        title = f"The image is animated ({facts.frames} frames). Pinterest shows a still picture."
        found.append(_warning("image.animated", title, "Use a still image.", {"frames": facts.frames}))
    if facts.orientation != 1:
        title = "The image is turned only by a note in the file, which not every viewer obeys."
        found.append(_warning("image.turned", title, "Save it turned.", {"orientation": facts.orientation}))
    return found


def _fine(facts: ImageFacts) -> Finding:
    return Finding("image", Level.OK, f"{facts.format}, {facts.width} × {facts.height} pixels.")


def _blocker(check: str, title: str, fix: str, evidence: Mapping[str, object] | None = None) -> Finding:
    return Finding(check, Level.BLOCKER, title, fix, Cause.MEDIA, Remedy.FIX_INPUT, evidence or {})


def _warning(check: str, title: str, fix: str, evidence: Mapping[str, object]) -> Finding:
    return Finding(check, Level.WARNING, title, fix, Cause.MEDIA, Remedy.FIX_INPUT, evidence)
