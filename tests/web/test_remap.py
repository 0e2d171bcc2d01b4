"""Moving the Pins of a gone board on the page: choose, look, move, take it back. No scripts."""

from __future__ import annotations

import re

from steadypin.domain.connections import Connection
from steadypin.services import compose, connecting, remapping
from tests.support.rig import Rig
from tests.web.showcase import lose_a_board


def place(shop: Rig) -> tuple[Connection, str, str]:
    """The account, the lost board, and the address of its page."""
    garden = lose_a_board(shop)
    (account,) = connecting.listing(shop.ctx)
    return account, garden, f"/connections/{account.id}/boards/{garden}/remap"


def on_board(shop: Rig, board_id: str) -> int:
    found = compose.page(shop.ctx, compose.PinFilter(board_id=board_id), 100)
    return sum(pin.stage.value in {"held", "scheduled"} for pin in found)


def test_the_banner_leads_to_a_page_that_moves_looks_first_and_takes_back(shop, visit):
    account, garden, address = place(shop)
    visitor = visit(shop)
    assert f'href="{address}"' in visitor.read()
    text = visitor.read(address)
    target = re.search(r'name="target" value="(\d+)" required checked', text)
    assert target is not None
    waiting = remapping.look(shop.ctx, account.id, garden, None, 1).count
    there = on_board(shop, target[1])
    words = visitor.words(f"{address}?target={target[1]}")
    assert "Nothing has changed yet." in words
    assert on_board(shop, garden) >= waiting
    answer = visitor.send(address, target=target[1])
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert on_board(shop, target[1]) == there + waiting
    words = visitor.words(address)
    assert f"{waiting} Pins moved. You can take that back below." in words
    assert "No Pin waits for this board." in words
    (move,) = remapping.listing(shop.ctx, account.id)
    visitor.send(f"{address}/{move.id}/undo")
    assert f"{waiting} of {waiting} came back" in visitor.words(address)
    assert on_board(shop, target[1]) == there


def test_a_board_that_takes_none_is_refused_in_words(shop, visit):
    _, garden, address = place(shop)
    visitor = visit(shop)
    assert "The Pins are on this board already." in visitor.words(f"{address}?target={garden}")
    visitor.send(address, target="404")
    assert "has no board 404" in visitor.words(address)


def test_another_site_or_a_stranger_moves_nothing(shop, visit):
    account, _, address = place(shop)
    visitor = visit(shop)
    text = visitor.read(address)
    target = re.search(r'name="target" value="(\d+)"', text)
    assert target is not None
    refused = visitor.client.post(address, data={"target": target[1]})
    assert refused.status_code == 403
    visitor.client.cookies.clear()
    assert visitor.client.get(address).status_code == 401
    assert visitor.client.get("/connections/none/boards/1/remap").status_code == 401
    assert remapping.listing(shop.ctx, account.id) == []


def test_an_unknown_board_is_no_page(shop, visit):
    assert visit(shop).client.get("/connections/none/boards/1/remap").status_code == 404
