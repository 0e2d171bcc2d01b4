"""Faults: what a tester orders to go wrong, and which request it strikes.

A fault is `{"on": operation or "*", "do": name or {"reply": …} or a list of them, "times"?, "where"?, "after"?,
"chance"?, "from"?, "until"?, "for_s"?, "bursts"?, …}`. Faults are asked in the order they were made; the first that
strikes decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pinsim.ids import chance
from pinsim.spans import Span, span_of
from pinsim.troubles import BadOrder, Trouble, troubles_of

_WHEN = {"from", "until", "for_s", "bursts"}
MEMBERS = {
    "on",
    "do",
    "times",
    "where",
    "after",
    "chance",
    "delay_s",
    "reset_s",
    "late_s",
    "code",
    "after_bytes",
    *_WHEN,
}
WHERE = {
    "account", "board", "title_contains", "link_contains", "path_contains", "environment", "grant_type",
}  # fmt: skip
_BODY_WHERE = {"board", "title_contains", "link_contains", "grant_type"}
_BUCKET = "media/upload"
"""Whose account only the body tells."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a fault looks at. `board` holds the id and the name of the board concerned."""

    now: float
    operation: str
    environment: str
    path: str
    account: str = ""
    board: tuple[str, ...] = ()
    title: str = ""
    link: str = ""
    grant_type: str = ""


@dataclass(slots=True)
class Fault:
    """One order. `seen` counts matching requests, `struck` those it hit, each with one of the troubles."""

    id: int
    on: str
    troubles: tuple[Trouble, ...]
    order: dict[str, Any]
    span: Span = field(default_factory=Span)
    times: int | None = None
    where: dict[str, str] = field(default_factory=dict)
    after: int = 0
    chance: float = 1.0
    seen: int = 0
    struck: int = 0

    def matches(self, facts: Facts, seed: int) -> bool:
        """Whether the request is one of those it was ordered for."""
        # The consent page belongs to no environment; a star means the API.
        is_meant = self.on == facts.operation or (self.on == "*" and facts.environment)
        if not is_meant or self._is_spent():
            return False
        if not all(_holds(name, value, facts) for name, value in self.where.items()):
            return False
        return self._is_time(facts.now, seed)

    def strike(self, seed: int) -> Trouble | None:
        """Count a matching request; whether and with what it is hit follows from the seed and the count alone."""
        self.seen += 1
        if self.seen <= self.after or chance(seed, "fault", self.id, self.seen) >= self.chance:
            return None
        self.struck += 1
        if len(self.troubles) == 1:
            return self.troubles[0]
        return self.troubles[int(chance(seed, "which", self.id, self.seen) * len(self.troubles))]

    def spare(self) -> None:
        """Take a hit back: the request was refused on its own, so that nothing went wrong after it."""
        self.struck -= 1

    def as_dict(self, now: float, seed: int) -> dict[str, Any]:
        """The order, its counts and whether it is in force now."""
        is_active = self._is_time(now, seed) and not self._is_spent()
        return {"id": self.id, **self.order, "seen": self.seen, "struck": self.struck, "active": is_active}

    def _is_spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    def _is_time(self, now: float, seed: int) -> bool:
        return self.span.covers(now, seed, "burst", self.id)


@dataclass(frozen=True, slots=True)
class Strike:
    """One request hit by one fault, and with what."""

    fault: Fault
    trouble: Trouble


class FaultBook:
    """All orders in force."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def order(self, wanted: list[Any], operations: frozenset[str], now: float) -> list[dict[str, Any]]:
        """Enter orders, all or none, and list them; raises BadOrder with a sentence."""
        made = [_read(each, self._made + place, operations, now) for place, each in enumerate(wanted, 1)]
        self._made += len(made)
        self._faults += made
        return [fault.as_dict(now, self._seed) for fault in made]

    def listed(self, now: float) -> list[dict[str, Any]]:
        """Every order with its counts."""
        return [fault.as_dict(now, self._seed) for fault in self._faults]

    def clear(self, fault_id: int | None = None) -> int:
        """Drop all orders, or one; returns how many."""
        kept = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]
        dropped = len(self._faults) - len(kept)
        self._faults = kept
        return dropped

    def pick(self, facts: Facts, passed_gate: bool = False) -> Strike | None:
        """The fault that strikes this request; `passed_gate` skips those asked in `pick_at_gate`."""
        return self._first(facts, (f for f in self._faults if not (passed_gate and _is_for_gate(f))))

    def pick_at_gate(self, facts: Facts) -> Strike | None:
        """The fault that drops this connection before the body was read."""
        return self._first(facts, (fault for fault in self._faults if _is_for_gate(fault)))

    def _first(self, facts: Facts, asked: Iterable[Fault]) -> Strike | None:
        for fault in asked:
            trouble = fault.strike(self._seed) if fault.matches(facts, self._seed) else None
            if trouble is not None:
                return Strike(fault, trouble)
        return None


def _is_for_gate(fault: Fault) -> bool:
    """Whether it drops whatever it strikes before the body is read; one of several troubles does so after."""
    drops = len(fault.troubles) == 1 and fault.troubles[0].delivery == "reset_before"
    in_body = _BODY_WHERE | {"account"} if fault.on == _BUCKET else _BODY_WHERE
    return drops and not in_body & fault.where.keys()


def _holds(name: str, value: str, facts: Facts) -> bool:
    if name == "account":
        return value == facts.account
    if name == "board":
        return value in facts.board
    if name in ("environment", "grant_type"):
        return bool(value == getattr(facts, name))
    held = {"title_contains": facts.title, "link_contains": facts.link, "path_contains": facts.path}
    return value.casefold() in held[name].casefold()


def _read(wanted: Any, fault_id: int, operations: frozenset[str], now: float) -> Fault:
    if not isinstance(wanted, dict):
        raise BadOrder("A fault is a JSON object.")
    unknown = sorted(wanted.keys() - MEMBERS)
    if unknown:
        raise BadOrder(f"A fault has no member {unknown[0]!r}; it has {', '.join(sorted(MEMBERS))}.")
    on = wanted.get("on", "*")
    if not isinstance(on, str) or (on != "*" and on not in operations):
        raise BadOrder(f"on: {on!r} is no operation; use * or one of {', '.join(sorted(operations))}.")
    where = wanted.get("where") or {}
    if (
        not isinstance(where, dict)
        or where.keys() - WHERE
        or not all(isinstance(v, str) for v in where.values())
    ):
        raise BadOrder(f"where: an object of texts with members out of {', '.join(sorted(WHERE))}.")
    span = span_of(wanted, now)
    kept = {name: value for name, value in wanted.items() if name != "for_s"}
    if "for_s" in wanted:
        kept["until"] = span.end
    return Fault(
        fault_id,
        on,
        troubles_of(wanted),
        kept,
        span,
        times=_whole(wanted, "times"),
        where=where,
        after=_whole(wanted, "after") or 0,
        chance=_share(wanted.get("chance", 1.0)),
    )


def _whole(wanted: dict[str, Any], name: str) -> int | None:
    value = wanted.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadOrder(f"{name}: a whole number from 0.")
    return value


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise BadOrder("chance: a number from 0 to 1.")
    return float(value)
