"""/connections/…/reconnect-link and /resume: bringing an account back, and what happens to the Pins that waited for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsConnections, WritesConnections, visible
from steadypin.services import reconnect_links, resuming
from steadypin.services.resuming import Going, How, Preview

router = APIRouter(prefix="/connections", tags=["Connections"], responses=documented(401, 403, 422, 503))

MOST_PINS = 500
ConnectionId = Annotated[Id, Path(description="The id of a connection.")]


class LinkIn(Body):
    """How long the link works, and who asks."""

    hours: int = Field(
        default=reconnect_links.LASTS // timedelta(hours=1), ge=1, le=reconnect_links.LONGEST_HOURS
    )
    asked_by: Text | None = Field(
        default=None,
        max_length=100,
        description="Shown to whoever opens the link, like the name of your team.",
    )


class LinkOut(BaseModel):
    """A link that brings the account back without a login; it is shown this once."""

    id: str
    url: str
    expires_at: Told


class RevokedOut(BaseModel):
    """How many links do not work any more."""

    revoked: int


class GoingOut(BaseModel):
    """One Pin, the time it had, and its new one."""

    pin_id: str
    title: str | None
    how: How
    due_at: Told | None
    at: Told | None = Field(description="The new time; null for a Pin that is only looked for.")
    because: str | None = Field(description="Why it is not the time that it had.")


class LastResume(BaseModel):
    """What went on last."""

    id: str
    at: Told
    by_itself: bool
    undoable: bool
    undo_because: str | None = Field(description="Why it cannot be taken back any more.")


class ResumeOut(BaseModel):
    """What waits for a reconnect or for a word, and what went on. Of many Pins the first 500 are listed; all are counted."""

    connection_id: str
    now: Told
    connected: bool
    paused: bool = Field(description="A pause keeps them all: nothing is sent before it ends.")
    by_itself: int = Field(description="Pins that go on by themselves once it is reconnected.")
    on_your_word: int = Field(description="Pins that wait for a POST, since they are later than the grace.")
    looked_for: int = Field(description="Held Pins that may be live: a reconnect has them looked for.")
    gone_on: int = Field(description="Pins of the last resume that stand as it left them.")
    last: LastResume | None
    items: list[GoingOut]


class LeftOut(BaseModel):
    """A Pin that was left alone."""

    pin_id: str
    because: str


class UndoneOut(BaseModel):
    """How many Pins are held again, and which were left alone."""

    put_back: int
    left_alone: list[LeftOut]


@router.post(
    "/{connection_id}/reconnect-link", status_code=201, responses=documented(400, 404, 409, 413, 415)
)
def make_reconnect_link(
    connection_id: ConnectionId,
    request: Request,
    ctx: InContext,
    caller: WritesConnections,
    body: LinkIn | None = None,
) -> LinkOut:
    """Make a link for the owner of the account: it opens without a login, brings this account back once, and does nothing
    else. Its address cannot be shown again.
    """
    visible(caller, connection_id)
    wanted = body or LinkIn()
    made = reconnect_links.make(ctx, connection_id, timedelta(hours=wanted.hours), wanted.asked_by)
    url = f"{request.app.state.base_url}/reconnect/{made.token}"
    return LinkOut(id=made.link.id, url=url, expires_at=made.link.expires_at)


@router.delete("/{connection_id}/reconnect-link", responses=documented(404, 409))
def revoke_reconnect_links(
    connection_id: ConnectionId, ctx: InContext, caller: WritesConnections
) -> RevokedOut:
    """End every link of this account that still works."""
    visible(caller, connection_id)
    return RevokedOut(revoked=reconnect_links.revoke(ctx, connection_id))


@router.get("/{connection_id}/resume", responses=documented(404))
def preview_resume(connection_id: ConnectionId, ctx: InContext, caller: ReadsConnections) -> ResumeOut:
    """What goes on with a reconnect, or did, and at which times."""
    visible(caller, connection_id)
    return _out(resuming.preview(ctx, connection_id))


@router.post("/{connection_id}/resume", responses=documented(400, 404, 409, 413, 415))
def resume_on_your_word(connection_id: ConnectionId, ctx: InContext, caller: WritesConnections) -> ResumeOut:
    """Let go on what is too late to do so unasked. The new times are the due times of these Pins from then on."""
    visible(caller, connection_id)
    return _out(resuming.on_your_word(ctx, connection_id))


@router.post("/{connection_id}/resume/undo", responses=documented(400, 404, 409, 413, 415))
def undo_resume(connection_id: ConnectionId, ctx: InContext, caller: WritesConnections) -> UndoneOut:
    """Hold again, exactly as before, what went on last; possible until the first of these Pins was sent."""
    visible(caller, connection_id)
    undone = resuming.undo(ctx, connection_id)
    left = [LeftOut(pin_id=each.pin_id, because=each.because) for each in undone.left]
    return UndoneOut(put_back=undone.put_back, left_alone=left)


def _out(found: Preview) -> ResumeOut:
    last = None
    if found.last is not None:
        last = LastResume(
            id=found.last.id,
            at=found.last.at,
            by_itself=found.last.by_itself,
            undoable=found.undoable,
            undo_because=found.undo_because,
        )
    return ResumeOut(
        connection_id=found.connection.id,
        now=found.now,
        connected=found.usable,
        paused=found.paused,
        by_itself=found.count(How.BY_ITSELF),
        on_your_word=found.count(How.ON_YOUR_WORD),
        looked_for=found.count(How.LOOKED_FOR),
        gone_on=found.count(How.GONE_ON),
        last=last,
        items=[_going(each) for each in found.going[:MOST_PINS]],
    )


def _going(each: Going) -> GoingOut:
    return GoingOut(
        pin_id=each.pin.id,
        title=each.pin.content.title,
        how=each.how,
        due_at=each.due_at,
        at=each.at,
        because=each.because,
    )
