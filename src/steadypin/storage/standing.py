"""Everything that the holder of a Lane has to know before it chooses, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as p

from steadypin.domain.connections import Connection, Grant
from steadypin.storage.connections import Upkeep, read_connection, read_grant
from steadypin.storage.database import Tx
from steadypin.storage.instance import Pause, read_pause
from steadypin.storage.schema import connections, errands, grants, instance, pins
from steadypin.storage.seal import Seal


@dataclass(frozen=True, slots=True)
class Standing:
    """A Connection as it stands. `errand_at`: when its next errand is due. `in_doubt`: some Attempt of it is open."""

    connection: Connection
    upkeep: Upkeep
    pause: Pause
    errand_at: datetime | None
    in_doubt: bool
    _row: Any

    @property
    def usable(self) -> bool:
        """Whether Pinterest can be called for it at all."""
        return self.connection.broken_because is None and self.connection.disconnected_at is None

    @property
    def may_send(self) -> bool:
        """Whether neither everything nor this Connection is paused."""
        return self.pause.at is None and self.connection.paused_at is None

    def grant(self, seal: Seal) -> Grant:
        """The tokens in the clear. Raises WrongKey."""
        return read_grant(self._row, seal)


_errand_at = (
    sa.select(sa.func.min(errands.c.act_at))
    .where(errands.c.connection_id == connections.c.id, errands.c.act_at.isnot(None))
    .scalar_subquery()
)
_in_doubt = (
    sa.select(pins.c.id)
    .where(pins.c.connection_id == connections.c.id, pins.c.open_attempt_id.isnot(None))
    .exists()
)
_standing = (
    sa.select(
        connections,
        *(column for column in grants.c if column.name != "connection_id"),
        instance.c.paused_at.label("all_paused_at"),
        instance.c.paused_because,
        instance.c.restored_at,
        instance.c.restored_since,
        _errand_at.label("errand_at"),
        _in_doubt.label("in_doubt"),
    )
    .join(grants, grants.c.connection_id == connections.c.id)
    .join(instance, instance.c.id == 1)
    .where(connections.c.id == p("connection", type_=sa.Text))
    .with_for_update(read=True, of=instance)
)


def read(tx: Tx, connection_id: str) -> Standing:
    """The standing of a Connection whose Lane row is locked. The pause stays as read until the transaction ends, so
    that no create can be allowed while somebody pauses."""
    row = tx.conn.execute(_standing, {"connection": connection_id}).one()
    return Standing(
        connection=read_connection(row),
        upkeep=Upkeep(row.refresh_at, row.tries, row.refused_at),
        pause=read_pause(row.all_paused_at, row),
        errand_at=row.errand_at,
        in_doubt=bool(row.in_doubt),
        _row=row,
    )
