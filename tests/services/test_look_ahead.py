"""The look-ahead: what would stop a Pin is on record in time, and nothing is done to the Pin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from steadypin.domain.connections import Connection
from steadypin.domain.findings import blockers
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting, duty_work, look_ahead
from tests.support.rig import Rig

HANDLERS = {look_ahead.KIND: look_ahead.handle}
DAY = 86400.0


@pytest.fixture
def shop(home: Rig) -> Connection:
    return home.connect()


def look(home: Rig) -> int:
    """What the loop of duties does now; answers how many looks it took."""
    home.clock.advance(3)
    looks = 0
    while found := home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 100, HANDLERS)):
        for duty in found:
            home.run(duty_work.work(home.ctx, duty, HANDLERS))
            looks += 1
    return looks


def risks(home: Rig) -> list[tuple[str, list[str]]]:
    return [
        (each.pin.id, [finding.check for finding in blockers(each.findings)])
        for each in look_ahead.risks(home.ctx)
    ]


def test_a_pin_is_looked_at_when_it_is_composed_and_five_times_before_its_time(
    home: Rig, shop: Connection
) -> None:
    pin = home.pin(shop, "Soup", 10 * DAY)
    assert look(home) == 1
    assert look(home) == 0
    due = pin.due_at
    assert due is not None
    for minutes in (7 * 24 * 60, 24 * 60, 75, 65, 10):
        ahead = timedelta(minutes=minutes)
        home.clock.advance((due - ahead - home.clock.now()).total_seconds() - 30)
        assert look(home) == 0, ahead
        home.clock.advance(60)
        assert look(home) == 1, ahead
    assert risks(home) == []


def test_a_connection_that_goes_is_told_on_every_pin_before_its_time(home: Rig, shop: Connection) -> None:
    pins = [home.pin(shop, f"Soup {n}", 2 * DAY + n * 60) for n in range(3)]
    look(home)
    connecting.disconnect(home.ctx, shop.id)
    look(home)
    assert risks(home) == [(pin.id, ["connection"]) for pin in pins]
    assert [home.stage(pin) for pin in pins] == [Stage.SCHEDULED] * 3
    assert compose.get(home.ctx, pins[0].id).risk is not None
    (why,) = look_ahead.forecasts(look_ahead.risks(home.ctx))
    assert (why.cause.value, list(why.pin_ids), why.first_at) == (
        "token",
        [pin.id for pin in pins],
        pins[0].due_at,
    )


def test_an_edit_is_looked_at_at_once(home: Rig, shop: Connection) -> None:
    first, second = home.pin(shop, "Soup", 2 * DAY), home.pin(shop, "Salad", 2 * DAY)
    look(home)
    compose.edit(home.ctx, second.id, {"title": first.content.title, "link": first.content.link})
    assert look(home) == 1
    assert risks(home) == [(second.id, ["identical"])]
    compose.edit(home.ctx, second.id, {"title": "Salad"})
    look(home)
    assert risks(home) == []


def test_an_edit_while_it_is_looked_at_is_not_lost(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, "Soup", 2 * DAY)
    home.clock.advance(3)
    (duty,) = home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 100, HANDLERS))
    conclude = home.run(look_ahead.handle(home.ctx, duty))
    compose.edit(home.ctx, pin.id, {"link": "https://shop.example/other"})
    home.store.write(conclude)
    assert look(home) == 1


def test_what_is_live_or_cancelled_is_looked_at_no_more(home: Rig, shop: Connection) -> None:
    live, cancelled = home.pin(shop, "Soup", 60), home.pin(shop, "Salad", 2 * DAY)
    compose.cancel(home.ctx, cancelled.id)
    home.advance(61)
    assert home.stage(live) is Stage.PUBLISHED
    look(home)
    home.clock.advance(5 * DAY)
    assert look(home) == 0


def test_many_pins_of_one_account_are_looked_at_together(home: Rig, shop: Connection) -> None:
    for n in range(40):
        home.pin(shop, f"Soup {n}", 2 * DAY + n * 3600)
    assert look(home) == 1
