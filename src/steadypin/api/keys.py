"""/keys and /setup-links: who may come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import Administers, InContext
from steadypin.services import access
from steadypin.services.access import Key, Scope

router = APIRouter(tags=["Access"], responses=documented(401, 403, 422, 503))


class KeyIn(Body):
    """A key to make. Without `connection_ids` it covers every connection."""

    name: Text = Field(min_length=1, max_length=100)
    scopes: list[Annotated[Scope, Field(strict=False)]] = Field(min_length=1, max_length=20)
    connection_ids: list[Id] | None = Field(default=None, max_length=1000)


class KeyOut(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    connection_ids: list[str] | None
    created_at: Told
    used_at: Told | None = Field(description="Noted every ten minutes at most.")
    revoked_at: Told | None


class NewKeyOut(KeyOut):
    """A key just made. `secret` is shown this once."""

    secret: str


class KeyList(BaseModel):
    """Keys, newest first."""

    items: list[KeyOut]


class SetupLink(BaseModel):
    """An address that opens one browser session, once, within an hour."""

    url: str


def _fields(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "connection_ids": list(key.connection_ids) if key.connection_ids is not None else None,
        "created_at": key.created_at,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
    }


@router.post("/keys", status_code=201, responses=documented(400, 413, 415))
def create_key(body: KeyIn, ctx: InContext, caller: Administers) -> NewKeyOut:
    """Make a key. Its secret is never kept, so a repeated request makes another key: revoke the one not needed."""
    made = access.make_key(ctx, body.name, body.scopes, body.connection_ids)
    return NewKeyOut.model_validate({**_fields(made.key), "secret": made.secret})


@router.get("/keys")
def list_keys(ctx: InContext, caller: Administers) -> KeyList:
    """Every key, revoked ones included."""
    return KeyList(items=[KeyOut.model_validate(_fields(key)) for key in access.keys(ctx)])


@router.delete("/keys/{key_id}", responses=documented(404))
def revoke_key(
    key_id: Annotated[Id, Path(description="The id of a key.")], ctx: InContext, caller: Administers
) -> KeyOut:
    """End a key at once and for good."""
    return KeyOut.model_validate(_fields(access.revoke_key(ctx, key_id)))


@router.post("/setup-links", status_code=201)
def create_setup_link(request: Request, ctx: InContext, caller: Administers) -> SetupLink:
    """Make a link that signs a browser in."""
    return SetupLink(url=f"{request.app.state.base_url}/setup/{access.new_setup_link(ctx)}")
