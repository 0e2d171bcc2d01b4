"""Connecting a Pinterest account: consent page, code, tokens, account, boards; and disconnecting it.

    authorize -> (consent page, redirect) -> finish -> Connection

One Connection per account and environment, whoever connects it: connecting the same account again renews it, and keeps
every Pin.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from steadypin.domain.board_changes import EVERY
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection, Grant
from steadypin.domain.errors import Conflict, NotThere, Refusal
from steadypin.domain.failures import Failure
from steadypin.domain.operations import MINIMUM_SCOPES, TOKEN, USER_ACCOUNT, missing_scopes
from steadypin.domain.words import Cause
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Refused, Request, Unreached
from steadypin.services import alerting, transitions
from steadypin.services.context import Context, Wired
from steadypin.services.refreshing import read_grant
from steadypin.storage import authorizations, boards, connections, errands, lanes, pins
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind

CONSENT_LASTS = timedelta(minutes=30)
_HEALED_BY_RECONNECTING = (Cause.TOKEN, Cause.SCOPE)


class NotConnected(Refusal):
    """Pinterest, or the person at the consent page, said no."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send the person, and the state that must come back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    expires_at: datetime


def authorize(ctx: Context, environment: str = "production") -> Authorization:
    """Begin a consent. Raises Conflict when the operator's app is not set."""
    if not ctx.app.id or not ctx.app.secret:
        raise Conflict(
            "No Pinterest app is set. Put its id and secret into STEADYPIN_PINTEREST_APP_ID and "
            "STEADYPIN_PINTEREST_APP_SECRET and start Steadypin again."
        )
    state = secrets.token_urlsafe(32)
    expires_at = ctx.clock.now() + CONSENT_LASTS
    ctx.store.write(lambda tx: authorizations.begin(tx, state, environment, ctx.app.redirect_uri, expires_at))
    query = {
        "client_id": ctx.app.id,
        "redirect_uri": ctx.app.redirect_uri,
        "response_type": "code",
        "scope": ",".join(MINIMUM_SCOPES),
        "state": state,
    }
    return Authorization(f"{ctx.hosts.consent}?{urlencode(query)}", state, expires_at)


def outcome(ctx: Context, state: str) -> Connection | None:
    """What became of a consent: None while waiting. Raises NotConnected with the reason, NotThere."""
    with ctx.store.read() as tx:
        consent = authorizations.get(tx, state)
        if consent is None:
            raise NotThere(
                "This consent is not known, or it is long over. Start again with `steadypin connect`."
            )
        if consent.failure is not None:
            raise NotConnected(str(consent.failure["sentence"]))
        if consent.connection_id is None:
            return None
        return connections.get(tx, consent.connection_id)


async def finish(wired: Wired, state: str, code: str | None, error: str | None = None) -> Connection:
    """Turn the code into a Connection. Raises NotConnected, with a sentence that also reaches whoever waits."""
    ctx = wired.ctx
    with ctx.store.read() as tx:
        consent = authorizations.get(tx, state)
    if consent is None or not await ctx.store.write_async(lambda tx: authorizations.use(tx, state)):
        raise NotConnected("This consent was used already or has expired. Start again with Connect.")
    try:
        if error or not code:
            raise NotConnected(
                "Access was not given on Pinterest's page, so nothing was connected. Start again, and choose Give access."
            )
        grant, account = await _exchange(wired, consent.environment, consent.redirect_uri, code)
        connection = await ctx.store.write_async(
            lambda tx: _save(ctx, tx, consent.environment, grant, account)
        )
    except Refusal as refusal:
        told = {"sentence": str(refusal)}
        await ctx.store.write_async(lambda tx: authorizations.finish(tx, state, None, told))
        raise
    await ctx.store.write_async(lambda tx: authorizations.finish(tx, state, connection.id, None))
    return connection


async def _exchange(
    wired: Wired, environment: str, redirect_uri: str, code: str
) -> tuple[Grant, dict[str, object]]:
    ctx = wired.ctx
    base = ctx.hosts.base(environment)
    asked = wire.exchange_code(base, ctx.app.id or "", ctx.app.secret or "", code, redirect_uri)
    try:
        grant = read_grant(wire.read_object(TOKEN, await _send(wired, asked)), ctx.clock.now())
        lacking = missing_scopes(grant.scopes) if grant.scopes else ()
        if lacking:
            raise NotConnected(
                f"Pinterest was not allowed to give {', '.join(lacking)}, and without that no Pin can be published. "
                "Connect again and leave every box ticked."
            )
        who = wire.get_account(ctx.hosts.caller(environment, grant.access_token))
        return grant, wire.read_object(USER_ACCOUNT, await _send(wired, who), environment)
    except Refused as refused:
        raise NotConnected(_sentence(refused.failure)) from refused


async def _send(wired: Wired, request: Request) -> wire.Reply:
    try:
        return await wired.pinterest.send(request, wired.ctx.policy.timeout_s)
    except Unreached as unreached:
        raise wire.refused_by(request.operation, unreached) from unreached


def _sentence(failure: Failure) -> str:
    said = f" (Pinterest says: {failure.native.message})" if failure.native.message else ""
    return f"{failure.title}. {failure.fix}{said}"


def _save(ctx: Context, tx: Tx, environment: str, grant: Grant, account: dict[str, object]) -> Connection:
    account_id = str(account.get("id") or account.get("username") or "")
    username = str(account.get("username") or account_id)
    if not account_id:
        raise NotConnected("Pinterest did not say which account this is. Try to connect again.")
    grant = grant if grant.scopes else replace(grant, scopes=frozenset(MINIMUM_SCOPES))
    known = connections.find_account(tx, environment, account_id)
    connection = Connection(
        id=known.id if known else ctx.new_id("con", tx.now),
        environment=environment,
        account_id=account_id,
        username=username,
        account_type=str(account.get("account_type") or ""),
        scopes=grant.scopes,
        access_expires_at=grant.access_expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        created_at=known.created_at if known else tx.now,
        paused_at=known.paused_at if known else None,
    )
    if known is None:
        connections.insert(tx, connection, grant, ctx.seal, ctx.jitter())
        lanes.open_lane(tx, connection.id)
    else:
        lanes.lock(tx, known.id)
        lanes.fence_off(tx, known.id)
        connections.reconnect(tx, connection, grant, ctx.seal, ctx.jitter())
        _resume_held(ctx, tx, known.id)
    alerting.watch(tx, connection.id)
    errands.ask(tx, ctx.new_id("err", tx.now), connection.id, ErrandKind.SYNC_BOARDS, {})
    boards.sync_at(tx, connection.id, tx.now + EVERY)
    return connection


def _resume_held(ctx: Context, tx: Tx, connection_id: str) -> None:
    """Pins that waited for exactly this go on, if their time is not too long ago; a doubt is looked at again."""
    grace = timedelta(seconds=ctx.policy.late_grace_s)
    for pin in pins.held_for(tx, connection_id, _HEALED_BY_RECONNECTING):
        if pin.in_doubt:
            transitions.confirm_at(tx, pin, tx.now, pin.trouble)
        elif pin.due_at is not None and tx.now - pin.due_at <= grace:
            transitions.go_again(tx, pin, max(pin.due_at, tx.now), None, None, tries=0, refused_grant=None)


def listing(ctx: Context, ids: tuple[str, ...] | None = None) -> list[Connection]:
    """Connections by username."""
    with ctx.store.read() as tx:
        return connections.get_all(tx, ids)


def get(ctx: Context, connection_id: str) -> Connection:
    """One Connection. Raises NotThere."""
    with ctx.store.read() as tx:
        return _there(connections.get(tx, connection_id), connection_id)


def boards_of(ctx: Context, connection_id: str) -> list[Board]:
    """The mirrored boards of a Connection, those that are gone included. Raises NotThere."""
    with ctx.store.read() as tx:
        _there(connections.get(tx, connection_id), connection_id)
        return boards.get_all(tx, connection_id)


def sync_boards(ctx: Context, connection_id: str) -> str:
    """Ask the Lane to read the boards now; answers the errand's id. Raises NotThere."""

    def work(tx: Tx) -> str:
        _there(connections.get(tx, connection_id), connection_id)
        errand_id = ctx.new_id("err", tx.now)
        errands.ask(tx, errand_id, connection_id, ErrandKind.SYNC_BOARDS, {"asked": True})
        return errand_id

    return ctx.store.write(work)


def disconnect(ctx: Context, connection_id: str) -> Connection:
    """Destroy our copy of the tokens. Its Pins are held as they come due, and go on by themselves once it is connected
    again; one whose outcome is open stays so. Doing it twice changes nothing. Raises NotThere.
    """

    def work(tx: Tx) -> Connection:
        lanes.lock(tx, connection_id)
        _there(connections.get(tx, connection_id), connection_id)
        connections.mark_disconnected(tx, connection_id)
        return _there(connections.get(tx, connection_id), connection_id)

    return ctx.store.write(work)


def _there(connection: Connection | None, connection_id: str) -> Connection:
    if connection is None:
        raise NotThere(f"There is no connection {connection_id}.")
    return connection
