"""Remembering when no worker was running, so that a Pin at such an hour is warned of beforehand.

start -> a duty every five minutes -> a beat on one row -> an absence, where the last one was too long ago
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from steadypin.services.context import Context
from steadypin.storage import absences, duties
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty

KIND = "heartbeat"
EVERY = timedelta(minutes=5)
LONGEST = timedelta(minutes=15)
"""A shorter gap is a restart, or a machine that was busy."""
_KEY = "service"
log = structlog.get_logger()


def start(ctx: Context) -> None:
    """A worker begins: there is a beat at once."""
    ctx.store.write(lambda tx: duties.ask(tx, KIND, _KEY, tx.now))


async def handle(ctx: Context, duty: Duty) -> Callable[[Tx], datetime | None]:
    """One beat, and when the next one is due."""
    return beat


def beat(tx: Tx) -> datetime:
    """Somebody is at work."""
    gone = absences.beat(tx, LONGEST)
    if gone is not None:
        since, until = gone.since.isoformat(), gone.until.isoformat()
        tx.after.append(lambda: log.info("service.was_away", since=since, until=until))
    return tx.now + EVERY
