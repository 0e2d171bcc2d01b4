"""Connecting a Pinterest account: consent page, code, tokens, account, boards; and disconnecting it.

    authorize -> (consent page, redirect) -> finish -> Connection

One Connection per account and environment, whoever connects it: connecting the same account again renews it, and keeps
every Pin. A consent that a browser began can be finished in that browser only.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlencode

from steadypin.domain.board_changes import EVERY
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection, Grant, Went, restored
from steadypin.domain.errors import Conflict, NotThere, Refusal
from steadypin.domain.failures import Failure
from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES, TOKEN, USER_ACCOUNT
from steadypin.domain.scopes import COSTS, lacking, lacking_sentence, wanted_scopes
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Refused, Request, Unreached
from steadypin.services import alerting, app_access, breaking, look_ahead, resuming
from steadypin.services.context import Context, Wired
from steadypin.services.refreshing import UNREADABLE, read_grant
from steadypin.storage import authorizations, boards, connections, errands, lanes, reconnect_links
from steadypin.storage.authorizations import Consent
from steadypin.storage.database import Tx
from steadypin.storage.errands import ErrandKind

__all__ = ["Consent"]

CONSENT_LASTS = timedelta(minutes=30)


class NotConnected(Refusal):
    """Pinterest, or the person at the consent page, said no."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a consent is begun for. `secret_boards`: ask for the four secret scopes too. `browser`: what only the browser
    that begins it has. `brings_back`: the Connection that it must be about, `link_id`: by which reconnect link."""

    secret_boards: bool = False
    browser: str | None = field(default=None, repr=False)
    brings_back: str | None = None
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send the person, and the state that must come back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    expires_at: datetime


def authorize(ctx: Context, environment: str = "production", wanted: Wanted | None = None) -> Authorization:
    """Begin a consent. Raises Conflict when the operator's app is not set, NotThere."""
    if not ctx.app.id or not ctx.app.secret:
        raise Conflict(
            "No Pinterest app is set. Put its id and secret into STEADYPIN_PINTEREST_APP_ID and "
            "STEADYPIN_PINTEREST_APP_SECRET and start Steadypin again."
        )
    wanted = wanted or Wanted()
    state = secrets.token_urlsafe(32)

    def work(tx: Tx) -> Consent:
        known = (
            _there(connections.get(tx, wanted.brings_back), wanted.brings_back)
            if wanted.brings_back
            else None
        )
        secret_boards = wanted.secret_boards or (
            known is not None and not known.scopes.isdisjoint(SECRET_SCOPES)
        )
        consent = Consent(
            environment=known.environment if known is not None else environment,
            redirect_uri=ctx.app.redirect_uri,
            expires_at=tx.now + CONSENT_LASTS,
            scopes=wanted_scopes(secret_boards=secret_boards),
            browser=digest(wanted.browser) if wanted.browser is not None else None,
            expects=wanted.brings_back,
            link_id=wanted.link_id,
        )
        authorizations.begin(tx, state, consent)
        return consent

    consent = ctx.store.write(work)
    query = {
        "client_id": ctx.app.id,
        "redirect_uri": consent.redirect_uri,
        "response_type": "code",
        "scope": ",".join(consent.scopes),
        "state": state,
    }
    return Authorization(f"{ctx.hosts.consent}?{urlencode(query)}", state, consent.expires_at)


def begun(ctx: Context, state: str, browser: str | None) -> Consent | None:
    """The consent behind a state, for the browser that began it; None for any other, or when it is not known."""
    with ctx.store.read() as tx:
        consent = authorizations.get(tx, state)
    return consent if consent is not None and _began_here(consent, browser) else None


def _began_here(consent: Consent, browser: str | None) -> bool:
    return consent.browser is None or (
        browser is not None and compare_digest(consent.browser, digest(browser))
    )


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


async def finish(
    wired: Wired, state: str, code: str | None, error: str | None = None, browser: str | None = None
) -> Connection:
    """Turn the code into a Connection. Raises NotConnected, with a sentence that also reaches whoever waits.

    `browser` is what only the browser that came back has: a consent that a browser began is finished by no other.
    """
    ctx = wired.ctx
    with ctx.store.read() as tx:
        consent = authorizations.get(tx, state)
    if consent is not None and not _began_here(consent, browser):
        raise NotConnected(
            "This consent was begun in another browser, so nothing was connected. Start again with Connect in the browser "
            "that you have open here."
        )
    if consent is None or not await ctx.store.write_async(lambda tx: authorizations.use(tx, state)):
        raise NotConnected("This consent was used already or has expired. Start again with Connect.")
    try:
        if error or not code:
            raise NotConnected(
                "Access was not given on Pinterest's page, so nothing was connected. Start again, and choose Give access."
            )
        grant, account = await _exchange(wired, consent, code)
        connection = await ctx.store.write_async(
            lambda tx: save(ctx, tx, consent.environment, grant, account, consent)
        )
    except Refusal as refusal:
        told = {"sentence": str(refusal)}
        await ctx.store.write_async(lambda tx: authorizations.finish(tx, state, None, told))
        raise
    await ctx.store.write_async(lambda tx: authorizations.finish(tx, state, connection.id, None))
    return connection


async def _exchange(wired: Wired, consent: Consent, code: str) -> tuple[Grant, dict[str, object]]:
    """The Grant, with the scopes that were asked for where the reply names none: it may when it gave them all."""
    ctx, environment = wired.ctx, consent.environment
    base = ctx.hosts.base(environment)
    asked = wire.exchange_code(base, ctx.app.id or "", ctx.app.secret or "", code, consent.redirect_uri)
    try:
        grant = read_grant(wire.read_object(TOKEN, await send(wired, asked)), ctx.clock.now())
        grant = grant if grant.scopes else replace(grant, scopes=frozenset(consent.scopes or MINIMUM_SCOPES))
        missing = lacking(grant.scopes)
        if missing:
            raise NotConnected(
                f"Not everything was allowed on Pinterest's page, so nothing was stored. {lacking_sentence(missing)} "
                "Connect again, and leave these boxes ticked."
            )
        who = wire.get_account(ctx.hosts.caller(environment, grant.access_token))
        return grant, wire.read_object(USER_ACCOUNT, await send(wired, who), environment)
    except Refused as refused:
        raise NotConnected(sentence(refused.failure)) from refused


async def send(wired: Wired, request: Request) -> wire.Reply:
    """A call beside the Lanes, counted and learned from. Raises Refused when nobody answers."""
    await app_access.before_call(wired.ctx, request.operation.category)
    try:
        reply = await wired.pinterest.send(request, wired.ctx.policy.timeout_s)
    except Unreached as unreached:
        raise wire.refused_by(request.operation, unreached) from unreached
    await app_access.after_call(wired.ctx, request, reply)
    return reply


def sentence(failure: Failure) -> str:
    """A Failure as one who waits for a Connection reads it."""
    native = failure.native
    if native.exception == UNREADABLE:
        return (
            "Pinterest's answer could not be used, so nothing was stored. Try to connect again. "
            f"({(native.message or '').capitalize()}.)"
        )
    said = f" (Pinterest says: {native.message})" if native.message else ""
    return f"{failure.title}. {failure.fix}{said}"


def save(
    ctx: Context,
    tx: Tx,
    environment: str,
    grant: Grant,
    account: dict[str, object],
    consent: Consent | None = None,
) -> Connection:
    """Keep what an account has granted: a new Connection, or the known one renewed. Raises NotConnected, also when the
    consent was begun for another account."""
    account_id = str(account.get("id") or account.get("username") or "")
    username = str(account.get("username") or account_id)
    if not account_id:
        raise NotConnected("Pinterest did not say which account this is. Try to connect again.")
    known = connections.find_account(tx, environment, account_id)
    if consent is not None:
        _check_expected(tx, consent, known, username)
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
    if known is None and connections.insert(tx, connection, grant, ctx.seal, ctx.jitter()):
        lanes.open_lane(tx, connection.id)
    else:
        known = known or connections.find_account(tx, environment, account_id)
        connection = _connect_anew(ctx, tx, connection, grant, known)
    alerting.watch(tx, connection.id)
    errands.ask(tx, ctx.new_id("err", tx.now), connection.id, ErrandKind.SYNC_BOARDS, {})
    boards.sync_at(tx, connection.id, tx.now + EVERY)
    return _there(connections.get(tx, connection.id), connection.id)


def _check_expected(tx: Tx, consent: Consent, known: Connection | None, username: str) -> None:
    """Raises NotConnected when it was begun for another account, or by a link that is dead meanwhile."""
    if consent.expects is None:
        return
    expected = _there(connections.get(tx, consent.expects), consent.expects)
    if known is None or known.id != expected.id:
        raise NotConnected(
            f"This brings back {expected.username}, but access was given for {username}. Nothing was changed. Sign in to "
            f"Pinterest as {expected.username}, or choose that account there, and try again."
        )
    if consent.link_id is not None and not reconnect_links.use(tx, consent.link_id):
        raise NotConnected(
            f"This link was used or revoked meanwhile, so nothing was changed. If {expected.username} is still not "
            "connected, ask for a new link."
        )


def _connect_anew(
    ctx: Context, tx: Tx, connection: Connection, grant: Grant, known: Connection | None
) -> Connection:
    """The account is connected already, or somebody else was first: its Connection gets the new Grant."""
    if known is None:
        raise NotConnected("The account was changed in this moment. Try to connect again.")
    lanes.lock(tx, known.id)
    known = _there(connections.get(tx, known.id), known.id)
    _keep_what_works(known, grant)
    connection = replace(connection, id=known.id, created_at=known.created_at, paused_at=known.paused_at)
    lanes.fence_off(tx, known.id)
    connections.reconnect(tx, connection, grant, ctx.seal, ctx.jitter())
    breaking.reconnected(tx, known)
    went = resuming.after_reconnect(
        ctx, tx, connection, broken_by=known.broken.rule if known.broken else None
    )
    if known.broken_because is not None or known.disconnected_at is not None or went != Went():
        ctx.alerts.tell(tx, restored(connection, went))
    return connection


def _keep_what_works(known: Connection, grant: Grant) -> None:
    """Raises NotConnected: a Grant that works is not replaced by one that may do less."""
    works = known.broken_because is None and known.disconnected_at is None and known.renewal_ended_at is None
    less = lacking(grant.scopes, [scope for scope in COSTS if scope in known.scopes])
    if works and less:
        raise NotConnected(
            f"{known.username} is connected already and may do more than what was allowed now. Nothing was changed. "
            f"{lacking_sentence(less)} To keep that, tick these boxes too; to give it up, disconnect the account first."
        )


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
        look_ahead.look_anew(tx, connection_id)
        return _there(connections.get(tx, connection_id), connection_id)

    return ctx.store.write(work)


def _there(connection: Connection | None, connection_id: str) -> Connection:
    if connection is None:
        raise NotThere(f"There is no connection {connection_id}.")
    return connection


def digest(secret: str) -> str:
    """Of a secret of 256 random bits, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
