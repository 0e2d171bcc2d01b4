"""/pause: stop sending, everywhere or for one connection, and go on."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from steadypin.api.doors import Caller
from steadypin.api.fields import Body, Id, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsConnections, WritesConnections, unlimited, visible
from steadypin.services import connecting, pausing
from steadypin.services.context import Context

router = APIRouter(prefix="/pause", tags=["Pause"], responses=documented(401, 403, 422, 503))


class PauseOut(BaseModel):
    """Whether everything is paused, and which connections are paused by themselves."""

    paused: bool
    since: Told | None
    because: str | None
    connection_ids: list[str]


class PauseIn(Body):
    """Pause or go on: everything, or the connection that is named."""

    paused: bool
    connection_id: Id | None = None
    because: Text = Field(default="", max_length=500, description="Shown wherever the pause is shown.")


@router.get("")
def show_pause(ctx: InContext, caller: ReadsConnections) -> PauseOut:
    """What is paused."""
    return _state(ctx, caller)


@router.put("", responses=documented(400, 404, 409, 413, 415))
def set_pause(body: PauseIn, ctx: InContext, caller: WritesConnections) -> PauseOut:
    """Pause or go on. Once this is answered, no new create begins; what was sent is still confirmed."""
    if body.connection_id is not None:
        visible(caller, body.connection_id)
        change = pausing.pause_connection if body.paused else pausing.resume_connection
        change(ctx, body.connection_id)
    else:
        unlimited(caller)
        if body.paused:
            pausing.pause_all(ctx, body.because)
        else:
            pausing.resume_all(ctx)
    return _state(ctx, caller)


def _state(ctx: Context, caller: Caller) -> PauseOut:
    pause = pausing.state(ctx)
    paused = [c.id for c in connecting.listing(ctx, caller.connection_ids) if c.paused_at is not None]
    return PauseOut(
        paused=pause.at is not None, since=pause.at, because=pause.because or None, connection_ids=paused
    )
