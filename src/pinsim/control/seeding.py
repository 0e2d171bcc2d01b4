"""Seeding: from a JSON description to a world.

{"app" or "apps": {"id", "secret", "name", "redirect_uris", "access", "owner", "active"},
 "accounts": [{"username", "account_type", "business_name", "website_url", "about", "access",
               "suspended", "deactivated",
               "boards": [{"name", "privacy", "description", "sections": [...], "collaborators": [...],
                           "archived"}],
               "sandbox_boards": [...]}]}
"""

from __future__ import annotations

from typing import Any

from pinsim.control.reading import BadControl, flag, objects, one_of, only, optional_text, text, texts
from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.board import Board
from pinsim.world.realm import Realm
from pinsim.world.world import World

_APP = ("id", "secret", "name", "redirect_uris", "access", "owner", "active")
_BOARD = ("name", "privacy", "description", "sections", "collaborators", "archived")
_ACCOUNT = (
    "username", "account_type", "business_name", "website_url", "about", "access", "suspended", "deactivated",
    "boards", "sandbox_boards",
)  # fmt: skip


def plant(world: World, wanted: dict[str, Any], now: float) -> None:
    """Add apps, accounts and boards."""
    single = {"apps": [wanted["app"]]} if "app" in wanted else {}
    for app in objects({**single, **wanted}, "apps"):
        _plant_app(world, app)
    people = objects(wanted, "accounts")
    for account in people:
        _plant_account(world, account)
    for account in people:
        _plant_boards(world.realms["production"], account, "boards", now)
        _plant_boards(world.realms["sandbox"], account, "sandbox_boards", now)
    for planted in world.apps.values():
        planted.owner = planted.owner or next(iter(world.production.accounts), "")


def plant_more(world: World, wanted: dict[str, Any], now: float) -> None:
    """Add to a world that is in use, all or nothing."""
    rehearsal = World(world.seed)
    plant(rehearsal, {"accounts": [{"username": person} for person in world.production.accounts]}, now)
    plant(rehearsal, wanted, now)
    plant(world, wanted, now)


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


def _plant_app(world: World, wanted: dict[str, Any]) -> None:
    only(wanted, _APP, "An app")
    app_id = text(wanted, "id")
    world.apps[app_id] = App(
        app_id,
        optional_text(wanted, "secret") or f"pinsim-secret-of-{app_id}",
        optional_text(wanted, "name") or f"App {app_id}",
        texts(wanted, "redirect_uris"),
        one_of(wanted, "access", ("standard", "trial", "none"), "standard"),
        optional_text(wanted, "owner") or "",
        flag(wanted, "active", True),
    )


def _plant_account(world: World, wanted: dict[str, Any]) -> None:
    only(wanted, _ACCOUNT, "An account")
    username = text(wanted, "username")
    kind = one_of(wanted, "account_type", ("BUSINESS", "PINNER"), "BUSINESS")
    access = one_of(wanted, "access", ("", "standard", "trial"), "")
    if world.production.find_account(username):
        raise BadControl(f"There is an account {username!r} already.")
    for realm in world.realms.values():
        account = Account(username, realm.new_id("account"), username, kind, access)
        account.business_name = optional_text(wanted, "business_name")
        account.website_url = optional_text(wanted, "website_url") or ""
        account.about = optional_text(wanted, "about") or ""
        account.suspended = flag(wanted, "suspended", False)
        account.deactivated = flag(wanted, "deactivated", False)
        realm.add_account(account)


def _plant_boards(realm: Realm, wanted: dict[str, Any], key: str, now: float) -> None:
    owner = realm.accounts[text(wanted, "username")]
    for each in objects(wanted, key):
        _plant_board(realm, owner, each, now)


def _plant_board(realm: Realm, owner: Account, wanted: dict[str, Any], now: float) -> Board:
    only(wanted, _BOARD, "A board")
    privacy = one_of(wanted, "privacy", ("PUBLIC", "PROTECTED", "SECRET"), "PUBLIC")
    board = realm.add_board(owner, text(wanted, "name"), privacy, now)
    board.description = optional_text(wanted, "description")
    board.archived = flag(wanted, "archived", False)
    for name in texts(wanted, "sections"):
        realm.add_section(board, name)
    for person in texts(wanted, "collaborators"):
        if person not in realm.accounts:
            raise BadControl(f"The collaborator {person!r} is no account.")
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
