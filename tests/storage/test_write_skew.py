"""Two transactions that each look right alone: a pause and an intent, an edit and the holder's release."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.pins import Pin
from steadypin.services import choosing, compose, connecting, pausing
from steadypin.services.choosing import Rest
from steadypin.services.sending import Send
from steadypin.storage import attempts, lanes, schema
from steadypin.storage.database import Tx
from steadypin.storage.lanes import Lane
from tests.storage.rows import Meanwhile, Pausing, lane_row
from tests.support.rig import Rig


@pytest.fixture
def lane(home: Rig) -> Lane:
    """A Lane in hand, with one Pin due."""
    connection = home.connect()
    home.pin(connection)
    (held,) = home.claim()
    return held.lane


def pause(home: Rig, what: str, connection_id: str) -> None:
    if what == "everything":
        pausing.pause_all(home.ctx, "stop")
    else:
        pausing.pause_connection(home.ctx, connection_id)


def choose(home: Rig, lane: Lane, tx: Tx) -> object:
    assert lanes.hold(tx, lane, home.ctx.lease)
    return choosing.choose(home.ctx, tx, lane)


def intents(home: Rig) -> int:
    with home.store.read() as tx:
        return int(tx.conn.execute(sa.select(sa.func.count()).select_from(schema.attempts)).scalar_one())


@pytest.mark.parametrize("what", ["everything", "one connection"])
def test_a_pause_returns_only_when_no_intent_is_under_way(home: Rig, lane: Lane, what: str) -> None:
    intent = Pausing(home.store, lambda tx: choose(home, lane, tx))
    paused = Meanwhile(lambda: pause(home, what, lane.connection_id))
    assert paused.waits()
    intent.finish()
    assert isinstance(intent.result, Send)
    paused.finish()
    home.pin(home_connection(home), "Another")
    assert intents(home) == 1


@pytest.mark.parametrize("what", ["everything", "one connection"])
def test_an_intent_that_meets_an_unfinished_pause_is_not_written(home: Rig, lane: Lane, what: str) -> None:
    def pausing_now(tx: Tx) -> None:
        if what == "everything":
            tx.conn.execute(sa.update(schema.instance).values(paused_at=tx.now, paused_because="stop"))
        else:
            lanes.lock(tx, lane.connection_id)
            tx.conn.execute(sa.update(schema.connections).values(paused_at=tx.now))

    paused = Pausing(home.store, pausing_now)
    chosen = Meanwhile(lambda: home.store.write(lambda tx: choose(home, lane, tx)))
    assert chosen.waits()
    paused.finish()
    assert isinstance(chosen.finish(), Rest)
    assert intents(home) == 0


def test_however_they_meet_no_intent_follows_a_pause_that_returned(home: Rig, lane: Lane) -> None:
    connection = home_connection(home)
    for n in range(40):
        home.pin(connection, f"Cake {n}")
    done = threading.Event()

    def send_all() -> None:
        while not done.is_set():
            act = home.store.write(lambda tx: choose(home, lane, tx))
            if isinstance(act, Rest):
                home.store.write(lambda tx: lanes.hint(tx, lane.connection_id, tx.now))
            time.sleep(0.001)

    sender = threading.Thread(target=send_all)
    sender.start()
    for _ in range(8):
        pausing.pause_all(home.ctx, "stop")
        before = intents(home)
        time.sleep(0.02)
        after = intents(home)
        pausing.resume_all(home.ctx)
        time.sleep(0.005)
        if after != before:
            break
    done.set()
    sender.join(20)
    assert after == before
    assert intents(home) > 1  # the race was on


def home_connection(home: Rig) -> Connection:
    return connecting.listing(home.ctx)[0]


def new_pin(home: Rig, lane: Lane) -> compose.NewPin:
    connection = home_connection(home)
    return compose.NewPin(
        lane.connection_id,
        home.board(connection),
        home.media(),
        title="Sooner",
        due_at=home.clock.now() + timedelta(seconds=5),
    )


def test_an_edit_that_meets_an_unfinished_release_still_lowers_the_time(home: Rig) -> None:
    home.connect()
    wanted_lane = claim_idle(home)
    new = new_pin(home, wanted_lane)
    release = Pausing(home.store, lambda tx: choose(home, wanted_lane, tx))
    edit = Meanwhile(lambda: compose.create(home.ctx, new))
    assert edit.waits()
    release.finish()
    assert isinstance(release.result, Rest)
    pin = edit.finish()
    assert isinstance(pin, Pin)
    assert lane_row(home.store, wanted_lane.connection_id).next_due_at == pin.act_at


def test_a_release_that_meets_an_unfinished_edit_sees_the_new_pin(home: Rig) -> None:
    home.connect()
    wanted_lane = claim_idle(home)
    new = new_pin(home, wanted_lane)
    edit = Pausing(home.store, lambda tx: compose.insert(home.ctx, tx, new))
    release = Meanwhile(lambda: home.store.write(lambda tx: choose(home, wanted_lane, tx)))
    assert release.waits()
    edit.finish()
    assert isinstance(release.finish(), Rest)
    assert isinstance(edit.result, Pin)
    assert lane_row(home.store, wanted_lane.connection_id).next_due_at == edit.result.act_at


def claim_idle(home: Rig) -> Lane:
    """A Lane in hand that has nothing to do."""
    connection = home_connection(home)
    home.store.write(lambda tx: lanes.hint(tx, connection.id, tx.now))
    (held,) = home.claim()
    return held.lane


def test_an_intent_whose_commit_was_not_heard_of_is_confirmed_not_forgotten(home: Rig, lane: Lane) -> None:
    act = home.store.write(lambda tx: choose(home, lane, tx))
    assert isinstance(act, Send)
    assert isinstance(home.store.write(lambda tx: choose(home, lane, tx)), Rest)  # the same work, run again
    home.run_out(900)
    found = home.get(act.pin)
    assert found.stage.value == "published"
    with home.store.read() as tx:
        assert len(attempts.of_pin(tx, act.pin.id)) == 2
    assert len(home.live()) == 1
