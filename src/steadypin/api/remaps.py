"""/connections/{id}/boards/{board_id}/remap: moving all Pins of a board to another one, and bringing them back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from steadypin.api.boards import BoardId
from steadypin.api.connections import ConnectionId
from steadypin.api.cursors import read_cursor, write_cursor
from steadypin.api.fields import Body, Id, Told
from steadypin.api.pin_shapes import PinOut, pin_json
from steadypin.api.problems import documented
from steadypin.api.wiring import (
    IdempotencyKey,
    InContext,
    ReadsConnections,
    WritesPins,
    asked,
    visible,
)
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError
from steadypin.services import remapping, replays
from steadypin.services.remapping import Outlook, Remap
from steadypin.services.replays import Answer

router = APIRouter(prefix="/connections", tags=["Boards"], responses=documented(401, 403, 422, 503))

RemapId = Annotated[Id, Path(description="The id of a move.")]


class RemapIn(Body):
    """A move of all Pins of a board. Nothing is changed unless `dry_run` is false."""

    target: Id | None = Field(None, description="The id of the board that takes the Pins.")
    dry_run: bool = True
    limit: int = Field(20, ge=1, le=200, description="How many of the Pins to show.")
    cursor: str | None = Field(None, max_length=200)


class RemapOut(BaseModel):
    """A move on record; `restored`: how many Pins came back when it was undone."""

    id: str
    from_board_id: str
    to_board_id: str
    at: Told
    count: int
    undone_at: Told | None
    restored: int | None


class RemapList(BaseModel):
    """Moves, newest first."""

    items: list[RemapOut]


class ProposalOut(BaseModel):
    """A board that could take the Pins; `score` (0 to 1) is the likeness of the names."""

    board_id: str
    name: str
    score: float
    reasons: list[str]


class OutlookOut(BaseModel):
    """What a move would do, or has done: `remap` is null after a dry run."""

    board_id: str
    name: str
    problem: str | None
    affected: int
    by_stage: dict[str, int]
    stays: int = Field(description="Pins that would not move: they are being sent, or may be live already.")
    proposals: list[ProposalOut]
    target: str | None
    sections_kept: list[str] = Field(description="Sections that the target has too, by name.")
    sections_lost: list[str] = Field(
        description="Sections that it lacks: their Pins go onto the board itself."
    )
    pins: list[PinOut]
    next_cursor: str | None
    remap: RemapOut | None


@router.get("/{connection_id}/boards/remap", responses=documented(404))
def list_remaps(connection_id: ConnectionId, ctx: InContext, caller: ReadsConnections) -> RemapList:
    """The last moves of Pins between its boards, newest first."""
    visible(caller, connection_id)
    return RemapList(items=[_remap(each) for each in remapping.listing(ctx, connection_id)])


@router.post(
    "/{connection_id}/boards/{board_id}/remap",
    response_model=OutlookOut,
    responses=documented(400, 404, 409, 413, 415),
)
def remap_board(
    connection_id: ConnectionId,
    board_id: BoardId,
    body: RemapIn,
    request: Request,
    ctx: InContext,
    caller: WritesPins,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Show which Pins a board has and where they could go; with `dry_run: false` and a `target`, move them all at once."""
    visible(caller, connection_id)
    target = body.target
    if not body.dry_run and target is None:
        sentence = "Name the board that takes the Pins. A dry run proposes some."
        raise InputRefused([FieldError("target", sentence)])
    after = read_cursor(body.cursor)
    outlook = remapping.look(ctx, connection_id, board_id, target, body.limit, after)
    if body.dry_run or target is None:
        return JSONResponse(_outlook(outlook, None))
    wanted: str = target
    answer = replays.once(
        ctx,
        asked(caller, idempotency_key, request, body),
        lambda tx: Answer(
            200, _remap(remapping.move(ctx, tx, connection_id, board_id, wanted)).model_dump(mode="json")
        ),
    )
    headers = {"Idempotent-Replayed": "true"} if answer.again else {}
    return JSONResponse(_outlook(outlook, answer.body), headers=headers)


@router.post("/{connection_id}/boards/remap/{remap_id}/undo", responses=documented(404, 409))
def undo_remap(
    connection_id: ConnectionId,
    remap_id: RemapId,
    ctx: InContext,
    caller: WritesPins,
) -> RemapOut:
    """Bring back the Pins of a move that nobody has changed or sent since."""
    visible(caller, connection_id)
    return _remap(remapping.undo(ctx, connection_id, remap_id))


def _remap(done: Remap) -> RemapOut:
    return RemapOut(
        id=done.id,
        from_board_id=done.from_board_id,
        to_board_id=done.to_board_id,
        at=done.at,
        count=done.count,
        undone_at=done.undone_at,
        restored=done.restored,
    )


def _outlook(outlook: Outlook, remap: Any) -> dict[str, Any]:
    last = outlook.sample[-1] if outlook.sample and outlook.more else None
    return {
        "board_id": outlook.board.id,
        "name": outlook.board.name,
        "problem": outlook.problem,
        "affected": outlook.count,
        "by_stage": {stage.value: count for stage, count in outlook.by_stage.items()},
        "stays": outlook.stays,
        "proposals": [
            {
                "board_id": each.board.id,
                "name": each.board.name,
                "score": each.score,
                "reasons": list(each.reasons),
            }
            for each in outlook.proposals
        ],
        "target": outlook.target.id if outlook.target is not None else None,
        "sections_kept": list(outlook.sections_kept),
        "sections_lost": list(outlook.sections_lost),
        "pins": [pin_json(pin) for pin in outlook.sample],
        "next_cursor": write_cursor(last.created_at, last.id) if last is not None else None,
        "remap": remap,
    }
