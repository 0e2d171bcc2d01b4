"""POST /pins refuses what Pinterest refuses, in the same words, and makes nothing then."""

import hashlib
from typing import Any

import pytest

from tests.pinsim.stage import Stage, base64_source, picture

Refused = tuple[int, int, str]


def _refusal(answer: Any) -> Refused:
    return answer.status, answer.json()["code"], answer.json()["message"]


@pytest.mark.parametrize(
    ("fields", "status", "code", "fragment"),
    [
        ({"title": "x" * 101}, 400, 1, "maxLength=100"),
        ({"description": "x" * 801}, 400, 1, "maxLength=800"),
        ({"alt_text": "x" * 501}, 400, 1, "maxLength=500"),
        ({"link": "https://a.example/" + "x" * 2048}, 400, 1, "maxLength=2048"),
        ({"title": 7}, 400, 1, "is not of type 'string'"),
        ({"link": "spring.example"}, 400, 1, "invalid URL"),
        ({"link": "ftp://spring.example/"}, 400, 1, "invalid URL"),
        ({"link": "https://spring.example/a b"}, 400, 1, "invalid URL"),
        ({"link": "https://spring.example:port/"}, 400, 1, "invalid URL"),
        ({"board_id": "spring"}, 400, 1, "match the pattern"),
        ({"board_id": None}, 400, 1, "board_id"),
        ({"board_id": "1"}, 404, 40, "Board not found"),
        ({"board_section_id": "1"}, 404, 2031, "couldn't find this board section"),
        ({"media_source": None}, 400, 1, "media_source"),
        ({"media_source": {"source_type": "film"}}, 400, 1, "source_type"),
        ({"media_source": {"source_type": "video_id", "media_id": "1"}}, 400, 1, "video"),
        ({"media_source": base64_source(content_type="image/webp")}, 400, 1, "content_type"),
        ({"media_source": {**base64_source(), "data": "data:image/png;base64,AAAA"}}, 400, 1, "pattern"),
        ({"media_source": base64_source(picture("WEBP"))}, 400, 1, "format of the image is not supported"),
        ({"media_source": base64_source(picture("GIF"))}, 400, 1, "format of the image is not supported"),
        ({"media_source": base64_source(picture(size=(99, 300)))}, 403, 233, "image is too small"),
        ({"media_source": base64_source(picture()[:-40])}, 403, 235, "image is broken"),
        ({"media_source": base64_source(b"\0\0\0\x18ftypmp42 film")}, 403, 235, "image is broken"),
    ],
)
def test_a_bad_pin_is_refused(stage: Stage, fields: dict[str, Any], status: int, code: int, fragment: str):
    answer = stage.create(**fields)
    assert _refusal(answer)[:2] == (status, code)
    assert fragment in answer.json()["message"]
    assert stage.live() == []


@pytest.mark.parametrize(("count", "fragment"), [(1, "minItems=2"), (6, "constraint: maxItems=5")])
def test_a_carousel_has_two_to_five_slides(stage: Stage, count: int, fragment: str):
    item = {key: base64_source()[key] for key in ("content_type", "data")}
    answer = stage.create(media_source={"source_type": "multiple_image_base64", "items": [item] * count})
    assert answer.status == 400
    assert fragment in answer.json()["message"]


def test_limits_count_characters_and_the_longest_texts_pass(stage: Stage):
    assert stage.create(title="ü" * 100, description="é" * 800, alt_text="🌷" * 500).status == 201


def test_a_foreign_board_is_forbidden(stage: Stage):
    answer = stage.create(board_id=stage.board("second_shop")["id"])
    assert _refusal(answer) == (403, 29, "You are not permitted to access that resource.")


def test_a_section_of_another_board_is_not_found(stage: Stage):
    other = stage.board("spring_shop", 1)["id"]
    answer = stage.create(board_id=other, board_section_id=stage.board()["sections"][0]["id"])
    assert _refusal(answer)[:2] == (404, 2031)


def test_trial_access_makes_no_pins_in_production_but_boards(stage: Stage):
    status, code, message = _refusal(stage.create("trial_terrace"))
    assert (status, code) == (403, 29)
    assert "Trial access may not create Pins in production" in message
    assert stage.as_("trial_terrace", "POST", "/v5/boards", {"name": "Pots"}).status == 201
    stage.switch(access="standard")
    assert stage.create("trial_terrace").status == 201


def test_missing_scopes_are_named(stage: Stage):
    scopes = ["boards:read", "pins:read", "pins:write"]
    token = stage.post("/_sim/tokens", {"account": "spring_shop", "scopes": scopes})["access_token"]
    answer = stage.send("POST", "/v5/pins", {}, token=token)
    assert _refusal(answer)[:2] == (401, 3)
    assert "Missing: ['boards:write']" in answer.json()["message"]


def test_a_secret_board_needs_the_secret_scopes(stage: Stage):
    secret = next(board for board in stage.cast["second_shop"]["boards"] if board["privacy"] == "SECRET")
    plain = ["boards:read", "boards:write", "pins:read", "pins:write"]
    token = stage.post("/_sim/tokens", {"account": "second_shop", "scopes": plain})["access_token"]
    body = {"board_id": secret["id"], "media_source": base64_source()}
    assert stage.send("POST", "/v5/pins", body, token=token).status == 403
    assert stage.as_("second_shop", "POST", "/v5/pins", body).status == 201
    listed = stage.send("GET", "/v5/boards", token=token, query={"page_size": "250"}).json()["items"]
    assert secret["id"] not in [board["id"] for board in listed]


def test_blocked_links_and_no_pin_sites_are_refused(stage: Stage):
    stage.switch(blocked_domains=["spam.example"], no_pin_sites=["quiet.example"])
    assert "may lead to spam" in stage.create(link="https://www.SPAM.example/x").json()["message"]
    assert "doesn't allow you to save Pins" in stage.create(link="https://quiet.example/").json()["message"]
    assert stage.create(link="https://notspam.example/").status == 201


def test_what_was_received_can_be_compared_by_digest(stage: Stage):
    data = picture("JPEG", (640, 960), "teal")
    stage.create(media_source=base64_source(data, "image/jpeg"), title="Teal")
    media = stage.live()[0]["media"][0]
    assert media["digest"] == hashlib.sha256(data).hexdigest()
    assert (media["width"], media["height"], media["bytes"]) == (640, 960, len(data))
    assert stage.send("GET", f"/media/{media['digest']}").body == data


def test_titles_links_and_texts_change_as_the_switches_say(stage: Stage):
    link = "HTTPS://Spring.example:443#top"
    stage.switch(rewrite_titles=True, open_graph={"https://spring.example/soup": "Soup of the day"})
    assert stage.create(title="Soup", link="https://spring.example/soup").json()["title"] == "Soup of the day"
    assert (
        stage.create(title="Soup", link="https://spring.example/x").json()["title"] == "Soup | spring.example"
    )
    assert stage.create(title="Soup").json()["title"] == "Soup"
    assert stage.create(link=link).json()["link"] == link
    stage.switch(normalise_links=True, strip_text=True, rewrite_titles=False)
    pin = stage.create(title="Soup  ", description="a \r\nb", link=link).json()
    assert (pin["title"], pin["description"], pin["link"]) == ("Soup", "a\nb", "https://spring.example/")


def test_an_archived_board_answers_as_the_switch_says(stage: Stage):
    stage.post("/_sim/act", {"do": "archive_board", "board": stage.board()["id"]})
    assert stage.create().status == 403
    stage.switch(archived_board="404_40")
    assert stage.create().status == 404
    stage.switch(archived_board="accepts")
    assert stage.create().status == 201


def test_editing_a_pin_is_a_restricted_feature_unless_switched(stage: Stage):
    path = f"/v5/pins/{stage.create(title='Old').json()['id']}"
    answer = stage.spring("PATCH", path, {"title": "New"})
    assert _refusal(answer)[:2] == (401, 3)
    assert "restricted feature: pin_edit" in answer.json()["message"]
    stage.switch(pin_edit=True)
    other = stage.board("spring_shop", 1)["id"]
    moved = stage.spring("PATCH", path, {"title": "New", "board_id": other})
    assert (moved.json()["title"], moved.json()["board_id"]) == ("New", other)
    assert stage.pages("spring_shop", f"/v5/boards/{stage.board()['id']}/pins") == [[]]


def test_the_sandbox_is_a_world_of_its_own(stage: Stage):
    token = stage.cast["trial_terrace"]["sandbox_token"]["access_token"]
    board = stage.cast["trial_terrace"]["sandbox_boards"][0]["id"]
    body = {"board_id": board, "media_source": base64_source()}
    assert stage.as_("trial_terrace", "POST", "/sandbox/v5/pins", body).json()["code"] == 2
    assert stage.send("POST", "/sandbox/v5/pins", body, token=token).status == 201
    assert stage.send("POST", "/v5/pins", body, token=token).status == 401
    body["media_source"] = {"source_type": "image_url", "url": "https://spring.example/a.png"}
    answer = stage.send("POST", "/sandbox/v5/pins", body, token=token)
    assert _refusal(answer)[:2] == (400, 1)
    assert "could not fetch the image" in answer.json()["message"]
    stage.now += 86_400
    assert stage.send("GET", "/sandbox/v5/boards", token=token).json()["code"] == 2


def test_a_body_that_is_no_json_object_is_refused(stage: Stage):
    for body in (b"", b"[]", b"{", b'{"title": "\xff"}', b'{"a":' * 100_000):
        assert _refusal(stage.spring("POST", "/v5/pins", body))[:2] == (400, 1)


def test_half_a_character_breaks_nothing(stage: Stage):
    assert stage.create(title="\ud83c").status == 201
    assert stage.get("/_sim/pins")["pins"]
    assert stage.send("GET", "/").status == 200
