"""/connections/{id}/boards: the boards of an account as last read, reading them anew, making boards and sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from steadypin.api.connections import ConnectionId, ErrandOut
from steadypin.api.fields import Body, Id, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import (
    IdempotencyKey,
    InContext,
    ReadsConnections,
    WritesConnections,
    asked,
    visible,
)
from steadypin.services import board_making, board_views, connecting, replays
from steadypin.services.board_making import NewBoard
from steadypin.services.board_views import BoardSeen, Errand
from steadypin.services.replays import Answer

router = APIRouter(prefix="/connections", tags=["Boards"], responses=documented(401, 403, 422, 503))

BoardId = Annotated[Id, Path(description="Pinterest's id of a board.")]
_LONGEST_NAME, _LONGEST_DESCRIPTION = 1000, 5000
"""Far beyond what Pinterest takes; its own limits are not published, so it says them itself."""


class SectionOut(BaseModel):
    """A section of a board."""

    id: str
    name: str
    gone_at: Told | None


class BoardOut(BaseModel):
    """A board as last read from Pinterest."""

    id: str
    name: str
    privacy: str
    owner_username: str
    may_be_refused: bool = Field(
        description="Another account owns it: Pinterest does not say before whether it takes our Pins."
    )
    pin_count: int
    collaborator_count: int
    follower_count: int
    created_at: Told | None
    pins_modified_at: Told | None
    gone_at: Told | None = Field(description="Set once it was proven to be gone from Pinterest.")
    problem: str | None = Field(description="What keeps all its Pins from going out; null when nothing does.")
    rule: str | None = Field(description="The fixed name of that, such as board-gone or board-secret.")
    fix: str | None
    pins_waiting: int = Field(description="Pins that are not live yet, without those that may be.")
    sections: list[SectionOut]
    sections_read_at: Told | None = Field(description="Null while its sections were never read to their end.")


class BoardList(BaseModel):
    """Boards by name."""

    items: list[BoardOut]
    synced_at: Told | None = Field(description="When they were last read to their end.")
    next_sync_at: Told | None = Field(description="When they are read next, at the latest.")


class BoardIn(Body):
    """A board to make. Pinterest refuses a name that the account has already, in its own words."""

    name: Text = Field(min_length=1, max_length=_LONGEST_NAME)
    description: Text | None = Field(None, max_length=_LONGEST_DESCRIPTION)
    privacy: Literal["PUBLIC", "SECRET"] = "PUBLIC"


class SectionIn(Body):
    """A section to make."""

    name: Text = Field(min_length=1, max_length=_LONGEST_NAME)


class ErrandState(BaseModel):
    """`waiting`; `done` with what was made or read; or `refused`, with Pinterest's own words in `native`."""

    errand_id: str
    kind: str
    state: Literal["waiting", "done", "refused"]
    asked_at: Told
    done_at: Told | None
    result: dict[str, Any] | None
    problem: str | None
    fix: str | None
    native: dict[str, Any] | None


def board_out(seen: BoardSeen) -> BoardOut:
    """A board as JSON."""
    board, trouble = seen.board, seen.trouble
    return BoardOut(
        id=board.id,
        name=board.name,
        privacy=board.privacy,
        owner_username=board.owner_username,
        may_be_refused=board.group,
        pin_count=board.pin_count,
        collaborator_count=board.collaborator_count,
        follower_count=board.follower_count,
        created_at=board.created_at,
        pins_modified_at=board.pins_modified_at,
        gone_at=board.gone_at,
        problem=trouble.title if trouble is not None else None,
        rule=trouble.rule if trouble is not None else None,
        fix=trouble.fix if trouble is not None else None,
        pins_waiting=seen.waiting,
        sections=[SectionOut(id=each.id, name=each.name, gone_at=each.gone_at) for each in seen.sections],
        sections_read_at=board.sections_at,
    )


@router.get("/{connection_id}/boards", responses=documented(404))
def list_boards(connection_id: ConnectionId, ctx: InContext, caller: ReadsConnections) -> BoardList:
    """Its boards as last read from Pinterest, with their sections and what keeps Pins from going out."""
    visible(caller, connection_id)
    found = board_views.of_connection(ctx, connection_id)
    return BoardList(
        items=[board_out(seen) for seen in found.boards],
        synced_at=found.synced_at,
        next_sync_at=found.next_sync_at,
    )


@router.post(
    "/{connection_id}/boards",
    status_code=202,
    response_model=ErrandOut,
    responses=documented(400, 404, 409, 413, 415),
)
def create_board(
    connection_id: ConnectionId,
    body: BoardIn,
    request: Request,
    ctx: InContext,
    caller: WritesConnections,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Have a board made on Pinterest, as soon as the account's turn comes."""
    visible(caller, connection_id)
    new = NewBoard(body.name, body.description, body.privacy)
    return _accepted(
        replays.once(
            ctx,
            asked(caller, idempotency_key, request, body),
            lambda tx: Answer(202, {"errand_id": board_making.ask_board(ctx, tx, connection_id, new)}),
        )
    )


@router.post("/{connection_id}/boards/sync", status_code=202, responses=documented(404, 409))
def sync_boards(connection_id: ConnectionId, ctx: InContext, caller: WritesConnections) -> ErrandOut:
    """Have its boards and their sections read from Pinterest now."""
    visible(caller, connection_id)
    return ErrandOut(errand_id=connecting.sync_boards(ctx, connection_id))


@router.post(
    "/{connection_id}/boards/{board_id}/sections",
    status_code=202,
    response_model=ErrandOut,
    responses=documented(400, 404, 409, 413, 415),
)
def create_section(
    connection_id: ConnectionId,
    board_id: BoardId,
    body: SectionIn,
    request: Request,
    ctx: InContext,
    caller: WritesConnections,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Have a section of a board made on Pinterest, as soon as the account's turn comes."""
    visible(caller, connection_id)
    return _accepted(
        replays.once(
            ctx,
            asked(caller, idempotency_key, request, body),
            lambda tx: Answer(
                202, {"errand_id": board_making.ask_section(ctx, tx, connection_id, board_id, body.name)}
            ),
        )
    )


@router.get("/{connection_id}/errands/{errand_id}", responses=documented(404))
def show_errand(
    connection_id: ConnectionId,
    errand_id: Annotated[Id, Path(description="The id of an errand.")],
    ctx: InContext,
    caller: ReadsConnections,
) -> ErrandState:
    """What came of something that was asked of the account's worker."""
    visible(caller, connection_id)
    return _state(board_views.errand_of(ctx, connection_id, errand_id))


def _state(errand: Errand) -> ErrandState:
    result: Mapping[str, Any] = errand.result or {}
    refused = "failed" in result
    return ErrandState(
        errand_id=errand.id,
        kind=errand.kind.value,
        state="waiting" if errand.done_at is None else "refused" if refused else "done",
        asked_at=errand.asked_at,
        done_at=errand.done_at,
        result=dict(result) if result and not refused else None,
        problem=result.get("failed"),
        fix=result.get("fix"),
        native=result.get("native"),
    )


def _accepted(answer: Answer) -> JSONResponse:
    headers = {"Idempotent-Replayed": "true"} if answer.again else {}
    return JSONResponse(answer.body, answer.status, headers)
