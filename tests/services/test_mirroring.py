"""Boards change on Pinterest while Steadypin looks away: noticed before the Pins are due, told, and healed by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.board_changes import AHEAD, FRESH
from steadypin.domain.boards import Board
from steadypin.domain.connections import Alert, Connection
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.pins import Media, MediaKind, Pin
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import compose, connecting, fetching, mirroring
from steadypin.storage import boards, incidents
from steadypin.storage.database import Tx
from steadypin.storage.schema import connections as connections_table
from tests.services.stage import new, refused
from tests.support.incidents import open_incident
from tests.support.rig import Rig

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Heard:
    """A channel that remembers what was told in transactions that were committed."""

    alerts: list[Alert] = field(default_factory=list)

    def tell(self, tx: Tx, told: Alert) -> None:
        tx.after.append(lambda: self.alerts.append(told))

    @property
    def kinds(self) -> list[str]:
        return [told.kind.value for told in self.alerts]


@pytest.fixture
def heard(home: Rig) -> Heard:
    channel = Heard()
    home.use(alerts=channel)
    return channel


def act(home: Rig, do: str, board: str = "Garden ideas", **more: Any) -> None:
    home.sim_control("POST", "/_sim/act", {"do": do, "board": board, **more})


def sync(home: Rig, shop: Connection) -> None:
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()


def known(home: Rig, shop: Connection, name: str = "Garden ideas") -> Board:
    return next(board for board in connecting.boards_of(home.ctx, shop.id) if board.name == name)


def calls(home: Rig, operation: str = "boards/list") -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = home.sim_control("GET", "/_sim/journal")["entries"]
    return [entry for entry in entries if entry["operation"] == operation]


def next_sync_at(home: Rig, shop: Connection) -> Any:
    with home.store.read() as tx:
        return boards.next_sync_at(tx, shop.id)


def waiting(
    home: Rig, shop: Connection, name: str = "Garden ideas", count: int = 3, **more: Any
) -> list[Pin]:
    board_id = known(home, shop, name).id
    given = {"due_in": 30 * DAY, "board_id": board_id, **more}
    return [home.pin(shop, f"{name} {n}", **given) for n in range(count)]


def held_as(home: Rig, pin: Pin) -> str:
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert (found.trouble.cause, found.trouble.remedy, found.step) == (
        Cause.BOARD,
        Remedy.FIX_INPUT,
        Step.BOARD,
    )
    assert "Garden ideas" in found.trouble.title
    assert found.act_at is None
    return found.trouble.rule


# What is mirrored


def test_boards_are_mirrored_with_their_sections_and_counts(home: Rig, shop: Connection) -> None:
    found = known(home, shop, "Spring recipes")
    assert (found.owner_username, found.privacy, found.group) == ("spring_shop", "PUBLIC", False)
    assert found.created_at is not None
    assert found.sections_at == home.clock.now()
    with home.store.read() as tx:
        sections = boards.sections_of(tx, shop.id)
    assert [each.name for each in sections[found.id]] == ["Cakes", "Soups"]


def test_every_page_of_boards_and_sections_is_read(home: Rig) -> None:
    many = {
        "username": "many",
        "boards": [
            {"name": f"Board {n}", "sections": [f"S {m}" for m in range(300)] if n == 0 else []}
            for n in range(260)
        ],
    }
    home.sim_control("POST", "/_sim/seed", {"accounts": [many], "add": True})
    shop = home.connect("many")
    assert len(connecting.boards_of(home.ctx, shop.id)) == 260
    assert len(calls(home)) == 2
    with home.store.read() as tx:
        assert len(boards.sections_of(tx, shop.id)[known(home, shop, "Board 0").id]) == 300


def test_a_group_board_is_marked_and_its_pins_go_out(home: Rig) -> None:
    guild = {"username": "guild", "boards": [{"name": "Guild", "collaborators": ["spring_shop"]}]}
    home.sim_control("POST", "/_sim/seed", {"accounts": [guild], "add": True})
    home.sim_control("PUT", "/_sim/switches", {"group_boards_writable": True})
    shop = home.connect()
    found = known(home, shop, "Guild")
    assert (found.group, found.owner_username, found.collaborator_count) == (True, "guild", 1)
    pin = home.pin(shop, board_id=found.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


# What is noticed


def test_a_renamed_board_is_told_and_its_pins_follow_it(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    made = waiting(home, shop)
    act(home, "rename_board", name="Garden dreams")
    sync(home, shop)
    assert known(home, shop, "Garden dreams").id == made[0].content.board_id
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}
    assert heard.kinds == ["board_renamed"]
    assert heard.alerts[0].title == "The board 'Garden ideas' is called 'Garden dreams' now."
    assert "3 Pins wait for it" in heard.alerts[0].fix
    sync(home, shop)
    assert len(heard.alerts) == 1


@pytest.mark.parametrize(
    ("do", "more", "rule"),
    [
        ("delete_board", {}, "board-gone"),
        ("merge_board", {"into": "Home office"}, "board-gone"),
        ("set_privacy", {"privacy": "SECRET"}, "board-hidden"),
        ("set_privacy", {"privacy": "PROTECTED"}, "board-protected"),
    ],
)
def test_a_board_that_takes_no_pins_any_more_holds_them_before_their_time(
    home: Rig, heard: Heard, do: str, more: dict[str, str], rule: str
) -> None:
    shop = home.connect()
    made, others = waiting(home, shop), waiting(home, shop, "Home office", 1)
    draft = compose.create(home.ctx, new(home, shop, board_id=made[0].content.board_id, due_at=None))
    act(home, do, **more)
    sync(home, shop)
    assert {held_as(home, pin) for pin in made} == {rule}
    assert home.stage(others[0]) is Stage.SCHEDULED
    assert home.stage(draft) is Stage.DRAFT
    assert heard.kinds == ["board_gone"]
    assert "3 Pins wait for it" in heard.alerts[0].title or "4 Pins wait for it" in heard.alerts[0].title
    assert heard.alerts[0].board_id == made[0].content.board_id
    assert home.creates() == []
    sync(home, shop)
    assert len(heard.alerts) == 1, "told once"
    said = refused(lambda: compose.create(home.ctx, new(home, shop, board_id=made[0].content.board_id)))
    assert "Choose another board" in said["board_id"]


@pytest.mark.parametrize("privacy", ["SECRET", "PROTECTED"])
def test_when_the_board_comes_back_its_pins_go_on_by_themselves(
    home: Rig, heard: Heard, privacy: str
) -> None:
    shop = home.connect()
    made = waiting(home, shop, due_in=2 * DAY)
    due_at = made[0].due_at
    act(home, "set_privacy", privacy=privacy)
    sync(home, shop)
    late = waiting(home, shop, "Home office", 1)
    assert {home.stage(pin) for pin in made} == {Stage.HELD}
    act(home, "set_privacy", privacy="PUBLIC")
    sync(home, shop)
    for pin in made:
        found = home.get(pin)
        assert (found.stage, found.act_at, found.trouble) == (Stage.SCHEDULED, due_at, None)
    assert home.stage(late[0]) is Stage.SCHEDULED
    home.run_out(2 * DAY + HOUR, step=HOUR / 2)
    assert {home.stage(pin) for pin in made} == {Stage.PUBLISHED}


def test_pins_of_a_secret_board_wait_for_the_right_to_write_to_it(home: Rig, shop: Connection) -> None:
    made = waiting(home, shop)
    board = known(home, shop)
    home.store.write(lambda tx: boards.put(tx, shop.id, [replace(board, privacy="SECRET")]))
    home.store.write(lambda tx: mirroring.settle(home.ctx, tx, shop))
    assert {held_as(home, pin) for pin in made} == {"board-secret"}
    allowed = replace(shop, scopes=shop.scopes | {"pins:write_secret"})
    home.store.write(lambda tx: mirroring.settle(home.ctx, tx, allowed))
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}


def test_lost_collaboration_holds_and_a_new_invitation_heals(home: Rig, heard: Heard) -> None:
    guild = {
        "username": "guild",
        "boards": [{"name": "Garden ideas of all", "collaborators": ["spring_shop"]}],
    }
    home.sim_control("POST", "/_sim/seed", {"accounts": [guild], "add": True})
    shop = home.connect()
    made = waiting(home, shop, "Garden ideas of all")
    act(home, "uninvite", "Garden ideas of all", who="spring_shop")
    sync(home, shop)
    assert {held_as(home, pin) for pin in made} == {"board-lost"}
    assert "Ask guild to invite" in heard.alerts[0].fix
    act(home, "invite", "Garden ideas of all", who="spring_shop")
    sync(home, shop)
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}


def test_a_board_missing_from_a_listing_is_asked_for_before_it_counts_as_gone(
    home: Rig, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = waiting(home, shop)
    send = home.pinterest.send

    async def without(request: Any, *more: Any) -> Any:
        reply = await send(request, *more)
        if request.operation.id != "boards/list":
            return reply
        items = [each for each in reply.json()["items"] if each["name"] != "Garden ideas"]
        return replace(reply, body=json.dumps({"items": items, "bookmark": None}).encode())

    monkeypatch.setattr(home.pinterest, "send", without)
    sync(home, shop)
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}
    assert known(home, shop).gone_at is None
    assert [entry["status"] for entry in calls(home, "boards/get")] == [200]


def test_a_listing_that_fails_changes_nothing(home: Rig, shop: Connection) -> None:
    made = waiting(home, shop)
    act(home, "delete_board")
    home.sim_control("POST", "/_sim/faults", {"on": "boards/list", "do": "500", "times": 1})
    sync(home, shop)
    assert known(home, shop).gone_at is None
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}
    home.advance(60)
    assert {held_as(home, pin) for pin in made} == {"board-gone"}


def test_a_pin_in_doubt_is_never_touched(home: Rig, shop: Connection) -> None:
    home.fault("not_made_timeout")
    doubtful = home.pin(shop, board_id=known(home, shop).id)
    home.drain()
    made = waiting(home, shop)
    act(home, "set_privacy", privacy="PROTECTED")
    sync(home, shop)
    assert {held_as(home, pin) for pin in made} == {"board-protected"}
    assert (home.stage(doubtful), home.get(doubtful).in_doubt) == (Stage.CONFIRMING, True)


def test_a_section_that_is_gone_holds_its_pins_alone(home: Rig, shop: Connection) -> None:
    board = known(home, shop, "Spring recipes")
    with home.store.read() as tx:
        soups = next(each for each in boards.sections_of(tx, shop.id)[board.id] if each.name == "Soups")
    inside = waiting(home, shop, "Spring recipes", 2, board_section_id=soups.id)
    beside = waiting(home, shop, "Spring recipes", 1)
    act(home, "delete_section", "Spring recipes", section="Soups")
    sync(home, shop)
    for pin in inside:
        trouble = home.get(pin).trouble
        assert trouble is not None
        assert trouble.rule == "section-gone"
    assert {home.stage(pin) for pin in inside} == {Stage.HELD}
    assert home.stage(beside[0]) is Stage.SCHEDULED
    said = refused(
        lambda: compose.create(home.ctx, new(home, shop, board_id=board.id, board_section_id=soups.id))
    )
    assert "has no section" in said["board_section_id"]
    edited = compose.edit(home.ctx, inside[0].id, {"board_section_id": None, "title": "By itself"})
    assert edited.stage is Stage.SCHEDULED


def test_a_refused_create_holds_every_other_pin_of_its_board(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    made, others = waiting(home, shop), waiting(home, shop, "Home office", 1)
    act(home, "archive_board")
    first = home.pin(shop, "First", board_id=made[0].content.board_id)
    home.drain()
    assert home.get(first).trouble is not None
    assert {held_as(home, pin) for pin in made} == {"board-refused"}
    assert home.stage(others[0]) is Stage.SCHEDULED
    assert len(home.creates()) == 1
    assert heard.kinds == ["board_gone"]
    evidence = home.get(made[0]).trouble
    assert evidence is not None
    assert evidence.native is not None
    assert evidence.native["status"] == 403
    act(home, "archive_board", archived=False)
    home.advance(HOUR)
    assert {home.stage(pin) for pin in made} == {Stage.HELD}, "the API shows nothing of it"
    sync(home, shop)
    assert {home.stage(pin) for pin in [*made, first]} <= {Stage.SCHEDULED, Stage.PUBLISHED}
    assert home.stage(first) is Stage.PUBLISHED


def test_a_retry_is_a_persons_word_that_the_board_takes_pins_again(home: Rig, shop: Connection) -> None:
    made = waiting(home, shop)
    act(home, "archive_board")
    first = home.pin(shop, "First", board_id=made[0].content.board_id)
    home.drain()
    compose.retry(home.ctx, first.id)
    home.drain()
    assert {home.stage(pin) for pin in [*made, first]} == {Stage.HELD}, "it does not, so they are held again"
    assert len(home.creates()) == 2
    act(home, "archive_board", archived=False)
    compose.retry(home.ctx, first.id)
    home.drain()
    assert home.stage(first) is Stage.PUBLISHED
    assert {home.stage(pin) for pin in made} == {Stage.SCHEDULED}


def test_a_create_refused_since_the_board_is_gone_finds_that_out(home: Rig, shop: Connection) -> None:
    made = waiting(home, shop)
    act(home, "delete_board")
    home.clock.advance(120)
    first = home.pin(shop, "First", board_id=made[0].content.board_id)
    home.drain()
    assert home.stage(first) is Stage.HELD
    assert {held_as(home, pin) for pin in made} == {"board-gone"}


# When they are read


def test_boards_are_read_every_six_hours_and_their_sections_once_a_day(home: Rig, shop: Connection) -> None:
    home.sim_control("DELETE", "/_sim/journal")
    home.run_out(2 * DAY + 60, step=HOUR / 2)
    assert len(calls(home)) == 8
    assert len(calls(home, "board_sections/list")) == 3 * 2


def test_under_trial_access_a_day_costs_one_listing_and_no_sections(home: Rig) -> None:
    home.sim_control("PUT", "/_sim/switches", {"access": "trial"})
    shop = home.connect()
    for n in range(4):
        home.pin(shop, f"Pin {n}", due_in=DAY * 3 + n * HOUR)
    home.sim_control("DELETE", "/_sim/journal")
    home.run_out(2 * DAY + 60, step=HOUR / 2)
    assert len(calls(home)) == 2
    assert calls(home, "board_sections/list") == []


def test_accounts_of_one_hour_are_not_read_in_one_hour(home: Rig) -> None:
    share = iter([0.0, 0.0, 0.5, 0.5, 1.0, 1.0] * 3)
    home.use(jitter=lambda: next(share))
    accounts = [{"username": f"shop_{n}", "boards": [{"name": "One"}]} for n in range(3)]
    home.sim_control("POST", "/_sim/seed", {"accounts": accounts, "add": True})
    made = [home.connect(f"shop_{n}") for n in range(3)]
    assert len({next_sync_at(home, shop) for shop in made}) == 3


def test_a_pin_that_comes_due_has_its_board_looked_at_shortly_before(home: Rig, shop: Connection) -> None:
    made = waiting(home, shop, due_in=3 * HOUR)
    assert next_sync_at(home, shop) == home.clock.now() + timedelta(hours=3) - AHEAD
    act(home, "delete_board")
    home.advance(3 * HOUR - AHEAD.total_seconds())
    assert {held_as(home, pin) for pin in made} == {"board-gone"}
    home.advance(HOUR)
    assert home.creates() == []


def test_the_last_look_costs_one_listing_an_hour_at_most_and_makes_no_pin_late(
    home: Rig, shop: Connection
) -> None:
    made = [home.pin(shop, f"Pin {n}", due_in=2 * HOUR + 120 * n) for n in range(90)]
    home.sim_control("DELETE", "/_sim/journal")
    home.run_out(6 * HOUR, step=30)
    assert {home.stage(pin) for pin in made} == {Stage.PUBLISHED}
    assert len(calls(home)) <= 6 * HOUR / FRESH.total_seconds()
    for pin in made:
        found = home.get(pin)
        assert found.published_at is not None
        assert found.due_at is not None
        assert found.published_at - found.due_at < timedelta(seconds=31)


def test_a_pin_that_is_due_now_waits_for_no_reading(home: Rig, shop: Connection) -> None:
    home.clock.advance(2 * HOUR)
    before = next_sync_at(home, shop)
    home.sim_control("DELETE", "/_sim/journal")
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert calls(home) == []
    assert next_sync_at(home, shop) == before


def test_sections_wait_while_a_pin_is_due(home: Rig, shop: Connection) -> None:
    home.sim_control("DELETE", "/_sim/journal")
    home.clock.advance(DAY)
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(calls(home)) == 1
    assert calls(home, "board_sections/list") == []
    home.advance(FRESH.total_seconds())
    assert len(calls(home, "board_sections/list")) == 3


def test_a_reading_that_fails_is_tried_again_and_the_schedule_goes_on(home: Rig, shop: Connection) -> None:
    home.sim_control("POST", "/_sim/faults", {"on": "boards/list", "do": "500", "times": 3})
    home.sim_control("DELETE", "/_sim/journal")
    home.run_out(7 * HOUR, step=HOUR / 4)
    assert [entry["status"] for entry in calls(home)] == [500, 500, 500, 200]


def test_one_reading_serves_everybody_who_asked_before_it(home: Rig, shop: Connection) -> None:
    home.sim_control("DELETE", "/_sim/journal")
    for _ in range(3):
        connecting.sync_boards(home.ctx, shop.id)
    home.drain()
    assert len(calls(home)) == 1


def test_a_disconnected_account_is_not_read(home: Rig, shop: Connection) -> None:
    connecting.disconnect(home.ctx, shop.id)
    home.sim_control("DELETE", "/_sim/journal")
    home.run_out(DAY, step=HOUR)
    assert calls(home) == []
    with home.store.read() as tx:
        assert tx.conn.execute(sa.select(connections_table.c.boards_synced_at)).scalar_one() is not None


def test_a_pin_whose_image_was_being_fetched_is_held_as_well(home: Rig, shop: Connection) -> None:
    url = Media(MediaKind.IMAGE, url="https://shop.example/cake.png")
    due_at = home.clock.now() + timedelta(days=3)
    wanted = new(home, shop, board_id=known(home, shop).id, media=url, due_at=due_at)
    pin = compose.create(home.ctx, wanted)
    act(home, "delete_board")
    sync(home, shop)
    assert home.stage(pin) is Stage.PREPARING
    kept = home.media()
    home.store.write(lambda tx: fetching._schedule(tx, home.get(pin), kept))
    assert held_as(home, pin) == "board-gone"


def test_while_pinterest_cannot_be_reached_the_schedule_waits_and_a_person_does_not(
    home: Rig, shop: Connection
) -> None:
    known_as = open_incident(home.ctx, IncidentKind.NETWORK)
    home.sim_control("DELETE", "/_sim/journal")
    home.advance(7 * HOUR)
    assert calls(home) == []
    sync(home, shop)
    assert len(calls(home)) == 1
    home.clock.advance(7 * HOUR)
    home.store.write(lambda tx: incidents.close(tx, known_as.id))
    home.drain()
    assert len(calls(home)) == 2
