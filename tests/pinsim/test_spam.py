"""Spam blocks: what draws one, whom it hits, how long it lasts."""

from __future__ import annotations

from tests.pinsim.stage import Stage

HOUR = 3600.0


def _blocked(stage: Stage, **more: float) -> None:
    """spring_shop publishes three Pins in a minute where two are enough to be blocked for six hours."""
    stage.switch(spam_creates=2, spam_within_s=600, spam_block_s=6 * HOUR, **more)
    assert [stage.create().status for _ in range(3)] == [201, 201, 429]


def test_too_many_pins_in_too_short_a_time_block_the_account_as_spam(stage: Stage):
    _blocked(stage)
    refused = stage.create()
    assert (refused.status, refused.json()["code"]) == (429, 8)
    assert "spam" in refused.json()["message_detail"]
    assert int(refused.header("x-ratelimit-remaining")) > 90
    assert len(stage.live()) == 2


def test_pins_far_enough_apart_draw_no_block(stage: Stage):
    stage.switch(spam_creates=2, spam_within_s=600)
    for _ in range(5):
        assert stage.create().status == 201
        stage.now += 600


def test_a_block_hits_one_account_and_only_its_new_pins(stage: Stage):
    _blocked(stage)
    assert stage.create("second_shop").status == 201
    assert stage.spring("GET", "/v5/boards").status == 200
    assert stage.spring("POST", "/v5/boards", {"name": "still"}).status == 201


def test_a_block_lasts_hours_and_is_over_by_itself(stage: Stage):
    _blocked(stage, spam_early_s=0)
    stage.now += 6 * HOUR - 1
    assert stage.create().status == 429
    stage.now += 1
    assert stage.create().status == 201


def test_trying_early_makes_a_block_longer_but_never_beyond_a_day(stage: Stage):
    _blocked(stage, spam_early_s=2 * HOUR)  # the third try has made it eight hours already
    stage.now += 8 * HOUR - 1
    assert stage.create().status == 429
    stage.now += 2 * HOUR
    stage.switch(retry_after="seconds")
    for _ in range(50):
        last = stage.create()
    assert last.header("retry-after") == "86400"
    stage.now += 24 * HOUR
    assert stage.create().status == 201


def test_a_block_can_be_put_on_an_account_and_lifted(stage: Stage):
    stage.post("/_sim/act", {"do": "block_for_spam", "account": "spring_shop", "for_s": 6 * HOUR})
    assert "spam" in stage.create().json()["message_detail"]
    stage.post("/_sim/act", {"do": "block_for_spam", "account": "spring_shop", "for_s": 0})
    assert stage.create().status == 201


def test_a_refused_create_counts_for_no_block(stage: Stage):
    stage.switch(spam_creates=2)
    assert {stage.create(title="x" * 101).status for _ in range(5)} == {400}
    assert stage.create().status == 201
