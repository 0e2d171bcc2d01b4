"""The page of one connection's held Pins: when they go on, letting the late ones go, and taking it back."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from steadypin.domain.errors import Refusal
from steadypin.services import resuming
from steadypin.services.resuming import How
from steadypin.services.transitions import Moved
from steadypin.web.visits import InPages, Posted, Visit, forget_said, say, take_said

router = APIRouter(include_in_schema=False)

MOST_PINS = 200
_HOW = {
    How.BY_ITSELF: "goes on by itself",
    How.ON_YOUR_WORD: "waits for your word",
    How.LOOKED_FOR: "may be live; is looked for",
    How.GONE_ON: "goes on",
}


@router.get("/connections/{connection_id}/resume")
def show(connection_id: str, request: Request, pages: InPages, session: Visit) -> Response:
    """When the Pins go on, or would."""
    said = take_said(request)
    found = resuming.preview(pages.ctx, connection_id)
    counts = {how.value: found.count(how) for how in How}
    page = pages.page(
        "resume.html", found=found, counts=counts, how=_HOW, most=MOST_PINS, csrf=session.csrf, said=said
    )
    return forget_said(request, page) if said is not None else page


@router.post("/connections/{connection_id}/resume")
def resume(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Let the late ones go on."""

    def act() -> str:
        resuming.on_your_word(pages.ctx, connection_id)
        return "They go on at the new times below."

    return _back(connection_id, request, act)


@router.post("/connections/{connection_id}/resume/undo")
def undo(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Hold them again."""

    def act() -> str:
        undone = resuming.undo(pages.ctx, connection_id)
        left = "".join(f" {each.pin_id} was left alone: {each.because}." for each in undone.left[:10])
        return f"{undone.put_back} held again, exactly as before.{left}"

    return _back(connection_id, request, act)


def _back(connection_id: str, request: Request, act: Callable[[], str]) -> Response:
    response = RedirectResponse(f"/connections/{connection_id}/resume", 303)
    try:
        return say(request, response, act())
    except Refusal as refusal:
        return say(request, response, str(refusal), bad=True)
    except Moved:
        return say(request, response, "A Pin has just changed by itself. Look again.", bad=True)
