"""Who looks: the browser's session, the forms it sends, and the one sentence it is told after a form.

A form is taken only with the session's cookie (SameSite=Lax), the session's token in the form, and an Origin of ours.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from steadypin.services import access
from steadypin.services.access import SESSION_LASTS, Session
from steadypin.web.rendering import Pages

_MOST_SAID = 2000


class NoSession(Exception):
    """This browser was not let in."""


class FormRefused(Exception):
    """A form without the session's token, or from another site; the text is for the person."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was really sent by this person: its fields without the token."""

    session: Session
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """A field, '' when it was left out."""
        return self.fields.get(name, "")


async def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


async def _session(request: Request) -> Session:
    session = await find(request)
    if session is None:
        raise NoSession
    return session


async def find(request: Request) -> Session | None:
    """The session of this browser, if it has one."""
    pages: Pages = request.app.state.pages
    secret = request.cookies.get(cookie_name(pages.base_url))
    if not secret or len(secret) > 200:
        return None
    return await run_in_threadpool(access.find_session, pages.ctx, secret)


async def _form(request: Request) -> Form:
    session = await _session(request)
    origin = request.headers.get("origin")
    pages: Pages = request.app.state.pages
    ours = {request.headers.get("host", ""), urlsplit(pages.base_url).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise FormRefused("It came from another site. Nothing was changed. Open Steadypin and try there.")
    async with request.form(max_files=0, max_fields=20) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if not secrets.compare_digest(fields.pop("csrf", "").encode(), session.csrf.encode()):
        raise FormRefused(
            "It is older than your session. Nothing was changed. Go back, reload the page, try again."
        )
    return Form(session, fields)


InPages = Annotated[Pages, Depends(_pages)]
Visit = Annotated[Session, Depends(_session)]
Posted = Annotated[Form, Depends(_form)]


def cookie_name(base_url: str) -> str:
    """Cookies know no ports, so the port is in the name: two installations on one machine do not sign each other out."""
    port = urlsplit(base_url).port
    return f"steadypin_{port}" if port is not None else "steadypin"


def let_in(pages: Pages, response: Response, session: Session) -> Response:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(pages.base_url),
        session.secret,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=pages.secure,
    )
    return response


def let_out(pages: Pages, response: Response) -> Response:
    """Take it back."""
    response.delete_cookie(cookie_name(pages.base_url), httponly=True, samesite="lax", secure=pages.secure)
    return response


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about what the last form did."""

    sentence: str
    bad: bool


def say(request: Request, response: Response, sentence: str, *, bad: bool = False) -> Response:
    """Have the next page say this once."""
    pages: Pages = request.app.state.pages
    value = urlsafe_b64encode(f"{int(bad)}{sentence[:_MOST_SAID]}".encode()).decode()
    response.set_cookie(
        f"{cookie_name(pages.base_url)}_said",
        value,
        max_age=60,
        httponly=True,
        samesite="lax",
        secure=pages.secure,
    )
    return response


def take_said(request: Request) -> Said | None:
    """What the page before left to be said."""
    pages: Pages = request.app.state.pages
    value = request.cookies.get(f"{cookie_name(pages.base_url)}_said")
    if not value:
        return None
    try:
        text = urlsafe_b64decode(value).decode()
    except ValueError:
        return None
    return Said(text[1:], text[:1] == "1")


def forget_said(request: Request, response: Response) -> Response:
    """It was said."""
    pages: Pages = request.app.state.pages
    response.delete_cookie(
        f"{cookie_name(pages.base_url)}_said", httponly=True, samesite="lax", secure=pages.secure
    )
    return response
