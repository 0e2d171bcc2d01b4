"""What is really live, whatever any client was told."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from pinsim.clock import stamp
from pinsim.films import Film
from pinsim.world.media import Media
from pinsim.world.pin import Pin, Showing, Slide
from pinsim.world.realm import Realm
from pinsim.world.world import World

_VIDEO_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "m4v": "video/x-m4v"}


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
        "media_kind": media_kind(pin),
        "cover": pin.cover,
        "media": [_slide(each) for each in pin.slides] if pin.video is None else [_video(pin, pin.video)],
        "created_at": stamp(pin.created_at),
        "deleted_at": None if pin.deleted_at is None else stamp(pin.deleted_at),
    }


def media_kind(pin: Pin) -> str:
    """`image`, `carousel` or `video`."""
    if pin.video is not None:
        return "video"
    return "carousel" if len(pin.slides) > 1 else "image"


def registered_media(world: World) -> list[dict[str, Any]]:
    """Uploads of both environments in the order they were registered, with what no client is told."""
    return [_upload(realm, media) for realm in world.realms.values() for media in realm.media.listed()]


def _upload(realm: Realm, media: Media) -> dict[str, Any]:
    film = media.filing.film if media.filing else None
    return {
        "id": media.id,
        "environment": realm.environment,
        "account": media.account.username,
        "app_id": media.app_id,
        "key": media.key,
        "registered_at": media.registered_at,
        "uploads": media.uploads,
        "uploaded_at": _moment(media.uploaded_at),
        "done_at": _moment(media.done_at),
        "why": media.why or None,
        "digest": media.filing.digest if media.filing else None,
        "bytes": media.filing.size if media.filing else None,
        "film": dataclasses.asdict(film) if film else None,
    }


def _moment(epoch_s: float) -> float | None:
    return epoch_s if math.isfinite(epoch_s) else None


def _video(pin: Pin, video: Showing) -> dict[str, Any]:
    filing = video.media.filing
    film = filing.film if filing else Film()
    return {
        "digest": filing.digest if filing else None,
        "bytes": filing.size if filing else None,
        "content_type": _VIDEO_TYPES.get(film.container),
        "width": film.width,
        "height": film.height,
        "title": None,
        "description": None,
        "link": None,
        "media_id": video.media.id,
        "codec": film.codec,
        "duration_s": film.duration_s,
        "cover": {"given": video.cover, "key_frame_s": video.key_frame_s, **_slide(pin.slides[0])},
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
