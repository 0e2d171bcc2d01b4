"""Boards: list, read, create, update, delete."""

from __future__ import annotations

from typing import Any

from pinsim import refusals
from pinsim.product.call import Call, Reply
from pinsim.product.paging import page_of
from pinsim.product.rights import may_see, own_board, visible_board
from pinsim.product.shapes import board_shape
from pinsim.world.board import Board

_FILTERS = {
    "ALL": ("PUBLIC", "PROTECTED", "SECRET"),
    "PUBLIC": ("PUBLIC",),
    "PROTECTED": ("PROTECTED",),
    "SECRET": ("SECRET",),
    "PUBLIC_AND_SECRET": ("PUBLIC", "SECRET"),
}
_ADS_ONLY_NAME = "Ad-only Pins"


def listed(call: Call) -> Reply:
    """Own and group boards that the token may see."""
    wanted = call.request.param("privacy") or "ALL"
    if wanted not in _FILTERS:
        raise refusals.board_parameters()
    boards = call.realm.boards_of[call.account.person].values()
    shown = [board for board in boards if board.privacy in _FILTERS[wanted] and may_see(call, board)]
    return Reply(200, page_of(call, shown, lambda board: board_shape(call, board)))


def read(call: Call) -> Reply:
    """One board."""
    return Reply(200, board_shape(call, visible_board(call, call.ids[0])))


def create(call: Call) -> Reply:
    """A new board; ads-only boards have their own name and privacy."""
    body = call.body()
    ads_only = bool(body.get("is_ads_only"))
    name = _ADS_ONLY_NAME if ads_only else _checked_name(call, body.get("name"))
    privacy = (
        "PROTECTED"
        if ads_only
        else _checked_privacy(call, body.get("privacy"), "PUBLIC", "PROTECTED", "SECRET")
    )
    description = _checked_description(call, body)
    board = call.realm.add_board(call.account, name, privacy, call.now)
    board.description, board.is_ads_only = description, ads_only
    return Reply(201, board_shape(call, board))


def update(call: Call) -> Reply:
    """Change name, description or privacy."""
    board, body = own_board(call, call.ids[0]), call.body()
    name = _checked_name(call, body["name"], board) if "name" in body else board.name
    privacy = (
        _checked_privacy(call, body["privacy"], "PUBLIC", "SECRET") if "privacy" in body else board.privacy
    )
    if "description" in body:
        board.description = _checked_description(call, body)
    board.name, board.privacy = name, privacy
    return Reply(200, board_shape(call, board))


def delete(call: Call) -> Reply:
    """End a board with everything on it."""
    call.realm.delete_board(own_board(call, call.ids[0]), call.now)
    return Reply(204)


def _checked_name(call: Call, name: object, itself: Board | None = None) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > call.switches.board_name_max:
        raise refusals.board_name_refused()
    if call.switches.duplicate_board_names == "refuse" and _is_taken(call, name, itself):
        raise refusals.board_name_refused()
    return name


def _is_taken(call: Call, name: str, itself: Board | None) -> bool:
    wanted = name.strip().casefold()
    mine = call.realm.boards_of[call.account.person].values()
    return any(
        board is not itself and board.owner is call.account and board.name.strip().casefold() == wanted
        for board in mine
    )


def _checked_privacy(call: Call, privacy: object, *allowed: str) -> str:
    if privacy is None:
        return "PUBLIC"
    if privacy not in allowed:
        raise refusals.board_parameters()
    if privacy == "SECRET" and "boards:write_secret" not in call.scopes:
        raise refusals.not_permitted()
    return str(privacy)


def _checked_description(call: Call, body: dict[str, Any]) -> str | None:
    description = body.get("description")
    if description is None:
        return None
    if not isinstance(description, str) or len(description) > call.switches.board_description_max:
        raise refusals.board_parameters()
    return description
