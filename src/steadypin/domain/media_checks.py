"""The judgement of an image: what Pinterest would refuse is a blocker, what it or its users would regret is a warning.

    image_findings(facts) -> Findings      the same for composing, for the API and for a look from outside

Checks, in their order: image.empty · image.format · image.changed · image.bytes · image.pixels · image.whole · image.size
· image.ratio · image.base64 · image.colours · image.alpha · image.animated · image.turned · image.private · image.name
"""

from __future__ import annotations

from collections.abc import Mapping

from steadypin.domain.findings import Finding, Level
from steadypin.domain.media_facts import (
    EMPTY,
    PICTURES,
    PUBLISHABLE,
    UNKNOWN,
    VIDEOS,
    ImageFacts,
    ImageLimits,
)
from steadypin.domain.media_names import contradicts
from steadypin.domain.words import Cause, Remedy

CHANGED = "it changed while it was read"
_BEST = 1.5
_SPOKEN_WITH_A_VOWEL = ("A", "E", "H", "I", "M4", "MP", "O", "SVG")


def image_findings(facts: ImageFacts, limits: ImageLimits | None = None) -> tuple[Finding, ...]:
    """What is to be said of these facts; exactly one Finding when something makes all others pointless."""
    limits = limits or ImageLimits()
    refused = _refuse_kind(facts) or _refuse_file(facts, limits)
    if refused is not None:
        return (refused,)
    said = (*_size_findings(facts, limits), *_look_findings(facts))
    return (*(said or (_fine(facts),)), *_name_findings(facts))


def too_large(size: int | None, limits: ImageLimits | None = None) -> Finding:
    """More bytes than Pinterest takes; `size` None when the rest was not even read."""
    most = (limits or ImageLimits()).most_bytes
    held = f"{size / 1e6:.1f} MB" if size is not None else f"more than {most / 1e6:.0f} MB"
    return blocker(
        "image.bytes",
        f"The image has {held}; Pinterest takes {most / 1e6:.0f} MB.",
        "Save it smaller or with more compression; 1000 × 1500 pixels are enough.",
        {"bytes": size, "most": most},
    )


def blocker(check: str, title: str, fix: str, evidence: Mapping[str, object] | None = None) -> Finding:
    """A Finding about a file that Pinterest would refuse."""
    return Finding(check, Level.BLOCKER, title, fix, Cause.MEDIA, Remedy.FIX_INPUT, evidence or {})


def warning(check: str, title: str, fix: str, evidence: Mapping[str, object] | None = None) -> Finding:
    """A Finding that is advice about a file."""
    return Finding(check, Level.WARNING, title, fix, Cause.MEDIA, Remedy.FIX_INPUT, evidence or {})


def with_article(kind: str) -> str:
    """`a WebP`, `an HEIC`, `an MP4 video`."""
    return f"{'an' if kind.startswith(_SPOKEN_WITH_A_VOWEL) else 'a'} {kind}"


def _refuse_kind(facts: ImageFacts) -> Finding | None:
    kind, evidence = facts.format, {"format": facts.format, **_claim(facts)}
    if kind in PUBLISHABLE:
        return None
    if kind == EMPTY:
        fix = "Choose the file again; its upload or export went wrong."
        return blocker("image.empty", "The file is empty.", fix)
    if kind in VIDEOS:
        title, fix = f"This is {with_article(kind)}, not an image.", "Use an image: JPEG or PNG."
    elif kind in PICTURES:
        title, fix = (
            f"This is {with_article(kind)} image, which Pinterest refuses.",
            "Save it as JPEG or PNG.",
        )
        if facts.declared:
            evidence |= {"width": facts.width, "height": facts.height, "frames": facts.frames}
    elif kind == "PDF":
        title, fix = "This is a PDF document, not an image.", "Export the page as JPEG or PNG."
    elif kind == "HTML":
        title = "This is a web page, not an image: perhaps a login or share page."
        fix = "Use the address of the image itself, or upload the file."
    else:
        title = "This is no image." if kind == UNKNOWN else f"This is no image but {kind}."
        fix = "Use a JPEG or PNG file."
    if facts.claimed and contradicts(facts.claimed, kind):
        title += f" Its name or type says otherwise ({facts.claimed})."
    return blocker("image.format", title, fix, evidence)


def _refuse_file(facts: ImageFacts, limits: ImageLimits) -> Finding | None:
    if facts.damage == CHANGED:
        return blocker(
            "image.changed",
            "The file changed while it was read.",
            "Wait until the program that writes it has finished, then choose it again.",
        )
    if facts.size > limits.most_bytes:
        return too_large(facts.size, limits)
    if facts.pixels > limits.most_pixels:
        return blocker(
            "image.pixels",
            f"The image has {facts.width} × {facts.height} pixels, {facts.pixels / 1e6:.0f} million; "
            f"{limits.most_pixels / 1e6:.0f} million is the most that can be handled.",
            "Make it smaller; 1000 × 1500 pixels are enough.",
            {"width": facts.width, "height": facts.height},
        )
    if facts.damage:
        return blocker(
            "image.whole",
            f"The {facts.format} file is damaged or cut short ({facts.damage}).",
            "Export or download it again, and check that it opens in an image viewer.",
            {"reason": facts.damage},
        )
    if min(facts.width, facts.height) < limits.least_side:
        return blocker(
            "image.size",
            f"The image is too small: {facts.width} × {facts.height} pixels. "
            f"Pinterest refuses images below {limits.least_side} × {limits.least_side}.",
            "Use a larger one; 1000 × 1500 pixels are best.",
            {"width": facts.width, "height": facts.height},
        )
    return None


def _size_findings(facts: ImageFacts, limits: ImageLimits) -> list[Finding]:
    found = []
    measured = {"width": facts.width, "height": facts.height}
    if facts.width < limits.narrow:
        title = f"The image is {facts.width} pixels wide. Below {limits.narrow}, Pinterest shows it to fewer people."
        found.append(warning("image.size", title, "Use one that is 1000 pixels wide or more.", measured))
    if (shape := _shape(facts, limits)) is not None:
        found.append(warning("image.ratio", shape, "Crop it to 2:3, for example 1000 × 1500.", measured))
    if facts.size > limits.base64_bytes:
        title = (
            f"The image has {facts.size / 1e6:.1f} MB. Pinterest does not say how much it takes inside of a request; "
            f"above {limits.base64_bytes / 1e6:g} MB it may refuse."
        )
        fix = "Save it with more compression, or smaller; 1000 × 1500 pixels are enough."
        found.append(warning("image.base64", title, fix, {"bytes": facts.size}))
    return found


def _shape(facts: ImageFacts, limits: ImageLimits) -> str | None:
    size = f"({facts.width} × {facts.height})"
    tall = facts.height / facts.width
    if tall > limits.tallest:
        return f"The image is very tall {size}. Pinterest cuts off its lower part in the feed."
    if tall > _BEST * 1.05:
        return f"The image is taller than 2:3 {size}. Pinterest may cut off its lower part in the feed."
    if tall < 1 / limits.widest:
        return f"The image is very wide {size} and will be shown small."
    if tall < 1 / 1.05:
        return (
            f"The image is wider than tall {size}. Pinterest advises 2:3, which gets more room in the feed."
        )
    return None


def _look_findings(facts: ImageFacts) -> list[Finding]:
    found = []
    if facts.mode == "CMYK":
        title = "The image has printing colours (CMYK), which look different on screens."
        found.append(warning("image.colours", title, "Save it in RGB.", {"mode": facts.mode}))
    if facts.bits > 8:
        title = f"The image has {facts.bits} bits for each colour. Screens show 8, and not every service reads more."
        found.append(
            warning("image.colours", title, "Save it with 8 bits for each colour.", {"bits": facts.bits})
        )
    if facts.alpha:
        title = "The image has transparent parts. Pinterest does not say what shows through them."
        found.append(warning("image.alpha", title, "Put a background behind it.", {"mode": facts.mode}))
    if facts.frames > 1:
        title = f"The image is animated ({facts.frames} frames). Pinterest shows a still picture."
        found.append(warning("image.animated", title, "Use a still image.", {"frames": facts.frames}))
    if facts.orientation != 1:
        title = "The image is turned only by a note in the file, which not every viewer obeys."
        found.append(warning("image.turned", title, "Save it turned.", {"orientation": facts.orientation}))
    if facts.gps:
        title = "The image says where it was taken (GPS). Whoever gets the file can read that."
        found.append(warning("image.private", title, "Save it without location data.", {"gps": True}))
    return found


def _name_findings(facts: ImageFacts) -> list[Finding]:
    if not facts.claimed or not contradicts(facts.claimed, facts.format):
        return []
    title = f"It says to be something else ({facts.claimed}), but it is {with_article(facts.format)}. The bytes count."
    return [Finding("image.name", Level.OK, title, evidence=_claim(facts))]


def _claim(facts: ImageFacts) -> dict[str, object]:
    return {"claimed": facts.claimed} if facts.claimed else {}


def _fine(facts: ImageFacts) -> Finding:
    return Finding("image", Level.OK, f"{facts.format}, {facts.width} × {facts.height} pixels.")
