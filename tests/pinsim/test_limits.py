"""Rate limits: the measured headers, real windows, and refusal when it is switched on."""

import pytest

from pinsim import Answer
from tests.pinsim.stage import START, Stage


def test_the_headers_are_structured_and_lead_with_the_nearest_limit(stage: Stage):
    answer = stage.spring("GET", "/v5/boards")
    assert answer.header("x-ratelimit-limit") == (
        '100, 100;w=1;name="safety_net_app_id_user_id", 1000;w=60;name="org_read_app_id_user_id"'
    )
    assert answer.header("x-ratelimit-remaining") == "99"
    assert answer.header("x-ratelimit-reset") == "1"
    assert answer.header("date") == "Mon, 21 Sep 2026 14:13:20 GMT"
    assert answer.header("x-pinterest-rid")


def test_the_nearest_limit_changes_as_the_minute_fills(stage: Stage):
    for _ in range(3):
        stage.create()
        stage.now += 1
    answer = stage.create()
    assert answer.header("x-ratelimit-limit").startswith("100, ")
    assert answer.header("x-ratelimit-remaining") == "96"
    assert answer.header("x-ratelimit-reset") == str(60 - int(stage.now) % 60)


def test_limits_are_counted_but_not_enforced_unless_switched(stage: Stage):
    assert {stage.spring("GET", "/v5/user_account").status for _ in range(150)} == {200}
    assert stage.spring("GET", "/v5/user_account").header("x-ratelimit-remaining") == "0"


def test_a_hundred_calls_a_second_and_a_hundred_writes_a_minute(stage: Stage):
    stage.switch(enforce_limits=True)
    stage.now = START - START % 60
    statuses = [stage.spring("GET", "/v5/user_account").status for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    stage.now += 1
    writes = []
    for n in range(101):
        stage.now += 0.2
        writes.append(stage.spring("POST", "/v5/boards", {"name": f"b{n}"}))
    assert [answer.status for answer in writes].count(201) == 100
    assert writes[-1].json()["code"] == 8
    assert stage.as_("second_shop", "POST", "/v5/boards", {"name": "mine"}).status == 201
    stage.now += int(writes[-1].header("x-ratelimit-reset"))
    assert stage.spring("POST", "/v5/boards", {"name": "next minute"}).status == 201


def test_trial_is_a_day_for_the_whole_app(stage: Stage):
    stage.switch(enforce_limits=True)
    stage.now = START - START % 86_400
    assert 'w=86400;name="org_write_app_id"' in stage.create("trial_terrace").header("x-ratelimit-limit")
    statuses = [stage.create("trial_terrace").status for _ in range(300)]
    assert statuses == [403] * 299 + [429]
    assert stage.as_("trial_terrace", "GET", "/v5/boards").status == 200
    stage.now += 86_400
    assert stage.create("trial_terrace").status == 403


def _reads(stage: Stage, count: int) -> list[int]:
    return [stage.spring("GET", "/v5/user_account").status for _ in range(count)]


def _left(answer: Answer) -> tuple[int, int]:
    return int(answer.header("x-ratelimit-remaining")), int(answer.header("x-ratelimit-reset"))


@pytest.mark.parametrize(("windows", "status"), [("fixed", 200), ("sliding", 429)])
def test_a_window_begins_at_whole_multiples_or_moves_with_the_clock(stage: Stage, windows: str, status: int):
    stage.switch(enforce_limits=True, limit_windows=windows)
    stage.now = START + 0.9
    assert _reads(stage, 100) == [200] * 100
    stage.now = START + 1.1
    assert _reads(stage, 1) == [status]
    stage.now = START + 1.95
    assert _reads(stage, 1) == [200]


def test_a_sliding_minute_tells_when_its_oldest_call_leaves_it(stage: Stage):
    stage.switch(enforce_limits=True, limit_windows="sliding")
    for n in range(100):
        stage.now = START + n / 10
        assert stage.spring("POST", "/v5/boards", {"name": f"b{n}"}).status == 201
    stage.now = START + 20
    refused = stage.spring("POST", "/v5/boards", {"name": "one more"})
    assert (refused.status, _left(refused)) == (429, (0, 40))
    assert refused.header("x-ratelimit-limit").startswith("100, ")
    stage.now = START + 60
    assert stage.spring("POST", "/v5/boards", {"name": "now"}).status == 201


def test_of_two_spent_windows_the_longer_one_is_told(stage: Stage):
    stage.switch(enforce_limits=True)
    stage.now = START - START % 60
    statuses = [stage.spring("POST", "/v5/boards", {"name": f"b{n}"}).status for n in range(100)]
    assert statuses == [201] * 100
    assert _left(stage.spring("POST", "/v5/boards", {"name": "x"})) == (0, 60)


@pytest.mark.parametrize(("day", "statuses"), [("utc", [403, 403]), ("rolling", [429, 403])])
def test_a_trial_day_begins_at_midnight_or_is_the_last_24_hours(stage: Stage, day: str, statuses: list[int]):
    stage.switch(enforce_limits=True, trial_day=day)
    midnight = START - START % 86_400 + 86_400
    stage.now = midnight - 3600
    assert {stage.create("trial_terrace").status for _ in range(300)} == {403}
    refused = stage.create("trial_terrace")
    assert (refused.status, _left(refused)) == (429, (0, 3600 if day == "utc" else 86_400))
    found = []
    for stage.now in (midnight + 1, midnight + 82_800):
        found.append(stage.create("trial_terrace").status)
    assert found == statuses


@pytest.mark.parametrize(("count", "status"), [(False, 200), (True, 429)])
def test_a_refused_call_counts_when_switched(stage: Stage, count: bool, status: int):
    stage.switch(enforce_limits=True, limit_windows="sliding", refused_calls_count=count)
    assert _reads(stage, 100) == [200] * 100
    stage.now += 0.5
    assert _reads(stage, 100) == [429] * 100
    stage.now += 0.5
    assert _reads(stage, 1) == [status]


@pytest.mark.parametrize(
    ("how", "sent"), [("none", ""), ("seconds", "40"), ("date", "Mon, 21 Sep 2026 14:15:00 GMT")]
)
def test_retry_after_is_sent_as_the_switch_says(stage: Stage, how: str, sent: str):
    stage.switch(enforce_limits=True, retry_after=how)
    stage.now = START + 60  # 14:14:20
    for n in range(100):
        assert stage.spring("POST", "/v5/boards", {"name": f"b{n}"}).header("retry-after") == ""
    assert stage.spring("POST", "/v5/boards", {"name": "x"}).header("retry-after") == sent


def test_two_writes_on_one_board_too_close_together_conflict(stage: Stage):
    stage.switch(write_conflict_s=2, retry_after="seconds")
    pin, refused = stage.create(), stage.create()
    assert [pin.status, refused.status, refused.json()["code"]] == [201, 429, 8]
    assert (
        int(refused.header("x-ratelimit-remaining")) > 0
    )  # no quota is spent: that tells the meanings apart
    assert refused.header("retry-after") == "2"
    assert stage.create(board_id=stage.board("spring_shop", 1)["id"]).status == 201
    assert stage.spring("DELETE", f"/v5/pins/{pin.json()['id']}").status == 429
    stage.now += 2
    assert stage.spring("DELETE", f"/v5/pins/{pin.json()['id']}").status == 204
    assert stage.create().status == 429


def test_an_edit_within_a_board_is_one_write_and_a_move_is_one_on_both(stage: Stage):
    stage.switch(write_conflict_s=2, pin_edit=True)
    path = f"/v5/pins/{stage.create().json()['id']}"
    home, other = stage.board(), stage.board("spring_shop", 1)
    stage.now += 2
    edit = {"board_id": home["id"], "board_section_id": home["sections"][0]["id"]}
    assert stage.spring("PATCH", path, edit).status == 200
    stage.now += 2
    assert stage.spring("PATCH", path, {"board_id": other["id"]}).status == 200
    assert [stage.create(board_id=each["id"]).status for each in (home, other)] == [429, 429]
