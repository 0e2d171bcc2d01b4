"""Claims Lanes that have something due and runs each to its end; sleeps until the next one is due.

Waiting is data (`next_due_at`): nothing here sleeps on behalf of a Pin.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from steadypin.domain.errors import StoreTrouble
from steadypin.services import lane_work, rekeying
from steadypin.services.context import Wired
from steadypin.services.holding import Held

log = structlog.get_logger()

POLL_S = 1.0
"""How late an edit made by another process may be noticed; edits of this process wake the loop at once."""
HAND_BACK_AFTER_S = 8.0
"""A graceful stop waits so long for replies, then hands the Lanes back; whatever was being sent is confirmed later."""
_TROUBLE_PAUSE_S = 1.0
_KEY_PAUSE_S = 10.0
"""A worker that lacks the key leaves the Lanes to others for so long, then looks whether it has been brought."""


class LaneLoop:
    """One worker's Lanes; at most `most` at a time."""

    def __init__(self, wired: Wired, most: int) -> None:
        self._wired, self._most = wired, most
        self._running: dict[asyncio.Task[None], Held] = {}
        self._wake = asyncio.Event()
        self._leaves_until = 0.0

    def wake(self) -> None:
        """Something may be due: look now. Call it from the event loop."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then finishes or hands back within ten seconds."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    claimed = await self._claim()
                    wait = 0.0 if claimed and len(self._running) < self._most else await self._until_next()
                except StoreTrouble as trouble:
                    log.error("store.trouble", sentence=str(trouble))
                    wait = _TROUBLE_PAUSE_S
                except Exception:
                    log.exception("lanes.failed")  # whatever it was, the loop must not end unseen
                    wait = _TROUBLE_PAUSE_S
                if wait > 0:
                    waking = asyncio.create_task(self._wake.wait())
                    await asyncio.wait({waking, stopping}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                    waking.cancel()
        finally:
            stopping.cancel()
            for held in self._running.values():
                held.stopping = True
            await self._finish()

    async def _claim(self) -> int:
        free = self._most - len(self._running)
        if free <= 0 or self._leaves():
            return 0
        ctx = self._wired.ctx
        before = ctx.clock.boot()
        found = await ctx.store.write_async(lambda tx: lane_work.claim(ctx, tx, free))
        for lane in found:
            held = Held(lane, ctx, before + ctx.lease.total_seconds())
            task = asyncio.create_task(self._work(held))
            self._running[task] = held
            task.add_done_callback(self._ended)
        return len(found)

    async def _work(self, held: Held) -> None:
        try:
            await lane_work.work(self._wired, held)
        except rekeying.WrongKey:
            await self._cannot_open(held)
        except Exception:
            # A fault of ours on one Lane must not stop the others: its lease ends, and the next holder recovers.
            log.exception("lane.failed", connection=held.lane.connection_id)

    async def _cannot_open(self, held: Held) -> None:
        """The tokens of this Lane do not open here: for want of the key, or because these alone are sealed otherwise."""
        ctx, connection = self._wired.ctx, held.lane.connection_id
        try:
            if await asyncio.to_thread(rekeying.knows_key, ctx):
                log.error("lane.unreadable", connection=connection, sentence=rekeying.UNREADABLE)
                await ctx.store.write_async(lambda tx: rekeying.tokens_unreadable(ctx, tx, connection))
            else:
                log.error("secret.key_missing", connection=connection, sentence=rekeying.KEY_MISSING)
                self._leaves_until = ctx.clock.boot() + _KEY_PAUSE_S
        except StoreTrouble as trouble:
            log.error("store.trouble", sentence=str(trouble))
        await lane_work.give_back(ctx, [held.lane])

    def _leaves(self) -> bool:
        return self._wired.ctx.clock.boot() < self._leaves_until

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self.wake()

    async def _until_next(self) -> float:
        ctx = self._wired.ctx

        def ahead() -> tuple[datetime, datetime | None]:
            return lane_work.next_wake(ctx)

        now, due = await asyncio.to_thread(ahead)
        if due is None or len(self._running) >= self._most or self._leaves():
            return POLL_S
        return min(max((due - now).total_seconds(), 0.001), POLL_S)

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(set(self._running), timeout=HAND_BACK_AFTER_S)
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(set(left), timeout=1.0)
        await lane_work.give_back(self._wired.ctx, [held.lane for held in left.values()])
