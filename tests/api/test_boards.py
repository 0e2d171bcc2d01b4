"""/connections/{id}/boards: what is known of them, making them, and moving their Pins."""

from __future__ import annotations

from typing import Any

import pytest

from steadypin.domain.connections import Connection
from steadypin.services import connecting
from steadypin.services.access import Scope
from tests.api.stage import Api, is_problem

DAY = 86_400.0


@pytest.fixture
def shop(api: Api) -> Connection:
    return api.rig.connect()


def boards(api: Api, shop: Connection) -> dict[str, Any]:
    answer = api.owner.get(f"/api/v1/connections/{shop.id}/boards")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["items"]}


def delete_board(api: Api, shop: Connection, name: str = "Garden ideas") -> None:
    api.rig.sim_control("POST", "/_sim/act", {"do": "delete_board", "board": name})
    connecting.sync_boards(api.rig.ctx, shop.id)
    api.rig.drain()


def test_a_board_is_told_with_what_keeps_its_pins(api: Api, shop: Connection) -> None:
    garden = boards(api, shop)["Garden ideas"]
    assert (garden["problem"], garden["may_be_refused"], garden["pins_waiting"]) == (None, False, 0)
    assert [each["name"] for each in boards(api, shop)["Spring recipes"]["sections"]] == ["Cakes", "Soups"]
    api.rig.pin(shop, due_in=DAY, board_id=garden["id"])
    delete_board(api, shop)
    gone = boards(api, shop)["Garden ideas"]
    assert (gone["rule"], gone["pins_waiting"]) == ("board-gone", 1)
    assert gone["gone_at"]
    assert "remap" in gone["fix"]
    listed = api.owner.get(f"/api/v1/connections/{shop.id}/boards").json()
    assert listed["synced_at"] < listed["next_sync_at"]


def test_a_board_is_made_once_under_one_idempotency_key_and_its_outcome_is_told(
    api: Api, shop: Connection
) -> None:
    address = f"/api/v1/connections/{shop.id}"
    headers = {"Idempotency-Key": "one"}
    asked = [api.owner.post(f"{address}/boards", json={"name": "Autumn"}, headers=headers) for _ in range(2)]
    assert [each.status_code for each in asked] == [202, 202]
    assert asked[0].json() == asked[1].json()
    errand = asked[0].json()["errand_id"]
    assert api.owner.get(f"{address}/errands/{errand}").json()["state"] == "waiting"
    api.rig.drain()
    done = api.owner.get(f"{address}/errands/{errand}").json()
    assert (done["state"], done["result"]["board_id"]) == ("done", boards(api, shop)["Autumn"]["id"])
    again = api.owner.post(f"{address}/boards", json={"name": "Autumn"}).json()["errand_id"]
    api.rig.drain()
    told = api.owner.get(f"{address}/errands/{again}").json()
    assert (told["state"], told["native"]["status"]) == ("refused", 400)
    section = api.owner.post(
        f"{address}/boards/{boards(api, shop)['Autumn']['id']}/sections", json={"name": "Leaves"}
    )
    assert section.status_code == 202
    api.rig.drain()
    assert [each["name"] for each in boards(api, shop)["Autumn"]["sections"]] == ["Leaves"]


def test_a_remap_is_a_dry_run_unless_it_is_said(api: Api, shop: Connection) -> None:
    known = boards(api, shop)
    garden, office = known["Garden ideas"]["id"], known["Home office"]["id"]
    made = [api.rig.pin(shop, f"Pin {n}", due_in=DAY, board_id=garden) for n in range(3)]
    delete_board(api, shop)
    address = f"/api/v1/connections/{shop.id}/boards/{garden}/remap"
    dry = api.owner.post(address, json={"limit": 2}).json()
    assert (dry["affected"], dry["by_stage"], dry["stays"], dry["remap"]) == (3, {"held": 3}, 0, None)
    rest = api.owner.post(address, json={"limit": 2, "cursor": dry["next_cursor"]}).json()
    assert {each["id"] for each in dry["pins"] + rest["pins"]} == {pin.id for pin in made}
    assert {each["board_id"] for each in dry["proposals"]} == {office, known["Spring recipes"]["id"]}
    assert all(each["reasons"] for each in dry["proposals"])
    assert api.rig.get(made[0]).content.board_id == garden
    headers = {"Idempotency-Key": "move"}
    body = {"target": office, "dry_run": False}
    moved, again = (api.owner.post(address, json=body, headers=headers).json()["remap"] for _ in range(2))
    assert moved == again
    assert (moved["count"], moved["to_board_id"]) == (3, office)
    assert api.rig.get(made[0]).content.board_id == office
    undo = f"/api/v1/connections/{shop.id}/boards/remap/{moved['id']}/undo"
    assert api.owner.post(undo).json()["restored"] == 3
    is_problem(api.owner.post(undo), 409)
    listed = api.owner.get(f"/api/v1/connections/{shop.id}/boards/remap").json()["items"]
    assert [each["id"] for each in listed] == [moved["id"]]


def test_what_makes_no_sense_is_refused(api: Api, shop: Connection) -> None:
    garden = boards(api, shop)["Garden ideas"]["id"]
    address = f"/api/v1/connections/{shop.id}"
    is_problem(api.owner.post(f"{address}/boards/{garden}/remap", json={"dry_run": False}), 422)
    is_problem(api.owner.post(f"{address}/boards/{garden}/remap", json={"target": "99"}), 422)
    is_problem(api.owner.post(f"{address}/boards/99/remap", json={}), 404)
    is_problem(api.owner.post(f"{address}/boards/remap/rmp_none/undo"), 404)
    is_problem(api.owner.get(f"{address}/errands/err_none"), 404)
    is_problem(api.owner.post(f"{address}/boards", json={"name": ""}), 422)
    is_problem(api.owner.post(f"{address}/boards", json={"name": "x", "privacy": "PROTECTED"}), 422)
    is_problem(api.owner.post(f"{address}/boards/99/sections", json={"name": "x"}), 404)


def test_moving_pins_needs_the_right_to_write_pins(api: Api, shop: Connection) -> None:
    garden = boards(api, shop)["Garden ideas"]["id"]
    address = f"/api/v1/connections/{shop.id}/boards/{garden}/remap"
    is_problem(api.key(Scope.CONNECTIONS_WRITE).post(address, json={}), 403)
    assert api.key(Scope.PINS_WRITE).post(address, json={}).status_code == 200
    other = api.rig.connect("second_shop")
    is_problem(api.key(Scope.PINS_WRITE, connection_ids=[other.id]).post(address, json={}), 404)
