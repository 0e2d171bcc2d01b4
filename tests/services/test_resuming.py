"""After a reconnect: what goes on, when, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Alert, Connection
from steadypin.domain.errors import Conflict
from steadypin.domain.media import Item, Media, MediaKind
from steadypin.domain.pins import Pin, Trouble
from steadypin.domain.verdicts import Policy
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.services import choosing, compose, connecting, pausing, resuming, transitions
from steadypin.services.choosing import Rest
from steadypin.services.resuming import How
from steadypin.services.sending import Send
from steadypin.storage import schema
from steadypin.storage.database import Tx
from tests.support.rig import Rig

HOUR = 3600.0


@pytest.fixture
def shop(home: Rig) -> Connection:
    """spring_shop, where late Pins go two minutes apart, and a minute after a reconnect."""
    home.use(policy=Policy(), limits=replace(home.ctx.limits, repace_s=120))
    return home.connect()


def held(home: Rig, shop: Connection, *titles: str, for_s: float = HOUR, step_s: float = 0) -> list[Pin]:
    """Pins that came due while the account was disconnected, `step_s` apart, and so long ago."""
    made = [home.pin(shop, title, due_in=n * step_s) for n, title in enumerate(titles)]
    connecting.disconnect(home.ctx, shop.id)
    home.clock.advance(for_s)
    home.drain()
    return [home.get(pin) for pin in made]


def back(home: Rig, username: str = "spring_shop") -> Connection:
    return home.connect(username, drain=False)


def times(home: Rig, shop: Connection, how: How) -> dict[str, float]:
    """Title → seconds from now."""
    found = resuming.preview(home.ctx, shop.id)
    return {
        each.pin.content.title or "": (each.at - found.now).total_seconds()
        for each in found.going
        if each.how is how and each.at is not None
    }


def hold_for(home: Rig, pin: Pin, cause: Cause, remedy: Remedy = Remedy.RECONNECT, said: str = "") -> Pin:
    trouble = Trouble(Step.BOARD, cause, remedy, "Mend it.", "It does not work", "some", {"message": said})
    home.store.write(lambda tx: transitions.hold(tx, pin, trouble))
    return home.get(pin)


def same(pin: Pin) -> Pin:
    return replace(pin, updated_at=pin.created_at)


def test_the_times_told_before_are_those_after_and_those_that_happen(home: Rig, shop: Connection) -> None:
    pins = held(home, shop, "First", "Second", "Third", step_s=1)
    told = {"First": 60.0, "Second": 180.0, "Third": 300.0}
    assert times(home, shop, How.BY_ITSELF) == told
    back(home)
    assert times(home, shop, How.GONE_ON) == told
    began = home.clock.now()
    for _ in range(40):
        home.advance(10)
    left = [((home.get(pin).published_at or began) - began).total_seconds() for pin in pins]
    assert left == [60, 180, 300]
    assert len(home.creates()) == 3


def test_a_carousel_goes_on_with_the_images_that_are_kept(home: Rig, shop: Connection) -> None:
    items = tuple(Item(home.media(colour).media_id) for colour in ("red", "blue"))
    pin = home.pin(shop, "Two", due_in=1, media=Media(MediaKind.CAROUSEL, items=items))
    hold_for(home, pin, Cause.TOKEN)
    back(home)
    home.run_out(120, 10)
    assert home.stage(pin) is Stage.PUBLISHED


def test_other_pins_of_the_account_and_its_cap_are_reckoned_with(home: Rig, shop: Connection) -> None:
    home.use(limits=replace(home.ctx.limits, spacing_s=100, daily_cap=3))
    ahead = home.pin(shop, "Ahead", due_in=HOUR + 130)
    pins = held(home, shop, "First", "Second", "Third", step_s=1)
    back(home)
    told = times(home, shop, How.GONE_ON)
    assert (told["First"], told["Second"]) == (60, 280)  # Ahead leaves at 160
    assert told["Third"] > 3 * HOUR  # the day's cap
    began = home.clock.now()
    home.run_out(400, 10)
    found = [home.get(pin).published_at for pin in (pins[0], ahead, pins[1])]
    assert [((at or began) - began).total_seconds() for at in found] == [60, 160, 280]
    assert home.get(pins[2]).stage is Stage.SCHEDULED


def test_only_what_a_reconnect_heals_goes_on(home: Rig, shop: Connection) -> None:
    waits = [home.pin(shop, str(n), due_in=HOUR) for n in range(7)]
    token, account, content, operator, named, granted, board = waits
    hold_for(home, token, Cause.TOKEN)
    hold_for(home, account, Cause.ACCOUNT)
    hold_for(home, content, Cause.CONTENT, Remedy.FIX_INPUT)
    hold_for(home, operator, Cause.TOKEN, Remedy.OPERATOR)
    hold_for(home, named, Cause.SCOPE, said="Missing: ['boards:write_secret']")
    hold_for(home, granted, Cause.SCOPE, said="Missing: ['boards:write']")
    hold_for(home, board, Cause.BOARD, Remedy.FIX_INPUT)
    back(home)
    on = {pin.content.title for pin in waits if home.stage(pin) is Stage.SCHEDULED}
    assert on == {"0", "1", "5"}


def test_what_is_later_than_the_grace_waits_for_a_word_and_then_goes_one_by_one(
    home: Rig, shop: Connection
) -> None:
    early = held(home, shop, "Old", "Older", for_s=30 * HOUR)
    back(home)
    assert [home.stage(pin) for pin in early] == [Stage.HELD, Stage.HELD]
    assert times(home, shop, How.ON_YOUR_WORD) == {"Old": 60, "Older": 180}
    resuming.on_your_word(home.ctx, shop.id)
    now = home.clock.now()
    assert [home.get(pin).due_at for pin in early] == [
        now + timedelta(seconds=60),
        now + timedelta(seconds=180),
    ]
    resuming.undo(home.ctx, shop.id)
    assert [same(home.get(pin)) for pin in early] == [same(pin) for pin in early]
    resuming.on_your_word(home.ctx, shop.id)
    home.run_out(400)
    assert [home.stage(pin) for pin in early] == [Stage.PUBLISHED, Stage.PUBLISHED]


def test_a_word_is_not_taken_while_it_is_not_connected_or_nothing_waits(home: Rig, shop: Connection) -> None:
    with pytest.raises(Conflict, match=r"No Pin of spring_shop waits"):
        resuming.on_your_word(home.ctx, shop.id)
    with pytest.raises(Conflict, match=r"Nothing of spring_shop went on"):
        resuming.undo(home.ctx, shop.id)
    held(home, shop, "Old", for_s=30 * HOUR)
    with pytest.raises(Conflict, match=r"spring_shop is not connected"):
        resuming.on_your_word(home.ctx, shop.id)


def test_an_undo_puts_them_back_exactly_and_only_once(home: Rig, shop: Connection) -> None:
    before = held(home, shop, "First", "Second")
    back(home)
    home.advance(30)
    undone = resuming.undo(home.ctx, shop.id)
    assert (undone.put_back, undone.left) == (2, ())
    assert [same(home.get(pin)) for pin in before] == [same(pin) for pin in before]
    home.run_out(900)
    assert home.creates() == []
    with pytest.raises(Conflict):
        resuming.undo(home.ctx, shop.id)
    assert set(times(home, shop, How.ON_YOUR_WORD)) == {"First", "Second"}


def test_an_undo_is_refused_once_the_first_was_sent_and_says_which(home: Rig, shop: Connection) -> None:
    pins = held(home, shop, "First", "Second", step_s=1)
    back(home)
    home.advance(70)
    assert home.stage(pins[0]) is Stage.PUBLISHED
    with pytest.raises(Conflict, match=rf"'First' \({pins[0].id}\) was sent at"):
        resuming.undo(home.ctx, shop.id)
    assert home.stage(pins[1]) is Stage.SCHEDULED
    assert not resuming.preview(home.ctx, shop.id).undoable


def test_an_undo_and_a_send_at_once_are_decided_by_who_is_first(home: Rig, shop: Connection) -> None:
    (pin,) = held(home, shop, "First")
    back(home)
    home.clock.advance(61)
    (lane,) = home.claim()
    home.store.write(lambda tx: _after_errands(home, tx, lane.lane))
    with pytest.raises(Conflict, match="was sent"):
        resuming.undo(home.ctx, shop.id)
    assert home.stage(pin) is Stage.SENDING


def _after_errands(home: Rig, tx: Tx, lane: Any) -> None:
    tx.conn.execute(sa.update(schema.errands).values(act_at=None))
    assert isinstance(choosing.choose(home.ctx, tx, lane), Send)


def test_a_holder_that_chooses_after_the_undo_sends_nothing(home: Rig, shop: Connection) -> None:
    (pin,) = held(home, shop, "First")
    back(home)
    home.clock.advance(61)
    (lane,) = home.claim()
    resuming.undo(home.ctx, shop.id)

    def choose(tx: Tx) -> object:
        tx.conn.execute(sa.update(schema.errands).values(act_at=None))
        return choosing.choose(home.ctx, tx, lane.lane)

    assert isinstance(home.store.write(choose), Rest)
    assert home.stage(pin) is Stage.HELD


def test_what_a_person_changed_meanwhile_is_left_alone_and_named(home: Rig, shop: Connection) -> None:
    edited, cancelled, deleted, stays = held(home, shop, "Edited", "Cancelled", "Deleted", "Stays")
    back(home)
    compose.edit(home.ctx, edited.id, {"title": "Edited by hand"})
    compose.cancel(home.ctx, cancelled.id)
    compose.delete(home.ctx, deleted.id, live=False)
    undone = resuming.undo(home.ctx, shop.id)
    assert undone.put_back == 1
    assert {each.pin_id: each.because for each in undone.left} == {
        edited.id: "it was edited or rescheduled meanwhile",
        cancelled.id: "it was cancelled meanwhile",
        deleted.id: "it was deleted meanwhile",
    }
    assert home.get(edited).content.title == "Edited by hand"
    assert home.stage(cancelled) is Stage.CANCELLED
    assert same(home.get(stays)) == same(stays)


def test_a_doubt_is_looked_for_and_never_sent_and_an_undo_holds_it_again(home: Rig, shop: Connection) -> None:
    home.fault("made_then_500")
    pin = home.pin(shop)
    home.drain()
    connecting.disconnect(home.ctx, shop.id)
    home.run_out(25 * HOUR, 600)
    doubt = home.get(pin)
    assert (doubt.stage, doubt.in_doubt, doubt.trouble and doubt.trouble.cause) == (
        Stage.HELD,
        True,
        Cause.TOKEN,
    )
    back(home)
    assert home.stage(pin) is Stage.CONFIRMING
    assert resuming.undo(home.ctx, shop.id).put_back == 1
    assert same(home.get(pin)) == same(doubt)
    resuming.on_your_word(home.ctx, shop.id)
    home.run_out(1200)
    assert (home.stage(pin), len(home.creates())) == (Stage.PUBLISHED, 1)


def test_a_pin_whose_media_was_changed_while_held_has_it_fetched_first(home: Rig, shop: Connection) -> None:
    (pin,) = held(home, shop, "First")
    home.store.write(
        lambda tx: tx.conn.execute(
            sa.update(schema.pins)
            .where(schema.pins.c.id == pin.id)
            .values(media={"type": "image", "url": "https://shop.example/cake.png"})
        )
    )
    back(home)
    assert home.stage(pin) is Stage.PREPARING
    assert resuming.undo(home.ctx, shop.id).put_back == 1
    assert home.stage(pin) is Stage.HELD


class Heard:
    """A channel that remembers."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def tell(self, tx: Tx, told: Alert) -> None:
        tx.after.append(lambda: self.alerts.append(told))


def test_its_owner_is_told_that_it_is_back_and_what_happens_now(home: Rig, shop: Connection) -> None:
    heard = Heard()
    home.use(alerts=heard)
    back(home)
    assert heard.alerts == []  # it was never away
    held(home, shop, "First", "Second", step_s=1)
    back(home)
    (told,) = heard.alerts
    assert told.kind == "restored"
    assert told.title.startswith(
        "The connection to spring_shop is back. 2 Pins go on by themselves, the first at "
    )
    connecting.disconnect(home.ctx, shop.id)
    home.run_out(900)
    home.clock.advance(30 * HOUR)
    back(home)
    assert "2 Pins too late to go on unasked" in heard.alerts[-1].title
    assert heard.alerts[-1].fix.startswith("Look at the Pins")


def test_a_pause_keeps_what_went_on(home: Rig, shop: Connection) -> None:
    (pin,) = held(home, shop, "First")
    pausing.pause_all(home.ctx, "Stock-taking")
    back(home)
    assert resuming.preview(home.ctx, shop.id).paused
    home.run_out(600)
    assert (home.stage(pin), home.creates()) == (Stage.SCHEDULED, [])
