"""Sections of a board: list, create, update, delete."""

from __future__ import annotations

from pinsim import refusals
from pinsim.product.call import Call, Reply
from pinsim.product.paging import page_of
from pinsim.product.rights import own_board, section_of, visible_board
from pinsim.product.shapes import section_shape
from pinsim.world.board import Board, Section

_NAME_MAX = 180


def listed(call: Call) -> Reply:
    """The sections of a board."""
    board = visible_board(call, call.ids[0])
    return Reply(200, page_of(call, list(board.sections.values()), section_shape))


def create(call: Call) -> Reply:
    """A new section."""
    board = own_board(call, call.ids[0])
    name = _checked_name(call.body().get("name"), board)
    return Reply(201, section_shape(call.realm.add_section(board, name)))


def update(call: Call) -> Reply:
    """Rename a section."""
    board = own_board(call, call.ids[0])
    section = section_of(board, call.ids[1], refusals.listed_section_not_found())
    section.name = _checked_name(call.body().get("name"), board, section)
    return Reply(200, section_shape(section))


def delete(call: Call) -> Reply:
    """End a section with its Pins."""
    board = own_board(call, call.ids[0])
    section = section_of(board, call.ids[1], refusals.listed_section_not_found())
    call.realm.delete_section(board, section, call.now)
    return Reply(204)


def _checked_name(name: object, board: Board, itself: Section | None = None) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= _NAME_MAX:
        raise refusals.section_parameters()
    if any(section is not itself and section.name == name for section in board.sections.values()):
        raise refusals.section_conflict()
    return name
