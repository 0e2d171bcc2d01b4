"""Watching an account: it is read once a day, and before a Pin when the last good read is more than a day old.

    is_due, is_due_before_a_pin -> plan (transaction) -> Check -> read (wire) -> record (transaction)

A read that fails for a passing reason changes nothing but the next read, and keeps no Pin waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.accounts import (
    A_READ_HEALS,
    WAITS,
    Account,
    Broken,
    Change,
    ChangeKind,
    Effect,
    compare,
    followed,
    is_stale,
    next_read,
    refused,
)
from steadypin.domain.connections import Connection, Owner
from steadypin.domain.errors import Conflict, InputRefused, NotThere
from steadypin.domain.failures import Failure
from steadypin.domain.operations import USER_ACCOUNT
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.texts import FieldError, is_broken
from steadypin.domain.upkeep import RefreshTrouble
from steadypin.domain.verdicts import retry_wait
from steadypin.domain.words import Cause, Remedy
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Caller, Refused, Unreached
from steadypin.services import breaking, calling, pacing
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.storage import accounts, connections, errands
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind
from steadypin.storage.standing import Standing

LONGEST_NAME, LONGEST_CONTACT = 100, 200


@dataclass(frozen=True, slots=True)
class Check:
    """An account to be read; `asked`: a person waits for it. `refused_before`: a former Grant was refused for this."""

    connection_id: str
    caller: Caller
    grant_version: int
    tries: int
    refused_before: int | None
    asked: bool
    tier: str | None = None


Result = Account | Failure


def is_due(here: Standing, now: datetime) -> bool:
    """Whether it is time for the daily read."""
    at = next_at(here, now)
    return at is not None and at <= now


def is_due_before_a_pin(here: Standing, now: datetime) -> bool:
    """Whether it is read before a Pin goes out: nothing is known for a day, and no read has just failed."""
    return here.renews and here.check_tries == 0 and is_stale(here.connection.checked_at, now)


def next_at(here: Standing, now: datetime) -> datetime | None:
    """When the Lane has to read the account; None when that would tell nothing."""
    return here.connection.check_at if here.renews and not here.upkeep.lacks_access(now) else None


def plan(ctx: Context, here: Standing, *, asked: bool = False) -> Check:
    """What to read, with which token."""
    grant = here.grant(ctx.seal)
    return Check(
        here.connection.id,
        ctx.hosts.caller(here.connection.environment, grant.access_token),
        grant.version,
        here.check_tries,
        here.check_refused,
        asked,
        pacing.access(ctx, here),
    )


async def read(wired: Wired, held: Held, act: Check) -> Result:
    """Who this is, or why that cannot be said."""
    request = wire.get_account(act.caller)
    try:
        reply = await calling.call(wired, held, request, background=not act.asked)
        found = Account.read(wire.read_object(USER_ACCOUNT, reply, request.environment))
    except Unreached as unreached:
        return wire.refused_by(request.operation, unreached).failure
    except Refused as refusal:
        return refusal.failure
    return found if found is not None else wire.refused_by(request.operation, _NOBODY).failure


_NOBODY = Unreached("UnreadableReply", "the reply names no account", left=True)


def record(ctx: Context, tx: Tx, act: Check, result: Result) -> None:
    """Write what was read, and what follows from it. The caller has locked the Lane row in `tx`."""
    connection = connections.get(tx, act.connection_id)
    if connection is None or connection.disconnected_at is not None:
        return
    if isinstance(result, Account):
        _was_read(ctx, tx, act, connection, result)
    elif _try_with_a_new_token(connection, act, result):
        connections.token_refused(tx, connection.id, act.grant_version)
        accounts.read_refused(tx, connection.id, act.grant_version)
    else:
        _was_not_read(ctx, tx, act, connection, result)


def _was_read(ctx: Context, tx: Tx, act: Check, connection: Connection, seen: Account) -> None:
    connections.worked(tx, connection.id, act.grant_version)
    changes = compare(connection.account, seen)
    other = next((change for change in changes if change.kind is ChangeKind.ID), None)
    known = connection.account if other is not None else followed(connection.account, seen)
    accounts.was_read(tx, connection.id, known, next_read(connection.id, tx.now))
    if other is not None:
        breaking.breaks(ctx, tx, connection.id, _broken(other), version=act.grant_version)
    else:
        _is_well(ctx, tx, connection)
        for change in changes:
            breaking.tells(ctx, tx, connection, change)
    _answer(tx, connection, found=[change.title for change in changes])


def _is_well(ctx: Context, tx: Tx, connection: Connection) -> None:
    """What stood against the account is over, unless a read says nothing about it."""
    broken = connection.broken
    if broken is None or broken.cause is Cause.TOKEN or broken.rule in A_READ_HEALS:
        breaking.mended(ctx, tx, connection)


def _try_with_a_new_token(connection: Connection, act: Check, failure: Failure) -> bool:
    """As with a create: refresh once, read once more. A Connection whose Grant was given up has nothing to refresh."""
    if not failure.refresh_first or (
        connection.broken is not None and connection.broken.cause is Cause.TOKEN
    ):
        return False
    return act.refused_before is None or act.grant_version <= act.refused_before


def _was_not_read(ctx: Context, tx: Tx, act: Check, connection: Connection, failure: Failure) -> None:
    change, tries = refused(connection.username, failure), act.tries + 1
    stands = change is not None and change.effect is not Effect.OPERATOR
    wait = retry_wait(tries, WAITS) * (1 + ctx.jitter() * load_policy().jitter)
    at = next_read(connection.id, tx.now) if stands else tx.now + wait
    accounts.was_not_read(tx, connection.id, RefreshTrouble.of(failure, tx.now), tries, at)
    _answer(tx, connection, failed=failure.title, fix=change.fix if change is not None else failure.fix)
    if change is None or not stands or _is_known(connection, change):
        return
    if change.effect is Effect.HELD and change.kind is not ChangeKind.SCOPES:
        why = _broken(change)
        breaking.breaks(ctx, tx, connection.id, why, version=act.grant_version, native=failure.native)
    else:
        breaking.tells(ctx, tx, connection, change, failure.native)


def _is_known(connection: Connection, change: Change) -> bool:
    """An access that was given up is no news when it is refused again, whatever the words."""
    broken = connection.broken
    return broken is not None and broken.cause is change.cause is Cause.TOKEN


def _broken(change: Change) -> Broken:
    return Broken(change.title, change.cause, change.remedy or Remedy.RECONNECT, change.rule, change.fix)


def _answer(tx: Tx, connection: Connection, **result: object) -> None:
    """Whoever asked for a check has the answer."""
    errands.all_done(tx, connection.id, ErrandKind.CHECK_ACCOUNT, result)


# what people ask


def check(ctx: Context, connection_id: str) -> str:
    """Ask the Lane to read the account now, also one that is broken; answers the errand's id. Raises NotThere, Conflict."""

    def work(tx: Tx) -> str:
        connection = _there(tx, connection_id)
        if connection.disconnected_at is not None:
            raise Conflict(
                f"{connection.username} is disconnected, so there is no token to read it with. Connect it again."
            )
        errand_id = ctx.new_id("err", tx.now)
        errands.ask(tx, errand_id, connection_id, ErrandKind.CHECK_ACCOUNT, {})
        return errand_id

    return ctx.store.write(work)


def set_owner(ctx: Context, connection_id: str, owner: Owner | None) -> Connection:
    """Name the person who looks after a Connection, or nobody. Raises NotThere, InputRefused."""
    if owner is not None:
        _check_words(owner)

    def work(tx: Tx) -> Connection:
        accounts.set_owner(tx, connection_id, owner)
        return _there(tx, connection_id)

    return ctx.store.write(work)


def _check_words(owner: Owner) -> None:
    wrong = []
    for field, text, most in (
        ("owner.name", owner.name, LONGEST_NAME),
        ("owner.contact", owner.contact or "", LONGEST_CONTACT),
    ):
        if len(text) > most:
            wrong.append(FieldError(field, f"It has {len(text)} characters; {most} are allowed."))
        elif is_broken(text) or not text.isprintable():
            wrong.append(FieldError(field, "Write it in one line, without control characters."))
    if not owner.name.strip():
        wrong.append(FieldError("owner.name", "Name the person, or take the owner away with null."))
    if wrong:
        raise InputRefused(wrong)


def _there(tx: Tx, connection_id: str) -> Connection:
    connection = connections.get(tx, connection_id)
    if connection is None:
        raise NotThere(f"There is no connection {connection_id}.")
    return connection
