"""What is really live, whatever any client was told."""

from __future__ import annotations

from typing import Any

from pinsim.clock import stamp
from pinsim.world.pin import Pin, Slide
from pinsim.world.realm import Realm
from pinsim.world.world import World


def live_pins(world: World, everything: bool = False) -> list[dict[str, Any]]:
    """Pins of both environments in the order they were made; `everything` adds the deleted ones."""
    return [
        _described(realm, pin)
        for realm in world.realms.values()
        for pin in sorted(realm.pins.values(), key=lambda each: each.seq)
        if everything or pin.deleted_at is None
    ]


def _described(realm: Realm, pin: Pin) -> dict[str, Any]:
    board = realm.boards.get(pin.board_id)
    section = board.sections.get(pin.section_id or "") if board else None
    return {
        "id": pin.id,
        "environment": realm.environment,
        "account": pin.account.username,
        "app_id": pin.app_id,
        "board_id": pin.board_id,
        "board": board.name if board else None,
        "section_id": pin.section_id,
        "section": section.name if section else None,
        "title": pin.title,
        "description": pin.description,
        "alt_text": pin.alt_text,
        "link": pin.link,
        "dominant_color": pin.dominant_color,
        "parent_pin_id": pin.parent_pin_id,
        "source_type": pin.source_type,
        "cover": pin.cover,
        "media": [_slide(each) for each in pin.slides],
        "created_at": stamp(pin.created_at),
        "deleted_at": None if pin.deleted_at is None else stamp(pin.deleted_at),
    }


def _slide(slide: Slide) -> dict[str, Any]:
    picture = slide.picture
    return {
        "digest": picture.digest,
        "bytes": picture.size,
        "content_type": picture.content_type,
        "width": picture.width,
        "height": picture.height,
        "title": slide.title,
        "description": slide.description,
        "link": slide.link,
    }
