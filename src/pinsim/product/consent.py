"""/oauth/: the page where a person gives an app access, or some of it, or none."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pinsim.looks import document
from pinsim.product.scopes import SCOPES, split_scopes
from pinsim.switches import Switches
from pinsim.wire import Answer, Request, html_answer
from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.grants import Code
from pinsim.world.world import World


class _Unfit(Exception):
    """A request the page cannot be shown for; the text says why."""


class _Ask:
    """What the app asks for, checked."""

    def __init__(self, world: World, fields: dict[str, str]) -> None:
        app = world.apps.get(fields.get("client_id") or fields.get("consumer_id") or "")
        if app is None or not app.active:
            raise _Unfit("No active app has this client_id.")
        self.app: App = app
        self.redirect_uri = fields.get("redirect_uri", "")
        if self.redirect_uri not in app.redirect_uris:
            raise _Unfit("The redirect_uri is not one that this app has registered, letter for letter.")
        if fields.get("response_type") != "code":
            raise _Unfit("The response_type must be code.")
        self.scopes = split_scopes(fields.get("scope", ""))
        unknown = sorted(self.scopes - SCOPES.keys())
        if not self.scopes or unknown:
            raise _Unfit(
                f"These scopes do not exist: {', '.join(unknown)}." if unknown else "No scope is asked for."
            )
        self.state = fields.get("state")

    def back(self, **found: str) -> Answer:
        """To the app, with what was found appended to its address."""
        parts = urlsplit(self.redirect_uri)
        state = {} if self.state is None else {"state": self.state}
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *{**found, **state}.items()])
        return Answer(302, {"Location": urlunsplit(parts._replace(query=query))})


def answer(world: World, switches: Switches, request: Request, now: float) -> Answer:
    """The page, or the way back to the app."""
    if request.method not in ("GET", "POST"):
        return html_answer(405, document("Not here", "<p>This page is opened or sent, nothing else.</p>"))
    is_sent = request.method == "POST"
    pairs = request.form_pairs() if is_sent else list(request.query)
    try:
        ask = _Ask(world, dict(_asked(pairs)))
        if is_sent:
            return _decided(world, ask, pairs, switches, now)
        if switches.auto_consent:
            given = ask.scopes.difference(switches.deny_scopes)
            return _allowed(world, ask, switches.auto_consent, given, now)
    except _Unfit as unfit:
        return html_answer(
            400, document("This request does not work", f"<p class=bad>{escape(str(unfit))}</p>")
        )
    return html_answer(200, _page(world, ask, switches))


def _asked(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """The fields of the app's own request; the form carries its scopes apart from the ticked ones."""
    return (
        (("scope", value) if name == "asked" else (name, value)) for name, value in pairs if name != "allow"
    )


def _decided(world: World, ask: _Ask, pairs: list[tuple[str, str]], switches: Switches, now: float) -> Answer:
    form = dict(pairs)
    if form.get("decision") != "give":
        return ask.back(error="access_denied")
    ticked = frozenset(value for name, value in pairs if name == "allow") & ask.scopes
    if not ticked:
        hint = "Leave at least one permission ticked, or cancel."
        return html_answer(200, _page(world, ask, switches, hint))
    return _allowed(world, ask, form.get("account", ""), ticked, now)


def _allowed(world: World, ask: _Ask, name: str, scopes: frozenset[str], now: float) -> Answer:
    account = world.production.find_account(name)
    if account is None or account.suspended or account.deactivated:
        raise _Unfit("There is no such account that could give access.")
    if not scopes:
        return ask.back(error="access_denied")
    code = Code(ask.app.id, account.person, scopes, ask.redirect_uri, now)
    return ask.back(code=world.grants.issue_code(code))


def _page(world: World, ask: _Ask, switches: Switches, hint: str = "") -> str:
    everybody = world.production.accounts.values()
    accounts = [each for each in everybody if not each.suspended and not each.deactivated]
    hidden = {
        "client_id": ask.app.id,
        "redirect_uri": ask.redirect_uri,
        "response_type": "code",
        "asked": ",".join(sorted(ask.scopes)),
        **({} if ask.state is None else {"state": ask.state}),
    }
    body = (
        f"<p><strong>{escape(ask.app.name)}</strong> would like to use a Pinterest account.</p>"
        + (f"<p class=bad>{escape(hint)}</p>" if hint else "")
        + '<form method="post" action="/oauth/">'
        + "".join(_hidden(name, value) for name, value in hidden.items())
        + "<fieldset><legend>Account</legend>"
        + "".join(_choice(account, index == 0) for index, account in enumerate(accounts))
        + "</fieldset><fieldset><legend>It may</legend>"
        + "".join(_tick(scope, scope not in switches.deny_scopes) for scope in SCOPES if scope in ask.scopes)
        + "</fieldset><p class=buttons>"
        + '<button name="decision" value="cancel">Cancel</button> '
        + '<button class=main name="decision" value="give">Give access</button></p></form>'
        + f"<p class=small>Afterwards you return to {escape(urlsplit(ask.redirect_uri).netloc)}. "
        + "This is pinsim, a simulator: no real account is touched.</p>"
    )
    return document("Give access", body, narrow=True)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _choice(account: Account, is_first: bool) -> str:
    ticked = " checked" if is_first else ""
    kind = "business" if account.account_type == "BUSINESS" else "personal"
    return (
        f'<label><input type="radio" name="account" value="{escape(account.username)}"{ticked}> '
        f"{escape(account.username)} <span class=small>{kind} account</span></label>"
    )


def _tick(scope: str, is_ticked: bool) -> str:
    ticked = " checked" if is_ticked else ""
    return (
        f'<label><input type="checkbox" name="allow" value="{scope}"{ticked}> '
        f"{escape(SCOPES[scope])} <span class=small>{scope}</span></label>"
    )
