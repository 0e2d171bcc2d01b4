"""Reading a board back: was a doubtful create made, and did a twin turn up late?

    plan (transaction) -> Look -> look (wire) -> conclude (transaction)

All open Attempts of a board are decided from one listing. A listing that fails never leads to a second create.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from steadypin.domain.attempts import Attempt, OutcomeKind
from steadypin.domain.confirming import Absent, Doubt, Exact, Listing, SeenPin, Unclear, confirm
from steadypin.domain.failures import Failure
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.verdicts import Hold, Refresh, Retry, judge_absent
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.pinterest.wire import Caller
from steadypin.services import pacing, reading, transitions
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.reading import Unreadable
from steadypin.services.replaying import failure_of
from steadypin.storage import attempts, connections, pins, twins
from steadypin.storage.database import Tx
from steadypin.storage.standing import Standing

_MOST_EVIDENCE = 20
_SEES_NOTHING = ("nothing", "unreadable")


@dataclass(frozen=True, slots=True)
class Look:
    """A board to read because of one Pin that is due; others of the same board are decided with it.

    `skew` is this machine's clock minus the database's, which dated the Attempts.
    """

    connection_id: str
    board_id: str
    section_ids: tuple[str, ...]
    caller: Caller
    grant_version: int
    looked_at: datetime
    skew: timedelta
    tier: str | None = None


def plan(ctx: Context, tx: Tx, pin: Pin, here: Standing) -> Look | None:
    """What to read for a Pin in `confirming`, or published and due for a twin look; None when a late reply settled it."""
    if pin.stage is Stage.CONFIRMING and consult_late(ctx, tx, pin):
        return None
    grant = here.grant(ctx.seal)
    caller = ctx.hosts.caller(here.connection.environment, grant.access_token)
    board_id = pin.content.board_id
    concerned = [pin, *pins.with_open_attempt(tx, pin.connection_id, board_id)]
    sections = {other.content.board_section_id for other in concerned} - {None}
    return Look(
        connection_id=pin.connection_id,
        board_id=board_id,
        section_ids=tuple(sorted(map(str, sections))),
        caller=caller,
        grant_version=grant.version,
        looked_at=tx.now,
        skew=ctx.clock.now() - tx.now,
        tier=pacing.access(ctx, here),
    )


async def look(wired: Wired, held: Held, act: Look) -> Listing | Unreadable:
    """Read the board and the sections concerned: whether a board's list holds its sections' Pins is not promised."""
    found = await reading.board_pins(wired, held, act.caller, act.board_id, act.section_ids)
    if isinstance(found, Unreadable):
        return found
    return replace(found, clock_offset=found.clock_offset + act.skew)


def cannot_look(ctx: Context, tx: Tx, pin: Pin) -> None:
    """The Connection cannot be used: settle what needs no wire, wait for a reconnect, and in the end ask a person."""
    if pin.stage is not Stage.CONFIRMING:
        transitions.change(tx, pin, act_at=None)  # no twin can be looked for, nor undone, without the account
        return
    if consult_late(ctx, tx, pin):
        return
    attempt = attempts.get_many(tx, [pin.open_attempt_id or ""]).get(pin.open_attempt_id or "")
    if attempt is not None and tx.now - attempt.at > timedelta(seconds=ctx.policy.looking_ends_s):
        asked = _ask_a_person(pin, "its account is not connected any more")
        transitions.hold(
            tx, pin, replace(asked, cause=Cause.TOKEN)
        )  # once it is connected again, it is looked for
    else:
        transitions.change(tx, pin, act_at=tx.now + timedelta(seconds=ctx.policy.recheck_s))


def consult_late(ctx: Context, tx: Tx, pin: Pin) -> bool:
    """Adopt what a late reply proves about the open Attempt of this Pin; False when there is no such reply."""
    attempt_id = pin.open_attempt_id or ""
    proven = attempts.late_ids(tx, [attempt_id]).get(attempt_id)
    if proven is None or twins.known_pinterest_ids(tx, [proven]):
        return False
    adopt_late(ctx, tx, pin, proven, attempt_id)
    return True


def adopt_late(ctx: Context, tx: Tx, pin: Pin, proven: str, attempt_id: str) -> None:
    """The Pin is live under the id that a late reply told, although it was about to be sent again perhaps."""
    attempts.write_outcome(
        tx, attempt_id, OutcomeKind.ADOPTED, pinterest_pin_id=proven, evidence="late reply"
    )
    transitions.went_live(tx, pin, proven, ctx.policy)


def conclude(ctx: Context, tx: Tx, act: Look, result: Listing | Unreadable) -> None:
    """Decide every Pin of this board that is due for it. The caller has locked the Lane row in `tx`."""
    doubtful = pins.with_open_attempt(tx, act.connection_id, act.board_id)
    known = attempts.get_many(tx, [pin.open_attempt_id for pin in doubtful if pin.open_attempt_id])
    waiting = [
        (pin, known[pin.open_attempt_id])
        for pin in doubtful
        if pin.stage is Stage.CONFIRMING
        and pin.open_attempt_id in known
        and pin.act_at is not None
        and pin.act_at <= act.looked_at
    ]
    if isinstance(result, Unreadable):
        _postpone(ctx, tx, act, result.failure, waiting)
        return
    connections.worked(tx, act.connection_id, act.grant_version)
    ours = twins.known_pinterest_ids(tx, [seen.id for seen in result.pins])
    doubts = [Doubt(attempt.id, attempt.fingerprint, attempt.at) for attempt in known.values()]
    matches = confirm(doubts, result, ours)
    for pin, attempt in waiting:
        match matches[attempt.id]:
            case Exact(seen):
                _adopt(ctx, tx, pin, attempt, seen)
            case Absent():
                _absent(ctx, tx, act, pin, attempt, len(result.pins))
            case Unclear(reason, candidates):
                _unclear(ctx, tx, pin, attempt, reason, candidates)
    due = twins.due(tx, act.connection_id, act.board_id, act.looked_at)
    if due:
        ours = twins.known_pinterest_ids(tx, [seen.id for seen in result.pins])  # with those adopted just now
        still = [doubt for doubt in doubts if not isinstance(matches[doubt.attempt_id], Exact)]
        for pin in due:
            _look_for_twin(ctx, tx, pin, result, ours, still)


def _adopt(ctx: Context, tx: Tx, pin: Pin, attempt: Attempt, seen: SeenPin) -> None:
    attempts.write_outcome(
        tx, attempt.id, OutcomeKind.ADOPTED, pinterest_pin_id=seen.id, evidence={"pin": seen.evidence()}
    )
    transitions.went_live(tx, pin, seen.id, ctx.policy)


def _absent(ctx: Context, tx: Tx, act: Look, pin: Pin, attempt: Attempt, read: int) -> None:
    looks = pin.looks + 1
    again = ctx.policy.next_look(tx.now, looks)
    if again is not None:
        attempts.write_outcome(
            tx, attempt.id, OutcomeKind.LOOK, evidence={"found": "nothing", "pins_read": read}
        )
        transitions.confirm_at(tx, pin, again, pin.trouble, looks)
        return
    before = _unexplained_before(tx, attempt)
    if before is not None:
        transitions.hold(tx, pin, _ask_a_person(pin, before))
        return
    attempts.write_outcome(tx, attempt.id, OutcomeKind.ABSENT, evidence={"looks": looks, "pins_read": read})
    _nothing_made(tx, act, pin, attempt)


def _nothing_made(tx: Tx, act: Look, pin: Pin, attempt: Attempt) -> None:
    """Send the Pin again if time heals what was said to it, or if nothing was: our own interruptions need no healing."""
    failure = _what_was_said(tx, attempt, act.caller.environment)
    if failure is None:
        transitions.go_again(tx, pin, tx.now, None, None)
        return
    refreshed = pin.refused_grant is not None and act.grant_version > pin.refused_grant
    trouble = transitions.trouble_of(failure)
    match judge_absent(failure, now=tx.now, since=attempt.at, tries=pin.tries, refreshed=refreshed):
        case Retry(at, because):
            transitions.go_again(tx, pin, at, because, trouble)
        case Refresh():
            connections.token_refused(tx, act.connection_id, act.grant_version)
            transitions.go_again(tx, pin, tx.now, None, None, refused_grant=act.grant_version)
        case Hold():  # the Connection is not ended: its token has just read the board
            transitions.hold_refused(tx, pin, trouble)


def _what_was_said(tx: Tx, attempt: Attempt, environment: str) -> Failure | None:
    """The Failure in the reply to an Attempt, in time or late. What a Pin shows may be about the looks instead."""
    for outcome in reversed(attempts.outcomes_of(tx, [attempt.id]).get(attempt.id, [])):
        if outcome.kind in (OutcomeKind.DOUBT, OutcomeKind.LATE) and outcome.native is not None:
            return failure_of(outcome, environment)
    return None


def _unexplained_before(tx: Tx, attempt: Attempt) -> str | None:
    """What an earlier look left open: a Pin seen once counts, even if a lagging list shows it no more."""
    for outcome in attempts.outcomes_of(tx, [attempt.id]).get(attempt.id, []):
        if outcome.kind is not OutcomeKind.LOOK or outcome.evidence["found"] in _SEES_NOTHING:
            continue
        seen = [str(each["pinterest_pin_id"]) for each in outcome.evidence["candidates"]]
        if not seen or set(seen) - twins.known_pinterest_ids(tx, seen):
            return f"an earlier look found that {outcome.evidence['found']}"
    return None


def _unclear(
    ctx: Context, tx: Tx, pin: Pin, attempt: Attempt, reason: str, candidates: tuple[SeenPin, ...]
) -> None:
    looks = pin.looks + 1
    again = ctx.policy.next_look(tx.now, looks)
    evidence = {"found": reason, "candidates": [seen.evidence() for seen in candidates[:_MOST_EVIDENCE]]}
    attempts.write_outcome(tx, attempt.id, OutcomeKind.LOOK, evidence=evidence)
    if again is not None:
        transitions.confirm_at(tx, pin, again, pin.trouble, looks)
    else:
        transitions.hold(tx, pin, _ask_a_person(pin, reason))


def _postpone(ctx: Context, tx: Tx, act: Look, failure: Failure, waiting: list[tuple[Pin, Attempt]]) -> None:
    """The board could not be read. What time or a reconnect heals is waited for; else a person decides."""
    if failure.refresh_first:
        connections.token_refused(tx, act.connection_id, act.grant_version)
    waits = failure.refresh_first or failure.remedy in {
        Remedy.RETRY_LATER,
        Remedy.CONFIRM,
        Remedy.OPERATOR,
        Remedy.RECONNECT,
    }
    at = tx.now + timedelta(seconds=ctx.policy.failed_look_s)
    for pin, attempt in waiting:
        attempts.write_outcome(
            tx, attempt.id, OutcomeKind.LOOK, failure=failure, evidence={"found": "unreadable"}
        )
        too_long = tx.now - attempt.at > timedelta(seconds=ctx.policy.looking_ends_s)
        if waits and not too_long:
            transitions.confirm_at(tx, pin, at, pin.trouble, pin.looks)
        else:
            transitions.hold(tx, pin, _ask_a_person(pin, f"the board cannot be read ({failure.title})"))
    for pin in twins.due(tx, act.connection_id, act.board_id, act.looked_at):
        published = pin.published_at or tx.now
        ends = published + timedelta(seconds=ctx.policy.twin_looks_s[-1] + ctx.policy.looking_ends_s)
        transitions.change(tx, pin, act_at=_twin_retry(tx.now, at) if waits and tx.now < ends else None)


def _twin_retry(now: datetime, at: datetime) -> datetime:
    """A twin is not urgent: its board is asked again in an hour, not in a minute."""
    return max(at, now + timedelta(hours=1))


def _look_for_twin(
    ctx: Context, tx: Tx, pin: Pin, listing: Listing, ours: frozenset[str], doubts: list[Doubt]
) -> None:
    """A Pin that was sent again after an absence: does what was thought absent stand there after all?

    What could be the outcome of an open Attempt (`doubts`) is nobody's twin yet.
    """
    earlier = [
        Doubt(attempt.id, attempt.fingerprint, attempt.at)
        for attempt, known in attempts.of_pin(tx, pin.id)
        if any(outcome.kind in (OutcomeKind.ABSENT, OutcomeKind.SAID_NOT_LIVE) for outcome in known)
    ]
    known_now = set(ours)
    for doubt in earlier:
        found = confirm([*doubts, doubt], listing, frozenset(known_now))[doubt.attempt_id]
        if isinstance(found, Exact):
            add_twin(tx, pin, found.pin.id, doubt.attempt_id)
            known_now.add(found.pin.id)
    looks = pin.looks + 1
    published = pin.published_at or tx.now
    current = pins.get_row(tx, pin.id)
    if current is not None:
        transitions.change(tx, current, looks=looks, act_at=ctx.policy.twin_look(published, looks))


def add_twin(tx: Tx, pin: Pin, pinterest_pin_id: str, attempt_id: str) -> None:
    """A second Pin of this row exists: remember it, and say so on the Pin with the way to undo it."""
    twins.add(tx, pin.id, pinterest_pin_id)
    attempts.write_outcome(
        tx,
        attempt_id,
        OutcomeKind.LATE,
        pinterest_pin_id=pinterest_pin_id,
        evidence="twin found on the board",
    )
    transitions.change(
        tx,
        pin,
        trouble=Trouble(
            step=Step.PUBLISH,
            cause=Cause.DUPLICATE,
            remedy=Remedy.CONFIRM,
            title="Pinterest made this Pin twice",
            fix="Pinterest finished a create late, after its board had been read without it. "
            "Delete the second one with Undo; the first stays.",
            rule="late-twin",
            native={"pinterest_pin_id": pinterest_pin_id},
        ),
    )


def _ask_a_person(pin: Pin, reason: str) -> Trouble:
    return Trouble(
        step=Step.PUBLISH,
        cause=pin.trouble.cause if pin.trouble is not None else Cause.NETWORK,
        remedy=Remedy.CONFIRM,
        title=f"Steadypin cannot tell whether this Pin is live: {reason}",
        fix="Open the board on Pinterest and look for this Pin. Then say whether it is live, and which one it is.",
        rule="outcome-unknown",
        native=pin.trouble.native if pin.trouble is not None else None,
    )
