"""Pictures of a Pin: really fetched or decoded, refused as Pinterest refuses them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pinsim import refusals
from pinsim.fetching import fetch
from pinsim.images import Picture
from pinsim.product.call import Call
from pinsim.product.content import text_of

_CONTENT_TYPES = ("image/jpeg", "image/png")


async def fetched_picture(call: Call, source: dict[str, Any], name: str = "url") -> Picture:
    """The picture behind the address that the member `name` holds."""
    return await _looked_at(call, await _fetched(call, source, name))


async def sent_picture(
    call: Call, source: dict[str, Any], type_name: str = "content_type", data_name: str = "data"
) -> Picture:
    """The picture that was sent as base64."""
    return await _looked_at(call, _unpacked(call, source, type_name, data_name))


async def _looked_at(call: Call, data: bytes) -> Picture:
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


async def _fetched(call: Call, source: dict[str, Any], name: str) -> bytes:
    url = text_of(source, name)
    if not url:
        raise refusals.invalid_request(f"'{name}' is a required property")
    if call.realm.environment == "sandbox":  # measured: the sandbox reaches no outside address
        raise refusals.cannot_fetch_image()
    data = await fetch(url, call.switches.fetch_timeout_s, call.switches.image_max_bytes)
    if not data:
        raise refusals.cannot_fetch_image()
    return data


def _unpacked(call: Call, source: dict[str, Any], type_name: str, data_name: str) -> bytes:
    if source.get(type_name) not in _CONTENT_TYPES:
        raise refusals.invalid_request(
            f"'{type_name}' {source.get(type_name)!r} is not one of {list(_CONTENT_TYPES)}"
        )
    data = text_of(source, data_name)
    if not data:
        raise refusals.invalid_request(f"'{data_name}' is a required property")
    if 0 < call.switches.base64_max_chars < len(data):
        raise refusals.body_too_large()
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise refusals.invalid_request(
            f"'{data_name}' does not match the pattern ^[a-zA-Z0-9+/=]+$"
        ) from None
