"""What routes ask for in their signatures: the Context, the Caller, a scope, the Idempotency-Key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from steadypin.api.doors import CALLER, Caller
from steadypin.domain.errors import NotThere
from steadypin.services.access import Scope
from steadypin.services.context import Context, Wired
from steadypin.services.replays import Asked

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="An API key, `sp_…`, made with `steadypin keys create`.",
)


async def _wired(request: Request) -> Wired:
    wired: Wired = request.app.state.wired
    return wired


async def _context(request: Request) -> Context:
    wired: Wired = request.app.state.wired
    return wired.ctx


def _needs(scope: Scope) -> Callable[[Request, Any], Coroutine[Any, Any, Caller]]:
    async def check(request: Request, _: Annotated[Any, Security(_bearer)]) -> Caller:
        caller: Caller = request.scope[CALLER]
        if not caller.may(scope):
            raise HTTPException(
                403, f"This key lacks the scope {scope}. Make one that has it with `steadypin keys create`."
            )
        return caller

    return check


InWired = Annotated[Wired, Depends(_wired)]
InContext = Annotated[Context, Depends(_context)]
ReadsPins = Annotated[Caller, Depends(_needs(Scope.PINS_READ))]
WritesPins = Annotated[Caller, Depends(_needs(Scope.PINS_WRITE))]
ReadsConnections = Annotated[Caller, Depends(_needs(Scope.CONNECTIONS_READ))]
WritesConnections = Annotated[Caller, Depends(_needs(Scope.CONNECTIONS_WRITE))]
Administers = Annotated[Caller, Depends(_needs(Scope.ADMIN))]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Send the same key with a request that you repeat: it is done once, and answered the same again.",
    ),
]


def asked(caller: Caller, key: str | None, request: Request, body: BaseModel | bytes) -> Asked | None:
    """The request as `replays` knows it; None without an Idempotency-Key."""
    if key is None:
        return None
    raw = body if isinstance(body, bytes) else body.model_dump_json(exclude_unset=True).encode()
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + raw).hexdigest()
    return Asked(caller.key_id, key, digest)


def visible(caller: Caller, connection_id: str) -> None:
    """Raises NotThere for a connection that this caller's key does not cover."""
    if not caller.sees(connection_id):
        raise NotThere(f"There is no connection {connection_id}.")


def unlimited(caller: Caller) -> None:
    """Raises 403 for a key that is limited to some connections."""
    if caller.connection_ids is not None:
        raise HTTPException(
            403,
            "This key is limited to some connections, and this concerns all of them. Use a key without that limit.",
        )
