"""Puts the pages together: routes, templates, shipped assets, and what a browser sees when something goes wrong."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from steadypin.domain.errors import Refusal
from steadypin.services.context import Wired
from steadypin.web import actions, app_page, board, entry, invitations, remap, resumes, thumbs
from steadypin.web.rendering import STATIC, Pages
from steadypin.web.visits import FormRefused, NoSession, say

_API = ("/api/", "/healthz", "/readyz")


def add_pages(app: FastAPI, wired: Wired, base_url: str) -> None:
    """Add every page to `app`. `base_url` is the address under which people reach it."""
    base_url = base_url.rstrip("/")
    pages = Pages(wired, base_url)
    app.state.pages = pages
    app.mount("/static", _Assets(directory=STATIC))
    for module in (board, app_page, actions, entry, invitations, remap, resumes, thumbs):
        app.include_router(module.router)
    _show_errors_as_pages(app, pages)


class _Assets(StaticFiles):
    """Shipped files. Their addresses carry a digest, so a browser may keep them for good."""

    async def get_response(self, path: str, scope: AsgiScope) -> Response:
        response = await super().get_response(path, scope)
        named = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "max-age=3600"
        return response


def _show_errors_as_pages(app: FastAPI, pages: Pages) -> None:
    """Addresses of the API keep their problems; a browser elsewhere gets a page with the same sentence."""

    async def no_session(request: Request, error: Exception) -> Response:
        return pages.message(401, "Steadypin does not know this browser yet", _GET_IN)

    async def form_refused(request: Request, error: Exception) -> Response:
        return pages.message(403, "This form was not taken", str(error))

    def instead_of(former: Any) -> Any:
        async def handle(request: Request, error: Exception) -> Response:
            if request.url.path.startswith(_API) or "text/html" not in request.headers.get("accept", ""):
                answer: Response = await former(request, error)
                return answer
            if isinstance(error, Refusal) and request.method == "POST":
                return say(request, RedirectResponse("/", 303), str(error), bad=True)
            status = error.status_code if isinstance(error, HTTPException) else 404
            return pages.message(status, "There is no such page", _GO_BACK)

        return handle

    app.add_exception_handler(NoSession, no_session)
    app.add_exception_handler(FormRefused, form_refused)
    for kind in (HTTPException, Refusal):
        app.add_exception_handler(kind, instead_of(app.exception_handlers[kind]))


_GET_IN = (
    "Run `steadypin open` on the machine where Steadypin runs: it prints a link that lets one browser in. "
    "`steadypin serve` prints such a link when it starts, too."
)
_GO_BACK = "The address may be old or mistyped. Go to the list of Pins."
