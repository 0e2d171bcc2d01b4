"""Connecting in the sandbox with a token that was copied from the App's page at Pinterest, without a consent.

    pasted token -> whose is it? (sandbox) -> Connection without a refresh token -> told ahead of its end (a duty)

Such a token is reported to live 24 hours, and Pinterest does not say from when on, so the end shown here is the latest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from steadypin.domain.connections import AlertKind, Connection, Grant
from steadypin.domain.errors import InputRefused
from steadypin.domain.operations import MINIMUM_SCOPES, USER_ACCOUNT
from steadypin.domain.texts import FieldError
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Refused
from steadypin.services import alerting, connecting, duty_work
from steadypin.services.connecting import NotConnected
from steadypin.services.context import Context, Wired
from steadypin.services.duty_work import Conclude, Handler
from steadypin.storage import connections, duties, lanes
from steadypin.storage.database import Tx

KIND = "pasted_token_ends"
LIVES = timedelta(hours=24)
"""Reported by those who measured it."""
TOLD_AHEAD = timedelta(hours=3)
_LONGEST = 2000


async def connect(wired: Wired, token: str) -> Connection:
    """Connect the account of a sandbox token. Raises InputRefused for what is no access token, NotConnected."""
    ctx, token = wired.ctx, token.strip()
    _check(token)
    try:
        account = await _account(wired, "sandbox", token)
    except Refused as refused:
        raise NotConnected(await _why(wired, token, refused)) from None
    now = ctx.clock.now()
    grant = Grant(token, None, frozenset(MINIMUM_SCOPES), now + LIVES, None, now)
    return await ctx.store.write_async(lambda tx: _save(ctx, tx, grant, account))


def _check(token: str) -> None:
    """Refuse what cannot be an access token; the text itself is never repeated."""
    if token.startswith("pinr_"):
        said = "This is a refresh token. Copy the access token, which begins with pina_, from the App's page."
    elif not token or len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
        said = "This is no token. Copy it whole from the App's page at developers.pinterest.com, and nothing besides."
    else:
        return
    raise InputRefused([FieldError("token", said)])


async def _account(wired: Wired, environment: str, token: str) -> dict[str, object]:
    who = wire.get_account(wired.ctx.hosts.caller(environment, token))
    return wire.read_object(USER_ACCOUNT, await connecting.send(wired, who), environment)


async def _why(wired: Wired, token: str, refused: Refused) -> str:
    """The sandbox says the same of a token of production as of one that has ended, so production is asked too."""
    native = refused.failure.native
    if (native.status, native.code) != (401, 2):
        return connecting.sentence(refused.failure)
    try:
        await _account(wired, "production", token)
    except Refused:
        return (
            "Pinterest accepts this token neither in the sandbox nor in production (401, code 2): it has ended, or it was "
            "not copied whole. Create a new sandbox token on the App's page; it is reported to live 24 hours."
        )
    return (
        "This token belongs to production, and the sandbox has its own: Pinterest refused it there (401, code 2). Create a "
        "sandbox token on the App's page, or connect with `steadypin connect --sandbox` through the consent page."
    )


def _save(ctx: Context, tx: Tx, grant: Grant, account: dict[str, object]) -> Connection:
    connection = connecting.save(ctx, tx, "sandbox", grant, account)
    duties.ask(tx, KIND, connection.id, grant.access_expires_at - TOLD_AHEAD)
    return connection


def handler() -> Handler:
    """What the worker does some hours before the end: say so."""

    async def handle(ctx: Context, duty: duty_work.Duty) -> Conclude:
        return lambda tx: _tell(ctx, tx, duty.key)

    return handle


def _tell(ctx: Context, tx: Tx, connection_id: str) -> datetime | None:
    """One that was connected anew meanwhile is told later, or by the usual alerts."""
    lanes.lock(tx, connection_id)
    found = connections.get(tx, connection_id)
    if found is None or found.renewable or found.broken_because or found.disconnected_at:
        return None
    if found.ends_at - tx.now > TOLD_AHEAD:
        return found.ends_at - TOLD_AHEAD
    alerting.tell(ctx.alerts, tx, connection_id, AlertKind.ENDS_SOON)
    return None
