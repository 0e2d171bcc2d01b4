"""Access: whose token it is, and whether the app, the account and the scopes allow the call."""

from __future__ import annotations

import base64
import binascii

from pinsim import refusals
from pinsim.product.call import Call, Caller
from pinsim.world.app import App
from pinsim.world.grants import Grant


def identify(call: Call) -> Caller | None:
    """The caller behind the bearer token, or None when it opens nothing here."""
    token = call.world.grants.access(_bearer(call), call.now)
    if token is None or token.grant.environment != call.realm.environment:
        return None
    app = call.world.apps.get(token.grant.app_id)
    account = call.realm.accounts.get(token.grant.person)
    if app is None or account is None or not app.active or account.deactivated:
        return None
    return Caller(app, account, token.scopes)


def token_person(call: Call) -> Grant | None:
    """Whose token this was, even when it opens nothing any more."""
    return call.world.grants.owner_of(_bearer(call))


def admit(call: Call, scopes: tuple[str, ...]) -> None:
    """Refuse a call without a usable token, an approved app, a standing account, the scopes or the access tier."""
    if call.caller is None:
        raise _dead_token(call)
    if call.account.suspended:
        raise refusals.suspended(call.switches.suspended_answer)
    if call.caller.app.access == "none":
        raise refusals.consumer_type()
    missing = [scope for scope in scopes if scope not in call.scopes]
    if missing:
        raise refusals.missing_scopes(missing)
    if _is_beyond_trial(call):
        raise refusals.trial_access()


def tier(call: Call) -> str:
    """`trial` or `standard`: the switch, else the account's own, else the app's."""
    if call.switches.access != "app":
        return call.switches.access
    if call.caller is None:
        return "standard"
    wanted = call.caller.account.access or call.caller.app.access
    return "trial" if wanted == "trial" else "standard"


def _is_beyond_trial(call: Call) -> bool:
    if call.route is None or call.realm.environment != "production" or tier(call) != "trial":
        return False
    refused = call.switches.trial_refuses
    if refused == "pins":
        return call.route.operation == "pins/create"
    return refused == "writes" and call.route.category == "org_write"


def _dead_token(call: Call) -> refusals.Refusal:
    """Why the token opens nothing, if the switch `dead_tokens_say_why` lets Pinterest tell."""
    grant = token_person(call)
    if not call.switches.dead_tokens_say_why or grant is None:
        return refusals.authentication_failed()
    app, account = call.world.apps.get(grant.app_id), call.realm.accounts.get(grant.person)
    if app is not None and not app.active:
        return refusals.authentication_failed("App deactivated.")
    if account is not None and account.deactivated:
        return refusals.authentication_failed("User deactivated.")
    if grant.ended_by == "end_session":
        return refusals.authentication_failed("Login session expired.")
    return refusals.authentication_failed()


def app_by_secret(call: Call) -> App:
    """The app that proves itself with HTTP Basic."""
    kind, _, value = call.request.headers.get("authorization", "").partition(" ")
    app_id, _, secret = _unpacked(value).partition(":") if kind.lower() == "basic" else ("", "", "")
    app = call.world.apps.get(app_id)
    if app is None or app.secret != secret or not app.active:
        raise refusals.authentication_failed()
    return app


def _bearer(call: Call) -> str:
    kind, _, value = call.request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _unpacked(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
