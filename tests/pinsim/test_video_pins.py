"""POST /pins with a video: one cover, a video that is ready, and a record of all that was sent."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from tests.pinsim.films import film
from tests.pinsim.spec_shapes import faults_of, reply_schema
from tests.pinsim.stage import Stage, base64_source, picture
from tests.pinsim.videos import processed, register, upload, video_source


def refused(answer: Any) -> tuple[int, int, str]:
    return answer.status, answer.json()["code"], answer.json()["message"]


def test_a_video_pin_has_the_shape_of_the_spec_and_its_facts(stage: Stage):
    data = film(12.5, (1920, 1080), turned=True)
    answer = stage.create(media_source=video_source(processed(stage, data)), title="Soup")
    assert answer.status == 201
    pin = answer.json()
    assert faults_of(pin, reply_schema("pins/create", 201)) == []
    assert pin["creative_type"] == "VIDEO"
    media = pin["media"]
    assert (media["media_type"], media["duration"]) == ("video", 12_500)
    assert (media["width"], media["height"], media["video_url"]) == (1080, 1920, None)
    cover = stage.send("GET", media["cover_image_url"].removeprefix(stage.sim.base_url).partition("?")[0])
    assert cover.body == picture()
    listed = stage.pages("spring_shop", f"/v5/boards/{stage.board()['id']}/pins")[0]
    assert listed == [pin]


def test_the_tester_sees_what_was_sent(stage: Stage):
    data, cover = film(20), picture("JPEG", (400, 600), "teal")
    media_id = processed(stage, data)
    sent = base64_source(cover, "image/jpeg")
    given = {"cover_image_content_type": "image/jpeg", "cover_image_data": sent["data"]}
    assert stage.create(media_source=video_source(media_id, **given)).status == 201
    pin = stage.live()[0]
    assert (pin["media_kind"], pin["source_type"]) == ("video", "video_id")
    video = pin["media"][0]
    assert video["digest"] == hashlib.sha256(data).hexdigest()
    assert (video["media_id"], video["bytes"], video["codec"]) == (media_id, len(data), "h264")
    assert (video["duration_s"], video["content_type"]) == (20.0, "video/mp4")
    assert video["cover"]["given"] == "base64"
    assert video["cover"]["digest"] == hashlib.sha256(cover).hexdigest()
    body = stage.get("/_sim/journal", {"operation": "pins/create"})["entries"][-1]["body"]
    assert (body["source_type"], body["media_id"]) == ("video_id", media_id)
    assert "video of 20 s" in stage.send("GET", "/").body.decode()


def test_a_key_frame_past_the_end_is_the_last_one(stage: Stage):
    media_id = processed(stage, film(12))
    for second in (0, 12, 99):
        source = video_source(media_id, cover_image_key_frame_time=second)
        assert stage.create(media_source=source).status == 201
    covers = [pin["media"][0]["cover"] for pin in stage.live()]
    assert [cover["key_frame_s"] for cover in covers] == [0, 12, 99]
    assert covers[0]["digest"] != covers[1]["digest"] == covers[2]["digest"]
    assert stage.send("GET", f"/media/{covers[0]['digest']}").header("Content-Type") == "image/png"


@pytest.mark.parametrize(
    ("cover", "status", "fragment"),
    [
        ({"is_standard": True}, 400, "cover_image_url or cover_image_content_type"),
        ({"cover_image_content_type": "image/png"}, 400, "cover_image_url or cover_image_content_type"),
        ({"cover_image_data": "AAAA"}, 400, "cover_image_url or cover_image_content_type"),
        ({"cover_image_url": ""}, 400, "cover_image_url or cover_image_content_type"),
        ({"cover_image_content_type": "image/webp", "cover_image_data": "AAAA"}, 400, "not one of"),
        ({"cover_image_content_type": "image/png", "cover_image_data": "A A"}, 400, "pattern"),
        ({"cover_image_key_frame_time": -1}, 400, "cover_image_key_frame_time"),
        ({"cover_image_key_frame_time": 1.5}, 400, "cover_image_key_frame_time"),
        ({"cover_image_key_frame_time": True}, 400, "cover_image_key_frame_time"),
        ({"cover_image_key_frame_time": 0, "cover_image_url": "https://a.example/"}, 400, "only one of"),
        ({"cover_image_url": "http://127.0.0.1:9/"}, 400, "could not fetch the image"),
    ],
)
def test_a_cover_that_is_none_is_refused(stage: Stage, cover: dict[str, Any], status: int, fragment: str):
    answer = stage.create(media_source=video_source(processed(stage), **cover))
    assert answer.status == status
    assert fragment in answer.json()["message"]
    assert stage.live() == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (picture("WEBP"), (400, "format of the image is not supported")),
        (picture(size=(50, 50)), (403, "image is too small")),
        (picture()[:-30], (403, "image is broken")),
        (film(), (403, "image is broken")),
    ],
)
def test_a_cover_is_a_picture_like_any_other(stage: Stage, data: bytes, expected: tuple[int, str]):
    packed = base64.b64encode(data).decode()
    cover = {"cover_image_content_type": "image/png", "cover_image_data": packed}
    answer = stage.create(media_source=video_source(processed(stage), **cover))
    assert answer.status == expected[0]
    assert expected[1] in answer.json()["message"]


def test_several_covers_may_be_read_in_their_order(stage: Stage):
    stage.switch(several_covers="first")
    source = {**video_source(processed(stage)), "cover_image_key_frame_time": 3}
    assert stage.create(media_source=source).status == 201
    assert stage.live()[0]["media"][0]["cover"]["given"] == "base64"


def test_the_video_must_be_ready_known_and_ones_own(stage: Stage):
    stage.switch(processing_s=100)
    waiting, never = upload(stage), register(stage)["media_id"]
    foreign = upload(stage, username="second_shop")
    failed = upload(stage, picture())
    assert "not ready" in refused(stage.create(media_source=video_source(waiting)))[2]
    stage.now += 100
    expected = {
        waiting: (201, ""),
        never: (400, "not ready"),
        failed: (400, "Invalid media"),
        foreign: (404, "Media upload not found"),
        "1": (404, "Media upload not found"),
        "film": (400, "does not match the pattern"),
    }
    for media_id, (status, fragment) in expected.items():
        answer = stage.create(media_source=video_source(media_id))
        assert answer.status == status
        assert fragment in answer.json().get("message", "")
    answer = stage.create(media_source={**video_source(waiting), "media_id": None})
    assert "'media_id' is a required property" in answer.json()["message"]
    assert len(stage.live()) == 1


def test_a_pin_may_be_taken_before_its_video_is_ready(stage: Stage):
    stage.switch(unready_media="accepted", processing_s=100)
    pin = stage.create(media_source=video_source(upload(stage))).json()
    assert faults_of(pin, reply_schema("pins/create", 201)) == []
    assert (pin["media"]["duration"], pin["media"]["width"], pin["media"]["height"]) == (None, None, None)
    stage.now += 100
    assert stage.spring("GET", f"/v5/pins/{pin['id']}").json()["media"]["duration"] == 12_000


def test_an_upload_can_be_used_again_after_a_lost_reply(stage: Stage):
    source = video_source(processed(stage))
    stage.order("made_then_timeout", times=1)
    assert stage.create(media_source=source).delivery == "hang"
    assert stage.create(media_source=source).status == 201
    assert len({pin["media"][0]["digest"] for pin in stage.live()}) == 1
    assert len(stage.live()) == 2


def test_a_carousel_keeps_the_words_of_its_cards(stage: Stage):
    items = [
        {**base64_source(picture(colour=colour)), "title": colour, "link": f"https://{colour}.example/"}
        for colour in ("red", "green")
    ]
    stage.create(media_source={"source_type": "multiple_image_base64", "items": items, "index": 1})
    pin = stage.live()[0]
    assert (pin["media_kind"], pin["cover"]) == ("carousel", 1)
    assert [(card["title"], card["link"]) for card in pin["media"]] == [
        ("red", "https://red.example/"),
        ("green", "https://green.example/"),
    ]
    assert pin["media"][1]["digest"] == hashlib.sha256(picture(colour="green")).hexdigest()
