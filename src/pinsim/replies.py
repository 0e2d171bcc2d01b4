"""The replies of replies.toml: every known error of Pinterest by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from pinsim.wire import Delivery

PREFIX = "rule:"
"""How a fault asks for one of them: `{"do": "rule:rate-limit"}`."""

_DELIVERIES: dict[str, Delivery] = {each: each for each in ("reply", "hang", "reset_before", "reset_after")}


@dataclass(frozen=True, slots=True)
class Named:
    """What goes over the wire; with another `delivery` than `reply` nothing does."""

    status: int = 504
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = "reply"


@cache
def named_replies() -> Mapping[str, Named]:
    """Every reply by its name, without the prefix."""
    data = tomllib.loads(files("pinsim").joinpath("replies.toml").read_text("utf-8"))
    return {
        name: Named(
            status=table.get("status", 504),
            body=table.get("body", "").encode(),
            content_type=table.get("type", "application/json"),
            headers=table.get("headers", {}),
            delivery=_DELIVERIES[table.get("delivery", "reply")],
        )
        for name, table in data.items()
    }
