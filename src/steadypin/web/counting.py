"""What all viewers see alike (how many Pins stand in each Stage, which are at risk), asked for together and not more often
than is cheap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

LEAST_S = 1.0
SHARE = 20
"""An answer that took t seconds is good for 20 t: asking never takes more than a twentieth of the time."""


class Shared(Generic[T]):
    """An answer that several pages share."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: T | None = None
        self._good_until = 0.0

    def get(self, *, fresh: bool = False) -> T:
        """The answer. `fresh` asks anew, for someone who has just changed something."""
        with self._lock:
            began = time.monotonic()
            if self._known is None or fresh or began >= self._good_until:
                self._known = self._ask()
                took = time.monotonic() - began
                self._good_until = began + max(LEAST_S, SHARE * took)
            return self._known
