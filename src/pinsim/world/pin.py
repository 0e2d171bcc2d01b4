"""Pin: what is live, as Pinterest keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from pinsim.images import Picture
from pinsim.world.account import Account


@dataclass(slots=True, frozen=True)
class Slide:
    """One picture of a Pin; carousels have their own texts per slide."""

    picture: Picture
    title: str | None = None
    description: str | None = None
    link: str | None = None


@dataclass(slots=True)
class Pin:
    """`seq` counts the Pins of an environment in the order they were made; times are epoch seconds."""

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
    app_id: str = ""
    deleted_at: float | None = None
