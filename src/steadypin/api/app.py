"""Puts the API together."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from steadypin import __version__
from steadypin.api import (
    app_facts,
    boards,
    budgets,
    connections,
    imports,
    incidents,
    keys,
    media,
    pause,
    pins,
    reconnecting,
    reference,
    remaps,
    secret,
)
from steadypin.api.addresses import parameters_at, read_addresses
from steadypin.api.doors import HostDoor, KeyDoor, SafetyHeaders, SizeDoor
from steadypin.api.problems import Problem, documented, install
from steadypin.api.wiring import InContext
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError
from steadypin.services import pausing
from steadypin.services.context import Wired

_ABOUT = """
Steadypin publishes Pins on Pinterest, each exactly once, at its time. Everything that its pages and its command line
do, this API does.

Send an API key as `Authorization: Bearer sp_…`. Times carry an offset. Unknown fields are refused. What is wrong comes
back as a problem (RFC 9457) that says what happened and what to do.
"""


class Ok(BaseModel):
    """It is."""

    ok: bool = True


def create_api(wired: Wired, base_url: str) -> FastAPI:
    """The app with every route of the API. `base_url` is the address under which people reach it, without a slash."""
    base_url = base_url.rstrip("/")
    app = FastAPI(
        title="Steadypin",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.wired, app.state.base_url = wired, base_url
    install(app, base_url)
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(_refuse_unknown_parameters)])
    for module in (
        pins,
        imports,
        connections,
        reconnecting,
        boards,
        remaps,
        budgets,
        app_facts,
        media,
        pause,
        incidents,
        keys,
        secret,
    ):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(_health)
    app.include_router(reference.router)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    app.state.addresses = read_addresses(app.openapi())
    app.add_middleware(KeyDoor, ctx=wired.ctx, base_url=base_url)
    app.add_middleware(SizeDoor, base_url=base_url)
    app.add_middleware(HostDoor, base_url=base_url)
    app.add_middleware(SafetyHeaders, consent_url=wired.ctx.hosts.consent)
    return app


_health = APIRouter(tags=["Health"])


@_health.get("/healthz")
async def is_alive() -> Ok:
    """The process runs."""
    return Ok()


@_health.get("/readyz", responses=documented(503))
def is_ready(ctx: InContext) -> Ok:
    """The database answers."""
    pausing.state(ctx)
    return Ok()


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_ABOUT.strip(),
            routes=app.routes,
            license_info={"name": "MIT", "identifier": "MIT"},
        )
        _, problem = models_json_schema(
            [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
        )
        document["components"]["schemas"].update(problem["$defs"])
        app.openapi_schema = document
    return app.openapi_schema


async def _refuse_unknown_parameters(request: Request) -> None:
    """A parameter that a route does not know is refused as an unknown field is: it may be a misspelt one."""
    if not request.query_params:
        return
    known = parameters_at(request.app.state.addresses, request.url.path, request.method)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise InputRefused(
            [
                FieldError(name, f"There is no parameter {name} here. Remove it, or correct its name.")
                for name in unknown
            ]
        )
