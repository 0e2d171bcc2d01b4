"""The media of a Pin as JSON: an image, a carousel, or a video."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text
from steadypin.domain.media import Cover, Item, Media, MediaKind
from steadypin.domain.media_shape import FEWEST_CARDS, MOST_CARDS

Url = Annotated[Text, Field(max_length=2048)]


class ImageIn(Body):
    """One image: either `media_id` (uploaded before) or `url`."""

    type: Literal["image"]
    media_id: Id | None = None
    url: Url | None = None

    def to_domain(self) -> Media:
        """The value that the use cases take."""
        return Media(MediaKind.IMAGE, self.media_id, self.url)


class ItemIn(Body):
    """One card of a carousel: either `media_id` or `url`, and texts of its own."""

    media_id: Id | None = None
    url: Url | None = None
    title: Text | None = None
    description: Text | None = None
    link: Text | None = None


class CarouselIn(Body):
    """Two to five images. They go out in this order."""

    type: Literal["carousel"]
    items: list[ItemIn] = Field(min_length=FEWEST_CARDS, max_length=MOST_CARDS)
    cover_index: int = Field(
        default=0, ge=0, le=MOST_CARDS - 1, description="Which image is shown in lists; the first is 0."
    )

    def to_domain(self) -> Media:
        """The value that the use cases take."""
        items = tuple(
            Item(item.media_id, item.url, item.title, item.description, item.link) for item in self.items
        )
        return Media(MediaKind.CAROUSEL, items=items, cover_index=self.cover_index)


class CoverIn(Body):
    """What stands for a video: exactly one of an uploaded image, its address, or a moment of the video."""

    media_id: Id | None = None
    url: Url | None = None
    key_frame_s: int | None = Field(default=None, ge=0, le=900, description="Whole seconds from the start.")

    def to_domain(self) -> Cover:
        """The value that the use cases take."""
        return Cover(self.media_id, self.url, self.key_frame_s)


class VideoIn(Body):
    """One video and its cover. This version knows it and refuses it."""

    type: Literal["video"]
    media_id: Id | None = None
    url: Url | None = None
    cover: CoverIn | None = None

    def to_domain(self) -> Media:
        """The value that the use cases take."""
        cover = self.cover.to_domain() if self.cover is not None else None
        return Media(MediaKind.VIDEO, self.media_id, self.url, cover=cover)


MediaIn = Annotated[ImageIn | CarouselIn | VideoIn, Field(discriminator="type")]
"""The media of a Pin to make."""


class ImageOut(BaseModel):
    """One image; `url` is null once its bytes are kept."""

    type: Literal["image"]
    media_id: str | None
    url: str | None


class ItemOut(BaseModel):
    """One card of a carousel."""

    media_id: str | None
    url: str | None
    title: str | None
    description: str | None
    link: str | None


class CarouselOut(BaseModel):
    """Two to five images, in their order."""

    type: Literal["carousel"]
    items: list[ItemOut]
    cover_index: int


class CoverOut(BaseModel):
    """What stands for a video."""

    media_id: str | None
    url: str | None
    key_frame_s: int | None


class VideoOut(BaseModel):
    """One video and its cover."""

    type: Literal["video"]
    media_id: str | None
    url: str | None
    cover: CoverOut | None


MediaOut = Annotated[ImageOut | CarouselOut | VideoOut, Field(discriminator="type")]
"""The media of a Pin."""


def media_out(media: Media) -> ImageOut | CarouselOut | VideoOut:
    """Every name is there; what is absent is null."""
    match media.kind:
        case MediaKind.IMAGE:
            return ImageOut(type="image", media_id=media.media_id, url=media.url)
        case MediaKind.CAROUSEL:
            items = [
                ItemOut(
                    media_id=item.media_id,
                    url=item.url,
                    title=item.title,
                    description=item.description,
                    link=item.link,
                )
                for item in media.items
            ]
            return CarouselOut(type="carousel", items=items, cover_index=media.cover_index)
        case MediaKind.VIDEO:
            return VideoOut(
                type="video", media_id=media.media_id, url=media.url, cover=_cover_out(media.cover)
            )


def _cover_out(cover: Cover | None) -> CoverOut | None:
    if cover is None:
        return None
    return CoverOut(media_id=cover.media_id, url=cover.url, key_frame_s=cover.key_frame_s)
