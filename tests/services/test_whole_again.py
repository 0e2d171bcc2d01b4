"""A Connection that is whole again, by whatever way: nothing stands open against it, and no Pin is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Alert, Connection
from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import connecting, incidents, pasting, resuming, watching
from steadypin.services.resuming import How
from steadypin.storage import errands, schema
from steadypin.storage.database import Tx
from tests.support.rig import Rig

HOUR, DAY = 3600.0, 86400.0


class Heard:
    """A channel that remembers."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

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


def act(home: Rig, do: str, **more: Any) -> None:
    home.sim_control("POST", "/_sim/act", {"do": do, "account": "spring_shop", **more})


def now(home: Rig, shop: Connection) -> Connection:
    return connecting.get(home.ctx, shop.id)


def check(home: Rig, shop: Connection) -> dict[str, Any]:
    asked = watching.check(home.ctx, shop.id)
    home.drain()
    return answer(home, asked)


def answer(home: Rig, errand_id: str) -> dict[str, Any]:
    with home.store.read() as tx:
        found = errands.get(tx, errand_id)
    return dict(found.result or {}) if found is not None else {}


def standing(home: Rig) -> list[str]:
    return [told.incident.rule for told in incidents.listing(home.ctx, open_only=True)]


def closed(home: Rig, shop: Connection, title: str = "Lemon cake") -> Pin:
    """A Pin that came due while the account was closed, which Pinterest says in so many words."""
    home.sim_control("PUT", "/_sim/switches", {"dead_tokens_say_why": True})
    act(home, "deactivate_account")
    check(home, shop)
    pin = home.pin(shop, title)
    home.drain()
    trouble = home.get(pin).trouble
    assert trouble is not None
    assert (trouble.rule, trouble.remedy) == ("account-deactivated", Remedy.FIX_INPUT)
    return pin


def opened(home: Rig) -> None:
    act(home, "deactivate_account", deactivated=False)


def scopes_are(home: Rig, shop: Connection, *scopes: str) -> None:
    mine = schema.grants.c.connection_id == shop.id
    stored = " ".join(sorted(scopes))
    home.store.write(lambda tx: tx.conn.execute(sa.update(schema.grants).where(mine).values(scopes=stored)))


# Pins that nobody would resume


def test_what_a_closed_account_held_too_long_waits_for_a_word_after_the_reconnect(
    home: Rig, shop: Connection
) -> None:
    pin = closed(home, shop)
    home.clock.advance(2 * DAY)
    opened(home)
    home.connect()
    found = resuming.preview(home.ctx, shop.id)
    assert [(each.pin.id, each.how) for each in found.going] == [(pin.id, How.ON_YOUR_WORD)]
    assert resuming.news(home.ctx, [shop.id])[shop.id].held == 1
    resuming.on_your_word(home.ctx, shop.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_what_a_closed_account_held_can_go_on_again_after_an_undo(home: Rig, shop: Connection) -> None:
    pin = closed(home, shop)
    opened(home)
    home.connect(drain=False)
    resuming.undo(home.ctx, shop.id)
    assert home.stage(pin) is Stage.HELD
    resuming.on_your_word(home.ctx, shop.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_later_break_for_another_cause_makes_nobody_forget_the_first(home: Rig, shop: Connection) -> None:
    first = closed(home, shop)
    home.sim_control("PUT", "/_sim/switches", {"dead_tokens_say_why": False})
    act(home, "revoke_app")
    check(home, shop)
    broken = now(home, shop).broken
    assert broken is not None
    assert broken.cause is Cause.TOKEN
    second = home.pin(shop, "Second")
    home.drain()
    opened(home)
    home.connect()
    assert [home.stage(pin) for pin in (first, second)] == [Stage.PUBLISHED] * 2
    assert standing(home) == []


def test_what_goes_on_because_the_account_reads_right_again_is_told_and_can_be_taken_back(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    home.use(policy=home.ctx.policy.__class__())  # a minute for an undo
    pin = closed(home, shop)
    opened(home)
    check(home, shop)
    assert heard.kinds == ["broken", "restored"]
    assert "1 Pin goes on by itself, the first at " in heard.alerts[-1].title
    assert resuming.preview(home.ctx, shop.id).undoable
    assert resuming.undo(home.ctx, shop.id).put_back == 1
    home.run_out(2 * HOUR, 600)
    assert (home.stage(pin), home.creates()) == (Stage.HELD, [])


def test_a_create_that_names_a_closed_account_has_the_account_read_and_keeps_the_others_home(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    home.sim_control("PUT", "/_sim/switches", {"dead_tokens_say_why": True})
    act(home, "deactivate_account")
    pins = [home.pin(shop, f"Cake {n}") for n in range(3)]
    home.drain()
    assert len(home.creates()) == 1
    assert heard.kinds == ["broken"]
    assert standing(home) == ["account-deactivated"]
    opened(home)
    check(home, shop)
    home.drain()
    assert [home.stage(pin) for pin in pins] == [Stage.PUBLISHED] * 3


def test_a_create_that_is_refused_so_although_the_account_reads_well_breaks_nothing(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    home.fault("rule:account-deactivated")
    refused, well = home.pin(shop, "Refused"), home.pin(shop, "Well")
    home.drain()
    assert (home.stage(refused), home.stage(well)) == (Stage.HELD, Stage.PUBLISHED)
    assert (now(home, shop).broken, heard.kinds) == (None, [])


# What stands open


def test_a_disconnect_leaves_nothing_open_and_answers_who_waits_for_a_check(
    home: Rig, shop: Connection
) -> None:
    act(home, "revoke_app")
    check(home, shop)
    assert len(standing(home)) == 1
    asked = watching.check(home.ctx, shop.id)
    connecting.disconnect(home.ctx, shop.id)
    assert standing(home) == []
    assert "disconnected" in answer(home, asked)["failed"]


def test_a_break_for_a_scope_is_not_over_because_a_refresh_names_what_was_known_before(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    home.fault("rule:scope-missing")
    pin = home.pin(shop)
    home.drain()
    assert (home.stage(pin), heard.kinds, standing(home)) == (Stage.HELD, ["broken"], ["scope-missing"])
    before = home.get(pin)
    home.run_out(21 * DAY, DAY)
    assert standing(home) == ["scope-missing"]
    assert now(home, shop).broken is not None
    assert home.get(pin) == before
    home.connect()
    assert standing(home) == []


def test_a_good_read_closes_no_scope_that_is_still_missing(home: Rig, shop: Connection, heard: Heard) -> None:
    scopes_are(home, shop, *MINIMUM_SCOPES, *SECRET_SCOPES)
    for grant in home.sim.world.grants.listed():
        grant.scopes = frozenset(MINIMUM_SCOPES)
    home.advance(20 * DAY + 60)
    assert (heard.kinds, standing(home)) == (["changed"], ["scope-missing"])
    home.run_out(3 * DAY, HOUR)
    assert (heard.kinds, standing(home)) == (["changed"], ["scope-missing"])


# What is told


def test_a_token_without_a_refresh_token_that_works_again_stays_whole(home: Rig, heard: Heard) -> None:
    act(home, "deactivate_account", deactivated=False)
    token = home.sim_control("POST", "/_sim/tokens", {"account": "spring_shop", "environment": "sandbox"})
    shop = home.run(pasting.connect(home.wired, token["access_token"]))
    home.drain()
    act(home, "suspend")
    check(home, shop)
    assert now(home, shop).broken is not None
    act(home, "suspend", suspended=False)
    assert check(home, shop) == {"found": []}
    home.run_out(HOUR, 600)
    assert now(home, shop).broken is None
    assert heard.kinds == ["broken", "restored"]


def test_a_name_and_a_type_that_changed_before_the_reconnect_are_told_with_it(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    act(home, "revoke_app")
    check(home, shop)
    heard.alerts.clear()
    act(home, "rename_account", name="summer_shop")
    act(home, "change_account_type", account="summer_shop", account_type="PINNER")
    home.connect("summer_shop")
    told = [each.title for each in heard.alerts if each.kind == "changed"]
    assert len(told) == 2
    assert "spring_shop is now called summer_shop" in told[0]
    assert "now a personal account" in told[1]
    assert heard.kinds.count("restored") == 1
    assert standing(home) == []
