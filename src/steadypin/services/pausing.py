"""Pausing everything, or one Connection. Once a pause is written, no new create begins."""

from __future__ import annotations

from steadypin.domain.errors import NotThere
from steadypin.services import app_access
from steadypin.services.context import Context
from steadypin.storage import connections, incidents, instance, lanes
from steadypin.storage.database import Tx
from steadypin.storage.instance import Pause

__all__ = ["Pause", "pause_all", "pause_connection", "resume_all", "resume_connection", "state"]


def state(ctx: Context) -> Pause:
    """Whether everything is paused, since when and why."""
    with ctx.store.read() as tx:
        return instance.pause(tx)


def pause_all(ctx: Context, because: str) -> None:
    """Nothing is sent any more; what was sent is still confirmed."""
    ctx.store.write(lambda tx: instance.set_pause(tx, because))


def resume_all(ctx: Context) -> None:
    """Go on. Pins later than the grace are held for a person's word. What an incident keeps waiting is probed at once."""

    def work(tx: Tx) -> None:
        instance.end_pause(tx)
        incidents.probe_soon(tx, tx.now)
        app_access.try_now(ctx, tx)

    ctx.store.write(work)


def pause_connection(ctx: Context, connection_id: str) -> None:
    """Nothing is sent for this Connection any more. Raises NotThere."""

    def work(tx: Tx) -> None:
        lanes.lock(tx, connection_id)
        if not connections.set_paused(tx, connection_id, tx.now):
            raise NotThere(f"There is no connection {connection_id}.")

    ctx.store.write(work)


def resume_connection(ctx: Context, connection_id: str) -> None:
    """Go on with this Connection. Raises NotThere."""

    def work(tx: Tx) -> None:
        lanes.lock(tx, connection_id)
        if not connections.set_paused(tx, connection_id, None):
            raise NotThere(f"There is no connection {connection_id}.")
        lanes.hint(tx, connection_id, tx.now)

    ctx.store.write(work)
