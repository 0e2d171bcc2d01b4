"""Tokens are renewed before they end, whatever happens to a refresh on its way; only Pinterest can end a Connection."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Alert, AlertKind, Connection, ConnectionStatus, Grant
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Reply, Request, Unreached
from steadypin.services import alerting, choosing, connecting, duty_work, lane_work, refreshing
from steadypin.services.holding import LaneLost
from steadypin.services.refreshing import Renewal
from steadypin.storage import connections
from steadypin.storage.database import Tx
from steadypin.storage.schema import grants, lanes
from tests.support.rig import Rig

DAY, HOUR = 86400.0, 3600.0
REFRESHES = {"on": "oauth/token", "where": {"grant_type": "refresh_token"}}


@dataclass
class Heard:
    """A channel that remembers what was told in transactions that were committed."""

    alerts: list[Alert] = field(default_factory=list)

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


def state(home: Rig, connection: Connection) -> Any:
    with home.store.read() as tx:
        return tx.conn.execute(sa.select(grants).where(grants.c.connection_id == connection.id)).one()


def grant(home: Rig, connection: Connection) -> Grant:
    with home.store.read() as tx:
        row = tx.conn.execute(
            sa.select(grants, grants.c.connection_id.label("id")).where(
                grants.c.connection_id == connection.id
            )
        ).one()
        return connections.read_grant(row, home.seal)


def now(home: Rig, connection: Connection) -> Connection:
    return connecting.get(home.ctx, connection.id)


def refreshes(home: Rig) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = home.sim_control("GET", "/_sim/journal")["entries"]
    return [each for each in entries if (each["body"] or {}).get("grant_type") == "refresh_token"]


def do_duties(home: Rig) -> None:
    """What the loop of duties does."""
    handlers: dict[str, duty_work.Handler] = {alerting.KIND: alerting.handler(home.ctx.alerts)}
    for duty in home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 100, handlers)):
        home.run(duty_work.work(home.ctx, duty, handlers))


def chosen(home: Rig) -> tuple[Any, Renewal]:
    (held,) = home.claim()
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    assert isinstance(act, Renewal)
    return held, act


def crash_over_a_refresh(home: Rig, point: str) -> None:
    home.pinterest.crash, home.pinterest.crash_on = point, "oauth/token"
    home.drain()
    assert not vars(home.pinterest)["crash"], "no refresh left"
    home.restart()
    home.pinterest.crash_on = "pins/create"


# In time


def test_a_grant_is_renewed_after_twenty_days_without_anybody_asking(home: Rig, shop: Connection) -> None:
    home.advance(20 * DAY - 60)
    assert refreshes(home) == []
    home.advance(61)
    assert len(refreshes(home)) == 1
    found = now(home, shop)
    assert found.refresh_expires_at == home.clock.now() + timedelta(days=60)
    assert (found.status(home.clock.now()), found.ends_because) == (ConnectionStatus.CONNECTED, None)


def test_tokens_that_live_a_day_are_renewed_in_their_last_quarter(home: Rig) -> None:
    home.sim_control("PUT", "/_sim/switches", {"sandbox_access_s": 86400})
    home.connect("spring_shop", environment="sandbox")
    for _ in range(3):
        home.advance(18 * HOUR + 1)
    assert [each["environment"] for each in refreshes(home)] == ["sandbox"] * 3


def test_the_intent_is_committed_before_the_request_leaves_and_closed_by_its_outcome(
    home: Rig, shop: Connection
) -> None:
    home.stop_readings()
    seen: list[datetime | None] = []

    async def watched(request: Request, timeout_s: float, may_leave: Any = None) -> Reply:
        seen.append(state(home, shop).asked_at)
        return await send(request, timeout_s, may_leave)

    home.stop_readings()
    send = home.pinterest.send
    home.pinterest.send = watched  # type: ignore[method-assign]
    home.advance(20 * DAY)
    assert seen == [home.clock.now()]
    row = state(home, shop)
    assert (row.version, row.asked_at, row.cut_at) == (2, None, None)


def test_the_former_pair_is_kept_until_the_new_one_has_worked(home: Rig, shop: Connection) -> None:
    home.stop_readings()
    first = grant(home, shop)
    home.advance(20 * DAY)
    renewed = grant(home, shop)
    assert renewed.former == first.as_former()
    assert first.access_token.encode() not in state(home, shop).former_access_token
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    row = state(home, shop)
    assert (row.former_access_token, row.former_refresh_token, row.former_access_expires_at) == (None,) * 3


def test_reading_boards_proves_a_new_pair_too(home: Rig, shop: Connection) -> None:
    home.advance(20 * DAY)
    connecting.sync_boards(home.ctx, shop.id)
    home.drain()
    assert state(home, shop).former_access_token is None


def test_disconnecting_destroys_the_former_pair_too(home: Rig, shop: Connection) -> None:
    home.advance(20 * DAY)
    connecting.disconnect(home.ctx, shop.id)
    row = state(home, shop)
    assert (row.access_token, row.refresh_token) == (b"", None)
    assert (row.former_access_token, row.former_refresh_token) == (None, None)


# Trouble at the token endpoint

PASSING = [
    "500", "503", "502_html", "504_html", "408", "429", "200_empty", "200_html", "not_made_timeout", "not_made_reset",
    "reset_before_send", {"reply": {"status": 200, "body": {"token_type": "bearer"}}},
    {"reply": {"status": 200, "text": '{"access_token": "pina_cut'}},
    {"reply": {"status": 200, "body": {"access_token": "pinr_wrong", "refresh_token": "pina_wrong"}}},
    {"reply": {"status": 302, "text": ""}}, {"reply": {"status": 400, "body": {"code": 4711, "message": "New."}}},
]  # fmt: skip


@pytest.mark.parametrize("do", PASSING, ids=str)
def test_every_fault_of_the_token_endpoint_leaves_the_connection_alive_and_is_shown(
    home: Rig, heard: Heard, do: Any
) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": do, "times": 2})
    home.advance(20 * DAY)
    found = now(home, shop)
    assert found.broken_because is None
    assert found.status(home.clock.now()) is ConnectionStatus.CONNECTED
    assert found.refresh_trouble is not None
    assert found.refresh_trouble.title in (found.ends_because or "")
    assert "pin" + "a_cut" not in json.dumps(dict(found.refresh_trouble.native))
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    home.run_out(2 * HOUR, step=60)
    found = now(home, shop)
    assert found.refresh_trouble is None
    assert found.access_expires_at > home.clock.now() + timedelta(days=29)
    assert heard.kinds == []


def test_a_name_that_does_not_resolve_leaves_the_connection_alive(home: Rig, shop: Connection) -> None:
    send = home.pinterest.send

    async def lost(request: Request, timeout_s: float, may_leave: Any = None) -> Reply:
        raise Unreached("ClientConnectorDNSError", "Name or service not known", left=False)

    home.pinterest.send = lost  # type: ignore[method-assign]
    home.advance(20 * DAY)
    home.pinterest.send = send  # type: ignore[method-assign]
    found = now(home, shop)
    assert (found.broken_because, found.renewal_cut_at) == (None, None)
    home.advance(15)
    assert grant(home, shop).version == 2


def test_a_reply_without_scopes_keeps_those_that_were_given(home: Rig, shop: Connection) -> None:
    home.sim_control("PUT", "/_sim/switches", {"token_scope": "omitted"})
    home.advance(20 * DAY)
    assert grant(home, shop).version == 2
    assert now(home, shop).scopes == shop.scopes


def test_wrong_app_credentials_blame_nobody_and_tell_the_operator_what_to_do(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    rotate = {"do": "rotate_secret", "app": "1500001", "secret": "another-secret", "keep_tokens": True}
    home.sim_control("POST", "/_sim/act", rotate)
    home.advance(20 * DAY)
    home.run_out(3 * DAY, step=HOUR)
    found = now(home, shop)
    assert (found.broken_because, found.renewal_ended_at) == (None, None)
    assert found.refresh_trouble is not None
    assert (found.refresh_trouble.cause, found.refresh_trouble.remedy) == ("app_credentials", "operator")
    assert heard.kinds == []


def test_in_a_long_outage_it_is_tried_often_enough(home: Rig, shop: Connection) -> None:
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "503", "for_s": 23 * DAY})
    home.advance(20 * DAY)
    home.run_out(3 * DAY, step=600)
    assert len(refreshes(home)) > 14
    home.run_out(6.1 * HOUR, step=600)
    assert grant(home, shop).version == 2


# Refused


def test_a_refused_grant_is_told_at_once_and_used_until_its_access_token_ends(
    home: Rig, heard: Heard
) -> None:
    shop = home.connect()
    pins = [home.pin(shop, f"Pin {day}", due_in=day * DAY) for day in (21, 25, 29.9, 31)]
    refuse = {
        "reply": {"status": 401, "body": {"code": 283, "message": "The authorization grant is invalid."}}
    }
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": refuse})
    home.advance(20 * DAY)
    assert heard.kinds == ["renewal_refused"]
    found = now(home, shop)
    assert (found.status(home.clock.now()), found.ends_at) == (
        ConnectionStatus.EXPIRING,
        shop.access_expires_at,
    )
    assert "Pinterest refuses to renew" in (found.ends_because or "")
    home.run_out(9.95 * DAY, step=1200)
    assert [home.stage(pin) for pin in pins] == [Stage.PUBLISHED] * 3 + [Stage.SCHEDULED]
    assert now(home, shop).broken_because is None
    home.run_out(2 * DAY, step=1200)
    assert now(home, shop).broken_because
    assert heard.kinds == ["renewal_refused", "broken"]
    held = home.get(pins[3])
    assert (held.stage, held.trouble and held.trouble.remedy.value) == (Stage.HELD, "reconnect")
    home.sim_control("DELETE", "/_sim/faults")
    home.connect()
    found = now(home, shop)
    assert (found.broken_because, found.ends_because, found.renewal_ended_at) == (None, None, None)
    assert home.stage(pins[3]) is Stage.PUBLISHED


def test_a_grant_that_is_taken_back_is_asked_for_again_daily(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "rule:grant-invalid", "times": 1})
    home.advance(20 * DAY)
    assert now(home, shop).renewal_ended_at is not None
    home.advance(DAY)
    assert now(home, shop).renewal_ended_at is None
    assert grant(home, shop).version == 2


def test_a_revoked_app_is_known_at_the_first_use(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/act", {"do": "revoke_app", "account": "spring_shop"})
    pin = home.pin(shop)
    home.drain()
    assert now(home, shop).broken_because
    assert home.stage(pin) is Stage.HELD
    assert heard.kinds == ["broken"]


# Cut


def test_a_crash_before_the_request_left_costs_nothing(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.clock.advance(20 * DAY)
    crash_over_a_refresh(home, "before")
    home.drain()
    assert grant(home, shop).version == 2
    assert heard.kinds == []


def test_a_cut_refresh_is_made_good_where_the_spent_token_lives_on(home: Rig, heard: Heard) -> None:
    home.sim_control("PUT", "/_sim/switches", {"refresh_rotation": "lenient"})
    shop = home.connect()
    home.clock.advance(20 * DAY)
    crash_over_a_refresh(home, "after")
    home.drain()
    assert grant(home, shop).version == 2
    assert (now(home, shop).ends_because, heard.kinds) == (None, [])
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_cut_refresh_is_told_at_once_and_pins_go_out_until_the_access_token_ends(
    home: Rig, heard: Heard
) -> None:
    shop = home.connect()
    pins = [home.pin(shop, f"Pin {day}", due_in=day * DAY) for day in (20.5, 29.9)]
    home.clock.advance(20 * DAY)
    crash_over_a_refresh(home, "after")
    home.drain()
    assert heard.kinds == ["renewal_refused"]
    found = now(home, shop)
    date = f"{shop.access_expires_at:%Y-%m-%d}"
    assert "last refresh was cut" in heard.alerts[0].title
    assert date in heard.alerts[0].title
    assert "last refresh was cut" in (found.ends_because or "")
    home.run_out(9.95 * DAY, step=1200)
    assert [home.stage(pin) for pin in pins] == [Stage.PUBLISHED] * 2
    home.run_out(DAY / 2, step=1200)
    assert "cut" in (now(home, shop).broken_because or "")
    assert heard.kinds == ["renewal_refused", "broken"]


def test_a_reply_lost_on_its_way_counts_as_cut(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "made_then_timeout", "times": 1})
    home.advance(20 * DAY)
    home.run_out(120)
    assert heard.kinds == ["renewal_refused"]
    assert "cut" in (now(home, shop).ends_because or "")


def test_when_the_new_pair_never_worked_the_former_refresh_token_is_tried(home: Rig, heard: Heard) -> None:
    home.sim_control("PUT", "/_sim/switches", {"refresh_rotation": "lenient"})
    shop = home.connect()
    home.stop_readings()
    home.advance(20 * DAY)
    spoil(home, shop, refresh_token="pinr_never_given")
    home.advance(20 * DAY + 60)
    assert [each["status"] for each in refreshes(home)] == [200, 401, 200]
    assert grant(home, shop).version == 3
    assert heard.kinds == []
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_when_nothing_renews_a_pair_that_never_worked_the_former_access_token_goes_on(
    home: Rig, heard: Heard
) -> None:
    shop = home.connect()
    home.stop_readings()
    home.advance(20 * DAY)
    spoil(home, shop, access_token="pina_never_given", refresh_token="pinr_never_given")
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert heard.kinds == ["renewal_refused"]
    assert now(home, shop).ends_at == shop.access_expires_at
    home.run_out(10.1 * DAY, step=HOUR)
    assert heard.kinds == ["renewal_refused", "broken"]


def spoil(home: Rig, connection: Connection, **tokens: str) -> None:
    """As if the reply had held other tokens than Pinterest keeps."""
    sealed = {name: home.seal.close(value, "grants", name, connection.id) for name, value in tokens.items()}
    home.store.write(lambda tx: tx.conn.execute(sa.update(grants).values(sealed)))


# Reconnected


def test_a_reconnect_wins_over_a_refresh_in_flight(home: Rig, shop: Connection) -> None:
    home.clock.advance(20 * DAY)
    held, act = chosen(home)
    renewed = home.run(refreshing.renew(home.wired, held, act))
    assert isinstance(renewed, Grant)
    home.connect(drain=False)
    with pytest.raises(LaneLost):
        home.run(
            lane_work.finish(
                held,
                lane_work.Told(
                    lambda tx: refreshing.record(home.ctx, tx, act, renewed),
                    lambda tx: refreshing.keep(home.ctx, tx, act, renewed),
                ),
            )
        )
    found = grant(home, shop)
    assert found.version == 2
    assert found.access_token != renewed.access_token
    home.clock.advance(31)
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_reconnect_takes_the_lane_from_its_holder_and_leaves_it_the_time_of_its_request(
    home: Rig, shop: Connection
) -> None:
    home.pin(shop)
    (held,) = home.claim()
    home.connect(drain=False)
    with home.store.read() as tx:
        row = tx.conn.execute(sa.select(lanes)).one()
    assert row.fence == held.lane.fence + 1
    assert row.lease_until > home.clock.now()
    with pytest.raises(LaneLost):
        home.run(held.write(lambda tx: None))


def test_a_reconnect_forgets_what_was_told_and_what_failed(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "rule:grant-invalid"})
    home.advance(20 * DAY)
    home.run_out(8 * DAY, step=HOUR)
    do_duties(home)
    assert state(home, shop).told_days == 3
    home.sim_control("DELETE", "/_sim/faults")
    home.connect()
    row = state(home, shop)
    assert (row.told_days, row.ended_at, row.refresh_trouble, row.asked_at) == (None,) * 4


# Told ahead


def test_the_end_of_a_connection_is_told_14_7_3_and_1_days_ahead_each_once(home: Rig, heard: Heard) -> None:
    shop = home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "503"})
    told: list[tuple[float, int]] = []
    for hour in range(60 * 24):
        home.clock.advance(HOUR)
        if hour % 6 == 0:
            do_duties(home)
            do_duties(home)
        if len(heard.alerts) > len(told):
            left = shop.refresh_expires_at - home.clock.now() if shop.refresh_expires_at else timedelta(0)
            told.append((left / timedelta(days=1), len(heard.alerts)))
    assert [(round(days + 0.2), count) for days, count in told] == [(14, 1), (7, 2), (3, 3), (1, 4)]
    assert {alert.kind for alert in heard.alerts} == {AlertKind.ENDS_SOON}
    assert heard.alerts[0].username == "spring_shop"


def test_after_a_refusal_the_rest_of_the_alerts_follow_the_access_token(home: Rig, heard: Heard) -> None:
    home.connect()
    home.sim_control("POST", "/_sim/faults", {**REFRESHES, "do": "rule:grant-invalid"})
    home.advance(20 * DAY)
    for _ in range(11 * 24):
        home.advance(HOUR)
        do_duties(home)
    assert heard.kinds == ["renewal_refused", "ends_soon", "ends_soon", "ends_soon", "broken"]


def test_nobody_is_told_of_an_end_that_refreshes_keep_moving(home: Rig, heard: Heard) -> None:
    home.connect()
    for _ in range(100):
        home.advance(DAY)
        do_duties(home)
    assert heard.kinds == []
    assert len(refreshes(home)) == 5
