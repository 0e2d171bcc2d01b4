"""Idempotency-Key: sent again means done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from steadypin.services import replays
from steadypin.services.replays import Answer, Asked
from tests.api.stage import is_problem


def test_the_same_request_gets_the_same_answer_and_makes_nothing(both):
    shop = both.rig.connect()
    body, key = both.new_pin(shop.id, due_at="now"), {"Idempotency-Key": "order 66"}
    first = both.owner.post("/api/v1/pins", json=body, headers=key)
    both.rig.drain()
    again = both.owner.post("/api/v1/pins", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(both.owner.get("/api/v1/pins").json()["items"]) == 1


def test_another_request_under_the_same_key_is_refused(both):
    shop = both.rig.connect()
    body, key = both.new_pin(shop.id), {"Idempotency-Key": "k"}
    both.owner.post("/api/v1/pins", json=body, headers=key)
    told = is_problem(both.owner.post("/api/v1/pins", json={**body, "title": "Lime cake"}, headers=key), 422)
    assert told["errors"][0]["field"] == "Idempotency-Key"
    assert len(both.owner.get("/api/v1/pins").json()["items"]) == 1


def test_a_refused_request_may_be_mended_under_its_key(api):
    shop = api.rig.connect()
    body, key = api.new_pin(shop.id), {"Idempotency-Key": "k"}
    is_problem(api.owner.post("/api/v1/pins", json={**body, "board_id": "1"}, headers=key), 422)
    assert api.owner.post("/api/v1/pins", json=body, headers=key).status_code == 201


def test_twenty_at_once_make_one(both):
    shop = both.rig.connect()
    body = both.new_pin(shop.id)
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(both.owner.post, "/api/v1/pins", json=body, headers={"Idempotency-Key": "k"})
            for _ in range(20)
        ]
        answers = {future.result().json()["id"] for future in sent}
    assert len(answers) == 1
    assert len(both.owner.get("/api/v1/pins").json()["items"]) == 1


def test_an_answer_is_kept_with_what_it_made_or_not_at_all(both):
    ctx, asked = both.rig.ctx, Asked("owner", "k", "digest")

    def dies(tx):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replays.once(ctx, asked, dies)
    assert replays.once(ctx, asked, lambda tx: Answer(201, {"n": 1})) == Answer(201, {"n": 1})
    assert replays.once(ctx, asked, lambda tx: Answer(201, {"n": 2})) == Answer(201, {"n": 1}, again=True)


def test_answers_are_forgotten_after_a_day(both):
    ctx, asked = both.rig.ctx, Asked("owner", "k", "digest")
    replays.once(ctx, asked, lambda tx: Answer(201, {"n": 1}))
    both.rig.clock.advance(86401)
    assert replays.once(ctx, asked, lambda tx: Answer(201, {"n": 2})).body == {"n": 2}
    both.rig.clock.advance(86401)
    assert replays.forget_old(ctx) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_no_key_is_refused(api, key):
    is_problem(api.owner.post("/api/v1/pins", json={}, headers={"Idempotency-Key": key}), 422)
