"""Preflight over HTTP: the same checks for a Pin that is only thought of and for one that is stored."""

from __future__ import annotations

from typing import Any

import pytest

from steadypin.services.access import Scope
from tests.api.stage import Api, is_problem


@pytest.fixture
def shop(api: Api) -> str:
    return api.rig.connect().id


def checks(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(each["check"], each["level"]) for each in answer.json()["findings"]]


def test_a_pin_that_is_only_thought_of_is_checked_and_not_stored(api: Api, shop: str) -> None:
    body = api.new_pin(shop, due_at="2099-03-01T10:00:00+01:00", board_id="404", title="x" * 101)
    answer = api.owner.post("/api/v1/pins/preflight", json=body)
    assert checks(answer) == [("board", "blocker"), ("title", "blocker")]
    assert answer.json()["passes"] is False
    assert api.owner.get("/api/v1/pins").json()["items"] == []


def test_a_second_pin_that_is_the_same_is_found_before_it_is_made(api: Api, shop: str) -> None:
    body = api.new_pin(shop, due_at="2099-03-01T10:00:00+01:00")
    assert checks(api.owner.post("/api/v1/pins/preflight", json=body)) == []
    made = api.owner.post("/api/v1/pins", json=body).json()
    assert checks(api.owner.post("/api/v1/pins/preflight", json=body)) == [("identical", "blocker")]
    assert checks(api.owner.get(f"/api/v1/pins/{made['id']}/preflight")) == []


def test_what_stands_in_the_way_of_a_stored_pin_is_told_with_its_remedy(api: Api, shop: str) -> None:
    body = api.new_pin(shop, due_at="2099-03-01T10:00:00+01:00")
    made = api.owner.post("/api/v1/pins", json=body).json()
    api.owner.delete(f"/api/v1/connections/{shop}")
    found = api.owner.get(f"/api/v1/pins/{made['id']}/preflight").json()
    assert found["passes"] is False
    (only,) = found["findings"]
    assert (only["check"], only["step"], only["cause"], only["remedy"]) == (
        "connection",
        2,
        "token",
        "reconnect",
    )
    assert "Connect the Pinterest account" in only["fix"]


def test_nobody_learns_of_another_connection(api: Api, shop: str) -> None:
    stranger = api.key(Scope.PINS_READ, connection_ids=[api.rig.connect("second_shop").id])
    made = api.owner.post("/api/v1/pins", json=api.new_pin(shop)).json()
    is_problem(stranger.get(f"/api/v1/pins/{made['id']}/preflight"), 404)
    is_problem(stranger.post("/api/v1/pins/preflight", json=api.new_pin(shop)), 422)
