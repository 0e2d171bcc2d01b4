"""What is wrong with the media of a Pin, seen from the text alone: counts, covers, cards; nothing is cut or repaired."""

from __future__ import annotations

from collections.abc import Iterator

from steadypin.domain.media import Cover, Item, Media, MediaKind
from steadypin.domain.texts import FieldError, check_link, is_broken

FEWEST_CARDS, MOST_CARDS = 2, 5
"""`minItems` and `maxItems` of the carousels in `spec/` (compared by a test)."""
MOST_OF_A_CARD = {"title": 2000, "description": 2000, "link": 2048}
"""What Steadypin keeps. Pinterest documents no limit for the texts of a card (a test would notice one)."""
NOT_YET = {MediaKind.VIDEO: "A video cannot be published yet. Use an image: JPEG or PNG."}
"""Kinds that this version refuses, wherever they come in."""


def check_media(media: Media, known: frozenset[str] | None = None) -> list[FieldError]:
    """Everything that Pinterest, or this version, would refuse. `known`: the media ids that are kept, None for any."""
    if media.kind in NOT_YET:
        return [FieldError("media", NOT_YET[media.kind])]
    errors = list(_carousel(media) if media.kind is MediaKind.CAROUSEL else _single(media))
    if errors or known is None:
        return errors
    missing = dict.fromkeys(media_id for media_id in media.files if media_id not in known)
    return [
        FieldError("media", f"There is no media {media_id}. Upload the file first.") for media_id in missing
    ]


def check_count(count: int) -> list[FieldError]:
    """Whether a carousel may have so many images."""
    if FEWEST_CARDS <= count <= MOST_CARDS:
        return []
    apart = (
        "Add another, or make it a single image." if count < FEWEST_CARDS else f"Remove {count - MOST_CARDS}."
    )
    sentence = f"A carousel has {FEWEST_CARDS} to {MOST_CARDS} images, and this one has {count}. {apart}"
    return [FieldError("media.items", sentence)]


def _single(media: Media) -> Iterator[FieldError]:
    if (media.media_id is None) == (media.url is None):
        yield FieldError("media", "Give either a media_id or a url.")
    if media.kind is MediaKind.VIDEO:
        yield from _cover(media.cover)


def _cover(cover: Cover | None) -> Iterator[FieldError]:
    given = (cover.media_id, cover.url, cover.key_frame_s) if cover is not None else ()
    if sum(each is not None for each in given) != 1:
        sentence = "A video needs one cover. Give a media_id, a url or a key_frame_s."
        yield FieldError("media.cover", sentence)


def _carousel(media: Media) -> Iterator[FieldError]:
    yield from check_count(len(media.items))
    if media.items and not 0 <= media.cover_index < len(media.items):
        sentence = (
            f"There is no image {media.cover_index}: they count from 0. Use 0 to {len(media.items) - 1}."
        )
        yield FieldError("media.cover_index", sentence)
    for n, item in enumerate(media.items):
        if (item.media_id is None) == (item.url is None):
            yield FieldError(f"media.items.{n}", f"Give image {n + 1} either a media_id or a url.")
        yield from _card(f"media.items.{n}", f"image {n + 1}", item)


def _card(place: str, name: str, item: Item) -> Iterator[FieldError]:
    for field, most in MOST_OF_A_CARD.items():
        text: str | None = getattr(item, field)
        if text is None:
            continue
        if len(text) > most:
            sentence = f"The {field} of {name} has {len(text)} characters; at most {most} are taken. "
            yield FieldError(f"{place}.{field}", f"{sentence}Shorten it by {len(text) - most}.")
        if is_broken(text):
            yield FieldError(
                f"{place}.{field}", f"The {field} of {name} holds a broken character. Type it again."
            )
    for error in check_link(item.link):
        yield FieldError(f"{place}.link", error.message.replace("The link", f"The link of {name}", 1))
