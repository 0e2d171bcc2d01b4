"""The media of a Pin: one image, one video with its cover, or a carousel of 2 to 5 images.

    Media ── image      media_id | url
          ├─ video      media_id | url, cover: Cover
          └─ carousel   items: Item, Item, … and which of them is the cover

Each file is named by a `media_id` (its bytes are kept) or by a `url` (still to be fetched).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class MediaKind(StrEnum):
    """What a Pin shows; Pinterest calls a carousel `multiple_images`."""

    IMAGE = "image"
    VIDEO = "video"
    CAROUSEL = "carousel"


@dataclass(frozen=True, slots=True)
class Item:
    """One card of a carousel, with texts of its own; absent ones are None."""

    media_id: str | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands for a video: an image, or a moment of it in whole seconds. Exactly one is set."""

    media_id: str | None = None
    url: str | None = None
    key_frame_s: int | None = None


Part = Item | Cover


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a kept image: sides in pixels as a viewer shows it, None when unread, and its size in bytes."""

    width: int | None
    height: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Media:
    """The media of a Pin. `items` and `cover_index` (from 0) are a carousel's, `cover` is a video's; both have no use
    for the other's, and a carousel has no `media_id` or `url` of its own."""

    kind: MediaKind
    media_id: str | None = None
    url: str | None = None
    items: tuple[Item, ...] = ()
    cover_index: int = 0
    cover: Cover | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every file that it needs, in order; a moment of the video itself is none."""
        if self.kind is MediaKind.CAROUSEL:
            return self.items
        own = Item(self.media_id, self.url)
        if self.cover is None or self.cover.key_frame_s is not None:
            return (own,)
        return (own, self.cover)

    @property
    def files(self) -> tuple[str, ...]:
        """The ids of its kept files, in order; one that is shown twice is there twice."""
        return tuple(part.media_id for part in self.parts if part.media_id is not None)

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses that are still to be fetched, each once, in order."""
        return tuple(
            dict.fromkeys(part.url for part in self.parts if _is_open(part) and part.url is not None)
        )

    @property
    def ready(self) -> bool:
        """Whether the bytes of every file are kept."""
        return bool(self.parts) and not any(map(_is_open, self.parts))

    @property
    def sources(self) -> tuple[str | None, ...]:
        """What names each file: its id, else its address."""
        return tuple(part.media_id or part.url for part in self.parts)

    @property
    def face(self) -> str | None:
        """The id of the kept image that stands for the Pin in a list."""
        match self.kind:
            case MediaKind.IMAGE:
                return self.media_id
            case MediaKind.VIDEO:
                return self.cover.media_id if self.cover is not None else None
            case MediaKind.CAROUSEL:
                return self.items[self.cover_index].media_id if self.cover_index < len(self.items) else None

    def fetched(self, url: str, media_id: str) -> Media:
        """The same with the kept file in every place that waited for this address."""

        def kept(part: Any) -> Any:
            waits = part is not None and part.url == url and _is_open(part)
            return replace(part, media_id=media_id, url=None) if waits else part

        whole: Media = kept(self)
        return replace(whole, items=tuple(map(kept, self.items)), cover=kept(self.cover))

    def place(self, source: str) -> str:
        """Which of several files is named so, like 'image 3 of 4' or 'the cover'; '' when there is only one."""
        at = self.sources.index(source) if source in self.sources else 0
        match self.kind:
            case MediaKind.CAROUSEL:
                return f"image {at + 1} of {len(self.items)}"
            case MediaKind.VIDEO:
                return "the cover" if at else "the video"
            case MediaKind.IMAGE:
                return ""

    def to_json(self) -> dict[str, Any]:
        """The shape of the API; what is absent is left out."""
        if self.kind is MediaKind.CAROUSEL:
            return {
                "type": self.kind.value,
                "items": [_said(item) for item in self.items],
                "cover_index": self.cover_index,
            }
        found = {"type": self.kind.value, "media_id": self.media_id, "url": self.url}
        found = {name: value for name, value in found.items() if value is not None}
        return found | ({"cover": _said(self.cover)} if self.cover is not None else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Media:
        """The reverse of to_json, for values that this product made itself."""
        cover = data.get("cover")
        return cls(
            MediaKind(data["type"]),
            data.get("media_id"),
            data.get("url"),
            tuple(Item(**item) for item in data.get("items", ())),
            data.get("cover_index", 0),
            Cover(**cover) if cover is not None else None,
        )


def _is_open(part: Part | Media) -> bool:
    return part.media_id is None


def _said(part: Part) -> dict[str, Any]:
    return {name: value for name in part.__slots__ if (value := getattr(part, name)) is not None}
