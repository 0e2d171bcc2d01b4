"""Faults: what the client is told, what was really made, and what the journal keeps."""

from typing import Any

import pytest

from tests.pinsim.stage import Stage


@pytest.mark.parametrize(
    ("do", "delivery", "status", "made"),
    [
        ("made_then_500", "reply", 500, 1),
        ("made_then_503", "reply", 503, 1),
        ("made_then_502_html", "reply", 502, 1),
        ("made_then_400_transient", "reply", 400, 1),
        ("made_then_201_without_id", "reply", 201, 1),
        ("made_then_timeout", "hang", None, 1),
        ("made_then_reset", "reset_after", None, 1),
        ("not_made_timeout", "hang", None, 0),
        ("not_made_reset", "reset_after", None, 0),
        ("reset_before_send", "reset_before", None, 0),
        ("slow", "delayed", 201, 1),
        ("500", "reply", 500, 0),
        ("502_html", "reply", 502, 0),
        ("503", "reply", 503, 0),
        ("429", "reply", 429, 0),
        ("429_spam", "reply", 429, 0),
        ("401", "reply", 401, 0),
        ("400_transient", "reply", 400, 0),
        ({"reply": {"status": 418, "text": "tea"}}, "reply", 418, 0),
        ({"reply": {"status": 200, "body": {"id": None}}, "made": True}, "reply", 200, 1),
    ],
)
def test_a_fault_strikes_once_and_the_truth_is_on_record(
    stage: Stage, do: Any, delivery: str, status: int | None, made: int
):
    stage.order(do, times=1)
    answer = stage.create(title="A")
    assert answer.delivery == delivery
    if status is not None:
        assert answer.status == status
    assert len(stage.live()) == made
    entry = stage.get("/_sim/journal")["entries"][-1]
    assert (entry["delivery"], entry["status"], bool(entry["made"])) == (delivery, status, bool(made))
    assert stage.create(title="B").status == 201
    assert stage.get("/_sim/faults")["faults"][0]["struck"] == 1


def test_a_fault_after_making_does_not_hide_a_refusal_and_waits_for_the_next(stage: Stage):
    stage.order("made_then_500", times=1)
    assert stage.create(title="x" * 101).status == 400
    assert stage.create(title="x").status == 500
    assert len(stage.live()) == 1


def test_a_late_pin_appears_by_itself_and_changes_nothing_before(stage: Stage):
    stage.order("made_late", times=1, late_s=3600)
    board = f"/v5/boards/{stage.board()['id']}"
    before = stage.spring("GET", board).json()
    assert stage.create(title="Late").delivery == "hang"
    stage.now += 3599
    assert stage.live() == []
    assert stage.spring("GET", board).json() == before
    stage.now += 1
    pins = stage.pages("spring_shop", board + "/pins")[0]
    assert [pin["title"] for pin in pins] == ["Late"]
    assert pins[0]["created_at"] == "2026-09-21T15:13:20"


def test_where_narrows_a_fault_to_an_account_a_board_or_words(stage: Stage):
    stage.order("500", where={"account": "second_shop"})
    stage.order("503", where={"board": "Garden ideas"})
    stage.order("401", where={"title_contains": "TEA"})
    stage.order("429", where={"link_contains": "coffee.example"})
    assert stage.create("second_shop").status == 500
    assert stage.create(board_id=stage.board("spring_shop", 1)["id"]).status == 503
    assert stage.create(title="Green tea").status == 401
    assert stage.create(link="https://coffee.example/").status == 429
    assert stage.create(title="Soup").status == 201


def test_a_fault_on_lists_leaves_creates_alone_and_a_star_means_all(stage: Stage):
    stage.order("500", on="boards/list_pins")
    path = f"/v5/boards/{stage.board()['id']}/pins"
    assert (stage.create().status, stage.spring("GET", path).status) == (201, 500)
    stage.order("503", on="*", where={"account": "second_shop"})
    assert stage.as_("second_shop", "GET", "/v5/boards").status == 503


def test_after_and_times_choose_which_requests_are_struck(stage: Stage):
    stage.order("500", after=2, times=2)
    assert [stage.create().status for _ in range(6)] == [201, 201, 500, 500, 201, 201]


def test_chance_follows_from_the_seed(stage: Stage):
    def statuses(seed: int) -> list[int]:
        played = Stage(seed)
        played.order("500", chance=0.3)
        return [played.create().status for _ in range(60)]

    first = statuses(1)
    assert first == statuses(1)
    assert first != statuses(2)
    assert 5 <= first.count(500) <= 35


def test_a_429_tells_when_to_come_back_and_spam_is_named(stage: Stage):
    stage.order("429", times=1, reset_s=37)
    answer = stage.create()
    assert answer.header("x-ratelimit-reset") == "37"
    assert answer.header("x-ratelimit-remaining") == "0"
    assert answer.json()["code"] == 8
    stage.order("429_spam", times=1)
    assert "spam" in stage.create().json()["message_detail"]


def test_a_code_can_be_put_into_a_named_reply(stage: Stage):
    stage.order("400_transient", code=12)
    answer = stage.create()
    assert (answer.status, answer.json()["code"]) == (400, 12)
    assert "Something went wrong on our end" in answer.json()["message"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"on": "pins/create", "do": "explode"}, "explode"),
        ({"on": "pins/eat", "do": "500"}, "pins/eat"),
        ({"on": "pins/create", "do": "500", "when": 3}, "when"),
        ({"on": "pins/create", "do": "500", "where": {"colour": "red"}}, "where"),
        ({"on": "pins/create", "do": "500", "chance": 2}, "chance"),
        ({"on": "pins/create", "do": "500", "times": -1}, "times"),
        ({"on": "boards/list", "do": "made_late"}, "pins/create"),
        ({"on": "pins/create", "do": {"reply": {"status": 99}}}, "status"),
        (7, "object"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_with_a_sentence(stage: Stage, order: Any, words: str):
    answer = stage.send("POST", "/_sim/faults", order)
    assert answer.status == 400
    assert words in answer.json()["error"]


def test_faults_can_be_dropped_one_or_all(stage: Stage):
    for _ in range(3):
        stage.order("500")
    assert stage.send("DELETE", "/_sim/faults", query={"id": "2"}).json() == {"dropped": 1}
    assert [fault["id"] for fault in stage.get("/_sim/faults")["faults"]] == [1, 3]
    assert stage.send("DELETE", "/_sim/faults").json() == {"dropped": 2}
    assert stage.create().status == 201
