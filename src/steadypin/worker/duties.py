"""Claims duties that are due and runs each to its end, a bounded number at a time; sleeps until the next one is due."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from steadypin.domain.errors import StoreTrouble
from steadypin.services import (
    alerting,
    app_access,
    duty_work,
    fetching,
    heartbeat,
    incidents,
    link_looking,
    look_ahead,
    pasting,
)
from steadypin.services.context import Context, Wired
from steadypin.services.duty_work import Handler
from steadypin.services.fetching import MediaFetcher
from steadypin.services.link_looking import LookAt, Network

log = structlog.get_logger()

MOST_AT_ONCE = 32
"""Fetches wait for each other when they go to the same host, so more are claimed than run."""
POLL_S = 1.0
_STOP_AFTER_S = 5.0
"""A graceful stop waits so long for what is under way, then hands it back."""


class DutyLoop:
    """One worker's duties."""

    def __init__(self, ctx: Context, handlers: Mapping[str, Handler], most: int = MOST_AT_ONCE) -> None:
        self._ctx, self._handlers, self._most = ctx, handlers, most
        self._running: dict[asyncio.Task[None], duty_work.Duty] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something may be due: look now. Call it from the event loop."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then finishes or hands back within some seconds."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    wait = 0.0 if await self._claim() else await self._until_next()
                except StoreTrouble as trouble:
                    log.error("store.trouble", sentence=str(trouble))
                    wait = POLL_S
                except Exception:
                    log.exception("duties.failed")  # whatever it was, the loop must not end unseen
                    wait = POLL_S
                if wait > 0:
                    waking = asyncio.create_task(self._wake.wait())
                    await asyncio.wait({waking, stopping}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                    waking.cancel()
        finally:
            stopping.cancel()
            await self._finish()

    async def _claim(self) -> int:
        free = self._most - len(self._running)
        if free <= 0:
            return 0
        kinds = self._handlers.keys()
        claimed = await self._ctx.store.write_async(lambda tx: duty_work.claim(self._ctx, tx, free, kinds))
        for duty in claimed:
            task = asyncio.create_task(duty_work.work(self._ctx, duty, self._handlers))
            self._running[task] = duty
            task.add_done_callback(self._ended)
        return len(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        duty = self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("duty.failed", kind=duty.kind if duty else "", exc_info=error)
        self.wake()

    async def _until_next(self) -> float:
        now, due = await asyncio.to_thread(duty_work.next_due_at, self._ctx, self._handlers.keys())
        if due is None or len(self._running) >= self._most:
            return POLL_S
        return min(max((due - now).total_seconds(), 0.001), POLL_S)

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(set(self._running), timeout=_STOP_AFTER_S)
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(set(left), timeout=1.0)
        for duty in left.values():
            await duty_work.give_back(self._ctx, duty)


def loop(wired: Wired, fetcher: MediaFetcher) -> DutyLoop:
    """The loop with every handler of the service."""
    handlers = {
        fetching.KIND: fetching.handler(fetcher),
        alerting.KIND: alerting.handler(wired.ctx.alerts),
        look_ahead.KIND: look_ahead.handle,
        heartbeat.KIND: heartbeat.handle,
        **incidents.HANDLERS,
        **app_access.HANDLERS,
        pasting.KIND: pasting.handler(),
    }
    return DutyLoop(wired.ctx, handlers)


def links_loop(wired: Wired, look_at: LookAt, network: Network) -> DutyLoop:
    """The loop that looks at links: bounded by itself, so that a big import keeps no media and no alert waiting."""
    handlers = {link_looking.KIND: link_looking.handler(look_at, network, look_ahead.look_at_all)}
    return DutyLoop(wired.ctx, handlers, link_looking.MOST_AT_ONCE)
