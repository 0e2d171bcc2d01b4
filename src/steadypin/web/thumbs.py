"""Small pictures of kept media, made when first asked for."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from PIL import Image, ImageOps

from steadypin.domain.errors import NotThere
from steadypin.services import intake
from steadypin.web.visits import InPages, Visit

router = APIRouter(include_in_schema=False)

SIDE = (240, 360)
"""Pixels: twice what the page shows, for sharp screens."""

_MOST_KEPT = 500
_kept: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()
_at_work = threading.BoundedSemaphore(2)
"""Decoding a large image takes much memory for a moment, so only two at a time."""


@router.get("/media/{media_id}/thumb")
def show_thumb(media_id: str, pages: InPages, session: Visit) -> Response:
    """A JPEG, at most 240 by 360 pixels. Kept media never change, so browsers may keep it."""
    media = intake.get(pages.ctx, media_id)
    with _lock:
        found = _kept.get(media.digest)
    if found is None:
        found = _make(pages.ctx.files.path(media.digest))
        with _lock:
            _kept[media.digest] = found
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(found, media_type="image/jpeg", headers=headers)


def _make(path: Path) -> bytes:
    """Raises NotThere when the bytes are gone or are no picture."""
    try:
        with _at_work, Image.open(path) as image:
            image.draft("RGB", (SIDE[0] * 2, SIDE[1] * 2))  # lets a JPEG decode at a fraction of its size
            small = ImageOps.exif_transpose(image)
            small.thumbnail(SIDE)
            flat = Image.new("RGB", small.size, "white")
            rgba = small.convert("RGBA")
            flat.paste(rgba, mask=rgba.getchannel("A"))
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=82)
            return out.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError):
        raise NotThere("This picture is not in the media store any more.") from None
