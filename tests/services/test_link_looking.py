"""Links are looked at once for all Pins that lead there, in time, and what is found puts those Pins at risk."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.link_seen import Hop, LinkSeen, LinkTrouble, TroubleKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Stage
from steadypin.services import compose, duty_work, link_looking, look_ahead, preflighting
from steadypin.storage import schema
from tests.support.rig import Rig

DAY = 86400.0
PAGE = "https://shop.example/cake"


@dataclass
class Visitor:
    """Sees what is told about an address, a fine page where nothing is; writes down where it was sent."""

    told: dict[str, LinkSeen] = field(default_factory=dict)
    went: list[str] = field(default_factory=list)
    network: bool = True

    async def look(self, url: str) -> LinkSeen:
        self.went.append(url)
        return self.told.get(url, answers(url))

    async def is_there(self) -> bool:
        return self.network


def answers(url: str, status: int = 200) -> LinkSeen:
    kind, title = ("HTML", "Cake") if status == 200 else ("", "")
    return LinkSeen(url, url, (Hop(url, status),), status, kind=kind, title=title, content_type="text/html")


def unreached(url: str) -> LinkSeen:
    return LinkSeen(url, url, trouble=LinkTrouble(TroubleKind.UNREACHED, "nobody answers", url))


class Days:
    """Both duties of an installation, driven by its clock."""

    def __init__(self, home: Rig) -> None:
        self.home, self.visitor = home, Visitor()
        self.handlers = {
            look_ahead.KIND: look_ahead.handle,
            link_looking.KIND: link_looking.handler(self.visitor.look, self.visitor, look_ahead.look_at_all),
        }

    def work(self) -> list[str]:
        """Do what is due; answers which links were followed."""
        self.visitor.went.clear()
        home = self.home
        for _ in range(10):
            while found := home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 100, self.handlers)):
                for duty in found:
                    home.run(duty_work.work(home.ctx, duty, self.handlers))
            home.clock.advance(1)
        return list(self.visitor.went)

    def pass_time(self, seconds: float) -> list[str]:
        self.home.clock.advance(seconds)
        return self.work()

    def until(self, pin: Pin, seconds_before: float) -> list[str]:
        assert pin.due_at is not None
        left = (pin.due_at - self.home.clock.now()).total_seconds()
        return self.pass_time(left - seconds_before)

    def risks(self) -> dict[str, list[str]]:
        return {
            each.pin.id: [finding.check for finding in each.findings if finding.cause is Cause.LINK]
            for each in look_ahead.risks(self.home.ctx)
        }

    def rows(self) -> int:
        with self.home.store.read() as tx:
            return tx.conn.execute(sa.select(sa.func.count()).select_from(schema.link_looks)).scalar_one()


@pytest.fixture
def days(home: Rig) -> Days:
    return Days(home)


@pytest.fixture
def shop(home: Rig) -> Connection:
    return home.connect()


def test_a_link_of_many_pins_is_followed_once(home: Rig, shop: Connection, days: Days) -> None:
    for n in range(20):
        home.pin(shop, f"Cake {n}", 2 * DAY + n, link=PAGE)
    assert days.work() == [PAGE]
    assert days.rows() == 1
    home.pin(shop, "One more", 2 * DAY + 60, link=PAGE)
    assert days.work() == [], "it was looked at just now"


def test_it_is_looked_at_again_shortly_before_the_pin_is(home: Rig, shop: Connection, days: Days) -> None:
    pin = home.pin(shop, "Cake", 10 * DAY, link=PAGE)
    assert days.work() == [PAGE]
    for minutes in (7 * 24 * 60, 24 * 60, 75):
        assert days.until(pin, minutes * 60 + 600) == []
        assert days.until(pin, minutes * 60) == [PAGE], minutes
    assert days.until(pin, 65 * 60) == [], "that look is fresh"
    assert days.until(pin, 10 * 60) == [PAGE]


def test_a_page_that_goes_puts_every_pin_at_risk_an_hour_before(
    home: Rig, shop: Connection, days: Days
) -> None:
    pins = [home.pin(shop, f"Cake {n}", 3 * DAY + n * 60, link=PAGE) for n in range(3)]
    well = home.pin(shop, "Bread", 3 * DAY)
    days.work()
    days.visitor.told[PAGE] = answers(PAGE, 410)
    days.until(pins[0], 2 * DAY)
    assert days.risks() == {}
    days.until(pins[0], 3700)
    assert days.risks() == {pin.id: ["link.missing"] for pin in pins}
    risk = compose.get(home.ctx, pins[0].id).risk
    assert risk is not None
    assert risk.check == "link.missing"
    (why,) = look_ahead.forecasts(look_ahead.risks(home.ctx))
    assert (why.cause, len(why.pin_ids)) == (Cause.LINK, 3)
    del days.visitor.told[PAGE]
    days.until(pins[0], 500)
    assert days.risks() == {}, "the page is back"
    assert home.stage(well) is Stage.SCHEDULED


def test_a_missing_page_is_no_risk_while_its_pin_is_days_away(
    home: Rig, shop: Connection, days: Days
) -> None:
    days.visitor.told[PAGE] = answers(PAGE, 404)
    pin = home.pin(shop, "Cake", 5 * DAY, link=PAGE)
    days.work()
    assert days.risks() == {}
    assert [each.check for each in preflighting.of_pin(home.ctx, pin.id)] == ["link.missing"]
    days.until(pin, DAY - 60)
    assert days.risks() == {pin.id: ["link.missing"]}


def test_what_came_to_nothing_counts_only_when_it_stays_so(home: Rig, shop: Connection, days: Days) -> None:
    pin = home.pin(shop, "Cake", 20 * 3600.0, link=PAGE)
    days.visitor.told[PAGE] = unreached(PAGE)
    assert days.work() == [PAGE]
    assert days.risks() == {}
    assert days.pass_time(60) == [PAGE]
    assert days.risks() == {}
    assert days.pass_time(240) == [PAGE]
    assert days.risks() == {pin.id: ["link.unreachable"]}


def test_without_a_network_of_our_own_no_website_is_blamed(home: Rig, shop: Connection, days: Days) -> None:
    pin = home.pin(shop, "Cake", 20 * 3600.0, link=PAGE)
    days.visitor.told[PAGE], days.visitor.network = unreached(PAGE), False
    for _ in range(8):
        days.pass_time(1200)
    assert days.risks() == {}
    assert [each.check for each in preflighting.of_pin(home.ctx, pin.id)] == ["link"], "still pending"
    days.visitor.told.clear()
    days.visitor.network = True
    assert days.pass_time(1200) == [PAGE]
    assert preflighting.of_pin(home.ctx, pin.id) == ()


def test_links_that_nobody_needs_are_forgotten(home: Rig, shop: Connection, days: Days) -> None:
    first, second = home.pin(shop, "Cake", 2 * DAY, link=PAGE), home.pin(shop, "Pie", 3 * DAY, link=PAGE)
    days.work()
    compose.cancel(home.ctx, first.id)
    compose.edit(home.ctx, second.id, {"link": "https://shop.example/pie"})
    days.work()
    assert days.rows() == 2, "the former one is forgotten when its turn comes"
    days.pass_time(2 * DAY)
    assert days.rows() == 1
    home.run_out(DAY + 60, 3600)
    days.pass_time(2 * DAY)
    assert days.rows() == 0


def test_new_links_of_one_site_become_due_one_after_the_other(home: Rig, shop: Connection) -> None:
    asked = [home.pin(shop, f"Cake {n}", 2 * DAY, link=f"{PAGE}/{n}") for n in range(3)]
    other = home.pin(shop, "Bread", 2 * DAY, link="https://baker.example/bread")
    home.store.write(lambda tx: tx.conn.execute(sa.delete(schema.link_looks)))
    home.store.write(lambda tx: tx.conn.execute(sa.delete(schema.duties)))
    home.store.write(lambda tx: link_looking.ask(tx, [*asked, other]))
    with home.store.read() as tx:
        due = sorted(tx.conn.execute(sa.select(schema.duties.c.due_at)).scalars())
    assert [(moment - due[0]).total_seconds() for moment in due] == [0, 0, 1, 2]


def test_a_site_that_pinterest_refuses_puts_its_other_pins_at_risk(
    home: Rig, shop: Connection, days: Days
) -> None:
    home.sim_control("PUT", "/_sim/switches", {"blocked_domains": ["shop.example"]})
    first = home.pin(shop, "Cake", 60, link=PAGE)
    others = [home.pin(shop, f"Pie {n}", 5 * DAY, link=f"https://www.shop.example/{n}") for n in range(2)]
    well = home.pin(shop, "Bread", 5 * DAY, link="https://baker.example/")
    days.work()
    home.advance(61)
    assert home.stage(first) is Stage.HELD
    days.work()
    assert days.risks() == {pin.id: ["link.blocked"] for pin in others}
    risk = compose.get(home.ctx, others[0].id).risk
    assert risk is not None
    assert "may lead to spam" in risk.title
    assert compose.get(home.ctx, well.id).risk is None

    home.sim_control("PUT", "/_sim/switches", {"blocked_domains": []})
    again = home.pin(shop, "Tart", 60, link="https://shop.example/tart")
    home.advance(61)
    assert home.stage(again) is Stage.PUBLISHED
    days.work()
    assert days.risks() == {}


def test_a_refusal_is_forgotten_after_a_month(home: Rig, shop: Connection, days: Days) -> None:
    home.sim_control("PUT", "/_sim/switches", {"blocked_domains": ["shop.example"]})
    home.pin(shop, "Cake", 60, link=PAGE)
    later = home.pin(shop, "Pie", 40 * DAY, link="https://shop.example/pie")
    home.advance(61)
    days.work()
    assert days.risks() == {later.id: ["link.blocked"]}
    days.pass_time(34 * DAY)
    assert days.risks() == {}
