"""Files: pictures and bytes, with the faults of the servers that keep them."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from functools import lru_cache

from PIL import Image

from pinsim.web.pages import markup
from pinsim.web.visit import MOST_BYTES, Visit
from pinsim.wire import Answer, html_answer

_FORMATS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_COLOURS = ("tomato", "seagreen", "goldenrod", "steelblue", "black", "white")
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
_LENGTH = 100_000


def image(visit: Visit) -> Answer:
    """A real picture: `width`, `height`, `format`, `colour`."""
    kind = visit.one_of("format", _FORMATS, "jpeg")
    width, height = visit.whole("width", 1000, 8000) or 1, visit.whole("height", 1500, 8000) or 1
    data = _drawn(kind, width, height, visit.one_of("colour", _COLOURS, "tomato"))
    return Answer(200, {"Content-Type": _FORMATS[kind]}, data)


def mistyped_image(visit: Visit) -> Answer:
    """A picture that calls itself a page."""
    return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, image(visit).body)


def mistyped_page(visit: Visit) -> Answer:
    """A page that calls itself a picture."""
    return Answer(200, {"Content-Type": "image/jpeg"}, markup().encode())


def hotlink(visit: Visit) -> Answer:
    """A picture for visitors of its own pages only."""
    if "/web/" in visit.header("referer"):
        return image(visit)
    return html_answer(403, markup("Hotlinking is not allowed"))


def download(visit: Visit) -> Answer:
    """A document that browsers save instead of showing it."""
    headers = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="cake.pdf"'}
    return Answer(200, headers, b"%PDF-1.4\n%%EOF\n")


def ranged(visit: Visit) -> Answer:
    """A file with ranges `how`: served (`good`), `ignored`, from elsewhere (`lying`), or always refused (`416`)."""
    how = visit.one_of("how", ("good", "ignored", "lying", "416"), "good")
    whole = bytes(n % 251 for n in range(_LENGTH))
    asked = _RANGE.fullmatch(visit.header("range"))
    kind = {"Content-Type": "application/octet-stream"}
    if asked is None or how == "ignored":
        return Answer(200, kind if how == "ignored" else {**kind, "Accept-Ranges": "bytes"}, whole)
    start = int(asked[1])
    end = min(int(asked[2] or _LENGTH - 1), _LENGTH - 1)
    if how == "416" or start > end:
        return Answer(416, {"Content-Range": f"bytes */{_LENGTH}"})
    part = whole[: end - start + 1] if how == "lying" else whole[start : end + 1]
    return Answer(206, {**kind, "Content-Range": f"bytes {start}-{end}/{_LENGTH}"}, part)


def packed(visit: Visit) -> Answer:
    """A page packed with gzip, whether the visitor asked for that or not; `how` may be cut or deflate."""
    how = visit.one_of("how", ("gzip", "deflate", "cut", "br"), "gzip")
    page = markup().encode()
    data = {"deflate": zlib.compress(page), "br": b"\x0b\x02\x80nothing\x03"}.get(
        how, gzip.compress(page, mtime=0)
    )
    named = "gzip" if how == "cut" else how
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": named}
    return Answer(200, headers, data[: len(data) // 2] if how == "cut" else data)


def bomb(visit: Visit) -> Answer:
    """A few bytes that unpack to `bytes` of page."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
    return Answer(200, headers, _bomb(visit.whole("bytes", 100_000_000, MOST_BYTES)))


@lru_cache(32)
def _drawn(kind: str, width: int, height: int, colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind.upper())
    return file.getvalue()


@lru_cache(2)
def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    block = b" " * 1_000_000
    start = b"<html><head>"
    pieces = [packer.compress(start)]
    for left in range(max(size - len(start), 0), 0, -len(block)):
        pieces.append(packer.compress(block[:left]))
    return b"".join([*pieces, packer.flush()])
