"""What a reply says about rates. Header names are in lower case; nothing here raises, whatever the text is.

    x-ratelimit-limit: 100, 100;w=1;name="safety_net_app_id_user_id", 1000;w=60;name="org_read_app_id_user_id"
    x-ratelimit-remaining: 99          x-ratelimit-reset: 1

The first number is the limit of the quota that is nearest its end; `remaining` and `reset` (seconds until its window
ends) are about that one. What cannot be read is left out, and the rest counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MOST_TEXT = 2000
"""Characters of a header that are looked at; the longest one measured has 150."""
_WHOLE = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_LONGEST_RESET_S = 86_400.0
"""A Trial day. A longer "reset" is no length of time, perhaps an epoch."""
_LONGEST_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` requests in `window_s` seconds; both are at least 1. `name` is Pinterest's."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True)
class RateSaid:
    """The three headers of one reply. `nearest` is the limit that `remaining` and `reset_s` are about."""

    policies: tuple[Quota, ...] = ()
    nearest: int | None = None
    remaining: int | None = None
    reset_s: float | None = None


def parse_rate(headers: Mapping[str, str]) -> RateSaid | None:
    """What the reply says about quotas; None when it says nothing that can be read."""
    first, *others = headers.get("x-ratelimit-limit", "")[:_MOST_TEXT].split(",")
    found = (_quota(item) for item in (first, *others))
    said = RateSaid(
        policies=tuple(quota for quota in found if quota is not None),
        nearest=_whole(first),
        remaining=_whole(headers.get("x-ratelimit-remaining", "")),
        reset_s=_reset_s(headers),
    )
    return None if said == RateSaid() else said


def asked_wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the sender of a 429 asks to wait: Retry-After (seconds or an HTTP date), else x-ratelimit-reset.

    None when neither is said; never below 0, never above 7 days.
    """
    text = headers.get("retry-after", "")[:64].strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=float(text)), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the standard library lets both through
        reset_s = _reset_s(headers)
        return None if reset_s is None else timedelta(seconds=reset_s)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return min(max(at - now, timedelta(0)), _LONGEST_WAIT)


def _quota(item: str) -> Quota | None:
    limit, *parameters = item.split(";")
    said = dict(part.strip().partition("=")[::2] for part in parameters)
    count, window = _whole(limit), _whole(said.get("w", ""))
    return Quota(said.get("name", "").strip('" '), count, window) if count and window else None


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def _reset_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("x-ratelimit-reset", "").strip()
    seconds = float(text) if _SECONDS.fullmatch(text) else None
    return seconds if seconds is not None and seconds <= _LONGEST_RESET_S else None
