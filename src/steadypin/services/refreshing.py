"""Renewing a Grant under its Lane.

    plan (transaction: the intent) -> Renewal -> renew (wire) -> record (transaction)

A process that dies in between leaves the intent, and the next holder knows that a refresh was cut. The new pair is in
place before it is used, and the former one stays until it has worked. Only a refused grant ends a Connection, and not
before its access token does; anything else at the token endpoint changes nothing but the next try.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from steadypin.domain.accounts import Broken, access_ended, narrowed
from steadypin.domain.connections import AlertKind, Former, Grant, passed
from steadypin.domain.failures import Failure
from steadypin.domain.native import Native
from steadypin.domain.operations import TOKEN
from steadypin.domain.upkeep import Unrenewed, Upkeep
from steadypin.domain.words import Cause, Remedy
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Refused, Unreached
from steadypin.services import alerting, app_access, breaking, incidents
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held, LaneLost
from steadypin.services.pacing import STANDARD
from steadypin.storage import connections
from steadypin.storage.database import Tx
from steadypin.storage.standing import Standing

UNREADABLE = "UnreadableReply"
"""The name under which a reply is kept that should hold tokens and does not."""
_NO_REFRESH_TOKEN = "its access token has ended, and there is no refresh token to renew it with"
_CUT = "the last refresh was cut before its answer was kept, and the access token has ended since"


@dataclass(frozen=True, slots=True)
class Renewal:
    """The Grant to renew, and in which environment. The intent is on record."""

    connection_id: str
    grant: Grant
    environment: str
    tier: str | None = None
    username: str = ""


Result = Grant | Unrenewed | None


def plan(ctx: Context, tx: Tx, here: Standing) -> Renewal:
    """Write the intent, and answer what to send to the token endpoint. The caller has locked the Lane row in `tx`."""
    grant = here.grant(ctx.seal)
    if grant.refresh_token is not None:
        connections.keep_upkeep(tx, here.connection.id, here.upkeep.asked(tx.now), version=grant.version)
    known = here.connection
    return Renewal(known.id, grant, known.environment, here.tier, known.username)


async def renew(wired: Wired, held: Held, act: Renewal) -> Result:
    """The new pair of tokens, or why there is none; None without a refresh token.

    When the refresh token is refused and the pair before it is still kept, that one is tried: it may live on.
    """
    if act.grant.refresh_token is None:
        return None
    result = await _ask(wired, act, act.grant)
    former = act.grant.former
    if isinstance(result, Grant) or not result.is_refusal or former is None or former.refresh_token is None:
        return result
    try:
        await held.write(_renew_lease)
    except LaneLost:
        return result
    again = await _ask(wired, act, replace(act.grant, refresh_token=former.refresh_token))
    if isinstance(again, Grant):
        return replace(again, former=former)
    return again if again.is_refusal or again.unsure else result


async def _ask(wired: Wired, act: Renewal, grant: Grant) -> Grant | Unrenewed:
    ctx = wired.ctx
    base = ctx.hosts.base(act.environment)
    request = wire.refresh(base, ctx.app.id or "", ctx.app.secret or "", grant.refresh_token or "")
    if act.tier != STANDARD:
        await app_access.before_call(ctx, TOKEN.category)
    try:
        reply = await wired.pinterest.send(request, ctx.policy.timeout_s)
        renewed = read_grant(wire.read_object(TOKEN, reply), ctx.clock.now(), grant)
        return replace(renewed, former=act.grant.as_former())
    except Unreached as unreached:
        return Unrenewed.after(_failure(unreached), left=unreached.left)
    except Refused as refused:
        return Unrenewed.after(_without_tokens(refused.failure))


def _renew_lease(tx: Tx) -> None:
    """Nothing to write: holding the Lane renews its lease."""


def record(ctx: Context, tx: Tx, act: Renewal, result: Result) -> None:
    """Put the new pair in place by compare-and-set, or write when to try again, or that a person must reconnect.

    The caller has locked the Lane row in `tx`. A Connection that was connected anew meanwhile is left alone.
    """
    match result:
        case Grant():
            keep(ctx, tx, act, result)
            incidents.after_renewal(ctx, tx, act.environment, None)
        case Unrenewed():
            incidents.after_renewal(ctx, tx, act.environment, result.failure)
            _record_failure(ctx, tx, act, result)
        case None:
            _break(ctx, tx, act, _NO_REFRESH_TOKEN, "no-refresh-token")


def keep(ctx: Context, tx: Tx, act: Renewal, result: Result) -> None:
    """A new pair is worth keeping also when the Lane is lost: the compare-and-set keeps it from overwriting another."""
    if isinstance(result, Grant) and connections.refreshed(
        tx, act.connection_id, result, ctx.seal, replaces=act.grant.version, jitter=ctx.jitter()
    ):
        alerting.watch(tx, act.connection_id)
        lost = narrowed(act.username, act.grant.scopes, result.scopes)
        breaking.scopes_told(ctx, tx, act.connection_id, lost)


def _record_failure(ctx: Context, tx: Tx, act: Renewal, result: Unrenewed) -> None:
    before = connections.upkeep(tx, act.connection_id)
    after = before.failed(result, tx.now, ctx.jitter())
    if not connections.keep_upkeep(tx, act.connection_id, after, version=act.grant.version):
        return
    former = act.grant.former
    if not after.is_over(tx.now):
        if before.ended_at is None and after.ended_at is not None:
            _tell_refused(ctx, tx, act, after)
    elif former is not None and former.access_expires_at > tx.now:
        _return_to(ctx, tx, act, former, after)
    else:
        native = result.failure.native
        if after.cut_at is not None:
            _break(ctx, tx, act, _CUT, "refresh-cut", native)
        else:
            _break(ctx, tx, act, result.failure.title, result.failure.rule, native)


def _tell_refused(ctx: Context, tx: Tx, act: Renewal, after: Upkeep) -> None:
    connections.told(tx, act.connection_id, passed(after.access_expires_at, tx.now))
    alerting.tell(ctx.alerts, tx, act.connection_id, AlertKind.RENEWAL_REFUSED)
    alerting.watch(tx, act.connection_id)


def _return_to(ctx: Context, tx: Tx, act: Renewal, former: Former, after: Upkeep) -> None:
    """The pair has never worked and cannot be renewed, but the access token before it may go on until its own end."""
    grant = replace(
        act.grant,
        access_token=former.access_token,
        refresh_token=former.refresh_token,
        access_expires_at=former.access_expires_at,
        former=None,
    )
    connections.refreshed(tx, act.connection_id, grant, ctx.seal, replaces=act.grant.version)
    at = former.access_expires_at
    ended = replace(after, access_expires_at=at, refused_at=None, refresh_at=at)
    connections.keep_upkeep(tx, act.connection_id, ended, version=act.grant.version + 1)
    _tell_refused(ctx, tx, act, ended)


def _break(ctx: Context, tx: Tx, act: Renewal, because: str, rule: str, native: Native | None = None) -> None:
    """`because` of our own making is a matter of the tokens alone; Pinterest's refusal may have many reasons."""
    reconnect = f"Connect the Pinterest account {act.username} again; its Pins then go on by themselves."
    ours = because in (_NO_REFRESH_TOKEN, _CUT)
    fix = reconnect if ours else access_ended(act.username, because, rule).fix
    why = Broken(because, Cause.TOKEN, Remedy.RECONNECT, rule, fix)
    breaking.breaks(ctx, tx, act.connection_id, why, version=act.grant.version, native=native)


def read_grant(data: dict[str, Any], now: datetime, former: Grant | None = None) -> Grant:
    """A Grant from a token reply. A field that is missing keeps its former value; `scope` may be missing since 5.28.

    Raises Refused when there is no access token in it, or a token stands where the other belongs.
    """

    def seconds(name: str) -> timedelta | None:
        value = data.get(name)
        return timedelta(seconds=value) if isinstance(value, int) and value > 0 else None

    access, refresh = data.get("access_token"), data.get("refresh_token")
    if not isinstance(access, str) or not access or access.startswith("pinr_"):
        raise _unreadable("the token reply holds no access token")
    if isinstance(refresh, str) and refresh.startswith("pina_"):
        raise _unreadable("the token reply holds an access token where the refresh token belongs")
    life = seconds("expires_in") or timedelta(days=30)
    refresh_life = seconds("refresh_token_expires_in")
    scope = data.get("scope")
    scopes = frozenset(scope.replace(",", " ").split()) if isinstance(scope, str) else None
    renewed = isinstance(refresh, str) and bool(refresh)
    return Grant(
        access_token=access,
        refresh_token=str(refresh) if renewed else (former.refresh_token if former else None),
        scopes=scopes or (former.scopes if former else frozenset()),
        access_expires_at=now + life,
        refresh_expires_at=(now + refresh_life)
        if refresh_life is not None
        else (former.refresh_expires_at if former else None),
        refreshed_at=now,
        version=former.version if former else 1,
    )


def _unreadable(why: str) -> Refused:
    return Refused(_failure(Unreached(UNREADABLE, why, left=True)))


def _failure(unreached: Unreached) -> Failure:
    return wire.refused_by(TOKEN, unreached).failure


def _without_tokens(failure: Failure) -> Failure:
    """A reply that meant to give tokens may hold some, however broken it is: nothing of its text is kept."""
    native = failure.native
    if native.status is None or not 200 <= native.status < 300:
        return failure
    return replace(failure, native=Native(native.endpoint, native.status, rid=native.rid))
