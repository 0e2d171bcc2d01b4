"""What a user may do to a Pin, and when not: each refusal is a sentence that says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from steadypin.domain.connections import Connection
from steadypin.domain.errors import NotThere
from steadypin.domain.pins import Media, MediaKind
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import compose, connecting, fetching, pausing
from steadypin.storage import boards, duties, lanes
from tests.services.stage import URL, new, refused
from tests.support.rig import Rig


def test_everything_that_is_wrong_is_told_at_once(home: Rig, shop: Connection) -> None:
    found = refused(
        lambda: compose.create(
            home.ctx,
            new(
                home,
                shop,
                title="x" * 101,
                link="shop",
                board_id="999",
                media=Media(MediaKind.IMAGE, "med_none"),
            ),
        )
    )
    assert found.keys() == {"title", "link", "board_id", "media"}
    assert "Shorten it by 1" in found["title"]
    assert "steadypin boards list" in found["board_id"]
    assert "Upload the file first" in found["media"]


@pytest.mark.parametrize(
    ("media", "said"),
    [
        (Media(MediaKind.VIDEO, url="https://shop.example/a.mp4"), "video cannot be published yet"),
        (Media(MediaKind.IMAGE), "either a media_id or a url"),
        (Media(MediaKind.IMAGE, "med_1", "https://shop.example/a.png"), "either a media_id or a url"),
    ],
)
def test_media_that_cannot_be_published_is_refused(
    home: Rig, shop: Connection, media: Media, said: str
) -> None:
    assert said in refused(lambda: compose.create(home.ctx, new(home, shop, media=media)))["media"]


def test_a_board_that_is_gone_and_an_account_that_is_disconnected_are_refused(
    home: Rig, shop: Connection
) -> None:
    wanted = new(home, shop)
    kept = connecting.boards_of(home.ctx, shop.id)[1:]
    home.store.write(lambda tx: boards.replace_all(tx, shop.id, kept))
    assert "Choose another board" in refused(lambda: compose.create(home.ctx, wanted))["board_id"]
    connecting.disconnect(home.ctx, shop.id)
    for gone in (wanted, replace(wanted, connection_id="con_none")):
        found = refused(partial(compose.create, home.ctx, gone))
        assert "steadypin connections" in found["connection_id"]


@pytest.mark.parametrize(
    ("fields", "stage", "waits"),
    [
        ({"due_at": None}, Stage.DRAFT, False),
        ({"due_at": None, "media": URL}, Stage.DRAFT, False),
        ({"media": URL}, Stage.PREPARING, True),
        ({}, Stage.SCHEDULED, False),
    ],
)
def test_the_first_stage_follows_from_time_and_media(
    home: Rig, shop: Connection, fields: dict[str, Any], stage: Stage, waits: bool
) -> None:
    pin = compose.create(home.ctx, new(home, shop, **fields))
    assert home.get(pin) == pin
    assert pin.stage is stage
    assert pin.act_at == (pin.due_at if stage is Stage.SCHEDULED else None)
    claimed = home.store.write(lambda tx: duties.claim(tx, "w1", 5, timedelta(seconds=30), {fetching.KIND}))
    assert [duty.key for duty in claimed] == ([pin.id] if waits else [])


def test_a_draft_is_never_sent_and_goes_once_it_has_a_time(home: Rig, shop: Connection) -> None:
    pin = compose.create(home.ctx, new(home, shop, due_at=None))
    home.run_out(600)
    assert home.creates() == []
    compose.reschedule(home.ctx, pin.id, home.clock.now() + timedelta(seconds=5))
    home.advance(5)
    assert home.stage(pin) is Stage.PUBLISHED


def test_an_edit_that_takes_the_time_away_makes_a_draft(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=10)
    assert compose.edit(home.ctx, pin.id, {"due_at": None}).stage is Stage.DRAFT
    home.advance(60)
    assert home.creates() == []


# edit


def test_an_edit_counts_and_what_is_sent_is_the_newest(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=10)
    edited = compose.edit(home.ctx, pin.id, {"title": "Plum cake", "link": None})
    assert (edited.version, edited.content.title, edited.content.link) == (2, "Plum cake", None)
    assert edited.content.description == pin.content.description
    home.advance(10)
    assert [item["title"] for item in home.live()] == ["Plum cake"]


def test_a_refused_edit_changes_nothing(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=10)
    assert refused(lambda: compose.edit(home.ctx, pin.id, {"title": "x" * 200})).keys() == {"title"}
    assert home.get(pin) == pin


def test_an_edit_with_a_url_prepares_the_pin_again(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=10)
    edited = compose.edit(home.ctx, pin.id, {"media": URL})
    assert (edited.stage, edited.act_at) == (Stage.PREPARING, None)
    home.advance(60)
    assert home.creates() == []


def test_an_edit_heals_a_pin_held_for_its_input_and_no_other(home: Rig, shop: Connection) -> None:
    home.fault({"reply": {"status": 400, "body": {"code": 1, "message": "Sorry! We blocked this link because it may lead to spam."}}})  # type: ignore[arg-type]  # fmt: skip
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.HELD
    assert compose.edit(home.ctx, pin.id, {"link": "https://shop.example/other"}).stage is Stage.SCHEDULED
    home.sim_control("POST", "/_sim/act", {"do": "revoke_app", "account": "spring_shop"})
    home.drain()
    held = home.get(pin)
    assert held.trouble is not None
    assert held.trouble.remedy is Remedy.RECONNECT
    assert compose.edit(home.ctx, pin.id, {"title": "Other"}).stage is Stage.HELD


def test_a_paused_and_late_pin_is_held_for_its_time_and_a_new_one_heals_it(
    home: Rig, shop: Connection
) -> None:
    pin = home.pin(shop)
    pausing.pause_all(home.ctx, "stop")
    home.clock.advance(2 * 86400)
    pausing.resume_all(home.ctx)
    home.drain()
    held = home.get(pin)
    assert held.trouble is not None
    assert held.trouble.cause is Cause.DUE_TIME
    compose.reschedule(home.ctx, pin.id, home.clock.now())
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_pin_that_is_not_there_is_not_there_for_anything(home: Rig) -> None:
    for work in (
        lambda: compose.get(home.ctx, "pin_x"),
        lambda: compose.history(home.ctx, "pin_x"),
        lambda: compose.edit(home.ctx, "pin_x", {}),
        lambda: compose.cancel(home.ctx, "pin_x"),
        lambda: compose.retry(home.ctx, "pin_x"),
        lambda: compose.resolve(home.ctx, "pin_x", None),
        lambda: compose.delete(home.ctx, "pin_x", live=False),
        lambda: compose.undo_twin(home.ctx, "pin_x", "5"),
    ):
        with pytest.raises(NotThere, match="pin_x"):
            work()


def test_an_edit_wakes_the_lane_for_the_earlier_time(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=5000)
    compose.reschedule(home.ctx, pin.id, home.clock.now() + timedelta(seconds=5))
    with home.store.read() as tx:
        assert lanes.next_wake(tx) == home.clock.now() + timedelta(seconds=5)
