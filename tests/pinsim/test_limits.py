"""Rate limits: the measured headers, real windows, and refusal when it is switched on."""

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


def test_two_writes_on_one_board_too_close_together_conflict(stage: Stage):
    stage.switch(write_conflict_s=2)
    assert [stage.create().status for _ in range(2)] == [201, 429]
    assert stage.create(board_id=stage.board("spring_shop", 1)["id"]).status == 201
    stage.now += 2
    assert stage.create().status == 201
