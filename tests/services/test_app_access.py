"""The App's Access as replies show it: evidence, counting before it is known, and going on when Standard is granted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from steadypin.domain.app_access import Sign
from steadypin.domain.connections import Connection
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.services import app_facts, connecting, pausing
from steadypin.services.app_facts import AppFacts
from steadypin.services.connecting import NotConnected
from steadypin.storage import app_calls, schema
from tests.proofs.incident import APP_ID, Load, Town
from tests.support.rig import Rig

MINUTE, HOUR = 60, 3600


@pytest.fixture(autouse=True)
def quotas(home: Rig) -> None:
    """The published ones, whose names and numbers show the Access."""
    home.sim_control("PUT", "/_sim/switches", {"quota_times": 1})


@pytest.fixture
def town(home: Rig) -> Town:
    """Six connected shops of an App under Trial access."""
    made = Town(home, Load(pins=0, connections=6))
    grant(home, "trial")
    return made


def grant(home: Rig, access: str) -> None:
    home.sim_control("POST", "/_sim/act", {"do": "set_app_access", "app": APP_ID, "access": access})


def facts(home: Rig) -> AppFacts:
    return app_facts.facts(home.ctx)


def signs(home: Rig) -> list[Sign]:
    return [each.sign for each in facts(home).evidence]


def used(home: Rig) -> tuple[int, int]:
    with home.store.read() as tx:
        known = app_calls.read(tx)
    return sum(known.universal.values()), sum(known.org_write.values())


def one_each(town: Town, shops: list[Connection]) -> list[Pin]:
    media = town.home.media()
    return [town.home.pin(shop, f"Pin of {shop.username}", media=media) for shop in shops]


def stages(home: Rig, made: list[Pin]) -> list[Stage]:
    return [home.stage(pin) for pin in made]


def read_boards(home: Rig, shop: Connection) -> None:
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()


def test_the_refusal_that_names_the_sandbox_is_kept_with_its_words_and_its_time(town: Town) -> None:
    home = town.home
    one_each(town, town.shops[:1])
    town.pass_time(1)
    app = facts(home)
    assert (app.access.tier, app.access.said_by) == ("trial", "pinterest")
    latest = app.evidence[0]
    assert latest.sign is Sign.TRIAL_REFUSAL
    assert latest.native is not None
    assert (latest.native["status"], latest.native["code"]) == (403, 29)
    assert app.since is not None
    assert home.clock.now() - app.since < timedelta(minutes=1)
    assert "named the sandbox (403, code 29), last on 2026-03-01" in app.how_known


def test_quotas_of_a_reply_change_the_access_by_themselves_and_since_moves_with_it(town: Town) -> None:
    home = town.home
    before = facts(home)
    assert (before.access.tier, signs(home)) == ("standard", [Sign.STANDARD_QUOTAS])
    home.clock.advance(HOUR)
    read_boards(home, town.shops[0])
    after = facts(home)
    assert (after.access.tier, signs(home)[0]) == ("trial", Sign.TRIAL_QUOTAS)
    assert before.since is not None
    assert after.since is not None
    assert after.since - before.since >= timedelta(hours=1)


def test_standard_access_seen_while_reading_lets_one_refused_pin_try_and_then_all_go(town: Town) -> None:
    """Nothing but held Pins is left, and no probe would be made for an hour."""
    home = town.home
    held = one_each(town, town.shops[:1])
    town.pass_time(1)
    held += one_each(town, town.shops[1:2])
    town.pass_time(16 * MINUTE)
    assert stages(home, held) == [Stage.HELD] * 2
    grant(home, "standard")
    before = len(home.creates())
    read_boards(home, town.shops[2])
    town.pass_time(1)
    assert len(home.creates()) - before >= 1
    town.pass_time(MINUTE)
    assert stages(home, held) == [Stage.PUBLISHED] * 2
    assert town.open_kinds() == []
    assert facts(home).access.tier == "standard"


def test_an_operator_who_resumes_has_one_refused_pin_tried_at_once(town: Town) -> None:
    home = town.home
    held = one_each(town, town.shops[:1])
    town.pass_time(1)
    grant(home, "standard")
    pausing.resume_all(home.ctx)
    town.pass_time(5)
    assert stages(home, held) == [Stage.PUBLISHED]


def test_standard_access_that_was_shown_too_early_costs_one_pin_and_blames_nobody(town: Town) -> None:
    """The quotas are those of Standard, but new Pins are still refused."""
    home = town.home
    first = one_each(town, town.shops[:1])
    town.pass_time(1)
    waiting = one_each(town, town.shops[1:])
    town.pass_time(1)
    grant(home, "standard")
    home.sim_control("POST", "/_sim/faults", {"on": "pins/create", "do": "rule:trial-access", "times": 1})
    before = len(home.creates())
    read_boards(home, town.shops[2])
    town.pass_time(10)
    assert len(home.creates()) == before + 1
    assert stages(home, first + waiting).count(Stage.HELD) == 2
    assert not [shop for shop in connecting.listing(home.ctx) if shop.broken_because]
    town.pass_time(2 * HOUR)
    assert set(stages(home, first + waiting)) == {Stage.PUBLISHED}


def test_a_used_up_trial_day_holds_nobody_once_standard_access_is_shown(town: Town) -> None:
    home = town.home
    home.sim_control("PUT", "/_sim/switches", {"trial_refuses": "nothing"})
    read_boards(home, town.shops[0])
    until = home.clock.now() + timedelta(hours=20)
    block = sa.update(schema.instance).values(app_blocked_until=until, app_blocked_because="used up")
    home.store.write(lambda tx: tx.conn.execute(block))
    made = one_each(town, town.shops)
    town.pass_time(5)
    assert {home.get(pin).deferred_until for pin in made} == {until}
    home.use(access_tier="standard")
    assert facts(home).access.block is None, "the operator knows better"
    home.use(access_tier=None)
    grant(home, "standard")
    asked = {"username": "late_shop", "boards": [{"name": "Cakes"}]}
    home.sim_control("POST", "/_sim/seed", {"accounts": [asked], "add": True})
    home.connect("late_shop")
    assert facts(home).access.block is None
    town.pass_time(MINUTE)


def test_pins_that_waited_for_the_trial_day_are_decided_anew(town: Town) -> None:
    home = town.home
    home.sim_control("PUT", "/_sim/switches", {"trial_refuses": "nothing"})
    read_boards(home, town.shops[0])
    hour = home.clock.now().replace(minute=0, second=0, microsecond=0)
    spent = sa.update(schema.app_calls).where(schema.app_calls.c.hour == hour).values(calls=300, writes=300)
    home.store.write(lambda tx: tx.conn.execute(spent))
    made = one_each(town, town.shops)
    town.pass_time(5)
    assert all("Trial access" in (home.get(pin).deferred_because or "") for pin in made)
    grant(home, "standard")
    read_boards(home, town.shops[0])
    town.pass_time(5)
    assert set(stages(home, made)) == {Stage.PUBLISHED}


def test_an_app_that_is_not_approved_is_known_from_connecting_and_healed_by_the_next_reply(home: Rig) -> None:
    grant(home, "none")
    with pytest.raises(NotConnected, match="not approved"):
        home.connect()
    app = facts(home)
    assert (app.not_approved, app.access.tier, app.abilities) == (True, None, ())
    assert "developers.pinterest.com" in app_facts.next_steps(app)[0]
    assert app.evidence[0].native is not None
    assert app.evidence[0].native["code"] == 3
    home.clock.advance(1)
    grant(home, "trial")
    home.connect()
    app = facts(home)
    assert (app.not_approved, app.access.tier) == (False, "trial")


def test_calls_before_the_access_is_known_count_for_the_trial_day(home: Rig) -> None:
    grant(home, "trial")
    home.connect(drain=False)
    assert used(home) == (2, 0), "the code and the account"
    home.drain()
    assert used(home) == (3, 0)
    entries = home.sim_control("GET", "/_sim/journal")["entries"]
    assert len([entry for entry in entries if entry["path"].startswith("/v5/")]) == 3


def test_under_standard_access_nothing_is_counted(home: Rig) -> None:
    shop = home.connect()
    before = used(home)
    home.pin(shop)
    home.advance(5)
    assert (len(home.live()), used(home)) == (1, before)


def test_a_pin_on_the_real_pinterest_shows_standard_access_where_no_quotas_are_named(home: Rig) -> None:
    shop = home.connect()
    home.store.write(lambda tx: tx.conn.execute(sa.update(schema.instance).values(access_tier=None)))
    made = {"status": 201, "body": {"id": "100000000000000001"}, "headers": {}}
    home.sim_control("POST", "/_sim/faults", {"on": "pins/create", "do": {"reply": made}, "times": 1})
    home.pin(shop)
    home.advance(5)
    assert (facts(home).access.tier, signs(home)[0]) == ("standard", Sign.PUBLISHED)


def test_the_operator_is_told_when_the_setting_says_something_else(home: Rig) -> None:
    home.use(access_tier="trial")
    shop = home.connect()
    app = facts(home)
    assert (app.access.tier, app.access.said_by, app.contradicted) == ("trial", "operator", "standard")
    assert "STEADYPIN_ACCESS_TIER" in app_facts.next_steps(app)[0]
    home.pin(shop)
    home.advance(5)
    assert facts(home).access.tier == "trial"
