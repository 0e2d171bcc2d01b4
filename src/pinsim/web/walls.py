"""Walls: pages that not everybody may see."""

from __future__ import annotations

from pinsim.web.pages import fine, markup
from pinsim.web.visit import Visit
from pinsim.wire import Answer, html_answer

_FORM = (
    '<form method="post" action="/web/login"><input name="user"><input type="password" name="password">'
    "<button>Sign in</button></form>"
)
_LETS_IN = ("mozilla/5.0 (windows", "mozilla/5.0 (macintosh", "mozilla/5.0 (x11", "pinterest")
_COOKIE = "seen=1"


def login(visit: Visit) -> Answer:
    """The page where one signs in."""
    return html_answer(200, markup("Sign in", body=_FORM))


def login_form(visit: Visit) -> Answer:
    """A form for a password where the page should be, with status 200."""
    return html_answer(200, markup("Members only", body=f"<p>Please sign in to read on.</p>{_FORM}"))


def newsletter(visit: Visit) -> Answer:
    """A fine page that offers an account as well: no wall."""
    menu = f"<nav>{_FORM}</nav>" + "<p>Whisk four eggs with the sugar, fold in flour and lemon.</p>" * 40
    return html_answer(200, markup(body=menu))


def to_login(visit: Visit) -> Answer:
    """Sends everybody to the page where one signs in."""
    return Answer(302, {"Location": "/web/login?next=/web/members"})


def unauthorised(visit: Visit) -> Answer:
    """401 with a challenge."""
    page = html_answer(401, markup("Unauthorised"))
    return Answer(401, {**page.headers, "WWW-Authenticate": 'Basic realm="shop"'}, page.body)


def forbidden(visit: Visit) -> Answer:
    """403 for everybody."""
    return html_answer(403, markup("Forbidden"))


def cookies(visit: Visit) -> Answer:
    """Sends whoever brings no cookie round once more with one: a loop for those who keep none."""
    if _COOKIE in visit.header("cookie"):
        return fine(visit)
    return Answer(302, {"Location": "/web/cookies", "Set-Cookie": f"{_COOKIE}; Path=/web/"})


def browsers_only(visit: Visit) -> Answer:
    """403 for programs; browsers and Pinterest's crawler see the page."""
    agent = visit.header("user-agent").lower()
    if agent.startswith(_LETS_IN):
        return fine(visit)
    return html_answer(403, markup("Just a moment...", body="<p>Checking your browser.</p>"))


def no_head(visit: Visit) -> Answer:
    """405 for HEAD, a fine page for GET."""
    if visit.request.method == "HEAD":
        return Answer(405, {"Allow": "GET"})
    return fine(visit)


def status(visit: Visit) -> Answer:
    """`/web/status/404` answers 404; `retry_after` says when to come back."""
    code = int(visit.rest) if visit.rest.isascii() and visit.rest.isdigit() and len(visit.rest) == 3 else 404
    code = code if 200 <= code <= 599 else 404
    wait = visit.text("retry_after")
    headers = {"Retry-After": wait} if wait else {}
    if code in (204, 304):
        return Answer(code, headers)
    page = html_answer(code, markup(f"Status {code}"))
    return Answer(code, {**page.headers, **headers}, page.body)
