"""Every reply has the shape that the OpenAPI description gives it."""

import pytest

from pinsim.product.routes import ROUTES
from tests.pinsim.spec_shapes import faults_of, operation, reply_schema, spec
from tests.pinsim.stage import Stage, base64_source, picture


def test_the_table_of_routes_agrees_with_the_spec():
    for route in ROUTES:
        found = operation(route.operation)
        path = "/".join(
            "*" if part.startswith("{") else part for part in _path_of(route.operation).split("/")
        )
        assert path == route.path
        if route.scopes is None:
            assert found["security"] == [{"basic": []}]
        else:
            assert found["security"][0]["pinterest_oauth2"] == list(route.scopes), route.operation


def test_a_pin_with_one_image_has_the_shape_of_the_spec(stage: Stage):
    answer = stage.create(
        title="Soup", description="Hot", alt_text="A bowl", link="https://spring.example/soup"
    )
    assert answer.status == 201
    assert faults_of(answer.json(), reply_schema("pins/create", 201)) == []
    again = stage.spring("GET", f"/v5/pins/{answer.json()['id']}")
    assert again.json() == answer.json()


def test_a_carousel_has_the_shape_of_the_spec(stage: Stage):
    items = [
        {"content_type": "image/png", "data": base64_source(picture(colour=colour))["data"], "title": colour}
        for colour in ("red", "green", "blue")
    ]
    answer = stage.create(media_source={"source_type": "multiple_image_base64", "items": items, "index": 1})
    assert answer.status == 201
    assert faults_of(answer.json(), reply_schema("pins/create", 201)) == []
    assert answer.json()["creative_type"] == "CAROUSEL"
    assert [item["title"] for item in answer.json()["media"]["items"]] == ["red", "green", "blue"]


def test_reads_have_the_shapes_of_the_spec(stage: Stage):
    board = stage.board()
    section = board["sections"][0]["id"]
    stage.create(board_section_id=section)
    for path, name in [
        ("/user_account", "user_account/get"),
        ("/boards", "boards/list"),
        (f"/boards/{board['id']}", "boards/get"),
        (f"/boards/{board['id']}/pins", "boards/list_pins"),
        (f"/boards/{board['id']}/sections", "board_sections/list"),
        (f"/boards/{board['id']}/sections/{section}/pins", "board_sections/list_pins"),
        ("/pins", "pins/list"),
    ]:
        answer = stage.spring("GET", "/v5" + path)
        assert answer.status == 200, path
        assert faults_of(answer.json(), reply_schema(name, 200)) == [], path
        assert answer.json().get("items", [True]), path


def test_board_and_section_writes_have_the_shapes_of_the_spec(stage: Stage):
    made = stage.spring("POST", "/v5/boards", {"name": "Tables", "description": "Wood"})
    assert (made.status, faults_of(made.json(), reply_schema("boards/create", 201))) == (201, [])
    path = f"/v5/boards/{made.json()['id']}"
    changed = stage.spring("PATCH", path, {"name": "Chairs", "privacy": "SECRET"})
    assert (changed.status, faults_of(changed.json(), reply_schema("boards/update", 200))) == (200, [])
    section = stage.spring("POST", path + "/sections", {"name": "Oak"})
    assert (section.status, faults_of(section.json(), reply_schema("board_sections/create", 201))) == (
        201,
        [],
    )
    section_path = f"{path}/sections/{section.json()['id']}"
    assert stage.spring("PATCH", section_path, {"name": "Ash"}).json()["name"] == "Ash"
    for gone in (section_path, path):
        answer = stage.spring("DELETE", gone)
        assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("size", [1, 2])
def test_times_have_no_zone_suffix_and_ids_do_not_fit_a_float(stage: Stage, size: int):
    pins = [stage.create().json() for _ in range(size)]
    for pin in pins:
        assert pin["created_at"] == "2026-09-21T14:13:20"
        assert int(pin["id"]) > 2**53


def _path_of(name: str) -> str:
    return next(
        path
        for path, methods in spec()["paths"].items()
        for found in methods.values()
        if isinstance(found, dict) and found.get("operationId") == name
    )
