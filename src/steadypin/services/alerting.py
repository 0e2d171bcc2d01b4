"""Telling people about their Connections: the channel, and the duty that warns 14, 7, 3 and 1 days ahead of an end.

an end is known -> watch (a duty at the next alert) -> conclude -> told on record -> channel
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from steadypin.domain.accounts import Change
from steadypin.domain.connections import Alert, AlertKind, Connection, alert, alert_due, next_alert_at
from steadypin.storage import connections, duties, lanes
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty

KIND = "connection_ends"
log = structlog.get_logger()


class AlertChannel(Protocol):
    """Where alerts go. `tell` is called in the transaction that puts the alert on record: rows that it writes are
    committed with that record or not at all; what it does outside the database belongs into `tx.after`."""

    def tell(self, tx: Tx, told: Alert) -> None:
        """Pass one alert on."""
        ...


class LoggedAlerts:
    """Alerts in the log."""

    def tell(self, tx: Tx, told: Alert) -> None:
        """A warning, once the record is committed."""
        tx.after.append(
            lambda: log.warning(
                "connection.alert",
                kind=told.kind.value,
                connection=told.connection_id,
                title=told.title,
                fix=told.fix,
                owner=told.owner.name if told.owner is not None else None,
            )
        )


def watch(tx: Tx, connection_id: str) -> None:
    """A Connection has a new end, near or far: the next alert ahead of it becomes a duty."""
    connection = connections.get(tx, connection_id)
    if connection is None or _is_over(connection):
        return
    at = next_alert_at(connection.ends_at, connections.told_days(tx, connection_id))
    if at is not None:
        duties.ask(tx, KIND, connection_id, at)


def tell(
    channel: AlertChannel, tx: Tx, connection_id: str, kind: AlertKind, change: Change | None = None
) -> None:
    """Tell something about a Connection as it stands now in `tx`; `change` is what CHANGED is about."""
    connection = connections.get(tx, connection_id)
    if connection is not None:
        channel.tell(tx, alert(connection, kind, change))


def handler(channel: AlertChannel) -> Callable[[object, Duty], Awaitable[Callable[[Tx], datetime | None]]]:
    """What the worker does when an alert falls due; all of it is one transaction."""

    async def handle(_: object, duty: Duty) -> Callable[[Tx], datetime | None]:
        return lambda tx: conclude(channel, tx, duty.key)

    return handle


def conclude(channel: AlertChannel, tx: Tx, connection_id: str) -> datetime | None:
    """Tell what is due; answers when the next alert falls due, None when none is ahead."""
    lanes.lock(tx, connection_id)
    connection = connections.get(tx, connection_id)
    if connection is None or _is_over(connection):
        return None
    told = connections.told_days(tx, connection_id)
    due = alert_due(connection.ends_at, tx.now, told)
    if due is not None:
        connections.told(tx, connection_id, due)
        channel.tell(tx, alert(connection, AlertKind.ENDS_SOON))
        told = due
    return next_alert_at(connection.ends_at, told) if tx.now < connection.ends_at else None


def _is_over(connection: Connection) -> bool:
    return connection.broken_because is not None or connection.disconnected_at is not None
