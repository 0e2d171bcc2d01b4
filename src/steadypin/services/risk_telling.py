"""Telling the owner of a Connection that Pins will not go out: once for each reason and day, however many Pins there are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from steadypin.domain.connections import Alert, AlertKind, Connection
from steadypin.domain.findings import Finding, blockers
from steadypin.domain.pins import Pin
from steadypin.services.context import Context
from steadypin.storage import connections, preflights, told_risks
from steadypin.storage.database import Tx

ONCE_IN = timedelta(days=1)
_MOST = 10_000


def tell(ctx: Context, tx: Tx, connection_id: str, newly: Collection[str]) -> None:
    """These Pins of the Connection are newly at risk."""
    connection = connections.get(tx, connection_id) if newly else None
    if connection is None:
        return
    reasons: dict[str, list[tuple[Pin, Finding]]] = {}
    for pin, known in preflights.at_risk(tx, (connection_id,), _MOST):
        for why in blockers(known.findings):
            reasons.setdefault(why.check, []).append((pin, why))
    for check, found in reasons.items():
        if any(pin.id in newly for pin, _ in found) and told_risks.note(tx, connection_id, check, ONCE_IN):
            ctx.alerts.tell(tx, _alert(connection, found))


def _alert(connection: Connection, found: list[tuple[Pin, Finding]]) -> Alert:
    """The words for it; the Pins come the nearest first."""
    (first, why), count = found[0], len(found)
    due = f"{first.due_at:%Y-%m-%d %H:%M} UTC" if first.due_at is not None else "its time"
    pins = f"1 Pin of {connection.username} will not go out at {due}"
    if count > 1:
        pins = f"{count} Pins of {connection.username} will not go out, the first at {due}"
    alike = "" if len({each.title for _, each in found}) == 1 else " The others are alike."
    return Alert(
        AlertKind.AT_RISK,
        connection.id,
        connection.username,
        f"{pins}: {why.title}{alike}",
        why.fix,
        connection.ends_at,
        connection.owner,
        why.cause,
        why.remedy,
        first.content.board_id if why.check.startswith("board") else None,
    )
