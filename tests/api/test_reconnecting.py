"""/connections/…/reconnect-link, /resume, and consents for secret boards."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from steadypin.domain.operations import SECRET_SCOPES
from steadypin.services import connecting, reconnect_links
from steadypin.services.access import Scope
from tests.api.stage import Api, is_problem


def away(api: Api, for_s: float = 3600) -> str:
    """The address of an account with a Pin that came due after it was disconnected."""
    shop = api.rig.connect()
    api.rig.pin(shop)
    connecting.disconnect(api.rig.ctx, shop.id)
    api.rig.clock.advance(for_s)
    api.rig.drain()
    return f"/api/v1/connections/{shop.id}"


def test_a_link_is_told_once_lasts_as_long_as_asked_and_is_revoked(api):
    address = f"{away(api)}/reconnect-link"
    made = api.owner.post(address)
    assert made.status_code == 201
    token = urlsplit(made.json()["url"]).path.removeprefix("/reconnect/")
    seen = reconnect_links.look(api.rig.ctx, token)
    assert (seen.link.id, seen.connection.username) == (made.json()["id"], "spring_shop")
    assert seen.link.expires_at - seen.link.created_at == reconnect_links.LASTS
    short = api.owner.post(address, json={"hours": 1, "asked_by": "The spring team"}).json()
    assert short["expires_at"] < made.json()["expires_at"]
    assert api.owner.delete(address).json() == {"revoked": 2}
    for hours in (0, 721, "7"):
        is_problem(api.owner.post(address, json={"hours": hours}), 422)
    is_problem(api.owner.post("/api/v1/connections/con_none/reconnect-link"), 404)
    is_problem(api.key(Scope.CONNECTIONS_WRITE, connection_ids=[]).post(address), 404)


def test_new_times_are_shown_before_and_after_and_taken_back(both):
    address = f"{away(both)}/resume"
    before = both.owner.get(address).json()
    assert (before["connected"], before["by_itself"], before["last"]) == (False, 1, None)
    is_problem(both.owner.post(address), 409)
    both.rig.connect(drain=False)
    after = both.owner.get(address).json()
    assert (after["gone_on"], after["last"]["undoable"], after["last"]["by_itself"]) == (1, True, True)
    (was,), (now,) = before["items"], after["items"]
    assert (was["how"], now["how"]) == ("by_itself", "gone_on")
    assert (was["pin_id"], was["due_at"], was["at"]) == (now["pin_id"], now["due_at"], now["at"])
    assert both.owner.post(f"{address}/undo").json() == {"put_back": 1, "left_alone": []}
    assert both.owner.post(address).json()["gone_on"] == 1
    both.rig.run_out(60)
    told = is_problem(both.owner.post(f"{address}/undo"), 409)
    assert "cannot be taken back any more" in told["detail"]


def test_secret_boards_are_asked_for_on_request_and_what_lacks_is_said(api):
    begun = api.owner.post("/api/v1/connections/authorize", json={"secret_boards": True}).json()
    (asked,) = parse_qs(urlsplit(begun["url"]).query)["scope"]
    assert set(asked.split(",")) > set(SECRET_SCOPES)
    shop = api.rig.connect()
    lacks = api.owner.get(f"/api/v1/connections/{shop.id}").json()["lacks"]
    assert {each["scope"] for each in lacks} == set(SECRET_SCOPES)
    assert all(each["optional"] and each["costs"] for each in lacks)
