"""/connections, /pause: accounts, their boards, consent, pausing."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pinsim import Request as SimRequest
from steadypin.services.access import Scope
from tests.api.stage import Api, is_problem


def consent(api: Api, username: str) -> tuple[str, str]:
    """Walk through the simulated consent page; answers (state, code)."""
    api.rig.sim_control("PUT", "/_sim/switches", {"auto_consent": username})
    begun = api.owner.post("/api/v1/connections/authorize")
    assert begun.status_code == 201
    query = [(name, found[0]) for name, found in parse_qs(urlsplit(begun.json()["url"]).query).items()]
    answer = asyncio.run(api.rig.sim.answer(SimRequest("GET", "/oauth/", query)))
    back = parse_qs(urlsplit(answer.header("Location")).query)
    return back["state"][0], back["code"][0]


def test_an_account_is_connected_without_a_browser_redirect(api):
    state, code = consent(api, "spring_shop")
    looked = api.owner.get(f"/api/v1/connections/authorize/{state}").json()
    assert looked == {"status": "waiting", "connection": None}
    made = api.owner.post("/api/v1/connections/authorize/finish", json={"state": state, "code": code})
    assert made.status_code == 201
    assert (made.json()["username"], made.json()["status"]) == ("spring_shop", "connected")
    looked = api.owner.get(f"/api/v1/connections/authorize/{state}").json()
    assert looked == {"status": "connected", "connection": made.json()}
    is_problem(
        api.owner.post("/api/v1/connections/authorize/finish", json={"state": state, "code": code}), 409
    )
    assert api.owner.get("/api/v1/connections").json()["items"] == [made.json()]


def test_a_refused_consent_tells_whoever_waits_why(api):
    state, _ = consent(api, "spring_shop")
    is_problem(
        api.owner.post("/api/v1/connections/authorize/finish", json={"state": state, "code": "wrong"}), 409
    )
    is_problem(api.owner.get(f"/api/v1/connections/authorize/{state}"), 409)
    is_problem(api.owner.get("/api/v1/connections/authorize/unknown"), 404)


def test_without_an_app_nothing_can_be_connected(api):
    api.rig.use(app=replace(api.rig.ctx.app, id=None))
    told = is_problem(Api(api.rig).owner.post("/api/v1/connections/authorize", json={}), 409)
    assert "STEADYPIN_PINTEREST_APP_ID" in told["detail"]


def test_boards_are_listed_and_read_again_on_request(api):
    shop = api.rig.connect()
    boards = api.owner.get(f"/api/v1/connections/{shop.id}/boards").json()["items"]
    assert boards
    assert {"id", "name", "privacy", "pin_count", "gone_at"} <= set(boards[0])
    asked = api.owner.post(f"/api/v1/connections/{shop.id}/boards/sync")
    assert asked.status_code == 202
    assert asked.json()["errand_id"]
    is_problem(api.owner.get("/api/v1/connections/con_none/boards"), 404)
    is_problem(api.owner.post("/api/v1/connections/con_none/boards/sync"), 404)


def test_disconnecting_keeps_the_connection_and_ends_its_tokens(api):
    shop = api.rig.connect()
    told = api.owner.delete(f"/api/v1/connections/{shop.id}").json()
    assert told["status"] == "disconnected"
    is_problem(api.owner.delete("/api/v1/connections/con_none"), 404)


def test_everything_or_one_connection_is_paused_and_goes_on(both):
    shop = both.rig.connect()
    nothing: dict[str, Any] = {"paused": False, "since": None, "because": None, "connection_ids": []}
    assert both.owner.get("/api/v1/pause").json() == nothing
    told = both.owner.put("/api/v1/pause", json={"paused": True, "because": "Stock-taking"}).json()
    assert (told["paused"], told["because"], bool(told["since"])) == (True, "Stock-taking", True)
    assert both.owner.put("/api/v1/pause", json={"paused": False}).json() == nothing
    one = {"paused": True, "connection_id": shop.id}
    assert both.owner.put("/api/v1/pause", json=one).json()["connection_ids"] == [shop.id]
    assert both.owner.get(f"/api/v1/connections/{shop.id}").json()["status"] == "paused"
    assert both.owner.put("/api/v1/pause", json={**one, "paused": False}).json() == nothing
    is_problem(both.owner.put("/api/v1/pause", json={**one, "connection_id": "con_none"}), 404)


def test_no_answer_holds_a_token_or_a_secret(api):
    shop = api.rig.connect()
    grants = api.rig.sim.world
    seen = "".join(
        api.owner.get(path).text
        for path in ("/api/v1/connections", f"/api/v1/connections/{shop.id}", "/api/v1/keys", "/api/v1/pins")
    )
    assert "pina_" not in seen
    assert "pinr_" not in seen
    assert grants.apps["1500001"].secret not in seen


def test_a_connection_says_when_it_ends_why_and_what_the_last_refresh_met(api):
    connection = api.rig.connect()
    shown = api.owner.get(f"/api/v1/connections/{connection.id}").json()
    assert shown["ends_at"] == shown["refresh_expires_at"]
    assert (shown["ends_because"], shown["last_refresh_failure"]) == (None, None)
    api.rig.sim_control("POST", "/_sim/faults", {"on": "oauth/token", "do": "rule:grant-invalid"})
    api.rig.advance(20 * 86400)
    shown = api.owner.get(f"/api/v1/connections/{connection.id}").json()
    assert (shown["status"], shown["ends_at"]) == ("expiring", shown["access_expires_at"])
    assert "unless it is reconnected" in shown["ends_because"]
    failure = shown["last_refresh_failure"]
    assert (failure["rule"], failure["native"]["code"]) == ("grant-invalid", 283)


def test_a_connection_has_an_owner_who_is_named_changed_and_taken_away(both):
    shop = both.rig.connect()
    address = f"/api/v1/connections/{shop.id}"
    assert both.owner.get(address).json()["owner"] is None
    kim = {"name": "Kim", "contact": "kim@shop.example"}
    assert both.owner.patch(address, json={"owner": kim}).json()["owner"] == kim
    assert both.owner.patch(address, json={"owner": {"name": "Lee"}}).json()["owner"] == {
        "name": "Lee",
        "contact": None,
    }
    assert both.owner.patch(address, json={"owner": None}).json()["owner"] is None
    long = {"name": "x" * 101}
    refused: list[Any] = [{}, {"owner": {}}, {"owner": {"name": ""}}, {"owner": long}, {"name": "Kim"}]
    for wrong in refused:
        is_problem(both.owner.patch(address, json=wrong), 422)
    is_problem(both.owner.patch(address, json={"owner": {"name": "a\nb"}}), 422)
    is_problem(both.owner.patch("/api/v1/connections/con_none", json={"owner": kim}), 404)
    is_problem(both.key(Scope.CONNECTIONS_READ).patch(address, json={"owner": kim}), 403)


def test_a_check_reads_the_account_and_what_broke_it_is_told_with_its_cause(both):
    shop, other = both.rig.connect(), both.rig.connect("second_shop")
    address = f"/api/v1/connections/{shop.id}"
    before = both.owner.get(address).json()
    assert (before["broken"], before["last_check_failure"]) == (None, None)
    assert before["checked_at"] < before["next_check_at"]
    both.rig.clock.advance(60)
    asked = both.owner.post(f"{address}/check")
    assert (asked.status_code, bool(asked.json()["errand_id"])) == (202, True)
    both.rig.drain()
    assert both.owner.get(address).json()["checked_at"] > before["checked_at"]
    both.rig.sim_control(
        "POST", "/_sim/act", {"do": "change_account_id", "account": "spring_shop", "id": "5"}
    )
    both.owner.post(f"{address}/check")
    both.rig.drain()
    found = both.owner.get(address).json()
    assert (found["status"], found["broken"]["cause"], found["broken"]["remedy"]) == (
        "broken",
        "account",
        "reconnect",
    )
    assert found["broken"]["because"] == found["broken_because"]
    (incident,) = both.owner.get("/api/v1/incidents").json()["items"]
    assert (incident["kind"], incident["connection_id"], incident["cause"]) == (
        "connection",
        shop.id,
        "account",
    )
    assert incident["next_probe_at"] is None
    mine = both.key(Scope.CONNECTIONS_READ, connection_ids=[shop.id])
    assert len(mine.get("/api/v1/incidents").json()["items"]) == 1
    theirs = both.key(Scope.CONNECTIONS_READ, connection_ids=[other.id])
    assert theirs.get("/api/v1/incidents").json()["items"] == []
    is_problem(both.owner.post("/api/v1/connections/con_none/check"), 404)
    both.owner.delete(address)
    is_problem(both.owner.post(f"{address}/check"), 409)
