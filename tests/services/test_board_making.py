"""Boards and sections made from Steadypin: once, whatever becomes of the reply."""

from __future__ import annotations

from typing import Any

import pytest

from steadypin.domain.connections import Connection
from steadypin.services import board_making, board_views, connecting
from steadypin.services.board_making import NewBoard
from steadypin.storage import boards
from steadypin.storage.errands import Errand
from tests.services.stage import conflict, refused
from tests.support.rig import Rig


def ask(home: Rig, shop: Connection, name: str = "Autumn", **more: Any) -> str:
    new = NewBoard(name, **more)
    return home.store.write(lambda tx: board_making.ask_board(home.ctx, tx, shop.id, new))


def ask_section(home: Rig, shop: Connection, name: str, board_name: str = "Garden ideas") -> str:
    board_id = named(home, shop, board_name)[0]
    return home.store.write(lambda tx: board_making.ask_section(home.ctx, tx, shop.id, board_id, name))


def named(home: Rig, shop: Connection, name: str) -> list[str]:
    return [each.id for each in connecting.boards_of(home.ctx, shop.id) if each.name == name]


def errand(home: Rig, shop: Connection, errand_id: str) -> Errand:
    return board_views.errand_of(home.ctx, shop.id, errand_id)


def sent(home: Rig, operation: str = "boards/create") -> list[int | None]:
    entries = home.sim_control("GET", "/_sim/journal")["entries"]
    return [entry["status"] for entry in entries if entry["operation"] == operation]


def on_pinterest(home: Rig, name: str) -> list[str]:
    return [board.id for board in home.sim.world.production.boards.values() if board.name == name]


def test_a_board_is_made_and_can_be_used_at_once(home: Rig, shop: Connection) -> None:
    asked = ask(home, shop, description="Leaves")
    home.drain()
    found = errand(home, shop, asked)
    assert found.result is not None
    assert on_pinterest(home, "Autumn") == named(home, shop, "Autumn") == [found.result["board_id"]]
    assert home.sim.world.production.boards[found.result["board_id"]].description == "Leaves"
    pin = home.pin(shop, board_id=found.result["board_id"])
    home.drain()
    assert home.get(pin).pinterest_pin_id is not None


def test_a_section_is_made_and_known(home: Rig, shop: Connection) -> None:
    asked = ask_section(home, shop, "Roses")
    home.drain()
    found = errand(home, shop, asked).result
    assert found is not None
    with home.store.read() as tx:
        (section,) = boards.sections_of(tx, shop.id)[found["board_id"]]
    assert (section.id, section.name) == (found["section_id"], "Roses")


def test_a_name_that_is_taken_is_refused_in_pinterests_words(home: Rig, shop: Connection) -> None:
    asked = ask(home, shop, "Garden ideas")
    home.drain()
    found = errand(home, shop, asked)
    assert found.done_at is not None
    assert found.result is not None
    assert found.result["rule"] == "board-name-refused"
    assert found.result["native"]["message"] == "The board name is invalid or duplicated."
    assert found.result["fix"]


@pytest.mark.parametrize("do", ["made_then_500", "made_then_timeout"])
def test_after_a_doubtful_reply_the_boards_are_read_before_anything_is_sent_again(
    home: Rig, shop: Connection, do: str
) -> None:
    home.sim_control("PUT", "/_sim/switches", {"duplicate_board_names": "allow"})
    home.fault(do, on="boards/create")
    asked = ask(home, shop)
    home.drain()
    assert errand(home, shop, asked).done_at is None
    home.run_out(120)
    found = errand(home, shop, asked)
    assert found.result is not None
    assert on_pinterest(home, "Autumn") == [found.result["board_id"]]
    assert len(sent(home)) == 1


def test_a_board_that_was_not_made_is_sent_again_after_a_look(home: Rig, shop: Connection) -> None:
    home.fault("not_made_timeout", on="boards/create")
    asked = ask(home, shop)
    home.run_out(180)
    found = errand(home, shop, asked)
    assert found.result is not None
    assert len(on_pinterest(home, "Autumn")) == 1
    assert len(sent(home)) == 2


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_crash_over_the_reply_makes_no_second_board(home: Rig, shop: Connection, point: str) -> None:
    home.sim_control("PUT", "/_sim/switches", {"duplicate_board_names": "allow"})
    home.pinterest.crash, home.pinterest.crash_on = point, "boards/create"
    asked = ask(home, shop)
    home.drain()
    home.run_out(300)
    assert errand(home, shop, asked).result is not None
    assert len(on_pinterest(home, "Autumn")) == 1


def test_a_list_that_cannot_be_read_leads_to_no_second_board(home: Rig, shop: Connection) -> None:
    home.sim_control("PUT", "/_sim/switches", {"duplicate_board_names": "allow"})
    home.fault("made_then_500", on="boards/create")
    home.sim_control("POST", "/_sim/faults", {"on": "boards/list", "do": "500", "times": 3})
    asked = ask(home, shop)
    home.run_out(600)
    assert errand(home, shop, asked).result is not None
    assert len(on_pinterest(home, "Autumn")) == 1
    assert len(sent(home)) == 1


def test_a_section_in_doubt_is_read_back(home: Rig, shop: Connection) -> None:
    home.fault("made_then_timeout", on="board_sections/create")
    asked = ask_section(home, shop, "Roses")
    home.run_out(120)
    assert errand(home, shop, asked).result is not None
    assert len(sent(home, "board_sections/create")) == 1


def test_a_busy_pinterest_is_asked_again(home: Rig, shop: Connection) -> None:
    home.fault("rule:rate-limit", on="boards/create")
    asked = ask(home, shop)
    home.run_out(300)
    assert errand(home, shop, asked).result is not None
    assert len(on_pinterest(home, "Autumn")) == 1


def test_what_cannot_be_made_is_refused_at_once(home: Rig, shop: Connection) -> None:
    assert "boards:write_secret" in refused(lambda: ask(home, shop, privacy="SECRET"))["privacy"]
    assert "empty" in refused(lambda: ask(home, shop, "  "))["name"]
    assert "180" in refused(lambda: ask_section(home, shop, "x" * 181))["name"]
    connecting.disconnect(home.ctx, shop.id)
    assert "Connect it again" in conflict(lambda: ask(home, shop))
