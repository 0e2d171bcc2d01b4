"""The look-ahead: what would stop a Pin is on record in time, and nothing is done to the Pin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from steadypin.domain.connections import Alert, AlertKind, Connection
from steadypin.domain.errors import InputRefused
from steadypin.domain.findings import blockers
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Stage
from steadypin.services import compose, connecting, duty_work, look_ahead
from steadypin.storage.database import Tx
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
    same = {"title": f"{first.content.title} ", "link": first.content.link}
    compose.edit(home.ctx, second.id, same)
    assert look(home) == 1
    assert risks(home) == [(second.id, ["identical"])]
    compose.edit(home.ctx, second.id, {"title": "Salad"})
    look(home)
    assert risks(home) == []


def test_an_identical_pin_is_refused_unless_its_user_wants_both(home: Rig, shop: Connection) -> None:
    first, second = home.pin(shop, "Soup", 2 * DAY), home.pin(shop, "Salad", 3 * DAY)
    with pytest.raises(InputRefused) as refused:
        home.pin(shop, "Soup", 3 * DAY)
    (error,) = refused.value.errors
    assert error.field == "confirm"
    assert first.id in error.message
    same = {"title": first.content.title, "link": first.content.link}
    with pytest.raises(InputRefused):
        compose.edit(home.ctx, second.id, same)
    compose.edit(home.ctx, second.id, same, ["identical"])
    look(home)
    assert risks(home) == [(first.id, ["identical"])], "the second is wanted, the first was never asked about"
    compose.edit(home.ctx, second.id, {"description": "Hot."})
    compose.edit(home.ctx, second.id, {"description": None})
    home.pin(shop, "Soup", 30 * DAY)


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


class Heard:
    """A channel that keeps what it was told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def tell(self, tx: Tx, told: Alert) -> None:
        tx.after.append(lambda: self.alerts.append(told))


def test_the_owner_is_told_once_for_each_reason_and_day(home: Rig, shop: Connection) -> None:
    heard = Heard()
    home.use(alerts=heard)
    soup, salad, cake = (home.pin(shop, title, 3 * DAY) for title in ("Soup", "Salad", "Cake"))
    look(home)
    assert heard.alerts == []

    def double(pin: Pin, title: str) -> None:
        compose.edit(home.ctx, pin.id, {"title": title, "link": "https://shop.example/Soup"})
        look(home)

    double(salad, "Soup ")
    (told,) = heard.alerts
    assert (told.kind, told.connection_id, told.cause) == (AlertKind.AT_RISK, shop.id, Cause.DUPLICATE)
    assert told.title.startswith("1 Pin of spring_shop will not go out at ")
    assert "The same Pin is scheduled already" in told.title
    assert told.fix.startswith("Remove one of the two")
    double(cake, " Soup")
    assert len(heard.alerts) == 1, "the same reason on the same day"
    compose.edit(home.ctx, cake.id, {"title": "Cake", "link": None})
    look(home)
    home.clock.advance(DAY + 60)
    double(cake, " Soup")
    assert len(heard.alerts) == 2
    connecting.disconnect(home.ctx, shop.id)
    home.store.write(lambda tx: look_ahead.ask(tx, [home.get(soup)]))
    look(home)
    assert [each.cause for each in heard.alerts[2:]] == [Cause.TOKEN]
