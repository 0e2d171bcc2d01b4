"""The page that moves all Pins of a board to another one: choose, see what would move, move, take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from steadypin.domain.errors import InputRefused, Refusal
from steadypin.services import connecting, remapping
from steadypin.web.visits import InPages, Posted, Said, Visit, forget_said, say, take_said

router = APIRouter(include_in_schema=False)

MOST_PINS = 20


@router.get("/connections/{connection_id}/boards/{board_id}/remap")
def show(
    connection_id: str,
    board_id: str,
    request: Request,
    pages: InPages,
    session: Visit,
    target: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Which Pins wait for the board and where they could go; with a `target`, what a move to it would do."""
    left = take_said(request)
    said = left
    try:
        found = remapping.look(pages.ctx, connection_id, board_id, target or None, MOST_PINS)
    except InputRefused as refused:
        said = Said(str(refused), bad=True)
        found = remapping.look(pages.ctx, connection_id, board_id, None, MOST_PINS)
    names = {board.id: board.name for board in connecting.boards_of(pages.ctx, connection_id)}
    account = next(each for each in connecting.listing(pages.ctx) if each.id == connection_id)
    page = pages.page(
        "remap.html",
        account=account,
        found=found,
        moves=[
            each for each in remapping.listing(pages.ctx, connection_id) if each.from_board_id == board_id
        ],
        names=names,
        csrf=session.csrf,
        said=said,
    )
    return forget_said(request, page) if left is not None else page


@router.post("/connections/{connection_id}/boards/{board_id}/remap")
def move(connection_id: str, board_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Move all of them at once."""

    def act() -> str:
        target = form.get("target")
        done = pages.ctx.store.write(
            lambda tx: remapping.move(pages.ctx, tx, connection_id, board_id, target)
        )
        return f"{done.count} Pin{'' if done.count == 1 else 's'} moved. You can take that back below."

    return _back(connection_id, board_id, request, act)


@router.post("/connections/{connection_id}/boards/{board_id}/remap/{remap_id}/undo")
def undo(
    connection_id: str, board_id: str, remap_id: str, request: Request, pages: InPages, form: Posted
) -> Response:
    """Bring back those that nobody has changed or sent since."""

    def act() -> str:
        done = remapping.undo(pages.ctx, connection_id, remap_id)
        return f"{done.restored or 0} of {done.count} came back; what was changed or sent since stays where it is."

    return _back(connection_id, board_id, request, act)


def _back(connection_id: str, board_id: str, request: Request, act: Callable[[], str]) -> Response:
    response = RedirectResponse(f"/connections/{connection_id}/boards/{board_id}/remap", 303)
    try:
        return say(request, response, act())
    except Refusal as refusal:
        return say(request, response, str(refusal), bad=True)
