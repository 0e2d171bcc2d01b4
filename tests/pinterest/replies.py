"""Replies as they come over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from steadypin.pinterest.wire import Reply

RECEIVED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def reply(status: int, body: object = b"", headers: Mapping[str, str] | None = None) -> Reply:
    """A reply; `body` is bytes, a text, or an object that goes as JSON."""
    if isinstance(body, str):
        content = body.encode()
    else:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, dict(headers or {}), content, RECEIVED)
