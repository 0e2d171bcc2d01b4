"""Reconnect links: made by people who were let in, opened by anybody who has one.

The browser that presses the button gets a cookie, which proves on the way back that the consent was begun in it, and
leads to the link again when something went wrong. It opens nothing.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from steadypin.domain.errors import Refusal
from steadypin.services import connecting, reconnect_links
from steadypin.services.connecting import CONSENT_LASTS
from steadypin.web.rendering import Pages
from steadypin.web.visits import InPages, Posted, cookie_name, say

router = APIRouter(include_in_schema=False)

_VALUE = re.compile(r"([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})")
_TITLE = "This link does not work"


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A link that this browser has used: its id, its secret, and the secret of this browser."""

    id: str
    browser: str = field(repr=False)
    token: str = field(repr=False)


def known_links(request: Request) -> list[KnownLink]:
    """The links that this browser has gone to Pinterest with lately."""
    start = _cookie(request.app.state.pages, "")
    found = []
    for name, value in request.cookies.items():
        parts = _VALUE.fullmatch(value)
        if name.startswith(start) and parts is not None:
            found.append(KnownLink(name.removeprefix(start), parts[1], parts[2]))
    return found


def forget_link(pages: Pages, response: Response, link: KnownLink) -> Response:
    """It has done its work."""
    response.delete_cookie(_cookie(pages, link.id), httponly=True, samesite="lax", secure=pages.secure)
    return response


def _cookie(pages: Pages, link_id: str) -> str:
    return f"{cookie_name(pages.base_url)}_link_{link_id}"


@router.get("/reconnect/{token}")
def show(token: str, pages: InPages) -> Response:
    """What the link is about. Looking changes nothing, so a program that previews it does no harm."""
    try:
        found = reconnect_links.look(pages.ctx, token)
    except Refusal as refusal:
        return pages.message(410, _TITLE, str(refusal), let_in=False)
    return pages.page("reconnect.html", found=found, host=urlsplit(pages.base_url).netloc)


@router.post("/reconnect/{token}")
def begin(token: str, request: Request, pages: InPages) -> Response:
    """Go to Pinterest's consent page."""
    mine = next((known.browser for known in known_links(request) if known.token == token), None)
    browser = mine or secrets.token_urlsafe(32)
    try:
        link, begun = reconnect_links.begin(pages.ctx, token, browser)
    except Refusal as refusal:
        return pages.message(410, _TITLE, str(refusal), let_in=False)
    response = RedirectResponse(begun.url, 303)
    response.set_cookie(
        _cookie(pages, link.id),
        f"{browser}.{token}",
        max_age=int(CONSENT_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=pages.secure,
    )
    return response


@router.post("/connections/{connection_id}/reconnect-link")
def make(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """Make a link, and show it this once."""
    try:
        connection = connecting.get(pages.ctx, connection_id)
        made = reconnect_links.make(pages.ctx, connection_id)
    except Refusal as refusal:
        return say(request, RedirectResponse("/", 303), str(refusal), bad=True)
    return pages.page(
        "link_made.html",
        connection=connection,
        url=f"{pages.base_url}/reconnect/{made.token}",
        expires_at=made.link.expires_at,
    )


@router.post("/connections/{connection_id}/reconnect-link/revoke")
def revoke(connection_id: str, request: Request, pages: InPages, form: Posted) -> Response:
    """End every link of a connection."""
    try:
        count = reconnect_links.revoke(pages.ctx, connection_id)
    except Refusal as refusal:
        return say(request, RedirectResponse("/", 303), str(refusal), bad=True)
    return say(
        request,
        RedirectResponse("/", 303),
        f"{count} {'link does' if count == 1 else 'links do'} not work any more.",
    )
