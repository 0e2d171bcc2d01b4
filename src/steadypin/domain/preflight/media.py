"""Step 4: what can be said of a Pin's media as a whole: its kind, the number and shapes of its images, its cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steadypin.domain.findings import Finding, Level
from steadypin.domain.media import Media, MediaKind, Picture
from steadypin.domain.media_shape import check_media
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.texts import TEXT_LIMITS
from steadypin.domain.words import Cause, Remedy

MOST_BYTES = 20_000_000
"""Of all images of a carousel together: they leave in one request, which has no more time than one image has."""
_SAME_SHAPE = 0.02
"""Width by height may differ by so much; rounding to whole pixels does that."""
_CAUSES = {"link": Cause.LINK, "title": Cause.CONTENT, "description": Cause.CONTENT}


def media_findings(facts: Facts) -> Iterable[Finding]:
    """What Pinterest would refuse, and what is worth knowing."""
    media = facts.content.media
    for error in check_media(media):
        why, stop, fix = error.message.partition(". ")
        cause = _CAUSES.get(error.field.rpartition(".")[2], Cause.MEDIA)
        yield Finding(error.field, Level.BLOCKER, why + stop.strip(), fix, cause, Remedy.FIX_INPUT)
    yield from together(media, facts.pictures)
    if media.kind is MediaKind.CAROUSEL:
        yield from _long_texts(media)
        yield from _unseen_links(media)


def together(media: Media, pictures: Mapping[str, Picture]) -> Iterable[Finding]:
    """Images that are well one by one, but not in one carousel; those whose bytes are not kept yet are left out."""
    if media.kind is not MediaKind.CAROUSEL:
        return
    known = [
        (n, pictures[item.media_id])
        for n, item in enumerate(media.items, 1)
        if item.media_id and item.media_id in pictures
    ]
    size = sum(picture.size for _, picture in known)
    if size > MOST_BYTES:
        yield Finding(
            "carousel.bytes",
            Level.BLOCKER,
            f"The images of this carousel have {size / 1e6:.1f} MB together; at most {MOST_BYTES / 1e6:.0f} MB can be "
            "sent in one request.",
            "Save the largest of them smaller: 1000×1500 pixels are enough.",
            Cause.MEDIA,
            Remedy.FIX_INPUT,
            {"bytes": size, "most": MOST_BYTES},
        )
    yield from _shapes(known)
    yield from _twice(media)


def _shapes(known: list[tuple[int, Picture]]) -> Iterable[Finding]:
    measured = [(n, each, each.width / each.height) for n, each in known if each.width and each.height]
    ratios = [ratio for _, _, ratio in measured]
    if not ratios or max(ratios) <= min(ratios) * (1 + _SAME_SHAPE):
        return
    sides = ", ".join(f"image {n} {picture.width}×{picture.height}" for n, picture, _ in measured)
    yield _warning(
        "carousel.shapes",
        f"The images of this carousel have different shapes: {sides}.",
        "Crop them all to one shape, best 2:3 like 1000×1500, so that none is shown cut.",
        {"ratios": [round(ratio, 3) for ratio in ratios]},
    )


def _twice(media: Media) -> Iterable[Finding]:
    places: dict[str, list[int]] = {}
    for n, source in enumerate(media.sources, 1):
        if source is not None:
            places.setdefault(source, []).append(n)
    for same in places.values():
        if len(same) > 1:
            yield _warning(
                "carousel.repeated",
                f"Images {', '.join(map(str, same[:-1]))} and {same[-1]} of this carousel are the same.",
                "Choose another in its place if that is not meant.",
                {"images": same},
            )


def _long_texts(media: Media) -> Iterable[Finding]:
    for n, item in enumerate(media.items, 1):
        for name, text in (("title", item.title), ("description", item.description)):
            if text is not None and len(text) > TEXT_LIMITS[name]:
                yield Finding(
                    f"card.{name}",
                    Level.WARNING,
                    f"The {name} of image {n} has {len(text)} characters; that of a Pin may have {TEXT_LIMITS[name]}, "
                    "and Pinterest does not say how many a card may have.",
                    f"Shorten it by {len(text) - TEXT_LIMITS[name]} to be safe.",
                    Cause.CONTENT,
                    Remedy.FIX_INPUT,
                    {"image": n, "characters": len(text)},
                )


def _unseen_links(media: Media) -> Iterable[Finding]:
    linked = [n for n, item in enumerate(media.items, 1) if item.link]
    if linked:
        yield Finding(
            "card.link",
            Level.PENDING,
            "The links of the cards have not been looked at yet.",
            "Open each of them once to see where it leads.",
            Cause.LINK,
            None,
            {"images": linked},
        )


def _warning(check: str, title: str, fix: str, evidence: dict[str, object]) -> Finding:
    return Finding(check, Level.WARNING, title, fix, Cause.MEDIA, Remedy.FIX_INPUT, evidence)
