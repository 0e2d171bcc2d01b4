"""Media sources: from `media_source` to what a Pin shows, everything really fetched and decoded."""

from __future__ import annotations

from typing import Any, NamedTuple

from pinsim import refusals
from pinsim.images import Picture
from pinsim.product.call import Call
from pinsim.product.content import text_of
from pinsim.product.covers import showing_of
from pinsim.product.pictures import fetched_picture, sent_picture
from pinsim.world.pin import Showing, Slide

_FEWEST, _MOST = 2, 5
_KNOWN = (
    "image_url", "image_base64", "multiple_image_urls", "multiple_image_base64", "video_id", "pin_url",
)  # fmt: skip


class Shown(NamedTuple):
    """The pictures of a Pin, which of them is the cover, and the video behind it."""

    slides: tuple[Slide, ...]
    cover: int = 0
    video: Showing | None = None


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


async def shown_by(call: Call, source: dict[str, Any]) -> Shown:
    """What the Pin will show."""
    kind = source["source_type"]
    if kind == "pin_url":
        raise refusals.restricted_feature("pin_url")
    if kind == "video_id":
        video, picture = await showing_of(call, source)
        return Shown((Slide(picture),), video=video)
    if kind in ("image_url", "image_base64"):
        return Shown((Slide(await _picture(call, source, kind == "image_url")),))
    items = _items(call, source)
    cover = _cover(source, len(items))
    slides = [await _slide(call, item, kind == "multiple_image_urls") for item in items]
    return Shown(tuple(slides), cover)


async def _slide(call: Call, item: dict[str, Any], by_url: bool) -> Slide:
    texts = [text_of(item, name) for name in ("title", "description", "link")]
    return Slide(await _picture(call, item, by_url), *texts)


async def _picture(call: Call, source: dict[str, Any], by_url: bool) -> Picture:
    return await (fetched_picture(call, source) if by_url else sent_picture(call, source))


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
