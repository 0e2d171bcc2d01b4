"""All Pins of one board moved to another and back, in one transaction each."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.pins import Content, Pin
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting, imports, remapping
from steadypin.services.imports import ImportRow
from steadypin.services.remapping import Remap
from steadypin.storage import boards, pins
from steadypin.storage.schema import pins as pins_table
from steadypin.storage.schema import remap_pins
from tests.services.stage import conflict, in_stage, refused
from tests.support.rig import Rig

MANY = 10_000
DAY = 86_400.0


def board(home: Rig, shop: Connection, name: str) -> str:
    return next(each.id for each in connecting.boards_of(home.ctx, shop.id) if each.name == name)


def act(home: Rig, shop: Connection, do: str, name: str, **more: Any) -> None:
    home.sim_control("POST", "/_sim/act", {"do": do, "board": name, **more})
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()


def move(home: Rig, shop: Connection, from_id: str, to_id: str) -> Remap:
    return home.store.write(lambda tx: remapping.move(home.ctx, tx, shop.id, from_id, to_id))


def on(home: Rig, *made: Pin) -> list[str]:
    return [home.get(pin).content.board_id for pin in made]


def test_the_outlook_counts_shows_and_proposes_and_changes_nothing(home: Rig, shop: Connection) -> None:
    garden, office = board(home, shop, "Garden ideas"), board(home, shop, "Home office")
    made = [home.pin(shop, f"Pin {n}", due_in=DAY, board_id=garden) for n in range(3)]
    live = home.pin(shop, "Live", board_id=garden)
    home.fault("not_made_timeout", after=1)
    home.drain()
    doubtful = home.pin(shop, "Doubtful", board_id=garden)
    home.drain()
    assert (home.stage(live), home.stage(doubtful)) == (Stage.PUBLISHED, Stage.CONFIRMING)
    act(home, shop, "delete_board", "Garden ideas")
    outlook = remapping.look(home.ctx, shop.id, garden, None, 2)
    assert (outlook.count, outlook.stays, dict(outlook.by_stage)) == (3, 1, {Stage.HELD: 3})
    assert (len(outlook.sample), outlook.more) == (2, True)
    assert "gone from Pinterest" in (outlook.problem or "")
    last = outlook.sample[-1]
    rest = remapping.look(home.ctx, shop.id, garden, None, 2, (last.created_at, last.id))
    assert {pin.id for pin in [*outlook.sample, *rest.sample]} == {pin.id for pin in made}
    assert {each.board.id for each in outlook.proposals} == {office, board(home, shop, "Spring recipes")}
    assert on(home, *made) == [garden] * 3
    assert remapping.listing(home.ctx, shop.id) == []


def test_pins_of_a_gone_board_move_and_go_on_at_their_times(home: Rig, shop: Connection) -> None:
    garden, office = board(home, shop, "Garden ideas"), board(home, shop, "Home office")
    made = [home.pin(shop, f"Pin {n}", due_in=DAY, board_id=garden) for n in range(3)]
    draft = compose.create(home.ctx, compose.NewPin(shop.id, garden, home.media(), "Draft"))
    act(home, shop, "delete_board", "Garden ideas")
    assert {home.stage(pin) for pin in made} == {Stage.HELD}
    done = move(home, shop, garden, office)
    assert done.count == 4
    assert on(home, *made, draft) == [office] * 4
    assert [home.get(pin).act_at for pin in made] == [pin.due_at for pin in made]
    assert home.stage(draft) is Stage.DRAFT
    home.run_out(DAY + 600, step=600)
    assert {home.stage(pin) for pin in made} == {Stage.PUBLISHED}
    assert {each["board_id"] for each in home.live()} == {office}


@pytest.mark.parametrize("stage", list(Stage))
def test_only_what_is_not_sent_yet_moves(home: Rig, shop: Connection, stage: Stage) -> None:
    if stage is Stage.CONFIRMING:
        home.fault("500")
    if stage is Stage.HELD:
        home.fault("rule:link-blocked")
    pin = home.pin(shop, due_in=DAY) if stage is Stage.SCHEDULED else in_stage(home, shop, stage)
    assert home.stage(pin) is stage
    source = pin.content.board_id
    target = next(each.id for each in connecting.boards_of(home.ctx, shop.id) if each.id != source)
    moves = stage in {Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD}
    assert move(home, shop, source, target).count == int(moves)
    assert on(home, pin) == [target if moves else source]
    assert home.stage(pin) is stage, "held for another cause than its board, it stays held"


def test_sections_of_the_same_name_take_their_pins_others_go_onto_the_board(
    home: Rig, shop: Connection
) -> None:
    recipes, garden = board(home, shop, "Spring recipes"), board(home, shop, "Garden ideas")
    with home.store.read() as tx:
        by_name = {each.name: each.id for each in boards.sections_of(tx, shop.id)[recipes]}
    token = home.sim_control("POST", "/_sim/tokens", {"account": "spring_shop"})
    assert token
    home.sim.world.production.add_section(home.sim.world.production.boards[garden], "SOUPS")
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()
    with home.store.read() as tx:
        (soups,) = boards.sections_of(tx, shop.id)[garden]
    kept, lost, plain = (
        home.pin(shop, title, due_in=DAY, board_id=recipes, board_section_id=section)
        for title, section in (("a", by_name["Soups"]), ("b", by_name["Cakes"]), ("c", None))
    )
    outlook = remapping.look(home.ctx, shop.id, recipes, garden, 10)
    assert (outlook.sections_kept, outlook.sections_lost) == (("Soups",), ("Cakes",))
    done = move(home, shop, recipes, garden)
    sections = [home.get(pin).content.board_section_id for pin in (kept, lost, plain)]
    assert sections == [soups.id, None, None]
    remapping.undo(home.ctx, shop.id, done.id)
    sections = [home.get(pin).content.board_section_id for pin in (kept, lost, plain)]
    assert sections == [by_name["Soups"], by_name["Cakes"], None]


def test_undo_brings_back_exactly_what_nobody_changed_since(home: Rig, shop: Connection) -> None:
    garden, office = board(home, shop, "Garden ideas"), board(home, shop, "Home office")
    left, edited, sent, gone = (
        home.pin(shop, title, due_in=due, board_id=garden)
        for title, due in (("left", DAY), ("edited", DAY), ("sent", 600), ("gone", DAY))
    )
    was_there = home.pin(shop, "was there", due_in=DAY, board_id=office)
    done = move(home, shop, garden, office)
    compose.edit(home.ctx, edited.id, {"title": "Mine now"})
    home.advance(600)
    compose.delete(home.ctx, gone.id, live=False)
    undone = remapping.undo(home.ctx, shop.id, done.id)
    assert (undone.count, undone.restored) == (4, 1)
    assert on(home, left, edited, sent, was_there) == [garden, office, office, office]
    assert home.stage(left) is Stage.SCHEDULED
    assert "undone already" in conflict(lambda: remapping.undo(home.ctx, shop.id, done.id))
    (listed,) = remapping.listing(home.ctx, shop.id)
    assert listed == undone


def test_undo_onto_a_board_that_is_gone_holds_the_pins_again(home: Rig, shop: Connection) -> None:
    garden, office = board(home, shop, "Garden ideas"), board(home, shop, "Home office")
    pin = home.pin(shop, due_in=DAY, board_id=garden)
    act(home, shop, "delete_board", "Garden ideas")
    done = move(home, shop, garden, office)
    assert home.stage(pin) is Stage.SCHEDULED
    remapping.undo(home.ctx, shop.id, done.id)
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert found.trouble.rule == "board-gone"


@pytest.mark.parametrize(
    ("target", "words"),
    [("Garden ideas", "on this board already"), ("Home office", "Choose another board"), ("9", "no board 9")],
)
def test_a_target_that_cannot_take_them_is_refused(
    home: Rig, shop: Connection, target: str, words: str
) -> None:
    garden = board(home, shop, "Garden ideas")
    act(home, shop, "set_privacy", "Home office", privacy="PROTECTED")
    target_id = target if target.isdigit() else board(home, shop, target)
    said = refused(lambda: move(home, shop, garden, target_id))
    assert words in said["target"]


def test_a_file_imported_again_after_a_move_makes_nothing_twice(home: Rig, shop: Connection) -> None:
    """The board was made anew under its name, and the Pins of the old one were moved to it."""
    home.sim_control("PUT", "/_sim/switches", {"duplicate_board_names": "allow"})
    garden = board(home, shop, "Garden ideas")
    row = ImportRow(
        2,
        board="Garden ideas",
        title="Row",
        due_at="2030-03-01T09:00:00Z",
        media_id=home.media().media_id,
    )
    (first,) = imports.take(home.ctx, [row])
    act(home, shop, "delete_board", "Garden ideas")
    realm = home.sim.world.production
    anew = realm.add_board(realm.accounts["spring_shop"], "Garden ideas", "PUBLIC", home.clock.epoch())
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()
    done = move(home, shop, garden, anew.id)
    (again,) = imports.take(home.ctx, [row])
    assert (again.outcome, again.pin_id) == ("unchanged", first.pin_id)
    remapping.undo(home.ctx, shop.id, done.id)
    (anew_too,) = imports.take(home.ctx, [row])
    assert anew_too.outcome == "created", "the row means the new board, and its Pin is on the old one"


def test_ten_thousand_pins_move_in_one_transaction_and_come_back_in_another(
    home: Rig, shop: Connection
) -> None:
    garden, office = board(home, shop, "Garden ideas"), board(home, shop, "Home office")
    media, now = home.media(), home.clock.now()
    stages = (Stage.SCHEDULED, Stage.SCHEDULED, Stage.DRAFT, Stage.HELD)

    def row(n: int) -> dict[str, Any]:
        stage = stages[n % 4]
        due_at = None if stage is Stage.DRAFT else now + timedelta(days=30, seconds=n)
        pin = Pin(
            f"pin_many_{n}",
            shop.id,
            Content(garden, media, title=f"Pin {n}"),
            stage,
            due_at,
            now,
            now,
            act_at=due_at if stage is Stage.SCHEDULED else None,
        )
        return pins.new_row(pin, None)

    home.store.write(lambda tx: tx.conn.execute(sa.insert(pins_table), [row(n) for n in range(MANY)]))
    began = time.perf_counter()
    act(home, shop, "delete_board", "Garden ideas")
    held = time.perf_counter()
    assert counted(home, garden, Stage.HELD) == MANY * 3 // 4
    begun = time.perf_counter()
    done = move(home, shop, garden, office)
    moved = time.perf_counter()
    assert done.count == MANY
    assert counted(home, office, Stage.SCHEDULED) == MANY // 2
    assert counted(home, garden) == 0
    undoing = time.perf_counter()
    undone = remapping.undo(home.ctx, shop.id, done.id)
    back = time.perf_counter()
    assert undone.restored == MANY
    assert counted(home, office) == 0
    assert counted(home, garden, Stage.HELD) == MANY * 3 // 4
    with home.store.read() as tx:
        assert tx.conn.execute(sa.select(sa.func.count()).select_from(remap_pins)).scalar_one() == MANY
    figures = (
        f"{home.store.dialect}: {MANY} Pins held with the reading in {held - began:.2f} s, "
        f"moved in {moved - begun:.2f} s, brought back in {back - undoing:.2f} s"
    )
    sys.stdout.write(f"{figures}\n")


def counted(home: Rig, board_id: str, stage: Stage | None = None) -> int:
    query = sa.select(sa.func.count()).where(pins_table.c.board_id == board_id)
    if stage is not None:
        query = query.where(pins_table.c.stage == stage.value)
    with home.store.read() as tx:
        return int(tx.conn.execute(query).scalar_one())
