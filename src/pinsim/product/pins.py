"""Pins: read, list, update, delete. Making them is in `creating`."""

from __future__ import annotations

from typing import Any

from pinsim import refusals
from pinsim.product.call import Call, Reply
from pinsim.product.content import read_link, read_texts
from pinsim.product.paging import page_of_shelf
from pinsim.product.rights import (
    own_pin,
    require_id,
    section_of,
    spare_conflict,
    visible_board,
    visible_pin,
    writable_board,
)
from pinsim.product.shapes import pin_shape
from pinsim.world.board import Board
from pinsim.world.pin import Pin
from pinsim.world.shelf import Shelf


def read(call: Call) -> Reply:
    """One Pin; there is no lag here."""
    return Reply(200, pin_shape(call, visible_pin(call, call.ids[0])))


def on_board(call: Call) -> Reply:
    """The Pins of a board."""
    board = visible_board(call, call.ids[0], refusals.listed_board_not_found())
    return _page(call, board.shelf, with_sections=call.switches.board_lists_sections)


def in_section(call: Call) -> Reply:
    """The Pins of a section."""
    board = visible_board(call, call.ids[0], refusals.listed_board_not_found())
    section = section_of(board, call.ids[1], refusals.listed_section_not_found())
    return _page(call, section.shelf)


def of_account(call: Call) -> Reply:
    """The acting account's Pins on any board."""
    return _page(call, call.realm.pins_of[call.account.person])


def delete(call: Call) -> Reply:
    """End a Pin."""
    call.realm.delete_pin(own_pin(call, call.ids[0]), call.now)
    return Reply(204)


def update(call: Call) -> Reply:
    """Edit a Pin: a restricted feature that most apps do not have."""
    if not call.switches.pin_edit:
        raise refusals.restricted_feature("pin_edit")
    pin, body = own_pin(call, call.ids[0]), call.body()
    texts = read_texts(body)
    link = read_link(call, body.get("link")) if "link" in body else pin.link
    board, section_id = _destination(call, pin, body)
    for name in ("title", "description", "alt_text"):
        if name in body:
            setattr(pin, name, getattr(texts, name))
    pin.link = link
    if (board.id, section_id) != (pin.board_id, pin.section_id):
        call.realm.move_pin(pin, board, section_id)
    return Reply(200, pin_shape(call, pin))


def _destination(call: Call, pin: Pin, body: dict[str, Any]) -> tuple[Board, str | None]:
    if body.get("board_id") is None and "board_section_id" not in body:
        return call.realm.boards[pin.board_id], pin.section_id
    board = writable_board(call, body.get("board_id") or pin.board_id)
    if board.id != pin.board_id:
        spare_conflict(call, board)
    section_id = body.get("board_section_id")
    if section_id is None:
        return board, None
    return board, section_of(board, require_id(section_id, "board_section_id")).id


def _page(call: Call, shelf: Shelf, with_sections: bool = True) -> Reply:
    may_see_secret = "pins:read_secret" in call.scopes

    def wanted(pin: Pin) -> bool:
        if not with_sections and pin.section_id is not None:
            return False
        return may_see_secret or call.realm.boards[pin.board_id].privacy != "SECRET"

    return Reply(200, page_of_shelf(call, shelf, lambda pin: pin_shape(call, pin), wanted))
