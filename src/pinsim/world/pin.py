"""Pin: what is live, as Pinterest keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from pinsim.images import Picture
from pinsim.world.account import Account
from pinsim.world.media import Media


@dataclass(slots=True, frozen=True)
class Slide:
    """One picture of a Pin; carousels have their own texts per slide."""

    picture: Picture
    title: str | None = None
    description: str | None = None
    link: str | None = None


@dataclass(slots=True, frozen=True)
class Showing:
    """The video of a Pin; `cover` says how its one slide was given: `url`, `base64` or `key_frame` (with the second
    asked for)."""

    media: Media
    cover: str
    key_frame_s: int | None = None


@dataclass(slots=True)
class Pin:
    """`seq` counts the Pins of an environment in the order they were made; times are epoch seconds. A video Pin has
    one slide, its cover."""

    id: str
    seq: int
    account: Account
    board_id: str
    section_id: str | None
    created_at: float
    title: str | None
    description: str | None
    alt_text: str | None
    link: str | None
    dominant_color: str | None
    parent_pin_id: str | None
    source_type: str
    slides: tuple[Slide, ...]
    cover: int = 0
    video: Showing | None = None
    app_id: str = ""
    deleted_at: float | None = None
