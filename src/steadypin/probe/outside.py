"""Whether this machine has a network: asked when a website cannot be reached, to tell whose side it is on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


class Reached:
    """Tries one address that is there whenever the network is. `clock` gives seconds of any origin.

    Many that ask at once share one try, and its answer holds for `good_for_s`.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        good_for_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
        self._timeout_s, self._good_for_s, self._clock = timeout_s, good_for_s, clock
        self._lock = asyncio.Lock()
        self._known: tuple[float, bool] | None = None

    async def is_there(self) -> bool:
        """Whether a connection could be made. Nothing is said over it."""
        async with self._lock:
            if self._known is None or self._clock() - self._known[0] > self._good_for_s:
                self._known = (self._clock(), await self._try())
            return self._known[1]

    async def _try(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            return False
        writer.close()
        return True
