"""Doubtful creates: made or not, the Pin is live once, and nothing is sent while an outcome is open."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.errors import Conflict
from steadypin.domain.pins import Pin
from steadypin.domain.words import Remedy, Stage
from steadypin.services import choosing, compose, lane_work, pausing, sending
from steadypin.services.holding import Held, LaneLost
from steadypin.services.sending import Send
from tests.support.clock import VirtualClock
from tests.support.rig import Rig
from tests.support.sim import Crash


def live_once(home: Rig, pin: Pin) -> None:
    """Published, and exactly the Pin on Pinterest that the row names."""
    found = home.get(pin)
    assert found.stage is Stage.PUBLISHED
    assert not found.in_doubt
    assert [item["id"] for item in home.live(pin.content.title)] == [found.pinterest_pin_id]


@pytest.mark.parametrize("fault", ["made_then_500", "made_then_timeout", "made_then_reset"])
def test_a_pin_that_was_made_although_the_reply_was_lost_is_adopted(home: Rig, fault: str) -> None:
    connection = home.connect()
    home.fault(fault)
    pin = home.pin(connection)
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    home.run_out(600)
    live_once(home, pin)
    assert len(home.creates()) == 1
    assert home.kinds(pin)[0][-1] is OutcomeKind.ADOPTED


@pytest.mark.parametrize(
    "fault", ["not_made_timeout", "reset_before_send", "500", "503", "502_html", "400_transient"]
)
def test_a_pin_that_was_not_made_is_sent_again_only_after_three_looks(home: Rig, fault: str) -> None:
    connection = home.connect()
    home.fault(fault)
    pin = home.pin(connection)
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    home.run_out(300)
    assert home.stage(pin) is Stage.CONFIRMING
    home.run_out(600)
    live_once(home, pin)
    assert home.kinds(pin)[0] == [OutcomeKind.DOUBT, OutcomeKind.LOOK, OutcomeKind.LOOK, OutcomeKind.ABSENT]


def test_a_lagging_board_does_not_lead_to_a_second_create(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("PUT", "/_sim/switches", {"list_lag_s": 200, "list_order": "shuffled"})
    home.fault("made_then_timeout")
    pin = home.pin(connection)
    home.drain()
    home.run_out(900)
    live_once(home, pin)
    assert len(home.creates()) == 1


def test_the_first_look_is_not_before_timeout_and_margin(home: Rig) -> None:
    connection = home.connect()
    home.fault("500")
    pin = home.pin(connection)
    home.drain()
    policy = home.ctx.policy
    (attempt, _), *_ = compose.history(home.ctx, pin.id)
    look = home.get(pin).act_at
    assert look is not None
    assert (look - attempt.at).total_seconds() >= policy.timeout_s + policy.look_margin_s


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_process_that_dies_around_the_request_leaves_a_pin_that_is_confirmed(home: Rig, point: str) -> None:
    connection = home.connect()
    home.pinterest.crash = point
    pin = home.pin(connection)
    home.drain()
    assert home.stage(pin) is Stage.SENDING
    home.run_out(900)
    live_once(home, pin)
    assert len(home.creates()) == 1


def test_a_restart_voids_the_lease_of_the_dead_process_at_once(home: Rig) -> None:
    connection = home.connect()
    home.pinterest.crash = "after"
    pin = home.pin(connection)
    home.drain()
    home.restart()
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING


def test_a_holder_that_lost_its_lane_changes_no_pin_and_its_late_201_is_proof(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("PUT", "/_sim/switches", {"list_lag_s": 5000})
    pin = home.pin(connection)
    (held,) = home.claim()
    act = choose_send(home, held)
    proof = asyncio.run(sending.send(home.wired, held, act))
    home.clock.advance(31)  # the process is paused past its lease, another worker takes over
    other = home.worker("w2")
    home.drain(other)
    assert home.stage(pin) is Stage.CONFIRMING
    with pytest.raises(LaneLost):
        asyncio.run(lane_work.finish(held, lane_work.told_of_send(home.ctx, act, proof)))
    assert home.stage(pin) is Stage.CONFIRMING
    home.drain(other)
    live_once(home, pin)
    assert home.kinds(pin)[0] == [OutcomeKind.LOOK, OutcomeKind.LATE, OutcomeKind.ADOPTED]
    assert len(home.creates()) == 1


def choose_send(home: Rig, held: Held) -> Send:
    """The intent of the next create, written."""
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    assert isinstance(act, Send)
    return act


def test_nothing_is_sent_when_the_lease_is_nearly_over(home: Rig) -> None:
    connection = home.connect()
    pin = home.pin(connection)
    (held,) = home.claim()
    act = choose_send(home, held)
    home.clock.advance(12)
    proof = asyncio.run(sending.send(home.wired, held, act))
    assert proof == sending.NotSent()
    asyncio.run(held.write(lambda tx: sending.record(home.ctx, tx, act, proof)))
    assert home.stage(pin) is Stage.SCHEDULED
    assert home.creates() == []


def test_an_identical_pin_waits_while_the_first_is_in_doubt(home: Rig) -> None:
    connection = home.connect()
    home.fault("not_made_timeout")
    first = home.pin(connection, "Same", link=None)
    second = home.pin(connection, "Same", link=None, confirmed=["identical"])
    other = home.pin(connection, "Other")
    home.drain()
    assert home.stage(first) is Stage.CONFIRMING
    assert home.stage(second) is Stage.SCHEDULED
    assert "identical" in (home.get(second).deferred_because or "")
    assert home.stage(other) is Stage.PUBLISHED
    home.run_out(1800)
    assert {home.stage(first), home.stage(second)} == {Stage.PUBLISHED}
    assert len(home.live("Same")) == 2


def test_an_unexplained_pin_of_that_time_makes_a_person_decide(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("PUT", "/_sim/switches", {"rewrite_titles": True})
    home.fault("made_then_500")
    pin = home.pin(connection, "My own words")
    home.drain()
    home.run_out(900)
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert found.trouble.remedy is Remedy.CONFIRM
    assert len(home.creates()) == 1
    with pytest.raises(Conflict):
        compose.edit(home.ctx, pin.id, {"title": "New"})
    compose.retry(home.ctx, pin.id)  # looks again, never sends
    home.run_out(900)
    assert home.stage(pin) is Stage.HELD
    assert len(home.creates()) == 1
    (item,) = home.live()
    compose.resolve(home.ctx, pin.id, item["id"])
    assert home.get(pin).pinterest_pin_id == item["id"]
    home.run_out(60)
    assert len(home.creates()) == 1


def test_the_link_marker_makes_a_rewritten_pin_certain(home: Rig) -> None:
    home.use(link_marker=True)
    connection = home.connect()
    home.sim_control("PUT", "/_sim/switches", {"rewrite_titles": True, "normalise_links": True})
    home.fault("made_then_500")
    pin = home.pin(connection, "My own words")
    home.drain()
    home.run_out(120)
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.creates()) == 1


def test_a_person_who_says_not_live_lets_it_be_sent_again(home: Rig) -> None:
    connection = home.connect()
    home.sim_control("PUT", "/_sim/switches", {"rewrite_titles": True})
    home.fault("made_then_500")
    pin = home.pin(connection)
    home.drain()
    home.run_out(900)
    (item,) = home.live()
    home.sim_control("POST", "/_sim/act", {"do": "delete_pin", "pin": item["id"]})
    compose.resolve(home.ctx, pin.id, None)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.creates()) == 2


def test_a_pinterest_id_that_is_ours_already_is_never_adopted_twice(home: Rig) -> None:
    connection = home.connect()
    first = home.pin(connection, "Twice", link=None)
    home.drain()
    home.fault("not_made_timeout")
    second = home.pin(connection, "Twice", link=None)
    home.drain()
    compose.delete(home.ctx, first.id, live=False)
    home.run_out(900)
    assert home.get(second).pinterest_pin_id not in {None, first.pinterest_pin_id}
    assert len(home.live("Twice")) == 2


def test_a_twin_that_turns_up_late_is_told_and_can_be_undone(home: Rig) -> None:
    connection = home.connect()
    home.fault("made_late", late_s=1200)
    pin = home.pin(connection)
    home.drain()
    home.run_out(900)
    assert home.stage(pin) is Stage.PUBLISHED
    home.run_out(3 * 3600, step=300)
    found = home.get(pin)
    assert len(home.live(pin.content.title)) == 2
    assert len(found.twin_ids) == 1
    assert found.trouble is not None
    assert found.trouble.rule == "late-twin"
    compose.undo_twin(home.ctx, pin.id, found.twin_ids[0])
    home.drain()
    assert [item["id"] for item in home.live(pin.content.title)] == [found.pinterest_pin_id]
    assert home.get(pin).trouble is None
    home.run_out(30 * 3600, step=3600)
    assert home.get(pin).act_at is None


def test_a_cancel_while_sending_is_decided_by_the_outcome(home: Rig) -> None:
    connection = home.connect()
    for fault, stage in (("made_then_500", Stage.PUBLISHED), ("500", Stage.CANCELLED)):
        home.fault(fault)
        pin = home.pin(connection, f"Cancelled after {fault}")
        home.drain()
        assert compose.cancel(home.ctx, pin.id).cancel_requested_at is not None
        home.run_out(900)
        assert home.stage(pin) is stage
    assert len(home.live()) == 1


def test_a_listing_that_fails_never_leads_to_a_second_create(home: Rig) -> None:
    connection = home.connect()
    home.fault("made_then_500")
    home.sim_control("POST", "/_sim/faults", {"on": "boards/list_pins", "do": "500", "times": 30})
    pin = home.pin(connection)
    home.drain()
    home.run_out(1200)
    assert home.stage(pin) is Stage.CONFIRMING
    assert len(home.creates()) == 1
    home.run_out(1800)
    live_once(home, pin)


def test_a_board_that_vanished_while_in_doubt_makes_a_person_decide(home: Rig) -> None:
    connection = home.connect()
    home.fault("not_made_timeout")
    pin = home.pin(connection)
    home.drain()
    home.sim_control("POST", "/_sim/act", {"do": "delete_board", "board": pin.content.board_id})
    home.run_out(900)
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert found.trouble.remedy is Remedy.CONFIRM
    assert found.in_doubt


def test_a_crash_is_not_swallowed_by_the_publisher(home: Rig) -> None:
    connection = home.connect()
    home.pin(connection)
    home.pinterest.crash = "before"
    (held,) = home.claim()
    with pytest.raises(Crash):
        asyncio.run(lane_work.work(home.wired, held))


def test_a_pin_seen_once_is_not_forgotten_when_the_list_lags(home: Rig) -> None:
    connection = home.connect()
    link = "https://spring.example/bees"
    home.sim_control("PUT", "/_sim/switches", {"rewrite_titles": True, "open_graph": {link: "Bees"}})
    home.fault("made_then_500")
    pin = home.pin(connection, "A border for bees", link=link)
    home.drain()
    home.run_out(60, step=5)
    home.sim_control("PUT", "/_sim/switches", {"list_lag_s": 5000})
    home.run_out(900)
    assert home.stage(pin) is Stage.HELD
    assert home.get(pin).in_doubt
    assert len(home.creates()) == 1


def test_a_late_201_after_a_proven_absence_stops_the_resend(home: Rig) -> None:
    connection = home.connect()
    pin = home.pin(connection)
    home.sim_control("PUT", "/_sim/switches", {"list_lag_s": 800})
    (held,) = home.claim(most=1)
    act = choose_send(home, held)
    proof = asyncio.run(sending.send(home.wired, held, act))
    home.clock.advance(31)
    pausing.pause_all(home.ctx, "lunch")
    home.run_out(600)
    assert home.stage(pin) is Stage.SCHEDULED
    with pytest.raises(LaneLost):
        asyncio.run(lane_work.finish(held, lane_work.told_of_send(home.ctx, act, proof)))
    home.drain()
    pausing.resume_all(home.ctx)
    home.run_out(600)
    live_once(home, pin)
    assert len(home.creates()) == 1


def test_a_worker_whose_clock_is_wrong_makes_no_second_pin(home: Rig) -> None:
    connection = home.connect()
    home.fault("made_then_timeout")
    pin = home.pin(connection)
    home.drain()
    home.use(clock=Behind(home.clock))
    home.run_out(900)
    live_once(home, pin)
    assert len(home.creates()) == 1


class Behind:
    """A clock that is a minute late."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now() - timedelta(seconds=60)

    def boot(self) -> float:
        return self._clock.boot()

    async def wait(self, seconds: float) -> None:
        await self._clock.wait(seconds)
