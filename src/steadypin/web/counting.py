"""How many Pins stand in each Stage, counted for all viewers together and not more often than is cheap."""

from __future__ import annotations

import threading
import time

from steadypin.domain.words import Stage
from steadypin.services import compose
from steadypin.services.context import Context

LEAST_S = 1.0
SHARE = 20
"""A count that took t seconds is good for 20 t: counting never takes more than a twentieth of the time."""


class Counts:
    """A count that several pages share."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._known: dict[Stage, int] = {}
        self._good_until = 0.0

    def get(self, *, fresh: bool = False) -> dict[Stage, int]:
        """Stage → number of Pins. `fresh` counts anew, for someone who has just changed something."""
        with self._lock:
            began = time.monotonic()
            if fresh or began >= self._good_until:
                self._known = compose.counts(self._ctx)
                took = time.monotonic() - began
                self._good_until = began + max(LEAST_S, SHARE * took)
            return self._known
