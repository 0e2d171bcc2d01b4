"""What a user may do while an outcome is open, and once it is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, NotThere
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.services import compose
from tests.services.stage import confirming, conflict, held_in_doubt, in_stage, refused, sending
from tests.support.rig import Rig


@pytest.mark.parametrize(
    ("make", "stage"),
    [(sending, Stage.SENDING), (confirming, Stage.CONFIRMING), (held_in_doubt, Stage.HELD)],
)
def test_a_pin_whose_outcome_is_open_cannot_be_changed_or_deleted(
    home: Rig, shop: Connection, make: Callable[[Rig, Connection], Pin], stage: Stage
) -> None:
    pin = make(home, shop)
    before = home.get(pin)
    assert before.stage is stage
    assert before.in_doubt
    for work in (
        lambda: compose.edit(home.ctx, pin.id, {"title": "Other"}),
        lambda: compose.edit(home.ctx, pin.id, {}),
        lambda: compose.reschedule(home.ctx, pin.id, home.clock.now()),
        lambda: compose.delete(home.ctx, pin.id, live=False),
        lambda: compose.delete(home.ctx, pin.id, live=True),
    ):
        conflict(work)
    assert home.get(pin) == before
    wished = compose.cancel(home.ctx, pin.id)
    assert (wished.stage, wished.open_attempt_id) == (stage, before.open_attempt_id)
    assert wished.cancel_requested_at == home.clock.now()


def test_a_retry_of_a_doubt_looks_again_and_never_sends(home: Rig, shop: Connection) -> None:
    pin = held_in_doubt(home, shop)
    again = compose.retry(home.ctx, pin.id)
    assert (again.stage, again.in_doubt) == (Stage.CONFIRMING, True)
    assert "looking for this Pin already" in conflict(lambda: compose.retry(home.ctx, pin.id))
    home.run_out(900)
    assert len(home.creates()) == 1


@pytest.mark.parametrize(
    "stage", [Stage.DRAFT, Stage.PREPARING, Stage.SENDING, Stage.PUBLISHED, Stage.CANCELLED], ids=str
)
def test_what_cannot_be_retried_or_resolved_is_told_why(home: Rig, shop: Connection, stage: Stage) -> None:
    pin = in_stage(home, shop, stage)
    assert home.stage(pin) is stage
    conflict(lambda: compose.retry(home.ctx, pin.id))
    assert "not open" in conflict(lambda: compose.resolve(home.ctx, pin.id, "123"))
    assert "not open" in conflict(lambda: compose.resolve(home.ctx, pin.id, None))
    assert home.stage(pin) is stage


def test_a_waiting_pin_is_retried_at_once_but_not_before_its_time(home: Rig, shop: Connection) -> None:
    home.fault("rule:write-conflict", times=1)
    waiting, ahead = home.pin(shop), home.pin(shop, "Ahead", due_in=7200)
    home.drain()
    assert home.get(waiting).deferred_because
    compose.retry(home.ctx, waiting.id)
    compose.retry(home.ctx, ahead.id)
    home.drain()
    assert home.stage(waiting) is Stage.PUBLISHED
    assert home.get(ahead).act_at == ahead.due_at


@pytest.mark.parametrize("word", ["", "abc", "12 ", "²", "-5", "https://www.pinterest.com/pin/5/"])
def test_a_word_on_an_outcome_needs_a_pinterest_id(home: Rig, shop: Connection, word: str) -> None:
    pin = held_in_doubt(home, shop)
    assert "is a number" in refused(lambda: compose.resolve(home.ctx, pin.id, word))["live_as"]
    assert home.get(pin).in_doubt


def test_a_pinterest_id_that_is_ours_resolves_no_other_pin(home: Rig, shop: Connection) -> None:
    first = home.pin(shop, "First")
    home.drain()
    taken = home.get(first).pinterest_pin_id
    compose.delete(home.ctx, first.id, live=False)
    pin = held_in_doubt(home, shop)
    with pytest.raises(Conflict, match="belongs to another Pin"):
        compose.resolve(home.ctx, pin.id, taken)


def test_a_live_pin_is_not_cancelled_but_may_be_deleted_on_pinterest(home: Rig, shop: Connection) -> None:
    pin = in_stage(home, shop, Stage.PUBLISHED)
    assert "live=true" in conflict(lambda: compose.cancel(home.ctx, pin.id))
    conflict(lambda: compose.edit(home.ctx, pin.id, {"title": "x"}))
    assert len(home.live()) == 1
    compose.delete(home.ctx, pin.id, live=True)
    home.drain()
    assert home.live() == []
    with pytest.raises(NotThere, match=pin.id):
        compose.get(home.ctx, pin.id)


def test_a_pin_that_pinterest_did_not_delete_comes_back_and_says_so(home: Rig, shop: Connection) -> None:
    pin = in_stage(home, shop, Stage.PUBLISHED)
    home.fault("rule:not-permitted", on="pins/delete")
    compose.delete(home.ctx, pin.id, live=True)
    home.drain()
    assert len(home.live()) == 1
    back = home.get(pin)
    assert back.stage is Stage.PUBLISHED
    assert back.trouble is not None
    assert "did not delete" in back.trouble.title
    assert "delete it again" in back.trouble.fix
    compose.delete(home.ctx, pin.id, live=True)
    home.drain()
    assert home.live() == []


def test_a_retry_by_hand_lets_the_token_be_refreshed_once_more(home: Rig, shop: Connection) -> None:
    home.fault("401", times=2)
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.HELD
    home.connect()  # a person reconnects, and retries
    home.fault("401", times=1)
    if home.stage(pin) is Stage.HELD:
        compose.retry(home.ctx, pin.id)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED


def test_a_cancelled_pin_is_not_sent_and_comes_back_with_a_new_time(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop, due_in=10)
    assert compose.cancel(home.ctx, pin.id).stage is Stage.CANCELLED
    assert compose.cancel(home.ctx, pin.id).stage is Stage.CANCELLED
    assert compose.edit(home.ctx, pin.id, {"title": "Still cancelled"}).stage is Stage.CANCELLED
    home.advance(60)
    assert home.creates() == []
    compose.reschedule(home.ctx, pin.id, home.clock.now())
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
