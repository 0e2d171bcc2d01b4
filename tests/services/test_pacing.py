"""Budgets and pacing as a Lane keeps them: what waits, until when, and why it says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.operations import Category
from steadypin.domain.pacing.day import Limits, QuietHours
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Stage
from steadypin.services import pausing
from steadypin.storage import app_calls, schema
from steadypin.storage.database import Tx
from tests.support.rig import Rig, make_store

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(home: Rig) -> Connection:
    return home.connect()


def limited(home: Rig, **limits: Any) -> None:
    given = {"daily_cap": 10_000, "spacing_s": 0, "quiet": None, "tz": UTC, "repace_s": 0} | limits
    home.use(limits=Limits(**given))


def another(home: Rig) -> Connection:
    blog = {"username": "garden_blog", "boards": [{"name": "Garden ideas"}]}
    home.sim_control("POST", "/_sim/seed", {"accounts": [blog], "add": True})
    return home.connect("garden_blog")


def several(home: Rig, shop: Connection, count: int, **more: Any) -> list[Pin]:
    return [home.pin(shop, f"Pin {n}", **more) for n in range(count)]


def stages(home: Rig, made: list[Pin]) -> list[Stage]:
    return [home.stage(pin) for pin in made]


def waits(home: Rig, pin: Pin) -> tuple[datetime | None, str | None]:
    row = home.get(pin)
    assert row.act_at == row.deferred_until
    return row.deferred_until, row.deferred_because


def test_the_daily_cap_defers_the_rest_to_the_next_day_and_says_so(home: Rig, shop: Connection) -> None:
    limited(home, daily_cap=2)
    made = several(home, shop, 5)
    home.drain()
    assert stages(home, made) == [Stage.PUBLISHED] * 2 + [Stage.SCHEDULED] * 3
    tomorrow = datetime(2026, 3, 2, tzinfo=UTC)
    for pin in made[2:]:
        at, because = waits(home, pin)
        assert at == tomorrow
        assert because is not None
        assert "daily cap of 2 Pins" in because
    home.clock.advance((tomorrow - home.clock.now()).total_seconds())
    home.drain()
    assert stages(home, made) == [Stage.PUBLISHED] * 4 + [Stage.SCHEDULED]


def test_a_refused_create_does_not_count_for_the_day(home: Rig, shop: Connection) -> None:
    limited(home, daily_cap=1)
    home.fault("rule:link-blocked")
    made = several(home, shop, 2)
    home.drain()
    assert stages(home, made) == [Stage.HELD, Stage.PUBLISHED]


def test_a_doubtful_create_counts_until_it_is_proven_absent(home: Rig, shop: Connection) -> None:
    limited(home, daily_cap=1)
    home.fault("not_made_timeout")
    made = several(home, shop, 2)
    home.drain()
    assert stages(home, made) == [Stage.CONFIRMING, Stage.SCHEDULED]
    assert "daily cap" in (home.get(made[1]).deferred_because or "")


def test_quiet_hours_are_waited_out(home: Rig, shop: Connection) -> None:
    limited(home, quiet=QuietHours(time(8), time(10)))
    (pin,) = several(home, shop, 1)
    home.drain()
    assert waits(home, pin) == (datetime(2026, 3, 1, 10, tzinfo=UTC), "quiet hours until 10:00 UTC")
    home.advance(3600)
    assert home.stage(pin) is Stage.PUBLISHED


def test_pins_of_one_account_keep_their_distance_and_are_lined_up_in_order(
    home: Rig, shop: Connection
) -> None:
    limited(home, spacing_s=60)
    made = several(home, shop, 4)
    home.drain()
    assert stages(home, made) == [Stage.PUBLISHED, *[Stage.SCHEDULED] * 3]
    begin = home.clock.now()
    assert [home.get(pin).deferred_until for pin in made[1:]] == [
        begin + timedelta(seconds=60 * n) for n in (1, 2, 3)
    ]
    for n in (1, 2, 3):
        home.advance(60)
        assert stages(home, made).count(Stage.PUBLISHED) == 1 + n
    moments = [home.get(pin).published_at for pin in made]
    assert moments == sorted(moments, key=lambda at: at or begin)


def test_after_an_outage_the_backlog_goes_out_one_by_one_the_oldest_first(
    home: Rig, shop: Connection
) -> None:
    limited(home, repace_s=120)
    pausing.pause_all(home.ctx, "an outage")
    made = [home.pin(shop, f"Pin {n}", due_in=600 - 100 * n) for n in range(4)]
    home.advance(3600)
    pausing.resume_all(home.ctx)
    home.drain()
    order = []
    for _ in range(4):
        order += [pin.id for pin in made if home.stage(pin) is Stage.PUBLISHED and pin.id not in order]
        home.advance(120)
    assert order == [pin.id for pin in reversed(made)]


def test_a_spam_block_holds_every_pin_of_the_account_for_hours_and_no_other_account(
    home: Rig, shop: Connection
) -> None:
    other = another(home)
    home.fault("rule:spam-block", times=1)
    made = several(home, shop, 3)
    home.drain()
    fine = home.pin(other, "Not concerned")
    home.drain()
    assert home.stage(fine) is Stage.PUBLISHED
    assert home.get(made[0]).trouble.cause is Cause.SPAM_BLOCK  # type: ignore[union-attr]
    for pin in made:
        at, because = waits(home, pin)
        assert at is not None
        assert at - home.clock.now() >= 4 * HOUR
        assert "spam" in (because or "")
    assert len(home.creates()) == 2
    home.advance(4 * 3600 + 1)
    home.advance(4 * 3600)
    assert stages(home, made) == [Stage.PUBLISHED] * 3


def test_a_quota_that_is_used_up_draws_one_429_and_not_one_for_each_pin(home: Rig, shop: Connection) -> None:
    home.fault("429", times=1, reset_s=900)
    made = several(home, shop, 5)
    home.drain()
    assert len(home.creates()) == 1
    home.advance(902)
    home.advance(2)
    assert stages(home, made) == [Stage.PUBLISHED] * 5


def test_a_write_conflict_keeps_nobody_else_waiting(home: Rig, shop: Connection) -> None:
    home.fault("rule:write-conflict", times=1)
    made = several(home, shop, 3)
    home.drain()
    assert stages(home, made) == [Stage.SCHEDULED, Stage.PUBLISHED, Stage.PUBLISHED]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "many",
        "100, 100;w=0, -5;w=60",
        "999999999999999999999999999, 1;w=" + "9" * 5000,
        ", ".join(['1;w=1;name="org_write"'] * 5000),
    ],
)
def test_a_malformed_rate_header_stops_nothing(
    home: Rig, shop: Connection, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    send = home.pinterest.send

    async def strange(*given: Any, **more: Any) -> Any:
        reply = await send(*given, **more)
        names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        return replace(reply, headers={**reply.headers, **dict.fromkeys(names, header)})

    monkeypatch.setattr(home.pinterest, "send", strange)
    made = several(home, shop, 1)
    home.drain()
    assert stages(home, made) == [Stage.PUBLISHED]


def under_trial(home: Rig) -> Connection:
    wanted = {"access": "trial", "trial_refuses": "nothing", "enforce_limits": True}
    home.sim_control("PUT", "/_sim/switches", wanted)
    return home.connect()


def spend(home: Rig, calls: int, writes: int) -> None:
    row = {
        "hour": home.clock.now().replace(minute=0, second=0, microsecond=0),
        "calls": calls,
        "writes": writes,
    }

    def instead(tx: Tx) -> None:
        tx.conn.execute(sa.delete(schema.app_calls))
        tx.conn.execute(sa.insert(schema.app_calls).values(row))

    home.store.write(instead)


def test_trial_access_is_learned_from_what_pinterest_says(home: Rig) -> None:
    under_trial(home)
    with home.store.read() as tx:
        assert tx.conn.execute(sa.select(schema.instance.c.access_tier)).scalar_one() == "trial"


def test_trial_access_is_learned_from_a_refusal_that_names_the_sandbox(home: Rig, shop: Connection) -> None:
    home.fault("rule:trial-access")
    home.pin(shop)
    home.drain()
    with home.store.read() as tx:
        assert tx.conn.execute(sa.select(schema.instance.c.access_tier)).scalar_one() == "trial"


def test_under_trial_the_apps_writes_of_a_day_are_shared_by_all_accounts(home: Rig) -> None:
    shop = under_trial(home)
    home.use(access_tier="trial")
    spend(home, 299, 299)
    made = several(home, shop, 2)
    home.drain()
    assert stages(home, made) == [Stage.PUBLISHED, Stage.SCHEDULED]
    at, because = waits(home, made[1])
    assert "Trial access" in (because or "")
    assert at is not None
    assert at >= home.clock.now() + 23 * HOUR
    assert [entry["status"] for entry in home.creates()] == [201]


def test_under_trial_the_boards_are_not_read_on_the_publishers_cost(home: Rig) -> None:
    under_trial(home)
    home.use(access_tier="trial")
    spend(home, 600, 0)
    home.sim_control("DELETE", "/_sim/journal")
    another(home)
    read = [
        entry
        for entry in home.sim_control("GET", "/_sim/journal")["entries"]
        if entry["path"] == "/v5/boards"
    ]
    assert not read
    with home.store.read() as tx:
        assert app_calls.read(tx).left(Category.ORG_WRITE, tx.now) == 300


def test_when_pinterest_says_that_the_day_is_used_up_no_account_tries(home: Rig) -> None:
    shop = under_trial(home)
    blog = another(home)
    home.drain()
    until = home.clock.now() + 5 * HOUR
    home.store.write(
        lambda tx: tx.conn.execute(
            sa.update(schema.instance).values(app_blocked_until=until, app_blocked_because="used up")
        )
    )
    home.sim_control("DELETE", "/_sim/journal")
    made = [home.pin(shop), home.pin(blog, "Other")]
    home.drain()
    assert [waits(home, pin) for pin in made] == [(until, "used up")] * 2
    assert not home.sim_control("GET", "/_sim/journal")["entries"]
    home.advance(5 * 3600)
    assert stages(home, made) == [Stage.PUBLISHED] * 2


def test_many_workers_never_spend_more_than_the_apps_day(postgres_url: str, url: str) -> None:
    """Real connections of real threads, on PostgreSQL."""
    if url != postgres_url:
        return
    stores = [make_store(url, None) for _ in range(4)]
    allowed: list[int] = []

    def work(n: int) -> None:
        for _ in range(100):
            if stores[n].write(lambda tx: app_calls.spend(tx, Category.ORG_WRITE)) is None:
                allowed.append(n)

    def run(target: Callable[[int], None]) -> None:
        threads = [threading.Thread(target=target, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    run(work)
    assert len(allowed) == 300
    with stores[0].read() as tx:
        assert app_calls.read(tx).left(Category.ORG_WRITE, tx.now) == 0
    for store in stores:
        store.close()
