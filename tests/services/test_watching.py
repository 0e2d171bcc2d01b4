"""An account is read once a day and before a Pin after a day; what changed is told once, and holds what it must."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.accounts import next_read
from steadypin.domain.connections import Alert, Connection, ConnectionStatus, Owner
from steadypin.domain.errors import Conflict, InputRefused, NotThere
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.operations import MINIMUM_SCOPES
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import connecting, incidents, watching
from steadypin.storage import errands, schema
from steadypin.storage.database import Tx
from steadypin.storage.incidents import Incident
from tests.support.rig import Rig, rig

DAY, HOUR = 86400.0, 3600.0
PASSING = ["500", "503", "502_html", "429", "not_made_timeout", "not_made_reset", "200_empty", "200_html"]


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


def act(home: Rig, do: str, **more: Any) -> None:
    home.sim_control("POST", "/_sim/act", {"do": do, "account": "spring_shop", **more})


def reads(home: Rig, username: str | None = None) -> list[dict[str, Any]]:
    found = home.sim_control("GET", "/_sim/journal")["entries"]
    return [
        each
        for each in found
        if each["operation"] == "user_account/get" and username in (None, each["account"])
    ]


def forget(home: Rig) -> None:
    home.sim_control("DELETE", "/_sim/journal")


def now(home: Rig, shop: Connection) -> Connection:
    return connecting.get(home.ctx, shop.id)


def known(home: Rig, *, open_only: bool = False) -> list[Incident]:
    return [told.incident for told in incidents.listing(home.ctx, open_only=open_only)]


def a_day(home: Rig, shop: Connection) -> None:
    """Until its account was to be read next."""
    at = now(home, shop).check_at
    assert at is not None
    home.advance(max((at - home.clock.now()).total_seconds(), 0) + 1)


def check(home: Rig, shop: Connection) -> dict[str, Any]:
    """Ask for a read, and what came of it."""
    asked = watching.check(home.ctx, shop.id)
    home.drain()
    with home.store.read() as tx:
        found = errands.get(tx, asked)
    assert found is not None
    return dict(found.result or {})


def held_because(home: Rig, pin: Pin) -> tuple[str, str, str]:
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    return found.trouble.cause.value, found.trouble.remedy.value, found.trouble.rule


def no_boards_read(home: Rig) -> None:
    """From now on no boards are read by the schedule."""
    waiting = sa.update(schema.errands).where(schema.errands.c.kind == "sync_boards")
    home.store.write(lambda tx: tx.conn.execute(waiting.values(act_at=None)))


def narrow(home: Rig, shop: Connection, *lost: str) -> None:
    """As if fewer scopes were stored."""
    scopes = " ".join(sorted(set(MINIMUM_SCOPES) - set(lost)))
    mine = schema.grants.c.connection_id == shop.id
    home.store.write(lambda tx: tx.conn.execute(sa.update(schema.grants).where(mine).values(scopes=scopes)))


def narrow_at_pinterest(home: Rig, *lost: str) -> None:
    """From now on the token endpoint names fewer scopes."""
    for grant in home.sim.world.grants.listed():
        grant.scopes = grant.scopes - set(lost)


# When


def test_an_idle_account_is_read_once_a_day(home: Rig, shop: Connection) -> None:
    forget(home)
    home.run_out(10 * DAY, HOUR)
    times = [each["time"] for each in reads(home)]
    assert len(times) in (9, 10)
    assert all(22 * HOUR < later - former < 26 * HOUR for former, later in pairwise(times))


def test_no_pin_costs_a_read_while_the_last_one_is_fresh(home: Rig, shop: Connection) -> None:
    forget(home)
    for n in range(8):
        home.pin(shop, f"Cake {n}")
    home.drain()
    assert len(home.live()) == 8
    assert reads(home) == []


def test_before_a_pin_the_account_is_read_when_nothing_is_known_for_a_day(
    home: Rig, shop: Connection
) -> None:
    pins = [home.pin(shop, f"Cake {n}", due_in=25 * HOUR) for n in range(3)]
    no_boards_read(home)
    mine = schema.connections.c.id == shop.id
    far = home.clock.now() + timedelta(days=9)
    home.store.write(
        lambda tx: tx.conn.execute(sa.update(schema.connections).where(mine).values(check_at=far))
    )
    forget(home)
    home.clock.advance(25 * HOUR)
    home.drain()
    assert [home.stage(pin) for pin in pins] == [Stage.PUBLISHED] * 3
    operations = [each["operation"] for each in home.sim_control("GET", "/_sim/journal")["entries"]]
    assert operations == ["user_account/get", *["pins/create"] * 3]


def test_the_hint_of_the_lane_knows_the_next_read(home: Rig, shop: Connection) -> None:
    no_boards_read(home)
    check(home, shop)
    with home.store.read() as tx:
        due = tx.conn.execute(
            sa.select(schema.lanes.c.next_due_at).where(schema.lanes.c.connection_id == shop.id)
        ).scalar_one()
    assert due == now(home, shop).check_at == next_read(shop.id, home.clock.now())


def test_a_paused_account_is_read_all_the_same(home: Rig, shop: Connection) -> None:
    mine = schema.connections.c.id == shop.id
    home.store.write(
        lambda tx: tx.conn.execute(sa.update(schema.connections).where(mine).values(paused_at=tx.now))
    )
    forget(home)
    a_day(home, shop)
    assert len(reads(home)) == 1


def test_eight_workers_read_eight_accounts_once_a_day_each(home: Rig) -> None:
    people = [{"username": f"shop_{n}", "boards": [{"name": "One"}]} for n in range(8)]
    home.sim_control("POST", "/_sim/seed", {"accounts": people, "add": True})
    for person in people:
        home.connect(str(person["username"]))
    workers = [home.worker(f"w{n}") for n in range(8)]
    forget(home)
    for _ in range(5 * 24):
        home.clock.advance(HOUR)
        for worker in workers:
            home.drain(worker)
    counted = Counter(each["account"] for each in reads(home))
    assert set(counted) == {person["username"] for person in people}
    assert set(counted.values()) <= {4, 5}


def test_a_year_has_one_read_a_day_and_none_twice(tmp_path: Path) -> None:
    with rig(f"sqlite:///{tmp_path / 'year.db'}", tmp_path) as home:
        home.connect()
        home.connect("second_shop")
        forget(home)
        _year_of_reads(home)


def _year_of_reads(home: Rig) -> None:
    end = home.clock.now() + timedelta(days=365)
    while (at := _next(home)) is not None and at < end:
        home.clock.advance(max((at - home.clock.now()).total_seconds(), 0))
        home.drain()
    for username in ("spring_shop", "second_shop"):
        times = [each["time"] for each in reads(home, username)]
        assert len(times) in (364, 365)
        assert all(abs(later - former - DAY) < HOUR for former, later in pairwise(times))


def _next(home: Rig) -> datetime | None:
    with home.store.read() as tx:
        found: datetime | None = tx.conn.execute(
            sa.select(sa.func.min(schema.lanes.c.next_due_at))
        ).scalar_one()
    return found


# What passes


@pytest.mark.parametrize("trouble", PASSING)
def test_a_passing_failure_changes_nothing_but_the_next_read(
    home: Rig, shop: Connection, heard: Heard, trouble: str
) -> None:
    home.sim_control("POST", "/_sim/faults", {"on": "user_account/get", "do": trouble})
    before = now(home, shop)
    pin = home.pin(shop, due_in=37 * HOUR)
    forget(home)
    home.advance(37 * HOUR)
    if trouble == "429":
        home.run_out(HOUR, 60)
    assert home.stage(pin) is Stage.PUBLISHED
    after = now(home, shop)
    assert (after.status(home.clock.now()), after.checked_at) == (
        ConnectionStatus.CONNECTED,
        before.checked_at,
    )
    assert after.check_trouble is not None
    assert (heard.alerts, known(home)) == ([], [])
    tried = len(reads(home))
    assert tried <= 2
    home.sim_control("DELETE", "/_sim/faults")
    home.run_out(2 * DAY, HOUR)
    healed = now(home, shop)
    assert (healed.check_trouble, healed.checked_at) != (None, before.checked_at)
    assert healed.check_trouble is None


def test_reads_that_go_on_failing_become_seldom(home: Rig, shop: Connection) -> None:
    home.sim_control("POST", "/_sim/faults", {"on": "user_account/get", "do": "500"})
    a_day(home, shop)
    forget(home)
    home.run_out(2 * DAY, 300)
    times = [each["time"] for each in reads(home)]
    gaps = [later - former for former, later in pairwise(times)]
    assert len(times) <= 5
    assert gaps == sorted(gaps)


def test_a_401_that_a_new_token_heals_is_not_told(home: Rig, shop: Connection, heard: Heard) -> None:
    home.fault("401", on="user_account/get")
    forget(home)
    a_day(home, shop)
    assert [each["status"] for each in reads(home)] == [401, 200]
    assert (heard.alerts, now(home, shop).broken) == ([], None)


# What changes


def test_a_renamed_account_is_followed_told_once_and_holds_nothing(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    act(home, "rename_account", name="summer_shop")
    pin = home.pin(shop, due_in=37 * HOUR)
    home.advance(37 * HOUR)
    found = now(home, shop)
    assert (found.username, found.status(home.clock.now())) == ("summer_shop", ConnectionStatus.CONNECTED)
    assert home.stage(pin) is Stage.PUBLISHED
    (incident,) = known(home)
    assert (incident.kind, incident.rule, incident.connection_id) == (
        IncidentKind.CONNECTION,
        "account-renamed",
        shop.id,
    )
    assert incident.closed_at is not None
    assert heard.kinds == ["changed"]
    assert "spring_shop is now called summer_shop" in heard.alerts[0].title
    home.run_out(3 * DAY, HOUR)
    assert (len(known(home)), heard.kinds) == (1, ["changed"])


@pytest.mark.parametrize("there", ["PINNER", "BUSINESS"])
def test_another_type_is_followed_told_once_and_holds_nothing(
    home: Rig, shop: Connection, heard: Heard, there: str
) -> None:
    if there == "BUSINESS":
        act(home, "change_account_type", account_type="PINNER")
        check(home, shop)
        heard.alerts.clear()
    act(home, "change_account_type", account_type=there)
    a_day(home, shop)
    a_day(home, shop)
    assert now(home, shop).account_type == there
    assert heard.kinds == ["changed"]
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_another_account_behind_the_same_token_gets_nothing(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    other = home.connect("second_shop")
    watching.set_owner(home.ctx, shop.id, Owner("Kim", "kim@shop.example"))
    pin, well = home.pin(shop, due_in=37 * HOUR), home.pin(other, "Well", due_in=37 * HOUR)
    act(home, "change_account_id", id="999000111")
    home.advance(37 * HOUR)
    found = now(home, shop)
    assert found.status(home.clock.now()) is ConnectionStatus.BROKEN
    assert found.broken is not None
    assert (found.broken.cause, found.broken.remedy) == (Cause.ACCOUNT, Remedy.RECONNECT)
    assert (found.username, found.account_id) == (shop.username, shop.account_id)
    assert held_because(home, pin) == ("account", "reconnect", "account-replaced")
    assert home.stage(well) is Stage.PUBLISHED
    (incident,) = known(home, open_only=True)
    assert (incident.cause, incident.connection_id) == (Cause.ACCOUNT, shop.id)
    assert heard.kinds == ["broken"]
    assert heard.alerts[0].owner == Owner("Kim", "kim@shop.example")
    assert (heard.alerts[0].cause, heard.alerts[0].remedy) == (Cause.ACCOUNT, Remedy.RECONNECT)
    a_day(home, shop)
    a_day(home, shop)
    assert (len(known(home)), heard.kinds) == (1, ["broken"])
    act(home, "change_account_id", id=shop.account_id)
    check(home, shop)
    assert now(home, shop).broken is None
    assert known(home, open_only=True) == []
    assert heard.kinds == ["broken", "restored"]


def test_what_was_held_for_exactly_this_goes_on_when_the_account_reads_right_again(
    home: Rig, shop: Connection
) -> None:
    home.fault("rule:link-blocked")
    elsewhere = home.pin(shop, "Elsewhere")
    home.drain()
    act(home, "change_account_id", id="999000111")
    check(home, shop)
    pin = home.pin(shop, "Mine", board_id=home.board(shop, 1))
    home.drain()
    assert home.stage(pin) is Stage.HELD
    act(home, "change_account_id", id=shop.account_id)
    check(home, shop)
    home.drain()
    assert (home.stage(pin), home.stage(elsewhere)) == (Stage.PUBLISHED, Stage.HELD)


def test_a_reconnect_of_the_right_account_ends_it_and_sends_what_was_held(
    home: Rig, shop: Connection
) -> None:
    act(home, "change_account_id", id="999000111")
    check(home, shop)
    pin = home.pin(shop)
    home.drain()
    assert held_because(home, pin)[0] == "account"
    act(home, "change_account_id", id=shop.account_id)
    assert home.connect().id == shop.id
    assert (home.stage(pin), known(home, open_only=True)) == (Stage.PUBLISHED, [])


@pytest.mark.parametrize(
    ("do", "more"),
    [
        ("revoke_app", {}),
        ("change_password", {}),
        ("end_session", {}),
        ("deactivate_account", {}),
        ("suspend", {}),
    ],
)
def test_an_access_that_ended_breaks_it_with_cause_token_and_says_what_may_be(
    home: Rig, shop: Connection, heard: Heard, do: str, more: dict[str, Any]
) -> None:
    other = home.connect("second_shop")
    act(home, do, **more)
    pin, well = home.pin(shop, due_in=37 * HOUR), home.pin(other, "Well", due_in=37 * HOUR)
    a_day(home, shop)
    broken = now(home, shop).broken
    assert broken is not None
    assert (broken.cause, broken.remedy) == (Cause.TOKEN, Remedy.RECONNECT)
    assert "suspended" in broken.fix
    assert [each.cause for each in known(home, open_only=True)] == [Cause.TOKEN]
    assert heard.kinds == ["broken"]
    home.advance(37 * HOUR)
    assert held_because(home, pin) == ("token", "reconnect", broken.rule)
    assert home.creates() == [each for each in home.creates() if each["account"] == "second_shop"]
    assert home.stage(well) is Stage.PUBLISHED
    assert heard.kinds == ["broken"]


@pytest.mark.parametrize("do", ["deactivate_account", "suspend"])
def test_an_account_that_was_opened_again_heals_by_a_check(
    home: Rig, shop: Connection, heard: Heard, do: str
) -> None:
    flag = {"deactivate_account": "deactivated", "suspend": "suspended"}[do]
    act(home, do)
    assert "failed" in check(home, shop) or now(home, shop).broken is not None
    assert now(home, shop).broken is not None
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.HELD
    assert check(home, shop)["failed"]
    act(home, do, **{flag: False})
    assert check(home, shop) == {"found": []}
    home.drain()
    assert (now(home, shop).broken, home.stage(pin)) == (None, Stage.PUBLISHED)
    assert (known(home, open_only=True), heard.kinds) == ([], ["broken", "restored"])
    assert now(home, shop).renewal_ended_at is None


def test_a_closed_account_that_is_named_heals_by_itself(home: Rig, shop: Connection, heard: Heard) -> None:
    home.sim_control("PUT", "/_sim/switches", {"dead_tokens_say_why": True})
    act(home, "deactivate_account")
    a_day(home, shop)
    broken = now(home, shop).broken
    assert broken is not None
    assert (broken.cause, broken.remedy, broken.rule) == (
        Cause.ACCOUNT,
        Remedy.FIX_INPUT,
        "account-deactivated",
    )
    act(home, "deactivate_account", deactivated=False)
    a_day(home, shop)
    assert now(home, shop).broken is None
    assert heard.kinds == ["broken", "restored"]


def test_the_app_s_trouble_blames_no_account(home: Rig, shop: Connection, heard: Heard) -> None:
    home.sim_control("POST", "/_sim/act", {"do": "set_app_access", "app": "1500001", "access": "none"})
    a_day(home, shop)
    found = now(home, shop)
    assert (found.broken, found.status(home.clock.now())) == (None, ConnectionStatus.CONNECTED)
    assert found.check_trouble is not None
    assert found.check_trouble.remedy == "operator"
    assert (heard.alerts, known(home)) == ([], [])


# Scopes


def test_a_missing_scope_holds_pins_by_name_and_calls_nothing(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    other = home.connect("second_shop")
    narrow(home, shop, "boards:write")
    pins, well = [home.pin(shop, f"Cake {n}") for n in range(3)], home.pin(other, "Well")
    home.drain()
    for pin in pins:
        assert held_because(home, pin) == ("scope", "reconnect", "scope-missing")
        trouble = home.get(pin).trouble
        assert trouble is not None
        assert "boards:write" in trouble.title
    assert [each["account"] for each in home.creates()] == ["second_shop"]
    assert home.stage(well) is Stage.PUBLISHED
    (incident,) = known(home, open_only=True)
    assert (incident.cause, incident.connection_id) == (Cause.SCOPE, shop.id)
    assert heard.kinds == ["changed"]
    home.connect()
    assert [home.stage(pin) for pin in pins] == [Stage.PUBLISHED] * 3
    assert known(home, open_only=True) == []


def test_a_connection_whose_scopes_nobody_knows_is_not_kept_waiting(home: Rig, shop: Connection) -> None:
    narrow(home, shop, *MINIMUM_SCOPES)
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_refresh_that_names_fewer_scopes_is_told_at_once(home: Rig, shop: Connection, heard: Heard) -> None:
    narrow_at_pinterest(home, "pins:write")
    home.advance(20 * DAY + 60)
    assert "pins:write" not in now(home, shop).scopes
    assert [each.cause for each in known(home, open_only=True)] == [Cause.SCOPE]
    assert heard.kinds == ["changed"]
    assert "pins:write" in heard.alerts[0].title
    pin = home.pin(shop)
    home.drain()
    assert held_because(home, pin) == ("scope", "reconnect", "scope-missing")
    assert heard.kinds == ["changed"]


def test_a_scope_that_no_pin_needs_is_told_and_holds_nothing(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    narrow_at_pinterest(home, "user_accounts:read")
    home.advance(20 * DAY + 60)
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    home.run_out(2 * DAY, HOUR)
    assert len([told for told in heard.alerts if told.cause is Cause.SCOPE]) == len(heard.alerts) == 1


def test_a_refresh_that_names_no_scopes_keeps_what_is_known(
    home: Rig, shop: Connection, heard: Heard
) -> None:
    home.sim_control("PUT", "/_sim/switches", {"token_scope": "omitted"})
    home.advance(20 * DAY + 60)
    assert (now(home, shop).scopes, heard.alerts) == (shop.scopes, [])


# What people ask


def test_a_check_is_answered_once_for_all_who_asked(home: Rig, shop: Connection) -> None:
    forget(home)
    first = watching.check(home.ctx, shop.id)
    assert check(home, shop) == {"found": []}
    with home.store.read() as tx:
        found = errands.get(tx, first)
    assert found is not None
    assert (found.result, len(reads(home))) == ({"found": []}, 1)


def test_what_is_disconnected_or_unknown_cannot_be_checked(home: Rig, shop: Connection) -> None:
    connecting.disconnect(home.ctx, shop.id)
    with pytest.raises(Conflict, match="Connect it again"):
        watching.check(home.ctx, shop.id)
    with pytest.raises(NotThere):
        watching.check(home.ctx, "con_none")
    forget(home)
    home.run_out(3 * DAY, HOUR)
    assert reads(home) == []


def test_an_account_incident_keeps_nobody_waiting(home: Rig, shop: Connection) -> None:
    act(home, "change_account_id", id="999000111")
    check(home, shop)
    assert len(known(home, open_only=True)) == 1
    pin = home.pin(home.connect("second_shop"))
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_an_owner_is_named_renamed_and_taken_away(home: Rig, shop: Connection) -> None:
    assert watching.set_owner(home.ctx, shop.id, Owner("Kim", "+49 30 1")).owner == Owner("Kim", "+49 30 1")
    assert watching.set_owner(home.ctx, shop.id, Owner("Lee")).owner == Owner("Lee")
    assert home.connect().owner is None or now(home, shop).owner == Owner("Lee")
    assert now(home, shop).owner == Owner("Lee")
    assert watching.set_owner(home.ctx, shop.id, None).owner is None
    with pytest.raises(NotThere):
        watching.set_owner(home.ctx, "con_none", None)


@pytest.mark.parametrize(
    ("owner", "field"),
    [
        (Owner(" "), "owner.name"),
        (Owner("x" * 101), "owner.name"),
        (Owner("Kim\nLee"), "owner.name"),
        (Owner("Kim", "y" * 201), "owner.contact"),
        (Owner("Kim", "a\x00b"), "owner.contact"),
    ],
)
def test_an_owner_that_cannot_be_taken_is_refused(
    home: Rig, shop: Connection, owner: Owner, field: str
) -> None:
    with pytest.raises(InputRefused) as raised:
        watching.set_owner(home.ctx, shop.id, owner)
    assert [error.field for error in raised.value.errors] == [field]
