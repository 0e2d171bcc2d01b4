"""The look-ahead: every Pin that is not live yet is looked at when it is composed, and again as its time comes near.

    ask -> duty of its Connection -> Preflight of all that are due -> on record -> told, when newly at risk

Many Pins of one account are looked at together. A look changes no Pin: it only says in time what would stop one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.findings import Finding
from steadypin.domain.lookahead import (
    ASK_AHEAD,
    FRESH_NEAR,
    HOUR_AHEAD,
    Risk,
    at_risk,
    forecast,
    kept,
    next_look_at,
)
from steadypin.domain.pins import Pin
from steadypin.services import link_looking, pacing, preflighting, risk_telling
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude
from steadypin.services.preflighting import Planned
from steadypin.storage import accounts, boards, duties, instance, lanes, preflights
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty
from steadypin.storage.preflights import Looked

KIND = "look_ahead"
_TOGETHER = 500
_GATHER = timedelta(seconds=2)
"""Changes made within so long are looked at together."""
_MOST_LISTED = 10_000


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A Pin that something will stop at its time, as far as is known since `looked_at`."""

    pin: Pin
    looked_at: datetime | None
    findings: tuple[Finding, ...]


def ask(tx: Tx, asked: Sequence[Pin], confirmed: Iterable[str] = ()) -> None:
    """These Pins are new, or changed: look at them soon."""
    ahead = [pin for pin in asked if pin.due_at is not None and pin.stage in preflights.AHEAD]
    preflights.ask(tx, ahead, confirmed)
    for connection_id in sorted({pin.connection_id for pin in ahead}):
        duties.ask(tx, KIND, connection_id, tx.now + _GATHER)
    link_looking.ask(tx, ahead)


def look_at_all(tx: Tx, connection_ids: Iterable[str]) -> None:
    """What is due of these Connections is looked at soon."""
    duties.ask_by_then(tx, KIND, dict.fromkeys(connection_ids, tx.now + _GATHER))


def look_anew(tx: Tx, connection_id: str) -> None:
    """Something has changed about the Connection: it concerns all of its Pins."""
    preflights.ask_all_of(tx, connection_id)
    look_at_all(tx, [connection_id])


async def handle(ctx: Context, duty: Duty) -> Conclude:
    """The duty of one Connection."""
    at, looked = await asyncio.to_thread(_look, ctx, duty.key)
    return lambda tx: _conclude(ctx, tx, duty, looked, at)


def _look(ctx: Context, connection_id: str) -> tuple[datetime, list[Looked]]:
    with ctx.store.read() as tx:
        asked = preflights.due(tx, connection_id, _TOGETHER)
        planned = [Planned.of(pin, confirmed) for pin, confirmed in asked]
        found = preflighting.of_many(ctx, tx, planned)
        return tx.now, [
            _looked(pin, findings, tx.now) for (pin, _), findings in zip(asked, found, strict=True)
        ]


def _looked(pin: Pin, findings: Sequence[Finding], now: datetime) -> Looked:
    again = next_look_at(pin.due_at, now) if pin.due_at is not None else None
    return Looked(pin, kept(findings), at_risk(findings, pin.due_at, now), again)


def _conclude(ctx: Context, tx: Tx, duty: Duty, looked: Sequence[Looked], at: datetime) -> datetime | None:
    connection_id = duty.key
    if any(_is_to_be_asked_for(each.pin, tx.now) for each in looked):
        _ask_pinterest(ctx, tx, connection_id)
    risk_telling.tell(ctx, tx, connection_id, preflights.keep(tx, looked, at))
    preflights.forget_gone(tx, connection_id)
    duties.hold(tx, duty, ctx.lease)
    again = preflights.next_at(tx, connection_id)
    return max(again, tx.now + _GATHER) if again is not None and looked else again


def _is_to_be_asked_for(pin: Pin, now: datetime) -> bool:
    return pin.due_at is not None and HOUR_AHEAD < pin.due_at - now <= ASK_AHEAD


def _ask_pinterest(ctx: Context, tx: Tx, connection_id: str) -> None:
    """Let the Lane read account and boards, unless it has lately: what it finds shows in the next look, an hour before
    the Pin. Under Trial access the App's calls of a day are too few for that."""
    if pacing.access(ctx, instance.app_access(tx)) == pacing.TRIAL:
        return
    lanes.lock(tx, connection_id)
    since = tx.now - FRESH_NEAR
    accounts.read_soon(tx, connection_id, since)
    synced_at = boards.synced_at(tx, connection_id)
    if synced_at is not None and synced_at < since:
        boards.sync_at(tx, connection_id, tx.now)


def risks(ctx: Context, connection_ids: tuple[str, ...] | None = None) -> list[AtRisk]:
    """Pins at risk, the nearest in time first."""
    with ctx.store.read() as tx:
        found = preflights.at_risk(tx, connection_ids, _MOST_LISTED)
    return [AtRisk(pin, known.at, known.findings) for pin, known in found]


def forecasts(found: Iterable[AtRisk]) -> list[Risk]:
    """The same by account and reason: these Pins will not go out, because."""
    return forecast(
        (each.pin.connection_id, each.pin.id, each.pin.due_at, each.findings)
        for each in found
        if each.pin.due_at is not None
    )
