"""Renewing a Grant under its Lane.

    plan (transaction) -> Renewal -> renew (wire) -> record (transaction)

Only a refused grant ends a Connection; anything else at the token endpoint changes nothing but the next try.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from steadypin.domain.connections import Grant
from steadypin.domain.failures import Failure
from steadypin.domain.operations import TOKEN
from steadypin.domain.verdicts import retry_wait
from steadypin.domain.words import Remedy
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Refused, Unreached
from steadypin.services.context import Context, Wired
from steadypin.storage import connections
from steadypin.storage.database import Tx
from steadypin.storage.standing import Standing


@dataclass(frozen=True, slots=True)
class Renewal:
    """The Grant to renew, and where."""

    connection_id: str
    grant: Grant
    base: str


def plan(ctx: Context, here: Standing) -> Renewal:
    """What to send to the token endpoint."""
    return Renewal(here.connection.id, here.grant(ctx.seal), ctx.hosts.base(here.connection.environment))


async def renew(wired: Wired, act: Renewal) -> Grant | Failure:
    """The new pair of tokens, or why there is none."""
    ctx = wired.ctx
    if act.grant.refresh_token is None:
        return _failure(Unreached("NoRefreshToken", "this connection has no refresh token", left=False))
    request = wire.refresh(act.base, ctx.app.id or "", ctx.app.secret or "", act.grant.refresh_token)
    try:
        reply = await wired.pinterest.send(request, ctx.policy.timeout_s)
        return read_grant(wire.read_object(TOKEN, reply), ctx.clock.now(), act.grant)
    except Unreached as unreached:
        return _failure(unreached)
    except Refused as refused:
        return refused.failure


def record(ctx: Context, tx: Tx, act: Renewal, result: Grant | Failure) -> None:
    """Put the new pair in place by compare-and-set, or say when to try again, or that a person must reconnect."""
    if isinstance(result, Grant):
        connections.refreshed(tx, act.connection_id, result, ctx.seal, replaces=act.grant.version)
        return
    upkeep = connections.upkeep(tx, act.connection_id)
    if result.remedy is Remedy.RECONNECT or act.grant.refresh_token is None:
        connections.mark_broken(tx, act.connection_id, result.title, version=act.grant.version)
        return
    connections.refresh_later(
        tx, act.connection_id, tx.now + retry_wait(upkeep.tries + 1), version=act.grant.version
    )


def keep(ctx: Context, tx: Tx, act: Renewal, result: Grant | Failure) -> None:
    """The Lane is lost, but a new pair is worth more than that: the compare-and-set keeps it from overwriting another."""
    if isinstance(result, Grant):
        connections.refreshed(tx, act.connection_id, result, ctx.seal, replaces=act.grant.version)


def read_grant(data: dict[str, Any], now: datetime, former: Grant | None = None) -> Grant:
    """A Grant from a token reply. A field that is missing keeps its former value; `scope` may be missing since 5.28."""

    def seconds(name: str) -> timedelta | None:
        value = data.get(name)
        return timedelta(seconds=value) if isinstance(value, int) and value > 0 else None

    access, refresh = data.get("access_token"), data.get("refresh_token")
    if not isinstance(access, str) or not access:
        raise Refused(
            _failure(Unreached("UnreadableReply", "the token reply holds no access token", left=True))
        )
    life = seconds("expires_in") or timedelta(days=30)
    refresh_life = seconds("refresh_token_expires_in")
    scope = data.get("scope")
    scopes = frozenset(scope.replace(",", " ").split()) if isinstance(scope, str) else None
    renewed = isinstance(refresh, str) and bool(refresh)
    return Grant(
        access_token=access,
        refresh_token=str(refresh) if renewed else (former.refresh_token if former else None),
        scopes=scopes if scopes is not None else (former.scopes if former else frozenset()),
        access_expires_at=now + life,
        refresh_expires_at=(now + refresh_life)
        if refresh_life is not None
        else (former.refresh_expires_at if former else None),
        refreshed_at=now,
        version=former.version if former else 1,
    )


def _failure(unreached: Unreached) -> Failure:
    return wire.refused_by(TOKEN, unreached).failure
