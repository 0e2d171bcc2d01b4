"""Proven absent is not yet worth another try: what was said to the create decides that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.connections import Connection
from steadypin.domain.pins import Pin
from steadypin.domain.words import Remedy, Stage
from steadypin.pinterest.wire import Reply, Request, Unreached
from steadypin.services import choosing, compose, lane_work, replaying, sending
from steadypin.services.holding import LaneLost
from steadypin.services.sending import Send
from steadypin.storage import connections
from tests.support.rig import Rig
from tests.support.sim import SimPinterest

DOUBT, LOOK, ABSENT = OutcomeKind.DOUBT, OutcomeKind.LOOK, OutcomeKind.ABSENT


def doubted(home: Rig, shop: Connection, rule: str) -> Pin:
    home.fault(f"rule:{rule}")
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    return pin


def held_by(home: Rig, pin: Pin) -> tuple[str, Remedy]:
    """The rule and the remedy under which a Pin waits for a person, with nothing open any more."""
    found = home.get(pin)
    assert (found.stage, found.in_doubt) == (Stage.HELD, False)
    assert found.trouble is not None
    return found.trouble.rule, found.trouble.remedy


def test_an_error_that_nobody_knows_is_never_sent_again_by_itself(home: Rig, shop: Connection) -> None:
    pin = doubted(home, shop, "unknown")
    home.run_out(86400, step=600)
    assert held_by(home, pin) == ("unknown", Remedy.REPORT)
    assert home.kinds(pin) == [[DOUBT, LOOK, LOOK, ABSENT]]
    assert len(home.creates()) == 1
    compose.retry(home.ctx, pin.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED, "a person's word sends it"


def test_what_was_said_is_not_forgotten_over_a_board_that_could_not_be_read(
    home: Rig, shop: Connection
) -> None:
    pin = doubted(home, shop, "unknown")
    home.fault("rule:board-not-found", on="boards/list_pins")
    home.advance(30)
    asked = home.get(pin).trouble
    assert asked is not None
    assert (asked.rule, home.get(pin).in_doubt) == ("outcome-unknown", True)
    compose.retry(home.ctx, pin.id)
    home.run_out(600)
    assert held_by(home, pin) == ("unknown", Remedy.REPORT)
    assert len(home.creates()) == 1


def test_a_refusal_that_came_after_the_lane_was_lost_counts_too(home: Rig, shop: Connection) -> None:
    home.fault("rule:board-not-found")
    pin = home.pin(shop)
    (held,) = home.claim()
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    assert isinstance(act, Send)
    proof = asyncio.run(sending.send(home.wired, held, act))
    home.clock.advance(31)
    other = home.worker("w2")
    home.drain(other)
    with pytest.raises(LaneLost):
        asyncio.run(lane_work.finish(held, lane_work.told_of_send(home.ctx, act, proof)))
    home.run_out(600)
    assert held_by(home, pin) == ("board-not-found", Remedy.FIX_INPUT)
    assert len(home.creates()) == 1


def test_a_token_that_an_empty_401_refused_is_renewed_once_and_the_connection_stays(
    home: Rig, shop: Connection
) -> None:
    pin = doubted(home, shop, "status-401")
    home.run_out(600)
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.creates()) == 2
    with home.store.read() as tx:
        assert [each.broken_because for each in connections.get_all(tx)] == [None]


def test_a_pin_that_was_cancelled_meanwhile_is_not_held(home: Rig, shop: Connection) -> None:
    pin = doubted(home, shop, "unknown")
    compose.cancel(home.ctx, pin.id)
    home.run_out(600)
    assert home.stage(pin) is Stage.CANCELLED


@dataclass
class NeverLeft:
    """A wire on which the time is up before the first byte leaves."""

    inner: SimPinterest

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        if request.operation.id == "pins/create":
            raise Unreached("TimeoutError", "", left=False)
        return await self.inner.send(request, timeout_s, may_leave)


def test_a_create_of_which_nothing_left_is_tried_again_and_told_so_also_later(
    home: Rig, shop: Connection
) -> None:
    pin = home.pin(shop)
    home.drain(replace(home.wired, pinterest=NeverLeft(home.pinterest)))
    found = home.get(pin)
    assert (found.stage, found.in_doubt) == (Stage.SCHEDULED, False)
    assert found.deferred_because == "Pinterest could not be reached, and nothing was sent"
    (replayed,) = replaying.replay(home.store)
    assert (replayed.now.rule, replayed.changed) == ("not-sent", False)
    home.advance(20)
    assert home.stage(pin) is Stage.PUBLISHED
