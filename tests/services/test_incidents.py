"""Trouble of many accounts at once: creates wait, one probes, everything goes on by itself, nobody is blamed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from steadypin.domain.incidents import IncidentKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import compose, connecting, incidents, pausing
from steadypin.services.context import App
from steadypin.storage import incidents as stored
from tests.proofs.incident import APP_ID, HOUR, MINUTE, Load, Town
from tests.support.incidents import WHAT_DREW_IT, open_incident
from tests.support.rig import Rig

FEW = Load(pins=0, connections=6)


@pytest.fixture
def town(home: Rig) -> Town:
    """Six connected shops."""
    return Town(home, FEW)


def due_now(town: Town, each: int = 1) -> list[Pin]:
    media = town.home.media()
    return [
        town.home.pin(shop, f"{shop.username} {n}", n, confirmed=["identical"], media=media)
        for n in range(each)
        for shop in town.shops
    ]


def opened(town: Town) -> incidents.Incident:
    (one,) = [known for known in town.incidents() if known.closed_at is None]
    return one


def stages(town: Town, pins: list[Pin]) -> list[Stage]:
    return [town.home.stage(pin) for pin in pins]


def access(town: Town, tier: str) -> None:
    town.home.sim_control("POST", "/_sim/act", {"do": "set_app_access", "app": APP_ID, "access": tier})


def in_trouble(town: Town) -> list[Pin]:
    """Every create is answered 500 until the fault is dropped; twelve Pins are due."""
    town.home.sim_control("POST", "/_sim/faults", {"on": "pins/create", "do": "500"})
    pins = due_now(town, 2)
    town.pass_time(10)
    return pins


def test_rising_errors_of_pinterest_keep_the_other_creates_waiting(town: Town) -> None:
    pins = in_trouble(town)
    assert town.open_kinds() == [IncidentKind.PLATFORM]
    assert len(town.home.creates()) == 5, "the fifth opened it"
    assert stages(town, pins).count(Stage.SCHEDULED) == 7
    assert not [pin for pin in map(town.home.get, pins) if pin.stage is Stage.SCHEDULED and pin.trouble]


def test_while_it_is_open_one_probe_is_sent_at_a_time_and_ever_more_seldom(town: Town) -> None:
    in_trouble(town)
    sent = []
    for _ in range(6):
        town.pass_time(100)
        sent.append(len(town.home.creates()) - 5)
    assert sent == [2, 2, 3, 3, 3, 4]
    assert opened(town).probes == 4


def test_three_good_answers_end_it_and_everything_goes_on(town: Town) -> None:
    pins = in_trouble(town)
    town.home.sim_control("DELETE", "/_sim/faults")
    town.pass_time(31)
    assert town.open_kinds() == []
    town.pass_time(20)
    assert stages(town, pins).count(Stage.PUBLISHED) == 7
    town.pass_time(20 * MINUTE)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}
    assert len(town.home.live()) == 12
    assert [known.kind for known in town.incidents()] == [IncidentKind.PLATFORM]


def test_trouble_that_comes_back_soon_is_the_same_incident_and_told_once(town: Town) -> None:
    with capture_logs() as logs:
        in_trouble(town)
        first = opened(town)
        town.home.sim_control("DELETE", "/_sim/faults")
        town.pass_time(2 * MINUTE)
        assert town.open_kinds() == []
        in_trouble(town)
        again = opened(town)
    assert (again.id, again.opened_at) == (first.id, first.opened_at)
    assert again.probes >= 3, "its probes do not begin anew"
    assert [entry["event"] for entry in logs if entry["event"] == "incident.opened"] == ["incident.opened"]


def test_an_old_spell_does_not_open_another(town: Town) -> None:
    in_trouble(town)
    town.home.sim_control("DELETE", "/_sim/faults")
    town.pass_time(30 * MINUTE)
    town.home.fault("500")
    due_now(town)
    town.pass_time(10)
    assert town.open_kinds() == []


def test_trouble_of_one_account_keeps_nobody_waiting(town: Town) -> None:
    where = {"account": town.shops[0].username}
    town.home.sim_control("POST", "/_sim/faults", {"on": "pins/create", "do": "500", "where": where})
    media = town.home.media()
    for n in range(12):
        town.home.pin(town.shops[0], f"Tart {n}", media=media)
    well = town.home.pin(town.shops[1], media=media)
    town.pass_time(10)
    assert town.incidents() == []
    assert town.home.stage(well) is Stage.PUBLISHED


def test_a_network_that_is_down_is_told_with_a_single_connection_too(home: Rig) -> None:
    town = Town(home, Load(pins=0, connections=1))
    town.network.cut = True
    media = home.media()
    pins = [home.pin(town.shops[0], f"Cake {n}", media=media) for n in range(8)]
    town.pass_time(5)
    assert opened(town).kind is IncidentKind.NETWORK
    assert town.network.tried["pins/create"] == 5
    town.pass_time(30 * MINUTE)
    assert town.network.tried["pins/create"] <= 15
    town.network.cut = False
    town.pass_time(6 * MINUTE)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}
    assert town.open_kinds() == []


def test_the_app_without_its_access_stops_the_queue_and_blames_nobody(town: Town) -> None:
    access(town, "trial")
    pins = due_now(town, 2)
    town.pass_time(MINUTE)
    assert opened(town).kind is IncidentKind.APP
    assert len(town.home.creates()) == 1
    (held,) = [pin for pin in map(town.home.get, pins) if pin.stage is Stage.HELD]
    assert held.trouble is not None
    assert (held.trouble.cause, held.trouble.remedy) == (Cause.ACCESS_TIER, Remedy.OPERATOR)
    assert not [shop for shop in connecting.listing(town.home.ctx) if shop.broken_because]
    town.pass_time(3 * HOUR)
    assert len(town.home.creates()) <= 5
    access(town, "standard")
    town.pass_time(HOUR + MINUTE)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}
    assert len(town.incidents()) == 1


def test_an_operator_who_has_healed_it_need_not_wait(town: Town) -> None:
    access(town, "trial")
    pins = due_now(town)
    town.pass_time(3 * MINUTE)
    access(town, "standard")
    pausing.resume_all(town.home.ctx)
    town.pass_time(5)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}


def test_pins_held_for_another_reason_or_too_late_or_not_wanted_stay(town: Town) -> None:
    access(town, "trial")
    media = town.home.media()
    first = town.home.pin(town.shops[0], "First", media=media)
    town.pass_time(1)
    second = town.home.pin(town.shops[1], "Second", media=media)
    town.pass_time(16 * MINUTE)
    assert stages(town, [first, second]) == [Stage.HELD, Stage.HELD]
    compose.cancel(town.home.ctx, second.id)
    town.pass_time(25 * HOUR)
    access(town, "standard")
    third = town.home.pin(town.shops[2], "Third", media=media)
    town.pass_time(HOUR)
    assert stages(town, [first, second, third]) == [Stage.HELD, Stage.CANCELLED, Stage.PUBLISHED]


def test_a_wrong_secret_is_told_once_and_pins_go_out_meanwhile(town: Town) -> None:
    home, right = town.home, town.home.ctx.app
    home.use(app=App(right.id, "wrong", right.redirect_uri))
    town.renew_all_in(10)
    town.pass_time(MINUTE)
    assert opened(town).kind is IncidentKind.RENEWAL
    pins = due_now(town)
    town.pass_time(10)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}
    assert not [shop for shop in connecting.listing(home.ctx) if shop.broken_because]
    home.use(app=right)
    town.pass_time(HOUR + MINUTE)
    assert town.renewed() == len(town.shops)
    assert len(town.incidents()) == 1
    assert town.open_kinds() == []


def test_an_app_that_pinterest_has_deactivated_costs_no_account_its_connection(town: Town) -> None:
    home = town.home
    home.sim_control("POST", "/_sim/act", {"do": "deactivate_app", "app": APP_ID})
    pins = due_now(town)
    town.pass_time(2 * HOUR)
    assert len(town.incidents()) == 1
    assert Stage.PUBLISHED not in stages(town, pins)
    assert not [shop for shop in connecting.listing(home.ctx) if shop.broken_because]
    home.sim_control("POST", "/_sim/act", {"do": "deactivate_app", "app": APP_ID, "active": True})
    town.pass_time(2 * HOUR)
    assert set(stages(town, pins)) == {Stage.PUBLISHED}
    assert town.open_kinds() == []


def test_an_incident_with_nothing_left_to_probe_closes_itself(town: Town) -> None:
    for pin in in_trouble(town):
        compose.cancel(town.home.ctx, pin.id)
    town.home.sim_control("DELETE", "/_sim/faults")
    town.pass_time(30 * MINUTE)
    assert town.open_kinds() == [IncidentKind.PLATFORM]
    town.pass_time(3 * HOUR)
    assert town.open_kinds() == []


def test_lanes_look_again_at_the_probe_and_not_all_in_one_moment(town: Town) -> None:
    in_trouble(town)
    known = opened(town)
    moments = [incidents.look_again_at(town.home.ctx, known, shop.id) for shop in town.shops]
    assert len(set(moments)) == len(moments)
    assert all(timedelta(0) <= moment - known.probe_at <= timedelta(seconds=10) for moment in moments)


@pytest.mark.parametrize("kind", WHAT_DREW_IT)
def test_every_incident_says_what_happens_by_itself_and_what_to_do(home: Rig, kind: IncidentKind) -> None:
    open_incident(home.ctx, kind)
    (told,) = incidents.listing(home.ctx)
    assert told.incident.title
    for sentence in (told.by_itself, told.fix):
        assert sentence.endswith(".")
    assert (told.next_probe_at is not None) is kind.pauses
    home.store.write(lambda tx: stored.close(tx, told.incident.id))
    assert incidents.listing(home.ctx)[0].next_probe_at is None
    assert incidents.listing(home.ctx, open_only=True) == []
