"""Troubles: what a fault does to the request it strikes.

name                 made?  the client gets
made_then_X          yes    X: a name of the reply table, `timeout` (nothing) or `reset` (a dropped connection)
made_late            later  nothing; the Pin appears `late_s` afterwards (pins/create only)
not_made_timeout     no     nothing
reset_before_send    no     a connection dropped before the body was read
not_made_reset       no     a connection dropped after the body was read
reset_midway         no     a connection dropped when `after_bytes` of the file have come, else half (media/upload only)
slow                 yes    the true answer after `delay_s`
X                    no     X: a name of the reply table
rule:X               no     exactly the reply (or silence) named X in replies.toml; made_then_rule:X after making
{"reply": …}         no     that reply; with "made": true the request is dealt with first
incident             some   one of INCIDENT, by seeded dice
[…]                  some   one of these, by seeded dice
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pinsim.replies import PREFIX, named_replies
from pinsim.store.answers import internal_error, slow_down
from pinsim.wire import Delivery, encode


class BadOrder(ValueError):
    """A fault that cannot be ordered; the text says why."""


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply that comes instead of the true one."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`made`: whether the request is dealt with. Without `canned` the true answer is delivered as told."""

    name: str
    made: bool
    canned: Canned | None = None
    delivery: Delivery = "reply"
    delay_s: float = 0.0
    late_s: float = 0.0
    after_bytes: int | None = None


_MOST = 1e15
"""Beyond all seconds; NaN is never below."""
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_OUR_END = "Sorry! Something went wrong on our end."


def _json(status: int, code: int, message: str, **extra: object) -> Canned:
    return Canned(status, encode({"code": code, "message": message, **extra}))


REPLIES = {
    "401": _json(401, 2, "Authentication failed."),
    "400_transient": _json(400, 1, _OUR_END),
    "429": _json(429, 8, "You have exceeded a rate limit. Try again later."),
    "429_spam": _json(
        429, 8, "You have exceeded a rate limit.", message_detail="Your account was blocked because of spam."
    ),
    "408": _json(408, 408, "Request timeout."),
    "409": _json(409, 409, "Could not get exclusive access to the board."),
    "400_12": _json(400, 12, _OUR_END),
    "400_2787": _json(400, 2787, _OUR_END),
    "500": _json(500, 12, _OUR_END),
    "502_html": Canned(502, _HTML, "text/html"),
    "503": _json(503, 12, _OUR_END),
    "504_html": Canned(504, _HTML.replace(b"502 Bad Gateway", b"504 Gateway Time-out"), "text/html"),
    "200_empty": Canned(200, b""),
    "200_html": Canned(200, _HTML.replace(b"502 Bad Gateway", b"OK"), "text/html"),
    "201_without_id": Canned(201, b"{}"),
}
"""The commonest replies by a short name; every known error is in replies.toml."""

STORE_REPLIES = {
    str(refusal.status): Canned(refusal.status, refusal.body("A1B2C3D4E5F6A7B8"), "application/xml")
    for refusal in (internal_error(), slow_down())
}
"""What the bucket (media/upload) says instead under the same names."""

INCIDENT = (
    "500", "made_then_500", "503", "made_then_503", "502_html", "made_then_502_html",
    "not_made_timeout", "made_then_timeout", "400_12", "400_2787",
)  # fmt: skip
"""What Pinterest's bad hours look like from outside: every kind of trouble of its own, four in ten after making."""

_BARE: dict[str, Trouble] = {
    "made_then_timeout": Trouble("made_then_timeout", True, delivery="hang"),
    "made_then_reset": Trouble("made_then_reset", True, delivery="reset_after"),
    "not_made_timeout": Trouble("not_made_timeout", False, Canned(504, b""), "hang"),
    "not_made_reset": Trouble("not_made_reset", False, Canned(504, b""), "reset_after"),
    "reset_before_send": Trouble("reset_before_send", False, Canned(504, b""), "reset_before"),
}


def troubles_of(order: dict[str, Any]) -> tuple[Trouble, ...]:
    """What an order asks for, one thing or a choice of several; raises BadOrder."""
    do = order.get("do")
    wanted = INCIDENT if do == "incident" else do if isinstance(do, list) else [do]
    if not wanted:
        raise BadOrder("do: a list has at least one trouble in it.")
    return tuple(trouble_of({**order, "do": each}) for each in wanted)


def trouble_of(order: dict[str, Any]) -> Trouble:
    """One trouble; raises BadOrder."""
    do = order.get("do")
    if isinstance(do, dict):
        return _arbitrary(do)
    if do == "slow":
        return Trouble("slow", True, delivery="delayed", delay_s=_seconds(order, "delay_s", 1.0))
    if do == "made_late":
        if order.get("on") != "pins/create":
            raise BadOrder("made_late is for pins/create only.")
        return Trouble("made_late", True, delivery="hang", late_s=_seconds(order, "late_s", 60.0))
    if do == "reset_midway":
        return _midway(order)
    if isinstance(do, str) and do in _BARE:
        return _BARE[do]
    reply = do.removeprefix("made_then_") if isinstance(do, str) else ""
    if reply.startswith(PREFIX):
        return _named(str(do), reply.removeprefix(PREFIX), do != reply)
    if reply not in REPLIES:
        names = [
            "incident",
            "slow",
            "made_late",
            "reset_midway",
            *_BARE,
            *REPLIES,
            *(f"made_then_{name}" for name in REPLIES),
        ]
        raise BadOrder(
            f"do: {do!r} is not known; use a {{'reply': …}}, a list, or one of {', '.join(names)}."
        )
    canned = STORE_REPLIES.get(reply) if order.get("on") == "media/upload" else None
    return Trouble(str(do), do != reply, _adjusted(canned or REPLIES[reply], order))


def _midway(order: dict[str, Any]) -> Trouble:
    if order.get("on") != "media/upload":
        raise BadOrder("reset_midway is for media/upload only.")
    after = order.get("after_bytes")
    if after is not None and (not isinstance(after, int) or isinstance(after, bool) or after < 0):
        raise BadOrder("after_bytes: a whole number from 0.")
    return Trouble("reset_midway", False, delivery="reset_after", after_bytes=after)


def _named(do: str, name: str, made: bool) -> Trouble:
    """A reply of replies.toml, to the letter."""
    found = named_replies().get(name)
    if found is None:
        raise BadOrder(f"do: there is no reply named {name!r}; pinsim's replies.toml has them all.")
    canned = Canned(found.status, found.body, found.content_type, dict(found.headers))
    return Trouble(do, made, canned, found.delivery)


def _adjusted(canned: Canned, order: dict[str, Any]) -> Canned:
    """The named reply with another `code` or a `reset_s` in its rate limit header."""
    body, headers = canned.body, dict(canned.headers)
    if "code" in order and canned.content_type == "application/json":
        code = order["code"]
        if not isinstance(code, int) or isinstance(code, bool):
            raise BadOrder("code: a whole number.")
        body = re.sub(rb'^{"code":\d+', b'{"code":%d' % code, body)
    if canned.status == 429:
        headers["x-ratelimit-remaining"] = "0"
        headers["x-ratelimit-reset"] = str(int(_seconds(order, "reset_s", 60.0)))
    return Canned(canned.status, body, canned.content_type, headers)


def _arbitrary(do: dict[str, Any]) -> Trouble:
    reply = do.get("reply")
    if not isinstance(reply, dict) or do.keys() - {"reply", "made"}:
        raise BadOrder('do: as an object it is {"reply": {"status", "body" or "text", "headers"}, "made"?}.')
    status, headers = reply.get("status", 200), reply.get("headers") or {}
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise BadOrder("reply.status: a whole number from 200 to 599.")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise BadOrder("reply.headers: an object of texts.")
    if "text" in reply:
        canned = Canned(status, str(reply["text"]).encode(), "text/html", headers)
    else:
        canned = Canned(status, encode(reply["body"]) if "body" in reply else b"", headers=headers)
    return Trouble("reply", bool(do.get("made")), canned)


def _seconds(order: dict[str, Any], name: str, default: float) -> float:
    value = order.get(name, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < _MOST:
        raise BadOrder(f"{name}: a number of seconds from 0.")
    return float(value)
