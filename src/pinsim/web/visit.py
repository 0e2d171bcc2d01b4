"""Visit: one request to a place under /web/, its parameters read strictly."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from pinsim.wire import Answer, Request

MOST_BYTES = 256_000_000
MOST_S = 3600.0


class BadVisit(Exception):
    """A parameter cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`rest` is the path after the place's name; `now` is epoch seconds of the simulator's clock."""

    request: Request
    rest: str
    now: float

    def text(self, name: str, default: str = "") -> str:
        """A parameter as it is."""
        return self.request.param(name, default)

    def whole(self, name: str, default: int, most: int = 1_000_000_000_000) -> int:
        """A whole number from 0 to `most`."""
        said = self.text(name)
        if not said:
            return default
        if not (said.isascii() and said.isdigit()) or len(said) > 15 or int(said) > most:
            raise BadVisit(f"{name}: a whole number from 0 to {most}, not '{said}'.")
        return int(said)

    def seconds(self, name: str, default: float) -> float:
        """Seconds, 0 to an hour."""
        said = self.text(name)
        try:
            number = float(said) if said else default
        except ValueError:
            number = -1.0
        if not 0 <= number <= MOST_S:
            raise BadVisit(f"{name}: seconds from 0 to {MOST_S:g}, not '{said}'.")
        return number

    def one_of(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of the words."""
        said = self.text(name, default)
        if said not in allowed:
            raise BadVisit(f"{name}: out of {', '.join(allowed)}, not '{said}'.")
        return said

    def header(self, name: str) -> str:
        """A header of the request, '' when it is absent."""
        return self.request.headers.get(name.lower(), "")


Place: TypeAlias = Callable[[Visit], Answer]
