"""Incidents: one order that troubles many accounts for a while, and bursts that follow from the seed."""

from __future__ import annotations

from typing import Any

import pytest

from pinsim.spans import Bursts
from pinsim.troubles import INCIDENT
from tests.pinsim.stage import START, Stage

DAY = 86_400.0
REFRESH = b"grant_type=refresh_token&refresh_token=pinr_nobody"


def _story(seed: int) -> list[tuple[Any, ...]]:
    """Two accounts publish thirty Pins each in the middle of an incident: what came back, and what was made."""
    stage = Stage(seed)
    stage.order("incident", chance=0.6)
    told = []
    for _ in range(30):
        for account in ("spring_shop", "second_shop"):
            before = len(stage.live())
            answer = stage.create(account)
            code = answer.json().get("code") if answer.header("content-type") == "application/json" else None
            told.append((account, answer.delivery, answer.status, code, len(stage.live()) - before))
    return told


def test_one_order_troubles_a_share_of_all_creates_on_every_account():
    told = _story(1)
    struck = [each for each in told if each[1:3] != ("reply", 201)]
    assert 20 <= len(struck) <= 50
    assert {account for account, *_ in struck} == {"spring_shop", "second_shop"}
    assert {status for _, delivery, status, *_ in struck if delivery == "reply"} == {400, 500, 502, 503}
    assert {code for _, _, _, code, _ in struck} >= {12, 2787}
    assert "hang" in {delivery for _, delivery, *_ in struck}
    assert {made for *_, made in struck} == {0, 1}


def test_an_incident_follows_from_the_seed():
    assert _story(1) == _story(1)
    assert _story(1) != _story(2)


def test_four_in_ten_troubles_of_an_incident_come_after_making():
    assert sum(each.startswith("made_then") for each in INCIDENT) / len(INCIDENT) == 0.4


def test_a_fault_lasts_until_a_moment_of_the_simulated_clock(stage: Stage):
    stage.order("503", until=START + 60)
    assert stage.create().status == 503
    stage.now += 60
    assert stage.create().status == 201
    assert stage.get("/_sim/faults")["faults"][0]["active"] is False


def test_a_fault_begins_at_a_moment_and_lasts_for_a_while(stage: Stage):
    moments: dict[str, Any] = {"from": START + 100, "for_s": 50}
    stage.order("500", **moments)
    statuses = []
    for stage.now in (START + 99, START + 100, START + 149, START + 150):
        statuses.append(stage.create().status)
    assert statuses == [201, 500, 500, 201]
    assert stage.get("/_sim/faults")["faults"][0]["until"] == START + 150


def test_a_fault_for_a_while_begins_now_and_can_be_cleared(stage: Stage):
    stage.order("500", for_s=3600)
    assert stage.create().status == 500
    stage.send("DELETE", "/_sim/faults")
    assert stage.create().status == 201


def test_a_choice_of_own_troubles_is_thrown_by_the_seed(stage: Stage):
    stage.order(["503", {"reply": {"status": 507, "body": {}}}, "rule:platform-trouble-code"])
    assert {stage.create().status for _ in range(40)} == {503, 507, 400}


def test_the_token_endpoint_fails_for_a_share_of_calls_between_two_moments(stage: Stage):
    moments: dict[str, Any] = {"from": START + 10, "until": START + 20}
    stage.order(["500", "503"], on="oauth/token", chance=0.5, **moments)

    def statuses() -> list[int]:
        return [stage.send("POST", "/v5/oauth/token", REFRESH).status for _ in range(40)]

    assert set(statuses()) == {401}
    stage.now += 10
    during = statuses()
    assert set(during) == {401, 500, 503}
    assert 10 <= during.count(401) <= 30
    stage.now += 10
    assert set(statuses()) == {401}


def test_bursts_take_their_share_of_time_and_none_is_too_long():
    bursts, hours = Bursts(0.2, 3 * DAY), range(24 * 365 * 10)
    down = [bursts.cover(hour * 3600.0, 7) for hour in hours]
    assert 0.18 <= sum(down) / len(down) <= 0.22
    runs = "".join("x" if each else " " for each in down).split()
    assert max(map(len, runs)) <= 72
    assert len(runs) > 300


def test_bursts_of_a_fault_follow_from_the_seed_and_the_clock_alone():
    def down(seed: int) -> list[bool]:
        stage = Stage(seed)
        stage.order("500", on="oauth/token", bursts={"share": 0.2, "longest_s": 3 * DAY})
        found = []
        for hour in range(0, 24 * 30, 6):
            stage.now = START + hour * 3600
            found.append(stage.send("POST", "/v5/oauth/token", REFRESH).status == 500)
        return found

    first = down(1)
    assert first == down(1)
    assert first != down(2)
    assert set(first) == {True, False}


def test_a_fault_on_the_token_endpoint_is_narrowed_to_one_account_and_grant_type(stage: Stage):
    mine = stage.cast["spring_shop"]["tokens"]["refresh_token"]
    stage.order("503", on="oauth/token", where={"account": "spring_shop", "grant_type": "refresh_token"})

    def status(form: str) -> int:
        return stage.send("POST", "/v5/oauth/token", form.encode()).status

    assert status(f"grant_type=refresh_token&refresh_token={mine}") == 503
    assert status(REFRESH.decode()) == 401
    assert status(f"grant_type=client_credentials&refresh_token={mine}") == 401


@pytest.mark.parametrize(("do", "status"), [("503", 503), ("rule:consent-page-down", 503), ("500", 500)])
def test_the_consent_page_can_be_down_but_a_star_means_the_api(stage: Stage, do: str, status: int):
    stage.order("504_html", on="*")
    assert stage.send("GET", "/oauth/").status == 400
    stage.order(do, on="oauth/authorize", times=1)
    assert stage.send("GET", "/oauth/").status == status
    assert stage.get("/_sim/journal")["entries"][-1]["fault"] == do
    assert stage.send("GET", "/oauth/").status == 400


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"do": []}, "at least one"),
        ({"do": ["500", "explode"]}, "explode"),
        ({"do": "500", "until": 5, "for_s": 5}, "until and for_s"),
        ({"do": "500", "from": 20, "until": 10}, "end before"),
        ({"do": "500", "for_s": "long"}, "for_s"),
        ({"do": "500", "until": -1}, "until"),
        ({"do": "500", "from": True}, "from"),
        ({"do": "500", "bursts": 0.2}, "bursts"),
        ({"do": "500", "bursts": {"share": 0.9, "longest_s": 60}}, "share"),
        ({"do": "500", "bursts": {"share": 0.2, "longest_s": 0}}, "longest_s"),
        ({"do": "500", "chance": True}, "chance"),
        ({"do": "slow", "delay_s": 1e300}, "delay_s"),
        ({"do": "500", "on": ["pins/create"]}, "no operation"),
    ],
)
def test_times_and_choices_that_cannot_be_are_refused_and_nothing_is_ordered(
    stage: Stage, order: dict[str, Any], words: str
):
    answer = stage.send("POST", "/_sim/faults", [{"on": "pins/create", "do": "500"}, {"on": "*", **order}])
    assert answer.status == 400
    assert words in answer.json()["error"]
    assert stage.get("/_sim/faults")["faults"] == []


def test_several_faults_are_ordered_at_once(stage: Stage):
    orders = [{"on": "pins/create", "do": "500", "times": 1}, {"on": "pins/create", "do": "503"}]
    assert [fault["id"] for fault in stage.post("/_sim/faults", orders)["faults"]] == [1, 2]
    assert [stage.create().status for _ in range(2)] == [500, 503]


def test_a_fault_is_dropped_by_a_number_or_not_at_all(stage: Stage):
    stage.order("500")
    assert stage.send("DELETE", "/_sim/faults", query={"id": "first"}).status == 400
    assert len(stage.get("/_sim/faults")["faults"]) == 1
