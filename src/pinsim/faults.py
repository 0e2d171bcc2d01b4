"""Faults: what a tester orders to go wrong, and which request it strikes.

A fault is `{"on": operation or "*", "do": name or {"reply": …}, "times"?, "where"?, "after"?, "chance"?, …}`.
Faults are asked in the order they were made; the first that strikes decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pinsim.ids import chance
from pinsim.troubles import BadOrder, Trouble, trouble_of

_KEYS = {"on", "do", "times", "where", "after", "chance", "delay_s", "reset_s", "late_s", "code"}
_WHERE = {"account", "board", "title_contains", "link_contains", "path_contains", "environment"}
_BODY_WHERE = {"board", "title_contains", "link_contains"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a fault's `where` looks at. `board` holds the id and the name of the board concerned."""

    operation: str
    environment: str
    path: str
    account: str = ""
    board: tuple[str, ...] = ()
    title: str = ""
    link: str = ""


@dataclass(slots=True)
class Fault:
    """One order. `seen` counts matching requests, `struck` those it hit."""

    id: int
    on: str
    trouble: Trouble
    order: dict[str, Any]
    times: int | None = None
    where: dict[str, str] = field(default_factory=dict)
    after: int = 0
    chance: float = 1.0
    seen: int = 0
    struck: int = 0

    def matches(self, facts: Facts) -> bool:
        """Whether the request is one of those it was ordered for."""
        if self.on not in ("*", facts.operation) or (self.times is not None and self.struck >= self.times):
            return False
        return all(_holds(name, value, facts) for name, value in self.where.items())

    def strike(self, seed: int) -> bool:
        """Count a matching request; whether it is hit follows from the seed and the count alone."""
        self.seen += 1
        if self.seen <= self.after or chance(seed, "fault", self.id, self.seen) >= self.chance:
            return False
        self.struck += 1
        return True

    def spare(self) -> None:
        """Take a hit back: the request was refused on its own, so that nothing went wrong after it."""
        self.struck -= 1

    def as_dict(self) -> dict[str, Any]:
        """The order and its counts."""
        return {"id": self.id, **self.order, "seen": self.seen, "struck": self.struck}


class FaultBook:
    """All orders in force."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def order(self, wanted: Any, operations: frozenset[str]) -> Fault:
        """Enter an order; raises BadOrder with a sentence."""
        fault = _read(wanted, self._made + 1, operations)
        self._made += 1
        self._faults.append(fault)
        return fault

    def listed(self) -> list[dict[str, Any]]:
        """Every order with its counts."""
        return [fault.as_dict() for fault in self._faults]

    def clear(self, fault_id: int | None = None) -> int:
        """Drop all orders, or one; returns how many."""
        kept = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]
        dropped = len(self._faults) - len(kept)
        self._faults = kept
        return dropped

    def pick(self, facts: Facts, passed_gate: bool = False) -> Fault | None:
        """The fault that strikes this request; `passed_gate` skips those asked in `pick_at_gate`."""
        for fault in self._faults:
            if passed_gate and _is_for_gate(fault):
                continue
            if fault.matches(facts) and fault.strike(self._seed):
                return fault
        return None

    def pick_at_gate(self, facts: Facts) -> Fault | None:
        """The fault that drops this connection before the body was read."""
        for fault in self._faults:
            if _is_for_gate(fault) and fault.matches(facts) and fault.strike(self._seed):
                return fault
        return None


def _is_for_gate(fault: Fault) -> bool:
    return fault.trouble.delivery == "reset_before" and not _BODY_WHERE & fault.where.keys()


def _holds(name: str, value: str, facts: Facts) -> bool:
    if name == "account":
        return value == facts.account
    if name == "board":
        return value in facts.board
    if name == "environment":
        return value == facts.environment
    held = {"title_contains": facts.title, "link_contains": facts.link, "path_contains": facts.path}
    return value.casefold() in held[name].casefold()


def _read(wanted: Any, fault_id: int, operations: frozenset[str]) -> Fault:
    if not isinstance(wanted, dict):
        raise BadOrder("A fault is a JSON object.")
    unknown = sorted(wanted.keys() - _KEYS)
    if unknown:
        raise BadOrder(f"A fault has no member {unknown[0]!r}; it has {', '.join(sorted(_KEYS))}.")
    on = wanted.get("on", "*")
    if on != "*" and on not in operations:
        raise BadOrder(f"on: {on!r} is no operation; use * or one of {', '.join(sorted(operations))}.")
    where = wanted.get("where") or {}
    if (
        not isinstance(where, dict)
        or where.keys() - _WHERE
        or not all(isinstance(v, str) for v in where.values())
    ):
        raise BadOrder(f"where: an object of texts with members out of {', '.join(sorted(_WHERE))}.")
    return Fault(
        fault_id,
        on,
        trouble_of(wanted),
        wanted,
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
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadOrder("chance: a number from 0 to 1.")
    return float(value)
