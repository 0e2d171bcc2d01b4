"""POST /oauth/token and /oauth/token/revoke."""

from __future__ import annotations

from typing import Any

from pinsim import refusals
from pinsim.product.access import app_by_secret
from pinsim.product.call import Call, Reply
from pinsim.product.scopes import SCOPES, split_scopes
from pinsim.world.app import App
from pinsim.world.grants import ACCESS_LIFETIME_S, Code, Grant, Token

_AT_ONCE = float("-inf")


def issue(call: Call) -> Reply:
    """Exchange a code, refresh a token, or let the app act for its owner."""
    app, form = app_by_secret(call), call.request.form()
    kind = form.get("grant_type")
    if kind == "authorization_code":
        return _exchange(call, app, form)
    if kind == "refresh_token":
        return _refresh(call, app, form)
    if kind == "client_credentials":
        return _client_credentials(call, app, form)
    raise refusals.invalid_request(f"'grant_type' {kind!r} is not known")


def revoke(call: Call) -> Reply:
    """Only system-user tokens can be revoked, and this simulator issues none."""
    app_by_secret(call)
    _required(call.request.form(), "token")
    raise refusals.system_user_only()


def _exchange(call: Call, app: App, form: dict[str, str]) -> Reply:
    value, redirect_uri = _required(form, "code"), _required(form, "redirect_uri")
    code = call.world.grants.spend_code(value)
    if code is None or not _fits(call, app, code, redirect_uri):
        raise refusals.grant_invalid()
    continuous = not call.switches.refresh_opt_in or form.get("continuous_refresh", "").lower() == "true"
    grant = Grant(app.id, code.person, call.realm.environment, code.scopes, continuous)
    call.world.grants.open(grant, call.now)
    return _pair(call, "authorization_code", grant)


def person_of(call: Call) -> str:
    """Whom a call of the token endpoint concerns; empty when what it carries was never anybody's."""
    form, grants = call.request.form(), call.world.grants
    owner = grants.owner_of(form.get("refresh_token") or form.get("token", ""))
    code = grants.code(form.get("code", ""))
    return owner.person if owner else code.person if code else ""


def _fits(call: Call, app: App, code: Code, redirect_uri: str) -> bool:
    is_fresh = call.now < code.made_at + call.switches.code_lifetime_s
    return is_fresh and (code.app_id, code.redirect_uri) == (app.id, redirect_uri)


def _refresh(call: Call, app: App, form: dict[str, str]) -> Reply:
    old = call.world.grants.refresh(_required(form, "refresh_token"), call.now)
    if old is None or old.grant.app_id != app.id or old.grant.environment != call.realm.environment:
        raise refusals.grant_invalid()
    account = call.realm.accounts.get(old.grant.person)
    if account is None or account.suspended or account.deactivated:
        raise refusals.grant_invalid()
    old.grant.refreshes += 1
    asked = split_scopes(form.get("scope", ""))
    scopes = old.grant.scopes & asked if asked else old.grant.scopes
    if not old.grant.continuous:
        return _answer(call, "refresh_token", old.grant, scopes, old)
    lenient = call.switches.refresh_rotation == "lenient"
    call.world.grants.spend_refresh(old, call.now + call.switches.refresh_grace_s if lenient else _AT_ONCE)
    if call.switches.refresh_ends_access:
        call.world.grants.end_access(old.grant)
    return _pair(call, "refresh_token", old.grant, scopes)


def _client_credentials(call: Call, app: App, form: dict[str, str]) -> Reply:
    scopes = split_scopes(_required(form, "scope")) & SCOPES.keys()
    if not scopes:
        raise refusals.invalid_request("'scope' holds no known scope")
    if app.owner not in call.realm.accounts:
        raise refusals.authentication_failed()
    grant = call.world.grants.open(Grant(app.id, app.owner, call.realm.environment, scopes), call.now)
    return _answer(call, "client_credentials", grant, scopes, None)


def _pair(call: Call, kind: str, grant: Grant, scopes: frozenset[str] | None = None) -> Reply:
    refresh = call.world.grants.issue_refresh(grant, call.now)
    return _answer(call, kind, grant, grant.scopes if scopes is None else scopes, refresh)


def _answer(call: Call, kind: str, grant: Grant, scopes: frozenset[str], refresh: Token | None) -> Reply:
    in_sandbox = call.realm.environment == "sandbox"
    lifetime_s = call.switches.sandbox_access_s if in_sandbox else ACCESS_LIFETIME_S
    access = call.world.grants.issue_access(grant, call.now, lifetime_s, scopes)
    payload: dict[str, Any] = {
        "access_token": access.value,
        "token_type": "bearer",
        "expires_in": int(access.expires_at - call.now),
        "response_type": kind,
    }
    if call.switches.token_scope != "omitted":
        payload["scope"] = {"spaces": " ", "commas": ","}[call.switches.token_scope].join(sorted(scopes))
    if refresh is not None:
        payload["refresh_token"] = refresh.value
        payload["refresh_token_expires_in"] = int(refresh.expires_at - call.now)
        payload["refresh_token_expires_at"] = int(refresh.expires_at)
    return Reply(200, payload)


def _required(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise refusals.invalid_request(f"'{name}' is a required property")
    return value
