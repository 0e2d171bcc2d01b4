"""Covers: a video Pin's upload and the one picture before it."""

from __future__ import annotations

from typing import Any

from pinsim import refusals
from pinsim.images import Picture, stand_in
from pinsim.product import media as uploads
from pinsim.product.call import Call
from pinsim.product.pictures import fetched_picture, sent_picture
from pinsim.world.media import Media
from pinsim.world.pin import Showing

_URL, _TYPE, _DATA, _FRAME = (
    "cover_image_url", "cover_image_content_type", "cover_image_data", "cover_image_key_frame_time",
)  # fmt: skip


async def showing_of(call: Call, source: dict[str, Any]) -> tuple[Showing, Picture]:
    """The video of a `video_id` source and its cover, really fetched or decoded."""
    given = _cover_kind(call, source)
    if source.get("media_id") is None:
        raise refusals.invalid_request("'media_id' is a required property")
    media = uploads.find(call, source["media_id"])
    if media is None:
        raise refusals.media_not_found()
    _check_ready(call, media)
    if given == "url":
        return Showing(media, "url"), await fetched_picture(call, source, _URL)
    if given == "base64":
        return Showing(media, "base64"), await sent_picture(call, source, _TYPE, _DATA)
    second = source[_FRAME]
    if not isinstance(second, int) or isinstance(second, bool) or second < 0:
        raise refusals.invalid_request(f"'{_FRAME}' {second!r} is not of type 'integer' or below 0")
    return Showing(media, "key_frame", second), await _frame(call, media, second)


def _cover_kind(call: Call, source: dict[str, Any]) -> str:
    has = {name for name in (_URL, _TYPE, _DATA, _FRAME) if source.get(name) not in (None, "")}
    kinds = [
        kind
        for kind, members in (("url", {_URL}), ("base64", {_TYPE, _DATA}), ("key_frame", {_FRAME}))
        if members <= has
    ]
    if not kinds:
        raise refusals.cover_missing(call.switches.unsure_code)
    if len(kinds) > 1 and call.switches.several_covers == "refused":
        raise refusals.invalid_request(f"only one of {_URL}, {_DATA} and {_FRAME} may be given")
    return kinds[0]


def _check_ready(call: Call, media: Media) -> None:
    status = media.status(call.now)
    if status == "failed":
        raise refusals.media_invalid(call.switches.unsure_code)
    if status != "succeeded" and call.switches.unready_media == "refused":
        raise refusals.media_not_ready(call.switches.unsure_code)


async def _frame(call: Call, media: Media, second: int) -> Picture:
    """No film is decoded here: a plain picture of its shape, another for each second, stands for the frame."""
    film = media.filing.film if media.filing else None
    width, height = (film.width, film.height) if film and film.width and film.height else (600, 900)
    last = int(film.duration_s) if film else second
    name = f"{media.filing.digest if media.filing else media.id}:{min(second, last)}"
    return await call.world.pictures.receive(stand_in(name, width, height))
