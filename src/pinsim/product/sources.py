"""Media sources: from `media_source` to pictures that were really fetched and decoded."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pinsim import refusals
from pinsim.fetching import fetch
from pinsim.images import Picture
from pinsim.product.call import Call
from pinsim.product.content import text_of
from pinsim.world.pin import Slide

_CONTENT_TYPES = ("image/jpeg", "image/png")
_FEWEST, _MOST = 2, 5
_KNOWN = (
    "image_url", "image_base64", "multiple_image_urls", "multiple_image_base64", "video_id", "pin_url",
)  # fmt: skip


def source_of(body: dict[str, Any]) -> dict[str, Any]:
    """The `media_source` object with a known `source_type`."""
    source = body.get("media_source")
    if not isinstance(source, dict):
        raise refusals.invalid_request("'media_source' is not of type 'object'")
    if source.get("source_type") not in _KNOWN:
        raise refusals.invalid_request(
            f"'source_type' {source.get('source_type')!r} is not one of {list(_KNOWN)}"
        )
    return source


async def slides_of(call: Call, source: dict[str, Any]) -> tuple[tuple[Slide, ...], int]:
    """The pictures of a Pin and which of them is the cover."""
    kind = source["source_type"]
    if kind == "video_id":
        raise refusals.invalid_request(
            "'video_id' needs an uploaded video, and this simulator takes no uploads yet"
        )
    if kind == "pin_url":
        raise refusals.restricted_feature("pin_url")
    if kind in ("image_url", "image_base64"):
        return (Slide(await _picture(call, source, kind == "image_url")),), 0
    items = _items(call, source)
    cover = _cover(source, len(items))
    slides = [await _slide(call, item, kind == "multiple_image_urls") for item in items]
    return tuple(slides), cover


async def _slide(call: Call, item: dict[str, Any], by_url: bool) -> Slide:
    texts = [text_of(item, name) for name in ("title", "description", "link")]
    return Slide(await _picture(call, item, by_url), *texts)


def _items(call: Call, source: dict[str, Any]) -> list[dict[str, Any]]:
    items = source.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refusals.invalid_request("'items' is not of type 'array'")
    if len(items) > _MOST:
        raise refusals.too_many_items(call.switches.unsure_code)
    if len(items) < _FEWEST:
        raise refusals.invalid_request("'items' is too short. constraint: minItems=2")
    return items


def _cover(source: dict[str, Any], count: int) -> int:
    index = source.get("index")
    if index is None:
        return 0
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise refusals.invalid_request(f"'index' {index!r} is not of type 'integer' or below 0")
    return min(index, count - 1)


async def _picture(call: Call, source: dict[str, Any], by_url: bool) -> Picture:
    data = await _fetched(call, source) if by_url else _unpacked(call, source)
    if len(data) > call.switches.image_max_bytes:
        raise refusals.image_too_large(call.switches.unsure_code)
    picture = await call.world.pictures.receive(data)
    if picture.trouble == "format":
        raise refusals.image_format(call.switches.unsure_code)
    if picture.trouble:
        raise refusals.image_broken()
    if min(picture.width, picture.height) < call.switches.image_min_px:
        raise refusals.image_too_small()
    return picture


async def _fetched(call: Call, source: dict[str, Any]) -> bytes:
    url = text_of(source, "url")
    if not url:
        raise refusals.invalid_request("'url' is a required property")
    if call.realm.environment == "sandbox":  # measured: the sandbox reaches no outside address
        raise refusals.cannot_fetch_image()
    data = await fetch(url, call.switches.fetch_timeout_s, call.switches.image_max_bytes)
    if not data:
        raise refusals.cannot_fetch_image()
    return data


def _unpacked(call: Call, source: dict[str, Any]) -> bytes:
    if source.get("content_type") not in _CONTENT_TYPES:
        raise refusals.invalid_request(
            f"'content_type' {source.get('content_type')!r} is not one of {list(_CONTENT_TYPES)}"
        )
    data = text_of(source, "data")
    if not data:
        raise refusals.invalid_request("'data' is a required property")
    if 0 < call.switches.base64_max_chars < len(data):
        raise refusals.body_too_large()
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise refusals.invalid_request("'data' does not match the pattern ^[a-zA-Z0-9+/=]+$") from None
