"""Rights: finding what a call names, if the caller may have it."""

from __future__ import annotations

from pinsim import refusals
from pinsim.product.call import Call
from pinsim.refusals import Refusal
from pinsim.world.board import Board, Section
from pinsim.world.pin import Pin


def require_id(value: object, name: str) -> str:
    """A decimal id, or the refusal that names the pattern."""
    if not isinstance(value, str):
        raise refusals.invalid_request(f"'{name}' {value!r} is not of type 'string'")
    if not (value.isascii() and value.isdigit()):
        raise refusals.invalid_request(rf"'{name}' {value!r} does not match the pattern ^\d+$")
    return value


def visible_board(call: Call, board_id: str, missing: Refusal | None = None) -> Board:
    """A board the caller may read."""
    board = call.realm.boards.get(require_id(board_id, "board_id"))
    if board is None:
        raise missing or refusals.board_not_found()
    if not may_see(call, board):
        raise refusals.not_permitted()
    return board


def own_board(call: Call, board_id: str) -> Board:
    """A board the caller may change, and changes now."""
    board = writable_board(call, board_id)
    spare_conflict(call, board)
    return board


def writable_board(call: Call, board_id: str) -> Board:
    """A board the caller may change."""
    board = visible_board(call, board_id)
    if board.owner is not call.account:
        raise refusals.not_permitted()
    if board.privacy == "SECRET" and "boards:write_secret" not in call.scopes:
        raise refusals.not_permitted()
    return board


def may_see(call: Call, board: Board) -> bool:
    """Own and group boards; secret ones only with the scope for them."""
    if board.privacy == "SECRET" and "boards:read_secret" not in call.scopes:
        return False
    return board.seen_by(call.account)


def section_of(board: Board, section_id: str, missing: Refusal | None = None) -> Section:
    """A section of this very board."""
    section = board.sections.get(section_id)
    if section is None:
        raise missing or refusals.section_not_found()
    return section


def visible_pin(call: Call, pin_id: str) -> Pin:
    """A live Pin the caller may read."""
    pin = call.realm.live_pin(require_id(pin_id, "pin_id"))
    if pin is None:
        raise refusals.pin_not_found()
    board = call.realm.boards[pin.board_id]
    if pin.account is not call.account and not board.seen_by(call.account):
        raise refusals.not_permitted()
    if board.privacy == "SECRET" and "pins:read_secret" not in call.scopes:
        raise refusals.not_permitted()
    return pin


def own_pin(call: Call, pin_id: str) -> Pin:
    """A live Pin the caller may change, and changes now."""
    pin = visible_pin(call, pin_id)
    if pin.account is not call.account:
        raise refusals.not_permitted()
    spare_conflict(call, call.realm.boards[pin.board_id])
    return pin


def spare_conflict(call: Call, board: Board) -> None:
    """Refuse a second write on one board, or a Pin there, too soon after the first (switch `write_conflict_s`)."""
    wait_s = board.last_write_at + call.switches.write_conflict_s - call.now
    if call.switches.write_conflict_s and wait_s > 0:
        raise refusals.rate_limited(wait_s)
    board.last_write_at = call.now
