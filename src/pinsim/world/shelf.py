"""Shelf: an ordered list of Pins that is paged through without ever being sorted again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinsim.ids import chance

if TYPE_CHECKING:
    from pinsim.world.pin import Pin

Mark = tuple[float, str]
"""A place on a shelf: sort key and Pin id."""


class Shelf:
    """Pins by the order they were made and by a fixed shuffle of the seed."""

    __slots__ = ("_made", "_seed", "_shuffled")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: list[Mark] = []
        self._shuffled: list[Mark] = []

    def __len__(self) -> int:
        return len(self._made)

    def put(self, pin: Pin) -> None:
        """Add a Pin."""
        insort(self._made, (pin.seq, pin.id))
        insort(self._shuffled, self._shuffle_mark(pin))

    def take(self, pin: Pin) -> None:
        """Remove a Pin that is here."""
        for marks, mark in ((self._made, (pin.seq, pin.id)), (self._shuffled, self._shuffle_mark(pin))):
            at = bisect_left(marks, mark)
            if at < len(marks) and marks[at] == mark:
                del marks[at]

    def walk(self, order: str, after: Mark | None = None) -> Iterator[Mark]:
        """Marks in `newest`, `oldest` or `shuffled` order, beginning behind `after`."""
        if order == "newest":
            at = len(self._made) if after is None else bisect_left(self._made, after)
            while at > 0:
                at -= 1
                yield self._made[at]
            return
        marks = self._made if order == "oldest" else self._shuffled
        at = 0 if after is None else bisect_right(marks, after)
        while at < len(marks):
            yield marks[at]
            at += 1

    def _shuffle_mark(self, pin: Pin) -> Mark:
        return (chance(self._seed, "shelf", pin.id), pin.id)
