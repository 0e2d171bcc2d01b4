"""POST /pins."""

from __future__ import annotations

from typing import Any

from pinsim import refusals
from pinsim.product import spam
from pinsim.product.call import Call, Reply
from pinsim.product.content import as_kept, read_link, read_texts, text_of
from pinsim.product.rights import require_id, section_of, spare_conflict, visible_board
from pinsim.product.shapes import pin_shape
from pinsim.product.sources import shown_by, source_of
from pinsim.world.board import Board
from pinsim.world.pin import Pin


async def create(call: Call) -> Reply:
    """Check everything, then make the Pin."""
    _check_standing(call)
    body = call.body()
    texts = read_texts(body)
    source = source_of(body)
    board = _board(call, body)
    section_id = _section_id(board, body)
    link = read_link(call, body.get("link"))
    colour = text_of(body, "dominant_color")
    parent = _optional_id(body, "parent_pin_id")
    shown = await shown_by(call, source)
    _still_there(call, board, section_id)
    spare_conflict(call, board)
    kept = as_kept(texts, link, call.switches)
    pin = Pin(
        id=call.realm.new_id("pin"),
        seq=call.realm.next_seq(),
        account=call.account,
        board_id=board.id,
        section_id=section_id,
        created_at=call.now,
        title=kept.title,
        description=kept.description,
        alt_text=kept.alt_text,
        link=link,
        dominant_color=colour or shown.slides[shown.cover].picture.color,
        parent_pin_id=parent,
        source_type=source["source_type"],
        slides=shown.slides,
        cover=shown.cover,
        video=shown.video,
        app_id=call.caller.app.id if call.caller else "",
    )
    _enter(call, pin)
    return Reply(201, pin_shape(call, pin), made=pin.id)


def _enter(call: Call, pin: Pin) -> None:
    spam.note(call)
    if call.late_s:
        call.realm.add_pin_at(pin, call.now + call.late_s)
    else:
        call.realm.add_pin(pin)


def _check_standing(call: Call) -> None:
    spam.check(call)
    if call.switches.pinner_refused and call.account.account_type == "PINNER":
        raise refusals.business_only()


def _board(call: Call, body: dict[str, Any]) -> Board:
    if body.get("board_id") is None:
        raise refusals.invalid_request("'board_id' is a required property")
    board = visible_board(call, body["board_id"])
    if board.owner is not call.account and not call.switches.group_boards_writable:
        raise refusals.not_permitted()
    if board.privacy == "SECRET" and "pins:write_secret" not in call.scopes:
        raise refusals.not_permitted()
    if board.archived and call.switches.archived_board == "403_29":
        raise refusals.not_permitted()
    if board.archived and call.switches.archived_board == "404_40":
        raise refusals.board_not_found()
    return board


def _section_id(board: Board, body: dict[str, Any]) -> str | None:
    section_id = _optional_id(body, "board_section_id")
    return None if section_id is None else section_of(board, section_id).id


def _still_there(call: Call, board: Board, section_id: str | None) -> None:
    """Fetching takes time in which others may have deleted things."""
    if board.id not in call.realm.boards:
        raise refusals.board_not_found()
    if section_id is not None:
        section_of(board, section_id)


def _optional_id(body: dict[str, Any], name: str) -> str | None:
    return None if body.get(name) is None else require_id(body[name], name)
