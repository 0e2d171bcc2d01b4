"""Giving access without the consent page, and what became of all that was given."""

from __future__ import annotations

from typing import Any

from pinsim.control.reading import BadControl
from pinsim.product.scopes import SCOPES
from pinsim.world.account import Account
from pinsim.world.grants import APP_PAGE_LIFETIME_S, APP_PAGE_SCOPES, Grant
from pinsim.world.world import World


def consent_tokens(
    world: World, name: str, now: float, environment: str = "production", app_id: str = "",
    scopes: frozenset[str] = frozenset(),
) -> dict[str, Any]:  # fmt: skip
    """A ready pair for one account, as if it had given access. Without scopes: all of them."""
    grant = _granted(world, name, now, environment, app_id, scopes or frozenset(SCOPES))
    access, refresh = world.grants.issue_access(grant, now), world.grants.issue_refresh(grant, now)
    return {
        "app_id": grant.app_id,
        "access_token": access.value,
        "refresh_token": refresh.value,
        "expires_at": access.expires_at,
        "refresh_token_expires_at": refresh.expires_at,
        "scope": ",".join(sorted(grant.scopes)),
    }


def app_page_token(world: World, name: str, now: float, environment: str, app_id: str = "") -> dict[str, Any]:
    """The 24 h token that the app's own page hands out; it cannot be refreshed, and only reads in production."""
    scopes = APP_PAGE_SCOPES if environment == "production" else frozenset(SCOPES)
    grant = _granted(world, name, now, environment, app_id, scopes)
    token = world.grants.issue_access(grant, now, APP_PAGE_LIFETIME_S)
    return {
        "app_id": grant.app_id,
        "access_token": token.value,
        "expires_at": token.expires_at,
        "scope": ",".join(sorted(scopes)),
    }


def listed_grants(world: World, account: str = "") -> list[dict[str, Any]]:
    """Every grant in the order they were given; with `account` that one's. Never a token."""
    grants = world.grants.listed()
    if account:
        found = world.production.find_account(account)
        grants = [grant for grant in grants if found and grant.person == found.person]
    return [_described(world, grant) for grant in grants]


def _granted(
    world: World, name: str, now: float, environment: str, app_id: str, scopes: frozenset[str]
) -> Grant:
    account = world.realms[environment].find_account(name)
    if account is None:
        raise BadControl(f"There is no account {name!r}.")
    chosen = app_id or _app_of(world, account)
    if chosen not in world.apps:
        raise BadControl(f"There is no app {chosen!r}.")
    return world.grants.open(Grant(chosen, account.person, environment, scopes), now)


def _app_of(world: World, account: Account) -> str:
    fitting = [app.id for app in world.apps.values() if account.access and app.access == account.access]
    return fitting[0] if fitting else next(iter(world.apps), "")


def _described(world: World, grant: Grant) -> dict[str, Any]:
    return {
        "account": world.realms[grant.environment].accounts[grant.person].username,
        "app": grant.app_id,
        "environment": grant.environment,
        "scopes": sorted(grant.scopes),
        "continuous": grant.continuous,
        "opened_at": grant.opened_at,
        "refreshes": grant.refreshes,
        "access_until": grant.access_until,
        "refresh_until": grant.refresh_until,
        "live": grant.live,
        "ended_at": grant.ended_at,
        "ended_by": grant.ended_by or None,
    }
