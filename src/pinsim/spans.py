"""Spans: when an order of the tester is in force, by the simulator's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pinsim.ids import chance
from pinsim.troubles import BadOrder

_MOST = 1e15
"""Beyond all seconds, and below what no float can be (NaN is never below)."""
_ALWAYS = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Bursts:
    """Troubled stretches of time that follow from the seed: `share` of all time, none longer than `longest_s`.

    Time is cut into equal pieces with one burst each, of any length up to the longest and anywhere in its piece.
    """

    share: float
    longest_s: float

    def cover(self, since_s: float, *seed: object) -> bool:
        """Whether `since_s` seconds after the first piece began lie in a burst."""
        piece_s = self.longest_s / (2 * self.share)
        number = math.floor(since_s / piece_s)
        length = chance(*seed, number, "length") * self.longest_s
        begin = chance(*seed, number, "begin") * (piece_s - length)
        return begin <= since_s - number * piece_s < begin + length


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` to just before `end` in epoch seconds, and then only in the bursts, if there are any."""

    begin: float = _ALWAYS[0]
    end: float = _ALWAYS[1]
    bursts: Bursts | None = None
    zero: float = 0.0
    """Where the pieces of the bursts begin to be counted."""

    def covers(self, now: float, *seed: object) -> bool:
        """Whether it is in force."""
        if not self.begin <= now < self.end:
            return False
        return self.bursts is None or self.bursts.cover(now - self.zero, *seed)


def span_of(wanted: dict[str, Any], now: float) -> Span:
    """From `from`, `until`, `for_s` and `bursts` of an order; raises BadOrder."""
    begin, end = _time(wanted, "from", _ALWAYS[0]), _time(wanted, "until", _ALWAYS[1])
    if "for_s" in wanted:
        if "until" in wanted:
            raise BadOrder("until and for_s both say when it ends; send one of them.")
        end = max(begin, now) + _time(wanted, "for_s", 0.0)
    if end <= begin:
        raise BadOrder("It would end before it begins.")
    return Span(begin, end, _bursts(wanted.get("bursts")), begin if "from" in wanted else now)


def _bursts(wanted: Any) -> Bursts | None:
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or wanted.keys() != {"share", "longest_s"}:
        raise BadOrder('bursts: an object {"share", "longest_s"}.')
    share, longest_s = _number(wanted["share"]), _number(wanted["longest_s"])
    if share is None or not 0 < share <= 0.5:
        raise BadOrder("bursts.share: a number over 0, at most 0.5.")
    if longest_s is None or longest_s < 1:
        raise BadOrder("bursts.longest_s: a number of seconds from 1.")
    return Bursts(share, longest_s)


def _time(wanted: dict[str, Any], name: str, default: float) -> float:
    if name not in wanted:
        return default
    value = _number(wanted[name])
    if value is None or value < 0:
        unit = "seconds" if name == "for_s" else "epoch seconds"
        raise BadOrder(f"{name}: a number of {unit} from 0.")
    return value


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < _MOST else None
