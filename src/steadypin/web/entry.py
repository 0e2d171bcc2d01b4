"""Where people come in: a set-up link, and the way back from Pinterest's consent page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from steadypin.domain.errors import Refusal
from steadypin.services import access, connecting
from steadypin.web.visits import InPages, find, let_in, say

router = APIRouter(include_in_schema=False)

Returned = Annotated[str, Query(max_length=2000)]


@router.get("/setup/{token}")
async def set_up(token: str, request: Request, pages: InPages) -> Response:
    """Let this browser in; the link works once."""
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(status_code=503)  # a browser that only guesses must not use the link up
    if await find(request) is not None:
        return RedirectResponse("/", 303)
    session = await run_in_threadpool(access.open_session, pages.ctx, token)
    if session is None:
        return pages.message(
            403,
            "This link does not work any more",
            "Such a link opens one browser, once, within an hour. Run `steadypin open` for a new one.",
        )
    return let_in(pages, RedirectResponse("/", 303), session)


@router.get("/oauth/callback")
async def come_back(
    request: Request, pages: InPages, state: Returned = "", code: Returned = "", error: Returned = ""
) -> Response:
    """Pinterest sends the person here. The state proves that the consent was begun here."""
    try:
        connection = await connecting.finish(pages.wired, state, code or None, error or None)
    except Refusal as refusal:
        return pages.message(409, "The account was not connected", str(refusal))
    sentence = f"{connection.username} is connected. Its boards are read now."
    if await find(request) is not None:
        return say(request, RedirectResponse("/", 303), sentence)
    return pages.message(200, f"{connection.username} is connected", "You can close this page.")
