"""Journal: every product request and what became of it. Tokens and image bytes never enter."""

from __future__ import annotations

import hashlib
from typing import Any

from pinsim.wire import Request

_SECRET_PARAMETERS = ("code", "access_token", "refresh_token", "token")
_SHORT_FIELDS = (
    "board_id",
    "board_section_id",
    "title",
    "description",
    "alt_text",
    "link",
    "name",
    "privacy",
    "media_type",
)
_SOURCE_FIELDS = ("url", "media_id", "cover_image_url")
_TOKEN_FIELDS = ("grant_type", "continuous_refresh")


class Journal:
    """Entries are numbered from 1 without gaps, so reading on from a number costs only what is new."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._dropped = 0

    def __len__(self) -> int:
        """How many were written, those that were dropped since among them."""
        return self._dropped + len(self._entries)

    def write(self, entry: dict[str, Any], keep: int = 0) -> None:
        """Append an entry; `n` is given here. The latest `keep` stay (0: all), and at most as many again."""
        self._entries.append({"n": len(self) + 1, **entry})
        if keep and len(self._entries) >= 2 * keep:
            surplus = len(self._entries) - keep
            del self._entries[:surplus]
            self._dropped += surplus

    def since(self, n: int) -> list[dict[str, Any]]:
        """Entries numbered above `n` that are still there."""
        return self._entries[max(0, n - self._dropped) :]

    def clear(self) -> None:
        """Forget everything and number from 1 again."""
        self._entries.clear()
        self._dropped = 0


def request_part(request: Request, body: dict[str, Any] | None) -> dict[str, Any]:
    """What the journal keeps of a request; `body` is its JSON object, or its form, when it has one."""
    return {
        "method": request.method,
        "path": request.path,
        "query": {k: "…" if k in _SECRET_PARAMETERS else v for k, v in request.query},
        "body_bytes": len(request.body),
        "body_digest": hashlib.sha256(request.body).hexdigest() if request.body else None,
        "body": shorten(body or {}),
    }


def shorten(body: dict[str, Any]) -> dict[str, Any]:
    """The telling fields of a body, media by its kind only."""
    short = {name: body[name] for name in _SHORT_FIELDS if body.get(name) is not None}
    source = body.get("media_source")
    if isinstance(source, dict):
        short["source_type"] = source.get("source_type")
        short |= {name: source[name] for name in _SOURCE_FIELDS if isinstance(source.get(name), str)}
    return short | {name: body[name] for name in _TOKEN_FIELDS if name in body}
