"""Media: register an upload, read and list uploads. The file itself goes to `pinsim.store`."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pinsim import refusals
from pinsim.product.call import Call, Reply
from pinsim.product.paging import bookmark_of, page_size, place_of
from pinsim.product.rights import require_id
from pinsim.world.media import Media

UPLOAD_PATH = "/upload/"


def create(call: Call) -> Reply:
    """Register an upload: an id, and a form to send the file with."""
    kind = call.body().get("media_type")
    if kind is None:
        raise refusals.invalid_request("'media_type' is a required property")
    if kind != "video":
        raise refusals.invalid_request(f"'media_type' {kind!r} is not one of ['video']")
    media_id = call.realm.new_id("media")
    media = Media(
        media_id,
        call.realm.media.next_seq(),
        call.account,
        _key(call, media_id),
        call.now,
        call.caller.app.id if call.caller else "",
    )
    call.realm.media.add(media)
    form = call.world.signer.parameters(
        media.key, call.now, call.switches.upload_life_s, call.switches.upload_max_bytes
    )
    return Reply(
        201,
        {
            "media_id": media.id,
            "media_type": "video",
            "upload_url": call.base_url + UPLOAD_PATH,
            "upload_parameters": form,
        },
    )


def read(call: Call) -> Reply:
    """One upload; why it failed is never said."""
    media = find(call, call.ids[0])
    if media is None or _is_unseen(call, media):
        raise refusals.media_not_found()
    return Reply(200, _shape(call, media))


def listed(call: Call) -> Reply:
    """The acting account's uploads, newest first."""
    size, place = page_size(call), place_of(call)
    before = {"before": float(place[0])} if place else {}
    found = (
        media
        for media in call.realm.media.newest(call.account.person, **before)
        if not _is_over(call, media) and not _is_unseen(call, media)
    )
    shown = list(islice(found, size + 1))
    return Reply(
        200,
        {
            "items": [_shape(call, media) for media in shown[:size]],
            "bookmark": bookmark_of([shown[size - 1].seq]) if len(shown) > size else None,
        },
    )


def find(call: Call, media_id: object) -> Media | None:
    """An upload of the acting account that was not cleared away yet."""
    media = call.realm.media.find(require_id(media_id, "media_id"))
    if media is None or media.account is not call.account or _is_over(call, media):
        return None
    return media


def _shape(call: Call, media: Media) -> dict[str, Any]:
    return {
        "media_id": media.id,
        "media_type": "video",
        "status": media.status(call.now, call.switches.media_lag_s),
    }


def _is_unseen(call: Call, media: Media) -> bool:
    lag_s = call.switches.media_lag_s if call.switches.media_lag_shows == "404" else 0.0
    return call.now < media.registered_at + lag_s


def _is_over(call: Call, media: Media) -> bool:
    life_s = call.switches.media_life_s
    return bool(life_s) and call.now >= media.registered_at + life_s


def _key(call: Call, media_id: str) -> str:
    """In the form of Pinterest's own: a scattering prefix, the account, the upload."""
    scatter = f"{int(media_id) % 0x1000000:06x}"
    return f"uploads/{scatter[:2]}/{scatter[2:4]}/{scatter[4:]}/3:video:{call.account.id}:{media_id}"
