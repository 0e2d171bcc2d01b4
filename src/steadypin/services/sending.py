"""One create: the intent before it, the request, and the outcome after it.

    plan (transaction) -> Send -> send (wire) -> Proof -> record (transaction)

`plan` refuses a Pin with an open Attempt; `record` runs outside the `try` of the request; a holder that lost its Lane
meanwhile changes no Pin, and what it learned is kept as evidence (`keep_late`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from steadypin.domain.accounts import names_a_closed_account
from steadypin.domain.attempts import Attempt, Fingerprint, OutcomeKind
from steadypin.domain.connections import Grant
from steadypin.domain.links import MARKER_PREFIX, with_marker
from steadypin.domain.pacing.budgets import Pace
from steadypin.domain.pacing.day import Wait
from steadypin.domain.pins import Content, Pin, Trouble
from steadypin.domain.texts import TEXT_LIMITS
from steadypin.domain.verdicts import (
    Confirm,
    Hold,
    InDoubt,
    Made,
    NothingMade,
    Proof,
    Refresh,
    Retry,
    judge,
)
from steadypin.domain.words import Remedy, Stage
from steadypin.pinterest import wire
from steadypin.pinterest.wire import ImageFile, LeaseTooShort, Unreached
from steadypin.services import (
    breaking,
    calling,
    incidents,
    link_refusals,
    mirroring,
    pacing,
    transitions,
)
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.media_troubles import unfit
from steadypin.services.pacing import AfterCreate, Paced
from steadypin.storage import attempts, connections, errands, media, pins
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind
from steadypin.storage.incidents import Incident
from steadypin.storage.lanes import Lane
from steadypin.storage.media import KeptMedia
from steadypin.storage.standing import Standing


@dataclass(frozen=True, slots=True)
class Send:
    """An intent that is on record: what to send, with which tokens. `pin` is the row as the intent left it."""

    pin: Pin
    attempt: Attempt
    content: Content
    files: tuple[KeptMedia, ...]
    grant: Grant
    environment: str
    tz: tzinfo
    tier: str | None = None
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """The lease was too short to wait for a reply, so nothing left."""


@dataclass(frozen=True, slots=True)
class Later:
    """An incident keeps creates waiting; it is told once for all, not on each Pin."""

    until: datetime


def plan(
    ctx: Context, tx: Tx, lane: Lane, pin: Pin, here: Standing, pace: Pace
) -> Send | Wait | Later | None:
    """Write the intent for a due Pin and answer what to send; Wait or Later when it may not leave yet; None when it
    cannot.

    The caller has locked the Lane row in `tx`. What is decided about the Pin instead is written in the same transaction.
    """
    if pin.late_by(tx.now) > timedelta(seconds=ctx.policy.late_grace_s):
        transitions.hold(tx, pin, transitions.too_late(pin, ctx.policy.late_grace_s))
        return None
    files = _files(ctx, tx, pin)
    if isinstance(files, Trouble):
        transitions.hold(tx, pin, files)
        return None
    content = as_sent(ctx, pin)
    fingerprint = Fingerprint.of(content)
    double = _in_doubt_and_alike(tx, pin, fingerprint) if here.in_doubt else None
    if double is not None:
        _wait_for(ctx, tx, pin, double)
        return None
    if here.incident is not None and here.incident.probe_at > tx.now:
        return Later(incidents.look_again_at(ctx, here.incident, pin.connection_id))
    allowed = pacing.may_create(ctx, tx, here, pace, pin)
    if isinstance(allowed, Wait):
        return allowed
    if here.incident is not None and not incidents.may_probe(ctx, tx, here.incident):
        return Later(incidents.look_again_at(ctx, here.incident, pin.connection_id))
    attempt = Attempt(
        id=ctx.new_id("att", tx.now),
        pin_id=pin.id,
        connection_id=pin.connection_id,
        fence=lane.fence,
        worker=lane.worker,
        at=tx.now,
        fingerprint=fingerprint,
    )
    if not pins.mark_sending(tx, pin, attempt.id):
        raise transitions.Moved(pin.id)
    attempts.write_intent(tx, attempt)
    sent = replace(pin, stage=Stage.SENDING, open_attempt_id=attempt.id, tries=pin.tries + 1)
    return Send(
        sent,
        attempt,
        content,
        files,
        here.grant(ctx.seal),
        here.connection.environment,
        pacing.limits_of(ctx, here.limits).tz,
        pacing.access(ctx, here),
        here.incident,
    )


async def send(wired: Wired, held: Held, act: Send) -> Proof | NotSent:
    """Put the create on the wire. Whatever goes wrong is a value; nothing is raised but cancellation."""
    policy = wired.ctx.policy
    request = wire.create_pin(
        wired.ctx.hosts.caller(act.environment, act.grant.access_token),
        act.content,
        [ImageFile(wired.ctx.files.path(each.digest), each.size, each.content_type) for each in act.files],
    )
    try:
        reply = await calling.create(
            wired,
            held,
            request,
            lambda: held.remaining_s() > policy.timeout_s + policy.record_margin_s,
        )
    except LeaseTooShort:
        return NotSent()
    except Unreached as unreached:
        return wire.prove_create(unreached, act.environment)
    return wire.prove_create(reply, act.environment)


def record(ctx: Context, tx: Tx, act: Send, proof: Proof | NotSent) -> None:
    """Write the outcome and what follows from it. The caller has locked the Lane row in `tx`."""
    if isinstance(proof, Made):
        try:
            transitions.went_live(tx, act.pin, proof.pinterest_pin_id, ctx.policy)
        except transitions.Moved:
            keep_late(ctx, tx, act, proof)
        else:
            _write_reply(tx, act, proof)
            link_refusals.after_create(ctx, tx, act.pin, None)
        if act.grant.former is not None:
            connections.worked(tx, act.pin.connection_id, act.grant.version)
        if act.incident is not None:
            incidents.after_create(ctx, tx, act.environment, act.attempt, None, act.incident)
        return
    current = pins.get_row(tx, act.pin.id)
    if current is None or current.open_attempt_id != act.attempt.id or current.stage is not Stage.SENDING:
        keep_late(ctx, tx, act, proof)
        return
    if isinstance(proof, NotSent):
        attempts.write_outcome(
            tx, act.attempt.id, OutcomeKind.NOT_MADE, worker=act.attempt.worker, evidence="not sent"
        )
        at = tx.now + timedelta(seconds=1)  # the lease is renewed by this very transaction
        transitions.go_again(tx, current, at, None, None, tries=current.tries - 1)
        return
    _write_reply(tx, act, proof)
    incidents.after_create(ctx, tx, act.environment, act.attempt, proof.failure, act.incident)
    verdict = judge(
        proof,
        now=tx.now,
        since=act.attempt.at,
        tries=current.tries,
        refreshed=current.refused_grant is not None and act.grant.version > current.refused_grant,
        policy=ctx.policy,
        jitter=ctx.jitter(),
    )
    trouble = transitions.trouble_of(proof.failure)
    match verdict:
        case Confirm(look_at):
            transitions.confirm_at(tx, current, look_at, trouble)
        case Retry(at, because):
            transitions.go_again(tx, current, at, because, trouble)
        case Refresh():
            connections.token_refused(tx, current.connection_id, act.grant.version)
            transitions.go_again(tx, current, tx.now, None, None, refused_grant=act.grant.version)
        case Hold(_, remedy):
            if remedy is Remedy.RECONNECT:
                breaking.breaks_by(ctx, tx, current.connection_id, proof.failure, version=act.grant.version)
            elif names_a_closed_account(proof.failure):
                errands.ask(
                    tx, ctx.new_id("err", tx.now), current.connection_id, ErrandKind.CHECK_ACCOUNT, {}
                )
            transitions.hold_refused(tx, current, trouble)
            mirroring.after_refusal(ctx, tx, current, proof.failure)
            link_refusals.after_create(ctx, tx, current, proof.failure)


def paced(ctx: Context, act: Send, proof: Proof | NotSent) -> Paced:
    """What this create adds to the Pace of its Lane."""
    return AfterCreate(None if isinstance(proof, NotSent) else proof, act.tz, act.attempt.at)


def keep_late(ctx: Context, tx: Tx, act: Send, proof: Proof | NotSent) -> None:
    """The Lane is lost: change no Pin, but keep what came back; a late id is proof for whoever holds the Lane now."""
    if isinstance(proof, NotSent):
        attempts.write_outcome(
            tx, act.attempt.id, OutcomeKind.LATE, worker=act.attempt.worker, evidence="not sent"
        )
        return
    _write_reply(tx, act, proof, OutcomeKind.LATE)
    if isinstance(proof, Made):
        payload = {"attempt_id": act.attempt.id}
        errands.ask(tx, ctx.new_id("err", tx.now), act.pin.connection_id, ErrandKind.CONSULT_LATE, payload)


def _write_reply(tx: Tx, act: Send, proof: Proof, kind: OutcomeKind | None = None) -> None:
    said = {Made: OutcomeKind.MADE, NothingMade: OutcomeKind.NOT_MADE, InDoubt: OutcomeKind.DOUBT}[
        type(proof)
    ]
    attempts.write_outcome(
        tx,
        act.attempt.id,
        kind or said,
        worker=act.attempt.worker,
        pinterest_pin_id=proof.pinterest_pin_id if isinstance(proof, Made) else None,
        failure=None if isinstance(proof, Made) else proof.failure,
        evidence=said.value if kind else None,
    )


def as_sent(ctx: Context, pin: Pin) -> Content:
    """The content as it leaves: the user's own, with the marker in its link when markers are on and it has room."""
    if not ctx.link_marker or not pin.content.link:
        return pin.content
    marked = with_marker(pin.content.link, MARKER_PREFIX + pin.id.rpartition("_")[2])
    return replace(pin.content, link=marked) if len(marked) <= TEXT_LIMITS["link"] else pin.content


def _files(ctx: Context, tx: Tx, pin: Pin) -> tuple[KeptMedia, ...] | Trouble:
    """The kept files in the order in which they are sent, or why the Pin cannot be sent with them."""
    shown, files = pin.content.media, []
    for media_id in shown.files:
        kept = media.get_cached(tx, media_id)
        if kept is None or not ctx.files.path(kept.digest).exists():
            return transitions.media_gone(shown.place(media_id))
        files.append(kept)
    if not shown.ready:
        return transitions.media_gone()
    return unfit(shown, files) or tuple(files)


def _in_doubt_and_alike(tx: Tx, pin: Pin, fingerprint: Fingerprint) -> Pin | None:
    """A Pin of this board whose outcome is unknown and which could not be told apart from this one."""
    doubtful = pins.with_open_attempt(tx, pin.connection_id, pin.content.board_id)
    if not doubtful:
        return None
    known = attempts.get_many(tx, [other.open_attempt_id for other in doubtful if other.open_attempt_id])
    for other in doubtful:
        attempt = known.get(other.open_attempt_id or "")
        if attempt is not None and attempt.fingerprint.same_as == fingerprint.same_as:
            return other
    return None


def _wait_for(ctx: Context, tx: Tx, pin: Pin, double: Pin) -> None:
    at = max(double.act_at or tx.now, tx.now) + timedelta(seconds=ctx.policy.recheck_s)
    because = f"an identical Pin ({double.id}) on this board has to be confirmed first"
    transitions.change(tx, pin, act_at=at, deferred_until=at, deferred_because=because)
