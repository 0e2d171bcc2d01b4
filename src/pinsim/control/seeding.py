"""Seeding: from a JSON description to a world.

{"app" or "apps": {"id", "secret", "name", "redirect_uris", "access", "owner"},
 "accounts": [{"username", "account_type", "business_name", "website_url", "about", "access",
               "boards": [{"name", "privacy", "description", "sections": [...], "collaborators": [...],
                           "archived"}],
               "sandbox_boards": [...]}],
 "tokens": true}
"""

from __future__ import annotations

from typing import Any

from pinsim.product.scopes import SCOPES
from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.board import Board
from pinsim.world.grants import SANDBOX_TOKEN_LIFETIME_S, Grant
from pinsim.world.realm import Realm
from pinsim.world.world import World


class BadSeed(ValueError):
    """A seed that cannot be planted; the text says why."""


def plant(world: World, wanted: dict[str, Any], now: float) -> None:
    """Add apps, accounts and boards."""
    for app in _objects(wanted, "apps", wanted.get("app")):
        _plant_app(world, app)
    people = _objects(wanted, "accounts", None)
    for account in people:
        _plant_account(world, account)
    for account in people:
        _plant_boards(world.realms["production"], account, "boards", now)
        _plant_boards(world.realms["sandbox"], account, "sandbox_boards", now)
    for planted in world.apps.values():
        planted.owner = planted.owner or next(iter(world.production.accounts), "")


def describe(world: World) -> dict[str, Any]:
    """Apps and accounts with their ids."""
    return {
        "apps": [
            {"id": app.id, "secret": app.secret, "name": app.name, "access": app.access,
             "redirect_uris": app.redirect_uris, "owner": app.owner}
            for app in world.apps.values()
        ],
        "accounts": [_describe_account(world, person) for person in world.production.accounts],
    }  # fmt: skip


def issue_tokens(
    world: World, person: str, now: float, environment: str = "production", app_id: str = "",
    scopes: frozenset[str] = frozenset(),
) -> dict[str, Any]:  # fmt: skip
    """A ready pair for one account, as if it had given access. Without scopes: all of them."""
    account = world.realms[environment].find_account(person)
    if account is None:
        raise BadSeed(f"There is no account {person!r}.")
    chosen = app_id or _app_of(world, account)
    if chosen not in world.apps:
        raise BadSeed(f"There is no app {chosen!r}.")
    grant = world.grants.open(Grant(chosen, account.person, environment, scopes or frozenset(SCOPES)))
    access, refresh = world.grants.issue_access(grant, now), world.grants.issue_refresh(grant, now)
    return {
        "app_id": chosen,
        "access_token": access.value,
        "refresh_token": refresh.value,
        "expires_at": access.expires_at,
        "refresh_token_expires_at": refresh.expires_at,
        "scope": ",".join(sorted(grant.scopes)),
    }


def issue_sandbox_token(world: World, person: str, now: float) -> dict[str, Any]:
    """The 24 h token that the app's own page hands out for the sandbox; it cannot be refreshed."""
    account = world.realms["sandbox"].accounts[person]
    grant = world.grants.open(Grant(_app_of(world, account), person, "sandbox", frozenset(SCOPES)))
    token = world.grants.issue_access(grant, now, SANDBOX_TOKEN_LIFETIME_S)
    return {"access_token": token.value, "expires_at": token.expires_at}


def _app_of(world: World, account: Account) -> str:
    fitting = [app.id for app in world.apps.values() if account.access and app.access == account.access]
    return fitting[0] if fitting else next(iter(world.apps), "")


def _plant_app(world: World, wanted: dict[str, Any]) -> None:
    access = wanted.get("access", "standard")
    if access not in ("standard", "trial", "none"):
        raise BadSeed("The access of an app is standard, trial or none.")
    app_id = _text(wanted, "id")
    world.apps[app_id] = App(
        app_id,
        str(wanted.get("secret") or f"pinsim-secret-of-{app_id}"),
        str(wanted.get("name") or f"App {app_id}"),
        [str(uri) for uri in wanted.get("redirect_uris", [])],
        access,
        str(wanted.get("owner", "")),
    )


def _plant_account(world: World, wanted: dict[str, Any]) -> None:
    username, kind = _text(wanted, "username"), wanted.get("account_type", "BUSINESS")
    if kind not in ("BUSINESS", "PINNER"):
        raise BadSeed("The account_type is BUSINESS or PINNER.")
    if wanted.get("access", "") not in ("", "standard", "trial"):
        raise BadSeed("The access of an account is standard or trial.")
    if world.production.find_account(username):
        raise BadSeed(f"There is an account {username!r} already.")
    for realm in world.realms.values():
        account = Account(username, realm.new_id("account"), username, kind, wanted.get("access", ""))
        account.business_name = wanted.get("business_name")
        account.website_url = str(wanted.get("website_url", ""))
        account.about = str(wanted.get("about", ""))
        realm.add_account(account)


def _plant_boards(realm: Realm, wanted: dict[str, Any], key: str, now: float) -> None:
    owner = realm.accounts[_text(wanted, "username")]
    for each in _objects(wanted, key, None):
        _plant_board(realm, owner, each, now)


def _plant_board(realm: Realm, owner: Account, wanted: dict[str, Any], now: float) -> Board:
    privacy = wanted.get("privacy", "PUBLIC")
    if privacy not in ("PUBLIC", "PROTECTED", "SECRET"):
        raise BadSeed("The privacy of a board is PUBLIC, PROTECTED or SECRET.")
    board = realm.add_board(owner, _text(wanted, "name"), privacy, now)
    board.description = wanted.get("description")
    board.archived = bool(wanted.get("archived"))
    for name in wanted.get("sections", []):
        realm.add_section(board, str(name))
    for person in wanted.get("collaborators", []):
        if person not in realm.accounts:
            raise BadSeed(f"The collaborator {person!r} is no account.")
        realm.share_board(board, person)
    return board


def _describe_account(world: World, person: str) -> dict[str, Any]:
    account, twin = world.production.accounts[person], world.realms["sandbox"].accounts[person]
    return {
        "username": account.username,
        "id": account.id,
        "account_type": account.account_type,
        "sandbox_id": twin.id,
        "boards": [_describe_board(board) for board in _own(world.production, account)],
        "sandbox_boards": [_describe_board(board) for board in _own(world.realms["sandbox"], twin)],
    }


def _describe_board(board: Board) -> dict[str, Any]:
    return {
        "id": board.id,
        "name": board.name,
        "privacy": board.privacy,
        "archived": board.archived,
        "pin_count": len(board.shelf),
        "sections": [{"id": each.id, "name": each.name} for each in board.sections.values()],
    }


def _own(realm: Realm, account: Account) -> list[Board]:
    return [board for board in realm.boards_of[account.person].values() if board.owner is account]


def _objects(wanted: dict[str, Any], key: str, single: Any) -> list[dict[str, Any]]:
    found = wanted.get(key, [] if single is None else [single])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadSeed(f"{key}: a list of objects.")
    return found


def _text(wanted: dict[str, Any], key: str) -> str:
    value = wanted.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadSeed(f"{key}: a text that is not empty.")
    return value
