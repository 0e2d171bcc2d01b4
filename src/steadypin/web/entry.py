"""Where people come in: a set-up link, and the way back from Pinterest's consent page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Refusal
from steadypin.domain.operations import SECRET_SCOPES
from steadypin.domain.scopes import lacking, lacking_sentence
from steadypin.services import access, connecting, resuming
from steadypin.services.access import Session
from steadypin.services.resuming import How
from steadypin.web.invitations import KnownLink, forget_link, known_links
from steadypin.web.rendering import Pages
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
    """Pinterest sends the person here. A consent that a browser began is finished in that browser only."""
    session = await find(request)
    came = await _came(request, pages, state, session)
    try:
        connection = await connecting.finish(pages.wired, state, code or None, error or None, came.browser)
    except Refusal as refusal:
        return _not_connected(pages, session, came, str(refusal))
    told = await run_in_threadpool(_told, pages, connection, came.consent)
    if came.link is not None:
        page = pages.message(
            200, f"{connection.username} is connected", f"{told} You can close this page.", let_in=False
        )
        return forget_link(pages, page, came.link)
    if session is not None:
        return say(request, RedirectResponse("/", 303), f"{connection.username} is connected. {told}")
    return pages.message(
        200, f"{connection.username} is connected", f"{told} You can close this page.", let_in=False
    )


@dataclass(frozen=True, slots=True)
class _Came:
    """A browser that came back: what proves that it began the consent, and the reconnect link that it began it with."""

    browser: str | None = None
    consent: connecting.Consent | None = None
    link: KnownLink | None = None


async def _came(request: Request, pages: Pages, state: str, session: Session | None) -> _Came:
    links = known_links(request)
    ways = [(session.secret, None)] if session is not None else []
    for browser, link in [*ways, *((each.browser, each) for each in links), (None, None)]:
        consent = await run_in_threadpool(connecting.begun, pages.ctx, state, browser)
        if consent is not None and (link is None or link.id == consent.link_id):
            return _Came(browser, consent, link)
    return _Came()


def _not_connected(pages: Pages, session: Session | None, came: _Came, sentence: str) -> Response:
    """What went wrong, with the way to the consent page again where it is known."""
    consent = came.consent
    secret_boards = consent is not None and not set(consent.scopes).isdisjoint(SECRET_SCOPES)
    return pages.page(
        "not_connected.html",
        409,
        sentence=sentence,
        link=f"/reconnect/{came.link.token}" if came.link is not None else None,
        csrf=session.csrf if session is not None else None,
        fields={
            "secret_boards": "yes" if secret_boards else "",
            "connection": (consent.expects if consent is not None else None) or "",
        },
    )


def _told(pages: Pages, connection: Connection, consent: connecting.Consent | None) -> str:
    """What follows, and what was asked for and not given."""
    found = resuming.preview(pages.ctx, connection.id)
    went, word = found.count(How.GONE_ON), found.count(How.ON_YOUR_WORD)
    told = ["Its boards are read now."]
    if went and found.undoable:
        told.append(f"{went} held {'Pin goes' if went == 1 else 'Pins go'} on.")
    if word:
        told.append(f"{word} late {'Pin waits' if word == 1 else 'Pins wait'} for a word.")
    told.append(lacking_sentence(lacking(connection.scopes, consent.scopes if consent is not None else ())))
    return " ".join(filter(None, told))
