"""Pauses, late Pins, broken connections, restored backups."""

from __future__ import annotations

import pytest

from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import choosing, compose, connecting, lane_work, pausing, refreshing, restoring
from steadypin.services.holding import LaneLost
from steadypin.storage import connections
from tests.support.rig import Rig


def test_a_pause_of_everything_keeps_pins_and_resuming_sends_them(home: Rig) -> None:
    connection = home.connect()
    pausing.pause_all(home.ctx, "holiday")
    pin = home.pin(connection)
    home.advance(60)
    assert home.stage(pin) is Stage.SCHEDULED
    assert home.drain() == 0  # a paused Lane is not claimed again and again
    pausing.resume_all(home.ctx)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_paused_connection_keeps_its_own_pins_only(home: Rig) -> None:
    one, other = home.connect("spring_shop"), home.connect("second_shop")
    pausing.pause_connection(home.ctx, one.id)
    kept, sent = home.pin(one, "Kept"), home.pin(other, "Sent")
    home.drain()
    assert (home.stage(kept), home.stage(sent)) == (Stage.SCHEDULED, Stage.PUBLISHED)
    pausing.resume_connection(home.ctx, one.id)
    home.drain()
    assert home.stage(kept) is Stage.PUBLISHED


def test_a_doubt_is_settled_during_a_pause(home: Rig) -> None:
    connection = home.connect()
    home.fault("made_then_500")
    pin = home.pin(connection)
    home.drain()
    pausing.pause_all(home.ctx, "stop")
    home.run_out(120)
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_pin_later_than_the_grace_is_held_for_the_users_word(home: Rig) -> None:
    connection = home.connect()
    pausing.pause_all(home.ctx, "stop")
    pin = home.pin(connection)
    home.clock.advance(86401)
    pausing.resume_all(home.ctx)
    home.drain()
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert (found.trouble.cause, found.trouble.remedy) == (Cause.DUE_TIME, Remedy.FIX_INPUT)
    compose.retry(home.ctx, pin.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_refused_token_is_refreshed_once_and_the_pin_is_sent_again(home: Rig) -> None:
    connection = home.connect()
    home.fault("401")
    pin = home.pin(connection)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.creates()) == 2


def test_a_revoked_app_breaks_the_connection_and_reconnecting_sends_its_pins(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("POST", "/_sim/act", {"do": "revoke_app", "account": "spring_shop"})
    first, second = home.pin(connection, "First"), home.pin(connection, "Second")
    home.drain()
    for pin in (first, second):
        found = home.get(pin)
        assert found.stage is Stage.HELD
        assert found.trouble is not None
        assert found.trouble.remedy is Remedy.RECONNECT
    assert connecting.get(home.ctx, connection.id).broken_because
    again = home.connect()
    assert again.id == connection.id
    home.drain()
    assert (home.stage(first), home.stage(second)) == (Stage.PUBLISHED, Stage.PUBLISHED)


def test_a_token_endpoint_in_trouble_breaks_nothing(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("POST", "/_sim/faults", {"on": "oauth/token", "do": "500", "times": 3})
    home.fault("401")
    pin = home.pin(connection)
    home.drain()
    assert home.stage(pin) is Stage.SCHEDULED
    assert connecting.get(home.ctx, connection.id).broken_because is None
    home.run_out(3600)
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_rate_limit_is_waited_out_as_pinterest_says(home: Rig) -> None:
    connection = home.connect()
    home.fault("429", reset_s=37)
    pin = home.pin(connection)
    home.drain()
    found = home.get(pin)
    assert found.stage is Stage.SCHEDULED
    assert found.deferred_because
    home.advance(36)
    assert home.stage(pin) is Stage.SCHEDULED
    home.advance(5)
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_disconnected_account_sends_nothing(home: Rig) -> None:
    connection = home.connect()
    pin = home.pin(connection, due_in=10)
    connecting.disconnect(home.ctx, connection.id)
    home.advance(20)
    assert home.stage(pin) is Stage.HELD
    assert home.creates() == []


def test_after_a_restore_what_was_sent_since_the_backup_is_found_and_not_sent_again(home: Rig) -> None:
    connection = home.connect()
    soon, later = home.pin(connection, "Soon", due_in=100), home.pin(connection, "Later", due_in=50_000)
    with home.restored():
        home.advance(120)
        compose.reschedule(home.ctx, later.id, home.clock.now())
        home.drain()
        assert len(home.creates()) == 2
    restoring.after_restore(home.ctx)
    assert home.stage(soon) is Stage.CONFIRMING
    assert pausing.state(home.ctx).at is not None
    home.run_out(60)
    assert home.stage(soon) is Stage.PUBLISHED
    pausing.resume_all(home.ctx)
    home.run_out(60_000, step=600)
    assert home.stage(later) is Stage.PUBLISHED
    assert len(home.creates()) == 2
    assert len(home.live()) == 2


def test_a_reconnect_is_not_undone_by_a_refusal_of_the_former_grant(home: Rig) -> None:
    connection = home.connect()
    home.pin(connection)
    home.store.write(lambda tx: connections.token_refused(tx, connection.id, 1))
    (held,) = home.claim()
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    assert isinstance(act, refreshing.Renewal)
    home.sim_control("POST", "/_sim/act", {"do": "revoke_app", "account": "spring_shop"})
    refused = home.run(refreshing.renew(home.wired, held, act))
    home.connect(drain=False)
    home.store.write(lambda tx: refreshing.record(home.ctx, tx, act, refused))
    assert connecting.get(home.ctx, connection.id).broken_because is None


def test_a_new_pair_of_tokens_is_kept_although_the_lane_is_lost(home: Rig) -> None:
    connection = home.connect()
    pin = home.pin(connection)
    home.store.write(lambda tx: connections.token_refused(tx, connection.id, 1))
    (held,) = home.claim()
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    assert isinstance(act, refreshing.Renewal)
    renewed = home.run(refreshing.renew(home.wired, held, act))
    home.restart()  # the Lane is somebody else's now
    told = lane_work.Told(
        lambda tx: refreshing.record(home.ctx, tx, act, renewed),
        lambda tx: refreshing.keep(home.ctx, tx, act, renewed),
    )
    with pytest.raises(LaneLost):
        home.run(lane_work.finish(held, told))
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_marking_a_restore_twice_forgets_nothing(home: Rig) -> None:
    connection = home.connect()
    later = home.pin(connection, "Later", due_in=50_000)
    with home.restored():
        home.clock.advance(120)
        compose.reschedule(home.ctx, later.id, home.clock.now())
        home.drain()
    restoring.after_restore(home.ctx)
    home.clock.advance(600)
    compose.reschedule(home.ctx, later.id, home.clock.now())
    restoring.after_restore(home.ctx)
    pausing.resume_all(home.ctx)
    home.run_out(1200)
    assert home.stage(later) is Stage.PUBLISHED
    assert len(home.live()) == 1
