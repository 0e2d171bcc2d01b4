"""Fetching an image from the web, as Pinterest's own crawler would."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

_MOST_REDIRECTS = 5
_AGENT = "pinsim (a Pinterest simulator)"


async def fetch(url: str, timeout_s: float, most_bytes: int) -> bytes | None:
    """The bytes behind a public http(s) URL, at most one more than `most_bytes`; None when unreachable."""
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": _AGENT}) as session,
            session.get(url, max_redirects=_MOST_REDIRECTS) as reply,
        ):
            return await _read(reply, most_bytes) if reply.status == 200 else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


async def _read(reply: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    pieces: list[bytes] = []
    left = most_bytes + 1
    async for piece in reply.content.iter_chunked(65536):
        pieces.append(piece[:left])
        left -= len(piece)
        if left <= 0:
            break
    return b"".join(pieces)
