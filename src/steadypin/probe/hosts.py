"""Politeness: one request at a time to a host, those that look spaced apart, and a bound over all hosts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 4096
"""So many quiet hosts may be known before those are forgotten that need no spacing any more."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    present: int = 0
    asked_at: float | None = None


class Hosts:
    """The hosts of one fetcher. `clock` gives seconds of any origin, `wait` sleeps."""

    def __init__(
        self,
        apart_s: float = 1.0,
        most_at_once: int = 20,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.clock = clock
        self._apart_s, self._wait = apart_s, wait
        self._slots = asyncio.Semaphore(most_at_once)
        self._hosts: dict[str, _Host] = {}
        self._forget_at = _REMEMBERED

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Nobody else asks this host meanwhile."""
        host = self._hosts.setdefault(name.lower().rstrip("."), _Host())
        host.present += 1
        try:
            async with host.lock:
                try:
                    yield
                finally:
                    host.asked_at = self.clock()
        finally:
            host.present -= 1
            self._forget()

    @asynccontextmanager
    async def spaced_turn(self, name: str) -> AsyncIterator[None]:
        """As `turn`, once `apart_s` have passed since this host was last asked, and there is room for one more request."""
        async with self.turn(name):
            asked_at = self._hosts[name.lower().rstrip(".")].asked_at
            if asked_at is not None and (left := asked_at + self._apart_s - self.clock()) > 0:
                await self._wait(left)
            async with self._slots:
                yield

    def _forget(self) -> None:
        if len(self._hosts) <= self._forget_at:
            return
        since = self.clock() - self._apart_s
        self._hosts = {
            name: host for name, host in self._hosts.items() if host.present or (host.asked_at or 0) > since
        }
        self._forget_at = max(_REMEMBERED, 2 * len(self._hosts))
