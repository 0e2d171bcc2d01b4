"""Shapes: boards, sections, Pins and accounts as the API writes them."""

from __future__ import annotations

from typing import Any

from pinsim.clock import stamp
from pinsim.images import Picture
from pinsim.product.call import Call
from pinsim.world.account import Account
from pinsim.world.board import Board, Section
from pinsim.world.pin import Pin, Showing, Slide

_THUMBNAILS = 5


def account_shape(call: Call, account: Account) -> dict[str, Any]:
    """`Account` of the spec."""
    own = [board for board in call.realm.boards_of[account.person].values() if board.owner is account]
    return {
        "id": account.id,
        "username": account.username,
        "account_type": account.account_type,
        "business_name": account.business_name,
        "about": account.about,
        "website_url": account.website_url,
        "profile_image": f"{call.base_url}/avatars/{account.person}.svg",
        "board_count": len(own),
        "pin_count": len(call.realm.pins_of[account.person]),
        "follower_count": 0,
        "following_count": 0,
        "monthly_views": 0,
    }


def board_shape(call: Call, board: Board) -> dict[str, Any]:
    """`Board` of the spec."""
    thumbnails = _thumbnails(call, board)
    return {
        "id": board.id,
        "name": board.name,
        "description": board.description,
        "privacy": board.privacy,
        "owner": {"username": board.owner.username},
        "created_at": stamp(board.created_at),
        "board_pins_modified_at": stamp(board.pins_modified_at),
        "pin_count": len(board.shelf),
        "collaborator_count": len(board.collaborators),
        "follower_count": 0,
        "is_ads_only": board.is_ads_only,
        "media": {
            "image_cover_url": thumbnails[0] if thumbnails else None,
            "pin_thumbnail_urls": thumbnails,
        },
    }


def section_shape(section: Section) -> dict[str, Any]:
    """`BoardSection` of the spec."""
    return {"id": section.id, "name": section.name}


def pin_shape(call: Call, pin: Pin) -> dict[str, Any]:
    """`Pin` of the spec as the acting account sees it."""
    return {
        "id": pin.id,
        "created_at": stamp(pin.created_at),
        "board_id": pin.board_id,
        "board_section_id": pin.section_id,
        "board_owner": {"username": call.realm.boards[pin.board_id].owner.username},
        "title": pin.title,
        "description": pin.description,
        "alt_text": pin.alt_text,
        "link": pin.link,
        "dominant_color": pin.dominant_color,
        "parent_pin_id": pin.parent_pin_id,
        "creative_type": _creative_type(pin),
        "is_owner": call.caller is not None and pin.account is call.caller.account,
        "is_standard": True,
        "has_been_promoted": False,
        "pin_metrics": None,
        "media": _media_shape(call, pin),
    }


def _creative_type(pin: Pin) -> str:
    if pin.video is not None:
        return "VIDEO"
    return "CAROUSEL" if len(pin.slides) > 1 else "REGULAR"


def _media_shape(call: Call, pin: Pin) -> dict[str, Any]:
    base_url = call.base_url
    if pin.video is not None:
        return _video_shape(call, pin, pin.video)
    if len(pin.slides) == 1:
        return {"media_type": "image", "images": _images(base_url, pin.slides[0].picture)}
    return {"media_type": "multiple_images", "items": [_slide_shape(base_url, each) for each in pin.slides]}


def _video_shape(call: Call, pin: Pin, video: Showing) -> dict[str, Any]:
    """Length (milliseconds) and size are null while the video is processed; the video itself is for few apps."""
    filing = video.media.filing
    known = filing if filing is not None and video.media.status(call.now) == "succeeded" else None
    images = _images(call.base_url, pin.slides[0].picture)
    return {
        "media_type": "video",
        "images": images,
        "cover_image_url": images["1200x"]["url"],
        "duration": round(known.film.duration_s * 1000) if known else None,
        "width": known.film.width if known else None,
        "height": known.film.height if known else None,
        "video_url": None,
    }


def _slide_shape(base_url: str, slide: Slide) -> dict[str, Any]:
    return {
        "item_type": "image",
        "title": slide.title,
        "description": slide.description,
        "link": slide.link,
        "images": _images(base_url, slide.picture),
    }


def _images(base_url: str, picture: Picture) -> dict[str, dict[str, Any]]:
    """The four sizes; all of them lead to the bytes that were received."""
    url = f"{base_url}/media/{picture.digest}"
    sizes = {"150x150": (150, 150), "400x300": (400, 300)}
    for width in (600, 1200):
        sizes[f"{width}x"] = (width, round(picture.height * width / picture.width))
    return {
        name: {"width": width, "height": height, "url": f"{url}?size={name}"}
        for name, (width, height) in sizes.items()
    }


def _thumbnails(call: Call, board: Board) -> list[str]:
    found = []
    for mark in board.shelf.walk("newest"):
        pin = call.realm.pins[mark[1]]
        found.append(f"{call.base_url}/media/{pin.slides[pin.cover].picture.digest}?size=150x150")
        if len(found) == _THUMBNAILS:
            break
    return found
