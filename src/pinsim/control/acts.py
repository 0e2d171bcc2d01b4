"""Acts: what people do at Pinterest itself, while a client looks away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.board import Board
from pinsim.world.pin import Pin
from pinsim.world.realm import Realm
from pinsim.world.world import World


class BadAct(ValueError):
    """An act that cannot be done; the text says why."""


class _Stage:
    """The world and what the act names."""

    def __init__(self, world: World, wanted: dict[str, Any], now: float) -> None:
        self.world, self.wanted, self.now = world, wanted, now
        self.realm: Realm = world.realms.get(str(wanted.get("environment", "production")), world.production)

    def text(self, name: str) -> str:
        value = self.wanted.get(name)
        if not isinstance(value, str) or not value:
            raise BadAct(f"{name}: a text that is not empty.")
        return value

    def accounts(self) -> list[Account]:
        """The named account in both environments."""
        found = self.world.production.find_account(self.text("account"))
        if found is None:
            raise BadAct(f"There is no account {self.wanted['account']!r}.")
        return [realm.accounts[found.person] for realm in self.world.realms.values()]

    def app(self) -> App:
        app = self.world.apps.get(self.text("app"))
        if app is None:
            raise BadAct(f"There is no app {self.wanted['app']!r}.")
        return app

    def board(self) -> Board:
        """By id, or by name when only one board has it."""
        name = self.text("board")
        owner = self.accounts()[0].person if "account" in self.wanted else None
        boards = [each for each in self.realm.boards.values() if owner in (None, each.owner.person)]
        found = [each for each in boards if name in (each.id, each.name)]
        if len(found) != 1:
            raise BadAct(f"{len(found)} boards are called {name!r}.")
        return found[0]

    def pin(self) -> Pin:
        pin = self.realm.live_pin(self.text("pin"))
        if pin is None:
            raise BadAct(f"There is no live Pin {self.wanted['pin']!r}.")
        return pin


def act(world: World, wanted: dict[str, Any], now: float) -> None:
    """Do `wanted["do"]`; raises BadAct."""
    name = wanted.get("do")
    if not isinstance(name, str) or name not in ACTS:
        raise BadAct(f"do: {name!r} is not known; use one of {', '.join(sorted(ACTS))}.")
    ACTS[name](_Stage(world, wanted, now))


def _delete_pin(stage: _Stage) -> None:
    stage.realm.delete_pin(stage.pin(), stage.now)


def _delete_board(stage: _Stage) -> None:
    stage.realm.delete_board(stage.board(), stage.now)


def _delete_section(stage: _Stage) -> None:
    board, name = stage.board(), stage.text("section")
    found = [each for each in board.sections.values() if name in (each.id, each.name)]
    if not found:
        raise BadAct(f"The board has no section {name!r}.")
    stage.realm.delete_section(board, found[0], stage.now)


def _rename_board(stage: _Stage) -> None:
    stage.board().name = stage.text("name")


def _set_privacy(stage: _Stage) -> None:
    privacy = stage.text("privacy")
    if privacy not in ("PUBLIC", "PROTECTED", "SECRET"):
        raise BadAct("privacy: PUBLIC, PROTECTED or SECRET.")
    stage.board().privacy = privacy


def _archive_board(stage: _Stage) -> None:
    stage.board().archived = bool(stage.wanted.get("archived", True))


def _revoke_app(stage: _Stage) -> None:
    person, app = stage.accounts()[0].person, stage.wanted.get("app")
    stage.world.grants.end(lambda grant: grant.person == person and app in (None, grant.app_id))


def _change_password(stage: _Stage) -> None:
    person = stage.accounts()[0].person
    stage.world.grants.end(lambda grant: grant.person == person)


def _rename_account(stage: _Stage) -> None:
    name = stage.text("name")
    for account in stage.accounts():
        account.username = name


def _change_account_type(stage: _Stage) -> None:
    kind = stage.text("account_type")
    if kind not in ("BUSINESS", "PINNER"):
        raise BadAct("account_type: BUSINESS or PINNER.")
    for account in stage.accounts():
        account.account_type = kind


def _suspend(stage: _Stage) -> None:
    for account in stage.accounts():
        account.suspended = bool(stage.wanted.get("suspended", True))


def _set_app_access(stage: _Stage) -> None:
    access = stage.text("access")
    if access not in ("standard", "trial", "none"):
        raise BadAct("access: standard, trial or none.")
    stage.app().access = access


def _deactivate_app(stage: _Stage) -> None:
    stage.app().active = bool(stage.wanted.get("active", False))


def _rotate_secret(stage: _Stage) -> None:
    app = stage.app()
    app.secret = stage.text("secret")
    stage.world.grants.end(lambda grant: grant.app_id == app.id)


ACTS: dict[str, Callable[[_Stage], None]] = {
    "delete_pin": _delete_pin,
    "delete_board": _delete_board,
    "delete_section": _delete_section,
    "rename_board": _rename_board,
    "set_privacy": _set_privacy,
    "archive_board": _archive_board,
    "revoke_app": _revoke_app,
    "change_password": _change_password,
    "rename_account": _rename_account,
    "change_account_type": _change_account_type,
    "suspend": _suspend,
    "set_app_access": _set_app_access,
    "deactivate_app": _deactivate_app,
    "rotate_secret": _rotate_secret,
}
