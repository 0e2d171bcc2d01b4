"""Boards that take no Pins although some wait for them: what is wrong, how many wait, what to do."""

from __future__ import annotations

from steadypin.services import board_views, connecting

DAY = 86_400.0


def test_a_gone_board_is_told_while_pins_wait_for_it(shop, visit):
    (account,) = connecting.listing(shop.ctx)
    visitor = visit(shop)
    assert 'aria-label="Board"' not in visitor.read()
    garden = next(
        each.id for each in connecting.boards_of(shop.ctx, account.id) if each.name == "Garden ideas"
    )
    shop.pin(account, "One", due_in=DAY, board_id=garden)
    shop.pin(account, "Two", due_in=DAY, board_id=garden)
    shop.sim_control("POST", "/_sim/act", {"do": "delete_board", "board": "Garden ideas"})
    connecting.sync_boards(shop.ctx, account.id)
    shop.drain()
    assert visitor.read().count('aria-label="Board"') == 1
    words = visitor.words()
    (found,) = board_views.in_the_way(shop.ctx, 8)
    assert found.waiting >= 2
    assert f"gone from Pinterest (spring_shop): {found.waiting} Pins wait for it." in words
    assert f"steadypin boards remap {garden}" in words
