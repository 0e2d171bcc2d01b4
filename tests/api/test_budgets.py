"""/connections/{id}/budget and /limits: what an account may still do, and what its user allows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.pacing.day import Limits, QuietHours
from steadypin.domain.words import Stage
from steadypin.services import pausing
from steadypin.services.access import Scope
from steadypin.storage import schema
from tests.api.stage import Api, is_problem


def settings(api: Api, **limits: Any) -> Api:
    """The same installation under other settings."""
    given = {"daily_cap": 25, "spacing_s": 0, "quiet": None, "tz": UTC, "repace_s": 120} | limits
    api.rig.use(limits=Limits(**given))
    return Api(api.rig)


def budget(api: Api, shop: Connection) -> Any:
    told = api.owner.get(f"/api/v1/connections/{shop.id}/budget")
    assert told.status_code == 200, told.text
    return told.json()


def limit(api: Api, shop: Connection, **limits: Any) -> Any:
    told = api.owner.put(f"/api/v1/connections/{shop.id}/limits", json=limits)
    assert told.status_code == 200, told.text
    return told.json()


def test_the_budget_of_an_account_says_what_is_allowed_and_who_says_so(both: Api) -> None:
    api = settings(both, quiet=QuietHours(time(22), time(7)))
    api.rig.sim_control("PUT", "/_sim/switches", {"quota_times": 1})
    shop = api.rig.connect()
    api.rig.pin(shop)
    api.rig.advance(1)
    told = budget(api, shop)
    assert [each["category"] for each in told["categories"]] == ["org_write", "org_read", "org_analytics"]
    assert [each["quota"]["limit"] for each in told["categories"]] == [100, 1000, 60]
    assert all(each["quota"]["window_s"] == 60 and each["block"] is None for each in told["categories"])
    assert told["categories"][0]["next_at"] == told["next_pin"]["at"] != told["now"]
    assert "100 writes in 60 s" in told["next_pin"]["because"]
    assert told["limits"] == {
        "daily_cap": {"value": 25, "source": "settings"},
        "spacing_s": {"value": 0, "source": "settings"},
        "quiet": {"value": "22:00-07:00", "source": "settings"},
        "tz": {"value": "UTC", "source": "settings"},
    }
    assert told["day"] == {"used": 1, "ends_at": "2026-03-02T00:00:00Z"}
    assert told["app"] == {"access_tier": "standard", "said_by": "pinterest", "block": None, "trial": None}


def test_a_limit_of_its_own_stands_before_the_settings_until_it_is_taken_back(both: Api) -> None:
    api = settings(both, quiet=QuietHours(time(22), time(7)))
    shop, other = api.rig.connect(), api.rig.connect("second_shop")
    told = limit(api, shop, daily_cap=50, spacing_s=90.5, quiet="6:00 - 9:30", tz="Europe/Berlin")
    assert told["limits"] == {
        "daily_cap": {"value": 50, "source": "own"},
        "spacing_s": {"value": 90.5, "source": "own"},
        "quiet": {"value": "06:00-09:30", "source": "own"},
        "tz": {"value": "Europe/Berlin", "source": "own"},
    }
    assert told["day"]["ends_at"] == "2026-03-01T23:00:00Z"
    assert limit(api, shop, quiet="none")["limits"]["quiet"] == {"value": None, "source": "own"}
    told = limit(api, shop, quiet=None, tz=None)
    assert told["limits"]["quiet"] == {"value": "22:00-07:00", "source": "settings"}
    assert told["limits"]["daily_cap"] == {"value": 50, "source": "own"}, "what is not named stays"
    assert {each["source"] for each in budget(api, other)["limits"].values()} == {"settings"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("daily_cap", 0),
        ("daily_cap", 10_001),
        ("daily_cap", 2.5),
        ("daily_cap", "25"),
        ("daily_cap", True),
        ("spacing_s", -1),
        ("spacing_s", 86_401),
        ("spacing_s", "1"),
        ("quiet", "22-7"),
        ("quiet", ""),
        ("quiet", "24:00-07:00"),
        ("quiet", "07:00-07:00"),
        ("quiet", "x" * 10_000),
        ("quiet", 7),
        ("tz", "Berlin"),
        ("tz", ""),
        ("tz", "../../etc/passwd"),
        ("tz", "Europe"),
        ("tz", "UTC\u0000"),
        ("cap", 25),
    ],
)
def test_what_is_no_limit_is_refused_with_its_field_and_changes_nothing(
    both: Api, field: str, value: Any
) -> None:
    shop = both.rig.connect()
    before = limit(both, shop, daily_cap=7)["limits"]
    body = {"spacing_s": 5, field: value}
    told = is_problem(both.owner.put(f"/api/v1/connections/{shop.id}/limits", json=body), 422)
    (error,) = told["errors"]
    assert error["field"] == field
    assert error["message"].endswith(".")
    assert len(error["message"]) < 200
    assert budget(both, shop)["limits"] == before


def test_no_number_and_no_object_are_refused_too(api: Api) -> None:
    shop = api.rig.connect()
    address, head = f"/api/v1/connections/{shop.id}/limits", {"Content-Type": "application/json"}
    for body in ('{"spacing_s": NaN}', '{"spacing_s": 1e999}', '{"spacing_s": -Infinity}', "[]", "null"):
        is_problem(api.owner.put(address, content=body, headers=head), 422)
    is_problem(api.owner.put(address, content="{", headers=head), 400)
    told = is_problem(api.owner.put(address, json={"quiet": "soon", "tz": "Mars"}), 422)
    assert [each["field"] for each in told["errors"]] == ["quiet", "tz"]


def test_only_those_who_may_see_or_change_an_account_do(both: Api) -> None:
    shop, other = both.rig.connect(), both.rig.connect("second_shop")
    reads = both.key(Scope.CONNECTIONS_READ, connection_ids=[shop.id])
    writes = both.key(Scope.CONNECTIONS_WRITE, connection_ids=[shop.id])
    assert reads.get(f"/api/v1/connections/{shop.id}/budget").status_code == 200
    is_problem(reads.put(f"/api/v1/connections/{shop.id}/limits", json={}), 403)
    is_problem(reads.get(f"/api/v1/connections/{other.id}/budget"), 404)
    is_problem(writes.put(f"/api/v1/connections/{other.id}/limits", json={"daily_cap": 1}), 404)
    is_problem(both.owner.get("/api/v1/connections/con_none/budget"), 404)
    is_problem(both.owner.put("/api/v1/connections/con_none/limits", json={"daily_cap": 1}), 404)


def test_a_raised_cap_lets_the_waiting_pins_go_at_once(both: Api) -> None:
    api = settings(both, daily_cap=2)
    shop = api.rig.connect()
    made = [api.rig.pin(shop, f"Pin {n}") for n in range(5)]
    api.rig.drain()
    told = budget(api, shop)
    assert told["day"]["used"] == 2
    assert told["next_pin"]["at"] == "2026-03-02T00:00:00Z"
    assert "daily cap of 2 Pins" in told["next_pin"]["because"]
    assert limit(api, shop, daily_cap=4)["next_pin"] == {"at": told["now"], "because": None}
    api.rig.drain()
    assert [api.rig.stage(pin) for pin in made] == [Stage.PUBLISHED] * 4 + [Stage.SCHEDULED]
    assert "daily cap of 4 Pins" in (api.rig.get(made[4]).deferred_because or "")


def test_a_lowered_limit_holds_back_what_was_lined_up(both: Api) -> None:
    api = settings(both, spacing_s=60)
    shop = api.rig.connect()
    made = [api.rig.pin(shop, f"Pin {n}") for n in range(3)]
    api.rig.drain()
    limit(api, shop, quiet="08:00-12:00")
    api.rig.drain()
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert [api.rig.get(pin).deferred_until for pin in made[1:]] == [noon, noon]
    assert "quiet hours" in (api.rig.get(made[1]).deferred_because or "")


def test_pins_that_waited_for_days_are_not_late_because_of_a_changed_limit(both: Api) -> None:
    api = settings(both, daily_cap=1)
    shop = api.rig.connect()
    made = [api.rig.pin(shop, f"Pin {n}") for n in range(4)]
    api.rig.drain()
    for _ in range(2):
        api.rig.advance(86_400)
    assert [api.rig.stage(pin) for pin in made] == [Stage.PUBLISHED] * 3 + [Stage.SCHEDULED]
    limit(api, shop, daily_cap=25)
    api.rig.drain()
    assert api.rig.stage(made[3]) is Stage.PUBLISHED


def test_a_changed_limit_shortens_no_wait_of_another_kind(both: Api) -> None:
    api = settings(both)
    shop = api.rig.connect()
    api.rig.fault("rule:spam-block", times=1)
    blocked, behind = api.rig.pin(shop, "Blocked"), api.rig.pin(shop, "Behind it")
    api.rig.drain()
    until = api.rig.get(blocked).act_at
    block = budget(api, shop)["categories"][0]["block"]
    assert block["rule"] == "spam-block"
    assert block["until"] == budget(api, shop)["next_pin"]["at"]
    limit(api, shop, daily_cap=50)
    api.rig.drain()
    assert len(api.rig.creates()) == 1
    assert api.rig.get(blocked).act_at == until
    assert api.rig.get(behind).deferred_until is not None
    assert "spam" in (api.rig.get(behind).deferred_because or "")


def test_late_pins_keep_their_places_when_a_limit_changes(both: Api) -> None:
    api = settings(both)
    shop = api.rig.connect()
    pausing.pause_all(api.rig.ctx, "an outage")
    made = [api.rig.pin(shop, f"Pin {n}") for n in range(3)]
    api.rig.advance(3600)
    pausing.resume_all(api.rig.ctx)
    api.rig.drain()
    limit(api, shop, daily_cap=50)
    api.rig.drain()
    assert [api.rig.stage(pin) for pin in made].count(Stage.PUBLISHED) == 1


def test_a_pin_in_doubt_is_not_touched_by_a_changed_limit(both: Api) -> None:
    api = settings(both)
    shop = api.rig.connect()
    api.rig.fault("made_then_timeout")
    pin = api.rig.pin(shop)
    api.rig.drain()
    before = api.rig.get(pin)
    limit(api, shop, daily_cap=50)
    assert api.rig.get(pin) == before


def test_under_trial_it_says_what_is_left_of_the_apps_day(both: Api) -> None:
    wanted = {"access": "trial", "trial_refuses": "nothing", "enforce_limits": True}
    both.rig.sim_control("PUT", "/_sim/switches", wanted)
    shop = both.rig.connect()
    app = budget(both, shop)["app"]
    assert (app["access_tier"], app["said_by"]) == ("trial", "pinterest")
    assert (app["trial"]["writes_left"], app["trial"]["calls_left"]) == (300, 997), (
        "the token, the account, the boards"
    )
    hour = both.rig.clock.now().replace(minute=0, second=0, microsecond=0)
    of_this_hour = sa.update(schema.app_calls).where(schema.app_calls.c.hour == hour)
    both.rig.store.write(lambda tx: tx.conn.execute(of_this_hour.values(calls=400, writes=300)))
    told = budget(both, shop)
    assert told["app"]["trial"]["writes_left"] == 0
    assert told["app"]["trial"]["next_call_at"] == told["now"]
    assert told["app"]["trial"]["next_write_at"] == "2026-03-02T10:01:00Z"
    assert told["categories"][0]["next_at"] == told["next_pin"]["at"] == "2026-03-02T10:01:00Z"
    assert "Trial access" in told["next_pin"]["because"]


def test_the_operators_word_on_the_access_comes_first_and_a_block_of_the_app_is_told(both: Api) -> None:
    shop = both.rig.connect()
    both.rig.use(access_tier="trial")
    until = both.rig.clock.now() + timedelta(hours=5)
    block = {"app_blocked_until": until, "app_blocked_because": "the day is used up"}
    both.rig.store.write(lambda tx: tx.conn.execute(sa.update(schema.instance).values(block)))
    told = budget(Api(both.rig), shop)
    assert told["app"]["said_by"] == "operator"
    assert told["app"]["block"]["because"] == told["next_pin"]["because"] == "the day is used up"
    assert {each["next_at"] for each in told["categories"]} == {told["app"]["block"]["until"]}


def test_looking_waits_for_nobody(both: Api) -> None:
    """While another transaction holds the Lane and the row of the installation, the budget is read all the same."""
    shop = both.rig.connect()
    with both.rig.store.engines.writer.begin() as conn:
        conn.execute(sa.update(schema.lanes).values(worker="busy"))
        conn.execute(sa.update(schema.instance).values(paused_because="busy"))
        conn.execute(sa.update(schema.connections).values(broken_because="busy"))
        assert budget(both, shop)["connection_id"] == shop.id
        conn.rollback()
