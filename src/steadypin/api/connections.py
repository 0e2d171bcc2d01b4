"""/connections: the Pinterest accounts, and connecting one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import (
    Administers,
    InContext,
    InWired,
    ReadsConnections,
    WritesConnections,
    unlimited,
    visible,
)
from steadypin.domain.accounts import Broken
from steadypin.domain.connections import APPS_PAGE, Connection, ConnectionStatus, Owner
from steadypin.domain.scopes import COSTS, lacking
from steadypin.domain.upkeep import RefreshTrouble
from steadypin.domain.words import Cause, Remedy
from steadypin.services import connecting, pasting, watching
from steadypin.services.connecting import Wanted
from steadypin.services.context import Context

router = APIRouter(prefix="/connections", tags=["Connections"], responses=documented(401, 403, 422, 503))

ConnectionId = Annotated[Id, Path(description="The id of a connection.")]
State = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="The state of a consent under way.")
]


class RefreshFailureOut(BaseModel):
    """Why the last call of its kind failed, with Pinterest's own reply; the next one that works removes it."""

    at: Told
    rule: str
    cause: str
    remedy: str
    title: str
    fix: str
    native: dict[str, Any]


class BrokenOut(BaseModel):
    """Why nothing can be done for it, and who heals it. Its Pins are held with the same cause."""

    because: str
    cause: Cause
    remedy: Remedy
    rule: str
    fix: str


class OwnerOut(BaseModel):
    """The person who looks after it; every alert about it names them."""

    name: str
    contact: str | None


class LackingOut(BaseModel):
    """A scope that was not granted. All goes on without one that is `optional`."""

    scope: str
    costs: str
    optional: bool


class ConnectionOut(BaseModel):
    """One authorised Pinterest account."""

    id: str
    environment: str
    account_id: str
    username: str
    account_type: str
    status: ConnectionStatus
    broken_because: str | None
    broken: BrokenOut | None
    owner: OwnerOut | None
    scopes: list[str]
    lacks: list[LackingOut] = Field(description="Scopes that were not granted, and what that costs.")
    access_expires_at: Told
    refresh_expires_at: Told | None
    ends_at: Told = Field(description="When it ends unless it is refreshed or reconnected.")
    ends_because: str | None = Field(
        description="Why its end will not move by itself, or has not moved yet; null while all is well."
    )
    last_refresh_failure: RefreshFailureOut | None
    checked_at: Told | None = Field(description="When Pinterest last said who this account is.")
    next_check_at: Told | None = Field(description="When it is asked next.")
    last_check_failure: RefreshFailureOut | None
    paused_at: Told | None
    disconnected_at: Told | None
    remove_app_at: str | None = Field(
        description="Once disconnected: the page of Pinterest where the account's owner removes the app there too."
    )
    created_at: Told


class ConnectionList(BaseModel):
    """Connections by username."""

    items: list[ConnectionOut]


class Environment(Body):
    """Where to connect, and whether to ask for secret boards too."""

    environment: Literal["production", "sandbox"] = "production"
    secret_boards: bool = Field(
        default=False, description="Ask for the four scopes of secret boards too; all goes on without them."
    )


class Consent(BaseModel):
    """Open `url` in a browser and give access there; `state` is what to ask about afterwards."""

    url: str
    state: str
    expires_at: Told


class Code(Body):
    """What Pinterest added to the redirect address."""

    state: Text = Field(max_length=100)
    code: Text = Field(max_length=2000)


class SandboxToken(Body):
    """An access token of the sandbox, as the App's page at Pinterest shows it. It is kept sealed, and never answered."""

    token: Text = Field(max_length=4000)
    environment: Literal["sandbox"] = "sandbox"


class ConsentState(BaseModel):
    """`waiting`, or `connected` with the connection. A refusal is a problem of status 409."""

    status: Literal["waiting", "connected"]
    connection: ConnectionOut | None


class OwnerIn(Body):
    """The person who looks after a connection."""

    name: Text = Field(min_length=1, max_length=watching.LONGEST_NAME)
    contact: Text | None = Field(default=None, max_length=watching.LONGEST_CONTACT)


class ConnectionChange(Body):
    """What can be changed about a connection; null takes the owner away."""

    owner: OwnerIn | None


class ErrandOut(BaseModel):
    """What was asked of the account's worker; ask for its outcome under `/errands/{errand_id}`."""

    errand_id: str


def connection_out(ctx: Context, connection: Connection) -> ConnectionOut:
    """A Connection as JSON, with the status it has now."""
    return ConnectionOut(
        id=connection.id,
        environment=connection.environment,
        account_id=connection.account_id,
        username=connection.username,
        account_type=connection.account_type,
        status=connection.status(ctx.clock.now()),
        broken_because=connection.broken_because,
        broken=_broken_out(connection.broken),
        owner=_owner_out(connection.owner),
        scopes=sorted(connection.scopes),
        lacks=[
            LackingOut(scope=each.scope, costs=each.costs, optional=each.is_optional)
            for each in lacking(connection.scopes, COSTS)
        ],
        access_expires_at=connection.access_expires_at,
        refresh_expires_at=connection.refresh_expires_at,
        ends_at=connection.ends_at,
        ends_because=connection.ends_because,
        last_refresh_failure=_failure_out(connection.refresh_trouble),
        checked_at=connection.checked_at,
        next_check_at=connection.check_at,
        last_check_failure=_failure_out(connection.check_trouble),
        paused_at=connection.paused_at,
        disconnected_at=connection.disconnected_at,
        remove_app_at=APPS_PAGE if connection.disconnected_at is not None else None,
        created_at=connection.created_at,
    )


def _failure_out(trouble: RefreshTrouble | None) -> RefreshFailureOut | None:
    return None if trouble is None else RefreshFailureOut(**asdict(trouble))


def _broken_out(broken: Broken | None) -> BrokenOut | None:
    return None if broken is None else BrokenOut(**asdict(broken))


def _owner_out(owner: Owner | None) -> OwnerOut | None:
    return None if owner is None else OwnerOut(**asdict(owner))


@router.get("")
def list_connections(ctx: InContext, caller: ReadsConnections) -> ConnectionList:
    """Every connection that this key covers."""
    found = connecting.listing(ctx, caller.connection_ids)
    return ConnectionList(items=[connection_out(ctx, connection) for connection in found])


@router.post("/authorize", status_code=201, responses=documented(400, 409, 413, 415))
def authorize(ctx: InContext, caller: WritesConnections, body: Environment | None = None) -> Consent:
    """Begin to connect an account: answers the address of Pinterest's consent page."""
    unlimited(caller)
    wanted = body or Environment()
    begun = connecting.authorize(ctx, wanted.environment, Wanted(secret_boards=wanted.secret_boards))
    return Consent(url=begun.url, state=begun.state, expires_at=begun.expires_at)


@router.post("/authorize/finish", status_code=201, responses=documented(400, 409, 413, 415))
async def finish_authorization(body: Code, wired: InWired, caller: WritesConnections) -> ConnectionOut:
    """Finish without a browser redirect: hand over the state and the code."""
    unlimited(caller)
    return connection_out(wired.ctx, await connecting.finish(wired, body.state, body.code))


@router.post("/token", status_code=201, responses=documented(400, 409, 413, 415))
async def connect_with_token(body: SandboxToken, wired: InWired, caller: Administers) -> ConnectionOut:
    """Connect an account of the sandbox with a token of the App's page. Nothing can renew it; `ends_at` says until when."""
    unlimited(caller)
    return connection_out(wired.ctx, await pasting.connect(wired, body.token))


@router.get("/authorize/{state}", responses=documented(404, 409))
def look_at_authorization(state: State, ctx: InContext, caller: WritesConnections) -> ConsentState:
    """Whether the person at the consent page has decided."""
    unlimited(caller)
    connection = connecting.outcome(ctx, state)
    if connection is None:
        return ConsentState(status="waiting", connection=None)
    return ConsentState(status="connected", connection=connection_out(ctx, connection))


@router.get("/{connection_id}", responses=documented(404))
def show_connection(connection_id: ConnectionId, ctx: InContext, caller: ReadsConnections) -> ConnectionOut:
    """One connection."""
    visible(caller, connection_id)
    return connection_out(ctx, connecting.get(ctx, connection_id))


@router.patch("/{connection_id}", responses=documented(400, 404, 413, 415))
def change_connection(
    connection_id: ConnectionId, body: ConnectionChange, ctx: InContext, caller: WritesConnections
) -> ConnectionOut:
    """Name the person who looks after it."""
    visible(caller, connection_id)
    owner = Owner(body.owner.name, body.owner.contact) if body.owner is not None else None
    return connection_out(ctx, watching.set_owner(ctx, connection_id, owner))


@router.post("/{connection_id}/check", status_code=202, responses=documented(404, 409))
def check_connection(connection_id: ConnectionId, ctx: InContext, caller: WritesConnections) -> ErrandOut:
    """Have its account read from Pinterest now, also when it is broken. `checked_at` or `last_check_failure` of the
    connection moves on when that is done.
    """
    visible(caller, connection_id)
    return ErrandOut(errand_id=watching.check(ctx, connection_id))


@router.delete("/{connection_id}", responses=documented(404, 409))
def disconnect(connection_id: ConnectionId, ctx: InContext, caller: WritesConnections) -> ConnectionOut:
    """Destroy our copy of its tokens. Its Pins stay, are held as they come due, and go on once it is connected again.

    The account's owner removes the app on Pinterest at `remove_app_at`; no client can do that.
    """
    visible(caller, connection_id)
    return connection_out(ctx, connecting.disconnect(ctx, connection_id))
