"""Acts: what people do at Pinterest itself, while a client looks away."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from pinsim.control.reading import BadControl, flag, one_of, only, seconds, text
from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.board import Board, Section
from pinsim.world.media import Media
from pinsim.world.pin import Pin
from pinsim.world.realm import Realm
from pinsim.world.world import ENVIRONMENTS, World


class _Stage:
    """The world and what the act names."""

    def __init__(self, world: World, wanted: dict[str, Any], now: float) -> None:
        self.world, self.wanted, self.now = world, wanted, now
        self.realm: Realm = world.realms[one_of(wanted, "environment", ENVIRONMENTS, "production")]

    def end_grants(self, app_id: str | None = None) -> None:
        """End what the account gave, to every app or to one; the act's name is kept as the reason."""
        person = self.accounts()[0].person
        self.world.grants.end(
            lambda grant: grant.person == person and app_id in (None, grant.app_id),
            self.now,
            str(self.wanted["do"]),
        )

    def accounts(self) -> list[Account]:
        """The named account in both environments."""
        found = self.world.production.find_account(text(self.wanted, "account"))
        if found is None:
            raise BadControl(f"There is no account {self.wanted['account']!r}.")
        return [realm.accounts[found.person] for realm in self.world.realms.values()]

    def app(self) -> App:
        app = self.world.apps.get(text(self.wanted, "app"))
        if app is None:
            raise BadControl(f"There is no app {self.wanted['app']!r}.")
        return app

    def person(self, member: str) -> str:
        found = self.world.production.find_account(text(self.wanted, member))
        if found is None:
            raise BadControl(f"There is no account {self.wanted[member]!r}.")
        return found.person

    def section(self) -> tuple[Board, Section]:
        """A section of the named board, by id or name."""
        board, name = self.board(), text(self.wanted, "section")
        found = [each for each in board.sections.values() if name in (each.id, each.name)]
        if not found:
            raise BadControl(f"The board has no section {name!r}.")
        return board, found[0]

    def board(self, member: str = "board") -> Board:
        """By id, or by name when only one board has it."""
        name = text(self.wanted, member)
        owner = self.accounts()[0].person if "account" in self.wanted else None
        boards = [each for each in self.realm.boards.values() if owner in (None, each.owner.person)]
        found = [each for each in boards if name in (each.id, each.name)]
        if len(found) != 1:
            raise BadControl(f"{len(found)} boards are called {name!r}.")
        return found[0]

    def media(self) -> Media:
        media = self.realm.media.find(text(self.wanted, "media"))
        if media is None:
            raise BadControl(f"There is no upload {self.wanted['media']!r}.")
        return media

    def pin(self) -> Pin:
        pin = self.realm.live_pin(text(self.wanted, "pin"))
        if pin is None:
            raise BadControl(f"There is no live Pin {self.wanted['pin']!r}.")
        return pin


class Act(NamedTuple):
    """What is done, and the members it takes besides `do` and `environment`."""

    play: Callable[[_Stage], None]
    takes: tuple[str, ...]


def act(world: World, wanted: dict[str, Any], now: float) -> None:
    """Do `wanted["do"]`; raises BadControl."""
    name = wanted.get("do")
    if not isinstance(name, str) or name not in ACTS:
        raise BadControl(f"do: {name!r} is not known; use one of {', '.join(sorted(ACTS))}.")
    only(wanted, ("do", "environment", *ACTS[name].takes), name)
    ACTS[name].play(_Stage(world, wanted, now))


def _delete_pin(stage: _Stage) -> None:
    stage.realm.delete_pin(stage.pin(), stage.now)


def _delete_board(stage: _Stage) -> None:
    stage.realm.delete_board(stage.board(), stage.now)


def _delete_section(stage: _Stage) -> None:
    board, section = stage.section()
    stage.realm.delete_section(board, section, stage.now)


def _rename_section(stage: _Stage) -> None:
    stage.section()[1].name = text(stage.wanted, "name")


def _merge_board(stage: _Stage) -> None:
    board, into = stage.board(), stage.board("into")
    if into is board:
        raise BadControl("A board is not merged into itself.")
    stage.realm.merge_board(board, into, stage.now)


def _invite(stage: _Stage) -> None:
    stage.realm.share_board(stage.board(), stage.person("who"))


def _uninvite(stage: _Stage) -> None:
    board, person = stage.board(), stage.person("who")
    if person not in board.collaborators:
        raise BadControl(f"{stage.wanted['who']!r} does not work on that board.")
    stage.realm.unshare_board(board, person)


def _rename_board(stage: _Stage) -> None:
    stage.board().name = text(stage.wanted, "name")


def _set_privacy(stage: _Stage) -> None:
    privacy = one_of(stage.wanted, "privacy", ("PUBLIC", "PROTECTED", "SECRET"))
    stage.board().privacy = privacy


def _archive_board(stage: _Stage) -> None:
    stage.board().archived = flag(stage.wanted, "archived", True)


def _finish_media(stage: _Stage) -> None:
    media, status = stage.media(), one_of(stage.wanted, "status", ("succeeded", "failed", "processing"))
    if media.filing is None:
        raise BadControl(f"Nothing was uploaded to {media.id!r} yet.")
    media.why = "an act of the tester" if status == "failed" else ""
    media.done_at = math.inf if status == "processing" else stage.now


def _delete_media(stage: _Stage) -> None:
    stage.realm.media.drop(stage.media())


def _revoke_app(stage: _Stage) -> None:
    stage.end_grants(stage.app().id if "app" in stage.wanted else None)


def _end_all(stage: _Stage) -> None:
    stage.end_grants()


def _rename_account(stage: _Stage) -> None:
    name, accounts = text(stage.wanted, "name"), stage.accounts()
    namesake = next((a for a in stage.world.production.accounts.values() if a.username == name), accounts[0])
    if namesake is not accounts[0]:
        raise BadControl(f"name: {name!r} is taken.")
    for account in accounts:
        account.username = name


def _change_account_id(stage: _Stage) -> None:
    """The same tokens answer as another account from now on."""
    wanted = text(stage.wanted, "id")
    if not (wanted.isascii() and wanted.isdigit()):
        raise BadControl(f"id: {wanted!r} is no id; it has digits only.")
    account = stage.realm.accounts[stage.accounts()[0].person]
    if any(other.id == wanted for other in stage.realm.accounts.values() if other is not account):
        raise BadControl(f"id: {wanted!r} is taken.")
    account.id = wanted


def _change_account_type(stage: _Stage) -> None:
    kind = one_of(stage.wanted, "account_type", ("BUSINESS", "PINNER"))
    for account in stage.accounts():
        account.account_type = kind


def _suspend(stage: _Stage) -> None:
    suspended = flag(stage.wanted, "suspended", True)
    for account in stage.accounts():
        account.suspended = suspended


def _deactivate_account(stage: _Stage) -> None:
    deactivated = flag(stage.wanted, "deactivated", True)
    for account in stage.accounts():
        account.deactivated = deactivated


def _block_for_spam(stage: _Stage) -> None:
    until = stage.now + seconds(stage.wanted, "for_s")
    stage.realm.accounts[stage.accounts()[0].person].blocked_until = until


def _set_app_access(stage: _Stage) -> None:
    access = one_of(stage.wanted, "access", ("standard", "trial", "none"))
    stage.app().access = access


def _deactivate_app(stage: _Stage) -> None:
    active = flag(stage.wanted, "active", False)
    stage.app().active = active


def _rotate_secret(stage: _Stage) -> None:
    app, secret = stage.app(), text(stage.wanted, "secret")
    if not flag(stage.wanted, "keep_tokens", False):
        stage.world.grants.end(lambda grant: grant.app_id == app.id, stage.now, "rotate_secret")
    app.secret = secret


ACTS = {
    "delete_pin": Act(_delete_pin, ("pin",)),
    "delete_board": Act(_delete_board, ("board", "account")),
    "delete_section": Act(_delete_section, ("board", "section", "account")),
    "rename_section": Act(_rename_section, ("board", "section", "name", "account")),
    "merge_board": Act(_merge_board, ("board", "into", "account")),
    "invite": Act(_invite, ("board", "who", "account")),
    "uninvite": Act(_uninvite, ("board", "who", "account")),
    "rename_board": Act(_rename_board, ("board", "name", "account")),
    "set_privacy": Act(_set_privacy, ("board", "privacy", "account")),
    "archive_board": Act(_archive_board, ("board", "archived", "account")),
    "finish_media": Act(_finish_media, ("media", "status")),
    "delete_media": Act(_delete_media, ("media",)),
    "revoke_app": Act(_revoke_app, ("account", "app")),
    "change_password": Act(_end_all, ("account",)),
    "end_session": Act(_end_all, ("account",)),
    "rename_account": Act(_rename_account, ("account", "name")),
    "change_account_id": Act(_change_account_id, ("account", "id")),
    "change_account_type": Act(_change_account_type, ("account", "account_type")),
    "suspend": Act(_suspend, ("account", "suspended")),
    "deactivate_account": Act(_deactivate_account, ("account", "deactivated")),
    "block_for_spam": Act(_block_for_spam, ("account", "for_s")),
    "set_app_access": Act(_set_app_access, ("app", "access")),
    "deactivate_app": Act(_deactivate_app, ("app", "active")),
    "rotate_secret": Act(_rotate_secret, ("app", "secret", "keep_tokens")),
}
