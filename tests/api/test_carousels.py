"""Carousels over HTTP: made, shown, changed, and refused by the name of the card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.stage import Api, is_problem


def cards(api: Api, *colours: str) -> list[dict[str, Any]]:
    return [{"media_id": api.rig.media(colour).media_id} for colour in colours]


def carousel(items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"type": "carousel", "items": items, **more}


def test_a_carousel_is_made_shown_and_published(both):
    shop = both.rig.connect()
    first, second = cards(both, "orange", "teal")
    first |= {"title": "One", "description": "The first", "link": "https://shop.example/1"}
    body = both.new_pin(shop.id, media=carousel([first, second], cover_index=1), due_at="now")
    made = both.owner.post("/api/v1/pins", json=body)
    assert made.status_code == 201, made.text
    blank = dict.fromkeys(("url", "title", "description", "link"))
    assert made.json()["media"] == {
        "type": "carousel",
        "items": [{**blank, **first}, {**blank, **second}],
        "cover_index": 1,
    }
    both.rig.drain()
    (live,) = both.rig.live("Lemon cake")
    assert (len(live["media"]), live["cover"]) == (2, 1)
    pin_id = made.json()["id"]
    assert both.owner.get(f"/api/v1/pins/{pin_id}").json()["stage"] == "published"
    (attempt,) = both.owner.get(f"/api/v1/pins/{pin_id}/attempts").json()["items"]
    assert attempt["fingerprint"]["kind"] == "carousel"


def test_addresses_and_uploads_mix_and_the_pin_is_prepared(api):
    shop = api.rig.connect()
    items = [*cards(api, "orange"), {"url": "https://shop.example/b.png"}]
    made = api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, media=carousel(items))).json()
    assert made["stage"] == "preparing"
    assert made["media"]["cover_index"] == 0


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"items": []}, "media.items", "at least 2"),
        ({"items": [{"url": "https://a.example"}] * 6}, "media.items", "at most 5"),
        ({"items": [{"url": "https://a.example"}, {}]}, "media.items.1", "image 2"),
        (
            {"items": [{"url": "https://a.example", "media_id": "m"}, {"url": "u"}]},
            "media.items.0",
            "image 1",
        ),
        (
            {"items": [{"url": "https://a.example", "alt": "x"}, {"url": "u"}]},
            "media.items.0.alt",
            "no field",
        ),
        (
            {"items": [{"url": "https://a.example", "link": "x"}, {"url": "u"}]},
            "media.items.0.link",
            "image 1",
        ),
        ({"cover_index": 2}, "media.cover_index", "Use 0 to 1"),
        ({"cover_index": 5}, "media.cover_index", "at most 4"),
        ({"cover_index": -1}, "media.cover_index", "at least 0"),
        ({"media_id": "med_1"}, "media.media_id", "no field"),
        ({"type": "slideshow"}, "media", "'slideshow'"),
        ({"type": None}, "media", "no 'type'"),
    ],
)
def test_what_cannot_be_taken_is_named(api, change: dict[str, Any], field: str, word: str):
    shop = api.rig.connect()
    media = carousel([{"url": "https://a.example/1.png"}, {"url": "https://a.example/2.png"}]) | change
    media = {name: value for name, value in media.items() if value is not None}
    told = is_problem(api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, media=media)), 422)
    assert {error["field"] for error in told["errors"]} == {field}
    assert word in told["errors"][0]["message"]


def test_an_image_takes_no_cards(api):
    shop = api.rig.connect()
    media = {"type": "image", "media_id": api.rig.media().media_id, "items": []}
    told = is_problem(api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, media=media)), 422)
    assert [error["field"] for error in told["errors"]] == ["media.items"]


def test_an_image_becomes_a_carousel_and_back(api):
    shop = api.rig.connect()
    pin = api.owner.post("/api/v1/pins", json=api.new_pin(shop.id)).json()
    address = f"/api/v1/pins/{pin['id']}"
    changed = api.owner.patch(address, json={"media": carousel(cards(api, "orange", "teal"))}).json()
    assert [item["media_id"] is not None for item in changed["media"]["items"]] == [True, True]
    back = api.owner.patch(address, json={"media": pin["media"]}).json()
    assert back["media"] == pin["media"]


def test_a_preflight_measures_the_images_together(api):
    shop = api.rig.connect()
    items = cards(api, "orange", "orange")
    told = api.owner.post("/api/v1/pins/preflight", json=api.new_pin(shop.id, media=carousel(items))).json()
    assert ("carousel.repeated", "warning") in [(each["check"], each["level"]) for each in told["findings"]]
    assert told["passes"]


def test_rows_of_an_import_take_several_images(both):
    shop = both.rig.connect()
    board = both.new_pin(shop.id)["board_id"]
    rows = [
        {"line": 2, "board": board, "title": "Two", "images": cards(both, "orange", "teal")},
        {"line": 3, "board": board, "title": "One", "images": cards(both, "orange")},
    ]
    told = both.owner.post("/api/v1/imports", json={"rows": rows}).json()
    assert [row["outcome"] for row in told["rows"]] == ["created", "refused"]
    assert told["rows"][1]["errors"][0]["field"] == "media"
