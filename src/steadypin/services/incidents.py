"""Incidents: trouble of many Connections at once is told once, probed by one create at a time, and ends by itself.

after_create, after_renewal (transaction of a holder) -> opened | probed again | closed
may_probe (transaction of a holder) -> the one create that may leave meanwhile
tell, watch (duties) -> told once; closed when nothing is left to wait for; everything that waited begins again
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from steadypin.domain.attempts import Attempt
from steadypin.domain.failures import Failure, classify
from steadypin.domain.incidents import (
    IncidentKind,
    Seen,
    closes,
    gets_through,
    may_open,
    opens,
    probe_wait,
    renewal_refused,
)
from steadypin.domain.native import Native
from steadypin.domain.pins import Pin
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Cause, Stage
from steadypin.services import transitions
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude, Duty
from steadypin.storage import duties, incidents, pins
from steadypin.storage.database import Tx
from steadypin.storage.incidents import Incident

__all__ = ["Incident", "Told"]

TELL, WATCH = "tell_incident", "watch_incident"
MOST_SHOWN = 200
_PAGE = 200
_LONGEST_RESUME_S = 300.0

log = structlog.get_logger()


# what the holder of a Lane calls


def after_create(
    ctx: Context,
    tx: Tx,
    environment: str,
    attempt: Attempt,
    failure: Failure | None,
    incident: Incident | None,
) -> None:
    """Reckon with what a create came to, once its outcome is written in `tx`; `failure` None means it was made.

    `incident` is the one that was open when the intent was written, so that this create was its probe.
    """
    seen = Seen.of(attempt.connection_id, attempt.at, failure)
    if incident is not None:
        _after_probe(tx, incident, seen)
    if failure is not None:
        _consider(ctx, tx, environment, failure)


def after_renewal(ctx: Context, tx: Tx, environment: str, failure: Failure | None) -> None:
    """Reckon with a renewal of a Grant: done (`failure` None), or refused because of the App."""
    known = _open_of(tx, environment, IncidentKind.RENEWAL)
    if failure is None and known is not None:
        _close(tx, known)
    elif failure is not None and known is None and renewal_refused(failure):
        _open(ctx, tx, environment, IncidentKind.RENEWAL, failure)


def may_probe(ctx: Context, tx: Tx, incident: Incident) -> bool:
    """Whether the create that is about to be written may leave although this incident is open: one may, now and then."""
    if tx.now < incident.probe_at:
        return False
    shortest = timedelta(seconds=ctx.policy.timeout_s + ctx.policy.record_margin_s)  # one at a time
    wait = max(probe_wait(incident.kind, incident.probes + 1), shortest)
    return incidents.take_probe(tx, incident, tx.now + wait)


def look_again_at(ctx: Context, incident: Incident, connection_id: str) -> datetime:
    """When a Lane whose Pins wait for the end of this incident looks again: at the next probe, each at its own moment."""
    return incident.probe_at + _share(connection_id, load_policy().incidents.spread_s)


# opening and closing


def _after_probe(tx: Tx, incident: Incident, seen: Seen) -> None:
    if not gets_through(incident.kind, seen):
        return
    last = incidents.recent(tx, incident.environment, load_policy().incidents.last)
    if closes(incident.kind, incident.opened_at, last):
        _close(tx, incident)
    else:
        incidents.probe_soon(tx, tx.now, incident.id)


def _consider(ctx: Context, tx: Tx, environment: str, failure: Failure) -> None:
    """Open an incident when this Failure is the one too many."""
    if not may_open(failure):
        return
    last = incidents.recent(tx, environment, load_policy().incidents.last)
    kind = opens(last, tx.now)
    if kind is None or _open_of(tx, environment, kind) is not None:
        return
    former = incidents.last_closed(tx, environment, kind)
    if former is None or former.closed_at is None:
        _open(ctx, tx, environment, kind, failure)
    elif opens(last, tx.now, since=former.closed_at) is kind:
        _open_again(ctx, tx, former, failure)


def _open_again(ctx: Context, tx: Tx, former: Incident, failure: Failure) -> None:
    """Trouble that comes back soon is the same incident, whose probes go on as seldom as before."""
    soon = timedelta(seconds=load_policy().incidents.window_s)
    if former.closed_at is None or tx.now - former.closed_at > soon or former.rule != failure.rule:
        _open(ctx, tx, former.environment, former.kind, failure)
    elif incidents.open_again(tx, former, tx.now + probe_wait(former.kind, former.probes)):
        _watch(tx, former.id)


def _open(ctx: Context, tx: Tx, environment: str, kind: IncidentKind, failure: Failure) -> None:
    opened = Incident(
        id=ctx.new_id("inc", tx.now),
        kind=kind,
        environment=environment,
        cause=failure.cause,
        rule=failure.rule,
        title=_TITLES.get(kind, failure.title),
        native=failure.native.to_json(),
        opened_at=tx.now,
        probe_at=tx.now + probe_wait(kind, 0),
        probes=0,
    )
    if incidents.open_one(tx, opened):
        duties.ask(tx, TELL, opened.id, tx.now)
        _watch(tx, opened.id)


def _watch(tx: Tx, incident_id: str) -> None:
    duties.ask(tx, WATCH, incident_id, tx.now + timedelta(seconds=load_policy().incidents.quiet_s))


def _close(tx: Tx, incident: Incident) -> None:
    """It is over. The Lanes that waited are woken by a duty, since a holder may lock no Lane beside its own."""
    if incidents.close(tx, incident.id):
        duties.ask(tx, WATCH, incident.id, tx.now)


def _open_of(tx: Tx, environment: str, kind: IncidentKind) -> Incident | None:
    return next((known for known in incidents.open_in(tx, environment) if known.kind is kind), None)


def _share(connection_id: str, whole_s: float) -> timedelta:
    """The same part of a span for the same Connection, spread evenly over all of them."""
    return timedelta(seconds=whole_s * zlib.crc32(connection_id.encode()) / 2**32)


# the duties


async def tell(ctx: Context, duty: Duty) -> Conclude:
    """Say once that an incident has begun."""
    found = await asyncio.to_thread(_known, ctx, duty.key)
    if found is not None:
        log.warning(
            "incident.opened", id=found.id, kind=found.kind, environment=found.environment, title=found.title
        )
    return lambda tx: None


async def watch(ctx: Context, duty: Duty) -> Conclude:
    """After its end: let everything that waited begin again. Before: close it when nothing is left to probe with."""
    found = await asyncio.to_thread(_known, ctx, duty.key)
    if found is None:
        return lambda tx: None
    if found.closed_at is None:
        return lambda tx: _close_when_quiet(tx, found.id)
    await asyncio.to_thread(_begin_again, ctx, found)
    log.info("incident.closed", id=found.id, kind=found.kind, environment=found.environment)
    return lambda tx: None


HANDLERS = {TELL: tell, WATCH: watch}


def _known(ctx: Context, incident_id: str) -> Incident | None:
    with ctx.store.read() as tx:
        return incidents.get(tx, incident_id)


def _close_when_quiet(tx: Tx, incident_id: str) -> datetime | None:
    """Nothing was sent for long and nothing waits: whether it is over, the next Pin will show."""
    current = incidents.get(tx, incident_id)
    if current is None:
        return None
    if current.closed_at is not None:
        return tx.now
    quiet = timedelta(seconds=load_policy().incidents.quiet_s)
    if _something_would_show(tx, current, quiet):
        return tx.now + quiet
    incidents.close(tx, current.id)
    return tx.now


def _something_would_show(tx: Tx, incident: Incident, quiet: timedelta) -> bool:
    """Whether there is a create or a renewal that will show how things are."""
    if not incident.kind.pauses:
        return incidents.renews_late(tx, incident.environment)
    last = incidents.recent(tx, incident.environment, 1)
    return bool(last and tx.now - last[0].at < quiet) or incidents.count_waiting(tx, incident.environment) > 0


def _begin_again(ctx: Context, over: Incident) -> None:
    """Send what met this trouble, then wake the Lanes: few at a time, and each at its own moment."""
    before = over.opened_at - timedelta(seconds=load_policy().incidents.window_s)
    with ctx.store.read() as tx:
        waiting = incidents.count_waiting(tx, over.environment)
        if over.kind is IncidentKind.APP:
            concerned = incidents.held_for_rule(tx, over.environment, over.rule)
        else:
            concerned = incidents.met_trouble(tx, over.environment, before)
    span = min(waiting / load_policy().incidents.resume_per_s, _LONGEST_RESUME_S)
    for start in range(0, len(concerned), _PAGE):
        ctx.store.write(partial(_send_some, ctx, over, concerned[start : start + _PAGE], span))
    after: str | None = ""
    while after is not None:
        after = ctx.store.write(partial(_wake_some, over, after, span))


def _send_some(ctx: Context, over: Incident, pin_ids: Sequence[str], span_s: float, tx: Tx) -> None:
    """Let one page of Pins go, if their time is not too long ago. What is in doubt stays so."""
    for pin_id in pin_ids:
        pin = pins.get_locked(tx, pin_id)
        if pin is None or pin.in_doubt or pin.due_at is None or not _waits_for(pin, over):
            continue
        at = max(pin.due_at, tx.now) + _share(pin.id, span_s)
        sooner = pin.act_at is None or at < pin.act_at
        if sooner and tx.now - pin.due_at <= timedelta(seconds=ctx.policy.late_grace_s):
            tries = 0 if pin.stage is Stage.HELD else pin.tries
            transitions.go_again(tx, pin, at, pin.deferred_because, pin.trouble, tries=tries)


def _waits_for(pin: Pin, over: Incident) -> bool:
    """Whether this Pin waits because of what is over now, and of nothing else."""
    if pin.trouble is None:
        return False
    if over.kind is IncidentKind.APP:
        return pin.stage is Stage.HELD and pin.trouble.rule == over.rule
    passing = pin.trouble.cause in (Cause.PLATFORM, Cause.NETWORK)
    return pin.stage is Stage.SCHEDULED and passing and over.kind.pauses


def _wake_some(over: Incident, after: str, span_s: float, tx: Tx) -> str | None:
    """Wake one page of Lanes; answers the last of them, None after the last page."""
    found = incidents.waiting(tx, over.environment, after, _PAGE)
    if not found:
        return None
    incidents.begin_again(tx, {name: tx.now + _share(name, span_s) for name in found})
    return found[-1]


# showing


@dataclass(frozen=True, slots=True)
class Told:
    """An incident in words for people."""

    incident: Incident
    by_itself: str
    fix: str

    @property
    def next_probe_at(self) -> datetime | None:
        """From when on one Pin may be tried; None when none waits."""
        waits = self.incident.kind.pauses and self.incident.closed_at is None
        return self.incident.probe_at if waits else None


def listing(
    ctx: Context,
    limit: int = MOST_SHOWN,
    *,
    open_only: bool = False,
    connection_ids: Sequence[str] | None = None,
) -> list[Told]:
    """Open ones first, then what is over; of each the newest first. `connection_ids`: those of single Connections only
    for these."""
    with ctx.store.read() as tx:
        found = incidents.listing(tx, limit, open_only=open_only, only=connection_ids)
        return [told(known) for known in found]


def told(incident: Incident) -> Told:
    """What happens by itself, and what a person can do."""
    if incident.kind is IncidentKind.CONNECTION:
        return Told(incident, incident.by_itself or "", incident.fix or "")
    if incident.kind in _FIXES:
        return Told(incident, _BY_ITSELF[incident.kind], _FIXES[incident.kind])
    failure = classify(Native.from_json(incident.native or {}), environment=incident.environment)
    return Told(incident, _BY_ITSELF[incident.kind], failure.fix)


_TITLES = {
    IncidentKind.PLATFORM: "Pinterest is in trouble",
    IncidentKind.NETWORK: "Pinterest cannot be reached from here",
}
_GOES_ON = (
    "From time to time one Pin is tried. As soon as that works, everything that waits goes out by itself."
)
_BY_ITSELF = {
    IncidentKind.PLATFORM: f"What is due waits, and nothing is lost. {_GOES_ON}",
    IncidentKind.NETWORK: f"What is due waits, and nothing is lost. {_GOES_ON}",
    IncidentKind.APP: f"What is due waits; no account has done anything wrong. {_GOES_ON}",
    IncidentKind.RENEWAL: "Pins still go out as long as the tokens of their accounts live. The renewals are tried again "
    "at least every hour; no account has done anything wrong.",
}
_FIXES = {
    IncidentKind.PLATFORM: "Nothing to do.",
    IncidentKind.NETWORK: "Look at the network connection and the name service of the machine on which Steadypin runs.",
}
