"""/secret: a new key in the place of the one that seals the tokens."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from steadypin.api.fields import Body
from steadypin.api.problems import documented
from steadypin.api.wiring import Administers, InContext
from steadypin.services import rekeying

router = APIRouter(prefix="/secret", tags=["Access"], responses=documented(401, 403, 422, 503))


class RotationIn(Body):
    """`everywhere`: every machine that works on this database has the new key."""

    everywhere: bool = False


class RotationOut(BaseModel):
    """How far a rotation is. Keys are named by an id that tells nothing about them."""

    key: str = Field(description="The id of the new key.")
    finished: bool = Field(description="False: ask again to go on.")
    waits: bool = Field(
        description="The new key is ready; bring it to every machine, then ask with `everywhere`."
    )
    resealed: int = Field(description="Rows that this call sealed with the new key.")
    left: int = Field(description="Rows that are still sealed with another key.")
    unreadable: list[str] = Field(
        description="Rows that no key opens. They are kept; connect these accounts again."
    )
    former_file: str | None = Field(
        description="Where the former key went; null: remove it from where you keep it."
    )


@router.post("/rotate", responses=documented(400, 409, 413, 415))
def rotate(ctx: InContext, caller: Administers, body: RotationIn | None = None) -> RotationOut:
    """Put a new secret key in the place of the present one, or go on with that, for some seconds."""
    found = rekeying.rotate(ctx, everywhere=body is not None and body.everywhere)
    return RotationOut(
        key=found.key,
        finished=found.finished,
        waits=found.waits,
        resealed=found.resealed,
        left=found.left,
        unreadable=list(found.unreadable),
        former_file=str(found.former_file) if found.former_file is not None else None,
    )
