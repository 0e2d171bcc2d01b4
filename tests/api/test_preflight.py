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
    assert checks(answer) == [("board", "blocker"), ("title.length", "blocker")]
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


def test_an_identical_pin_is_refused_unless_confirmed(api: Api, shop: str) -> None:
    body = api.new_pin(shop, due_at="2099-03-01T10:00:00+01:00")
    made = api.owner.post("/api/v1/pins", json=body).json()
    found = is_problem(api.owner.post("/api/v1/pins", json=body), 422)
    assert [error["field"] for error in found["errors"]] == ["confirm"]
    assert made["id"] in found["errors"][0]["message"]
    is_problem(api.owner.post("/api/v1/pins", json={**body, "confirm": ["everything"]}), 422)
    second = api.owner.post("/api/v1/pins", json={**body, "confirm": ["identical"]})
    assert second.status_code == 201, second.text
    told = checks(api.owner.get(f"/api/v1/pins/{second.json()['id']}/preflight"))
    assert told == [("identical", "warning")], "what was said once is kept"
    first = f"/api/v1/pins/{made['id']}"
    assert checks(api.owner.get(f"{first}/preflight")) == [("identical", "blocker")]
    assert api.owner.patch(first, json={"confirm": ["identical"]}).status_code == 200
    assert checks(api.owner.get(f"{first}/preflight")) == [("identical", "warning")]


def test_rows_are_looked_at_together_and_nothing_is_stored(api: Api, shop: str) -> None:
    cells = {"board": "Garden ideas", "media_id": api.rig.media().media_id, "title": "Soup"}
    rows = [
        {"line": 2, **cells, "due_at": "2099-03-01T10:00:00Z"},
        {"line": 3, **cells, "due_at": "2099-03-02T10:00:00Z"},
        {"line": 4, **cells, "board": "Nowhere"},
    ]
    answer = api.owner.post("/api/v1/imports/preflight", json={"rows": rows})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["passes"], found["created"], found["refused"]) == (False, 2, 1)
    assert found["summary"][0] | {"title": ""} == {
        "check": "identical",
        "level": "blocker",
        "rows": 2,
        "title": "",
    }
    assert [[each["check"] for each in row["findings"]] for row in found["rows"]] == [["identical"]] * 2 + [
        []
    ]
    assert found["rows"][2]["errors"][0]["field"] == "board"
    assert api.owner.get("/api/v1/pins").json()["items"] == []
    stranger = api.key(Scope.PINS_READ, connection_ids=[])
    hidden = stranger.post("/api/v1/imports/preflight", json={"rows": rows[:1]}).json()
    assert hidden["rows"][0]["errors"][0]["field"] == "connection"
