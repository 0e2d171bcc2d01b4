"""Who gets in, and how far."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from steadypin.services import access
from steadypin.services.access import Scope
from tests.api.stage import BASE, Api, is_problem
from tests.support.patience import until
from tests.web.showcase import fill

NEEDS = {
    ("pins", "get"): Scope.PINS_READ,
    ("media", "get"): Scope.PINS_READ,
    ("pins", "write"): Scope.PINS_WRITE,
    ("imports", "write"): Scope.PINS_WRITE,
    ("media", "write"): Scope.PINS_WRITE,
    ("connections", "get"): Scope.CONNECTIONS_READ,
    ("connections", "write"): Scope.CONNECTIONS_WRITE,
    ("app", "get"): Scope.CONNECTIONS_READ,
    ("pause", "get"): Scope.CONNECTIONS_READ,
    ("incidents", "get"): Scope.CONNECTIONS_READ,
    ("pause", "write"): Scope.CONNECTIONS_WRITE,
    ("keys", "get"): Scope.ADMIN,
    ("keys", "write"): Scope.ADMIN,
    ("secret", "write"): Scope.ADMIN,
    ("setup-links", "write"): Scope.ADMIN,
}
OTHERS = {
    "/api/v1/connections/authorize/{state}": Scope.CONNECTIONS_WRITE,
    "/api/v1/connections/token": Scope.ADMIN,
    "/api/v1/connections/{connection_id}/boards/{board_id}/remap": Scope.PINS_WRITE,
    "/api/v1/connections/{connection_id}/boards/remap/{remap_id}/undo": Scope.PINS_WRITE,
    "/api/v1/pins/preflight": Scope.PINS_READ,
    "/api/v1/imports/preflight": Scope.PINS_READ,
}


def operations(api: Api) -> Iterator[tuple[str, str, Scope]]:
    """Every (verb, address with made-up ids, scope it needs)."""
    for path, verbs in api.app.openapi()["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for verb in verbs:
            noun, kind = path.split("/")[3], "get" if verb == "get" else "write"
            filled = path.replace("{pinterest_pin_id}", "1").replace("{", "").replace("}", "")
            yield verb, filled, OTHERS.get(path, NEEDS[noun, kind])


def test_without_a_key_every_address_says_401(api):
    for verb, path, _ in operations(api):
        told = api.outside.request(verb, path, content=b"{", headers={"Content-Type": "application/json"})
        is_problem(told, 401)
        assert told.headers["www-authenticate"].startswith("Bearer")
    is_problem(api.outside.get("/api/v1/nothing/here"), 401)


@pytest.mark.parametrize(
    "given", ["sp_unknown", "Bearer", "Bearer ", "Bearer sp_unknown", "Basic sp_x", "Bearer \xff"]
)
def test_what_is_no_key_is_401(api, given):
    headers = {"Authorization": given.encode("latin-1")}
    is_problem(api.outside.get("/api/v1/pins", headers=headers), 401)


def test_a_key_opens_what_its_scopes_say_and_nothing_else(api):
    every = [scope for scope in Scope if scope is not Scope.ADMIN]
    keys = {scope: api.key(scope) for scope in Scope}
    for verb, path, needed in operations(api):
        for scope in [*every, Scope.ADMIN]:
            told = keys[scope].request(verb, path)
            if scope in (needed, Scope.ADMIN):
                assert told.status_code not in (401, 403), (verb, path, scope, told.text)
            else:
                assert needed in is_problem(told, 403)["detail"]


def test_a_revoked_key_ends_at_once(both):
    made = both.owner.post("/api/v1/keys", json={"name": "shop", "scopes": ["pins:read"]}).json()
    client = both.client(Authorization=f"Bearer {made['secret']}")
    assert client.get("/api/v1/pins").status_code == 200
    listed = both.owner.get("/api/v1/keys").json()["items"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "secret" not in listed[0]
    until(lambda: both.owner.get("/api/v1/keys").json()["items"][0]["used_at"])
    assert both.owner.delete(f"/api/v1/keys/{made['id']}").json()["revoked_at"]
    is_problem(client.get("/api/v1/pins"), 401)
    is_problem(both.owner.delete("/api/v1/keys/key_none"), 404)


def test_keys_that_make_no_sense_are_refused(api):
    for body in (
        {"name": " ", "scopes": ["pins:read"]},
        {"name": "a\nb", "scopes": ["pins:read"]},
        {"name": "a", "scopes": []},
        {"name": "a", "scopes": ["pins:burn"]},
        {"name": "a", "scopes": ["pins:read"], "connection_ids": ["con_none"]},
        {"name": "a", "scopes": ["admin"], "connection_ids": []},
    ):
        is_problem(api.owner.post("/api/v1/keys", json=body), 422)


def test_a_limited_key_sees_nothing_of_other_connections(both):
    pins = fill(both.rig)
    ours = pins["live"].connection_id
    other = both.rig.connect("second_shop")
    theirs = both.owner.post("/api/v1/pins", json=both.new_pin(other.id)).json()
    everything = (Scope.PINS_READ, Scope.PINS_WRITE, Scope.CONNECTIONS_READ, Scope.CONNECTIONS_WRITE)
    key = both.key(*everything, connection_ids=[ours])

    assert {pin["connection_id"] for pin in key.get("/api/v1/pins").json()["items"]} == {ours}
    assert key.get("/api/v1/pins", params={"connection_id": other.id}).json()["items"] == []
    assert [found["id"] for found in key.get("/api/v1/connections").json()["items"]] == [ours]
    pin = f"/api/v1/pins/{theirs['id']}"
    for verb, path, body in (
        ("GET", pin, None),
        ("PATCH", pin, {"title": "Mine"}),
        ("DELETE", pin, None),
        ("POST", f"{pin}/cancel", None),
        ("POST", f"{pin}/retry", None),
        ("POST", f"{pin}/resolve", {"live_as": None}),
        ("GET", f"{pin}/attempts", None),
        ("POST", f"{pin}/twins/1/undo", None),
        ("GET", f"/api/v1/connections/{other.id}", None),
        ("DELETE", f"/api/v1/connections/{other.id}", None),
        ("GET", f"/api/v1/connections/{other.id}/boards", None),
        ("POST", f"/api/v1/connections/{other.id}/boards/sync", None),
        ("PUT", "/api/v1/pause", {"paused": True, "connection_id": other.id}),
    ):
        told = is_problem(key.request(verb, path, json=body), 404)
        assert told["detail"] in (f"There is no Pin {theirs['id']}.", f"There is no connection {other.id}.")
    is_problem(key.post("/api/v1/pins", json=both.new_pin(other.id)), 422)
    is_problem(key.put("/api/v1/pause", json={"paused": True}), 403)
    is_problem(key.post("/api/v1/connections/authorize"), 403)
    assert both.owner.get(pin).json() == theirs


def test_the_owners_door_cannot_be_claimed_from_outside(api):
    for name in ("Steadypin-Owner", "X-Forwarded-For", "steadypin.owner", "X-Owner", "Forwarded"):
        is_problem(api.client(**{name: "true"}).get("/api/v1/keys"), 401)
    assert api.owner.get("/api/v1/keys").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8080", "", "[", "localhost@evil"]
)
def test_other_hosts_are_not_answered(api, host):
    is_problem(api.outside.get("/healthz", headers={"Host": host}), 421)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080"])
def test_our_own_hosts_are_answered(api, host):
    assert TestClient(api.app, base_url=BASE).get("/healthz", headers={"Host": host}).status_code == 200


def test_a_setup_link_opens_one_session_once_and_only_for_an_hour(both):
    ctx = both.rig.ctx
    address = both.owner.post("/api/v1/setup-links").json()["url"]
    assert address.startswith(f"{BASE}/setup/")
    token = address.rpartition("/")[2]
    session = access.open_session(ctx, token)
    assert session is not None
    assert access.open_session(ctx, token) is None
    assert access.find_session(ctx, session.secret) == session
    assert access.find_session(ctx, token) is None
    late = access.new_setup_link(ctx)
    both.rig.clock.advance(3601)
    assert access.open_session(ctx, late) is None
    assert access.open_session(ctx, "never made") is None
    both.rig.clock.advance(30 * 86400)
    assert access.find_session(ctx, session.secret) is None


def test_a_closed_session_is_over(both):
    session = access.open_session(both.rig.ctx, access.new_setup_link(both.rig.ctx))
    assert session is not None
    access.close_session(both.rig.ctx, session)
    assert access.find_session(both.rig.ctx, session.secret) is None
