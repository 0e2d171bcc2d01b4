"""The buttons. Each is a form that works without scripts: it does one thing, then leads back to the page."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from steadypin.domain.connections import APPS_PAGE
from steadypin.domain.errors import Refusal
from steadypin.services import access, compose, connecting, pausing, watching
from steadypin.services.connecting import Wanted
from steadypin.services.transitions import Moved
from steadypin.web.board import place
from steadypin.web.visits import Form, InPages, Posted, let_out, say

router = APIRouter(include_in_schema=False)


def _back(request: Request, form: Form, act: Callable[[], object], done: str) -> Response:
    """Do it, and say on the page what came of it."""
    query = place(form.get("stage"), form.get("after")).query
    response = RedirectResponse(f"/?{query}" if query else "/", 303)
    try:
        act()
    except Refusal as refusal:
        return say(request, response, str(refusal), bad=True)
    except Moved:
        return say(
            request, response, "It has just changed by itself. Look again before you decide.", bad=True
        )
    return say(request, response, done)


@router.post("/pins/{pin_id}/cancel")
def cancel(pin_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Take a Pin out of the queue."""
    done = "Cancelled. If it was on its way already, the outcome decides."
    return _back(request, form, lambda: compose.cancel(pages.ctx, pin_id), done)


@router.post("/pins/{pin_id}/retry")
def retry(pin_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Try a Pin now."""
    return _back(request, form, lambda: compose.retry(pages.ctx, pin_id), "It is tried again now.")


@router.post("/pins/{pin_id}/resolve")
def resolve(pin_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Say whether a Pin is live."""
    if form.get("word") == "not_live":
        done = "Noted that it is not live. It is sent again."
        return _back(request, form, lambda: compose.resolve(pages.ctx, pin_id, None), done)
    live_as = form.get("live_as").strip().rstrip("/").rpartition("/")[2]
    return _back(request, form, lambda: compose.resolve(pages.ctx, pin_id, live_as), "Noted that it is live.")


@router.post("/pins/{pin_id}/twins/{pinterest_pin_id}/undo")
def undo_twin(pin_id: str, pinterest_pin_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Delete a twin on Pinterest."""
    done = "The second Pin is deleted on Pinterest in a moment; the first stays."
    return _back(request, form, lambda: compose.undo_twin(pages.ctx, pin_id, pinterest_pin_id), done)


@router.post("/pause")
def pause(request: Request, pages: InPages, form: Posted) -> Response:
    """Pause everything, or go on."""
    if form.get("paused") == "yes":
        done = "Everything is paused. What was sent already is still confirmed."
        return _back(request, form, lambda: pausing.pause_all(pages.ctx, "Paused on this page."), done)
    return _back(request, form, lambda: pausing.resume_all(pages.ctx), "Steadypin goes on.")


@router.post("/connections/{connection_id}/pause")
def pause_connection(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Pause one connection, or go on with it."""
    if form.get("paused") == "yes":
        act, done = pausing.pause_connection, "This account is paused."
    else:
        act, done = pausing.resume_connection, "This account goes on."
    return _back(request, form, lambda: act(pages.ctx, connection_id), done)


@router.post("/connections/{connection_id}/check")
def check_connection(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Read an account now."""
    done = "The account is read now. If something is wrong with it, this page says so in a moment."
    return _back(request, form, lambda: watching.check(pages.ctx, connection_id), done)


@router.post("/connections/{connection_id}/disconnect")
def disconnect(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Destroy the stored tokens of a connection."""
    done = f"Disconnected, and its tokens are destroyed here. Remove the app on Pinterest too: {APPS_PAGE}"
    return _back(request, form, lambda: connecting.disconnect(pages.ctx, connection_id), done)


@router.post("/connections/authorize")
def connect(request: Request, pages: InPages, form: Posted) -> Response:
    """Go to Pinterest's consent page: for any account, or to bring back the connection that is named."""
    environment = "sandbox" if form.get("environment") == "sandbox" else "production"
    wanted = Wanted(
        secret_boards=form.get("secret_boards") == "yes",
        browser=form.session.secret,
        brings_back=form.get("connection") or None,
    )
    try:
        return RedirectResponse(connecting.authorize(pages.ctx, environment, wanted=wanted).url, 303)
    except Refusal as refusal:
        return say(request, RedirectResponse("/", 303), str(refusal), bad=True)


@router.post("/sign-out")
def sign_out(pages: InPages, form: Posted) -> Response:
    """Forget this browser."""
    access.close_session(pages.ctx, form.session)
    return let_out(pages, RedirectResponse("/", 303))
