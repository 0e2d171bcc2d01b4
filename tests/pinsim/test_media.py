"""/v5/media: registered, processing, succeeded or failed by the simulator's clock, and never why."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

import pytest

from tests.pinsim.films import film
from tests.pinsim.spec_shapes import faults_of, reply_schema
from tests.pinsim.stage import START, Stage, picture
from tests.pinsim.videos import processed, register, send, status, upload


def refused(answer: Any) -> tuple[int, int, str]:
    return answer.status, answer.json()["code"], answer.json()["message"]


def test_register_read_and_list_have_the_shapes_of_the_spec(stage: Stage):
    made = register(stage)
    assert faults_of(made, reply_schema("media/create", 201)) == []
    assert len(made["upload_parameters"]) == 8
    one = stage.spring("GET", f"/v5/media/{made['media_id']}")
    assert faults_of(one.json(), reply_schema("media/get", 200)) == []
    assert one.json() == {"media_id": made["media_id"], "media_type": "video", "status": "registered"}
    listed = stage.spring("GET", "/v5/media")
    assert faults_of(listed.json(), reply_schema("media/list", 200)) == []
    assert listed.json() == {"items": [one.json()], "bookmark": None}


def test_the_form_names_its_own_end_and_its_largest_file(stage: Stage):
    stage.switch(upload_life_s=900, upload_max_bytes=5_000)
    form = register(stage)["upload_parameters"]
    policy = json.loads(base64.b64decode(form["policy"]))
    assert next(iter(policy)) == "expiration"
    assert datetime.fromisoformat(policy["expiration"]).timestamp() == START + 900
    assert ["content-length-range", 1, 5_000] in policy["conditions"]
    assert {"key": form["key"]} in policy["conditions"]
    assert form["x-amz-date"] == "20260921T141320Z"


@pytest.mark.parametrize(
    ("body", "fragment"),
    [({}, "media_type"), ({"media_type": "image"}, "not one of ['video']"), (b"[]", "object")],
)
def test_only_videos_are_registered(stage: Stage, body: Any, fragment: str):
    status_code, code, message = refused(stage.spring("POST", "/v5/media", body))
    assert (status_code, code) == (400, 1)
    assert fragment in message
    assert stage.get("/_sim/media")["media"] == []


def test_a_film_is_processed_for_a_while_and_then_succeeds(stage: Stage):
    stage.switch(processing_s=40)
    media_id = upload(stage)
    assert status(stage, media_id) == "processing"
    stage.now += 39
    assert status(stage, media_id) == "processing"
    stage.now += 1
    assert status(stage, media_id) == "succeeded"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (picture("JPEG"), "neither MP4 nor MOV"),
        (film(3), "3 s are not between"),
        (film(codec=b"vp09"), "vp09"),
        (film()[:-5], "cut off"),
    ],
)
def test_wrong_bytes_are_taken_and_fail_without_a_reason(stage: Stage, data: bytes, why: str):
    media_id = processed(stage, data)
    answer = stage.spring("GET", f"/v5/media/{media_id}")
    assert answer.json() == {"media_id": media_id, "media_type": "video", "status": "failed"}
    known = stage.get("/_sim/media")["media"][0]
    assert why in known["why"]
    assert (known["digest"], known["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))


def test_the_tester_decides_over_all_files_over_one_or_afterwards(stage: Stage):
    stage.switch(fail_processing=True)
    assert status(stage, processed(stage)) == "failed"
    fine = {name: film(seconds) for seconds, name in enumerate(("failed", "succeeded", "stuck", "200"), 10)}
    digests = {hashlib.sha256(data).hexdigest(): name for name, data in fine.items()}
    stage.switch(fail_processing=False, processing_of=digests)
    made = {name: upload(stage, data) for name, data in fine.items()}
    stage.now += 199
    found = {name: status(stage, media_id) for name, media_id in made.items()}
    assert found == {"failed": "failed", "succeeded": "succeeded", "stuck": "processing", "200": "processing"}
    stage.now += 1
    assert status(stage, made["200"]) == "succeeded"
    stage.post("/_sim/act", {"do": "finish_media", "media": made["stuck"], "status": "failed"})
    assert status(stage, made["stuck"]) == "failed"
    stage.post("/_sim/act", {"do": "finish_media", "media": made["stuck"], "status": "succeeded"})
    assert status(stage, made["stuck"]) == "succeeded"


def test_larger_files_may_take_longer(stage: Stage):
    stage.switch(processing_s=0, processing_s_per_mb=100)
    media_id = upload(stage, film(data=b"\0" * 500_000))
    stage.now += 49
    assert status(stage, media_id) == "processing"
    stage.now += 2
    assert status(stage, media_id) == "succeeded"


def test_uploads_of_others_are_not_found_or_listed(stage: Stage):
    mine, other = register(stage)["media_id"], register(stage, "second_shop")["media_id"]
    assert refused(stage.spring("GET", f"/v5/media/{other}")) == (404, 404, "Media upload not found.")
    for name, media_id in (("spring_shop", mine), ("second_shop", other)):
        items = stage.as_(name, "GET", "/v5/media").json()["items"]
        assert [item["media_id"] for item in items] == [media_id]
    assert refused(stage.spring("GET", "/v5/media/1"))[:2] == (404, 404)
    status_code, code, message = refused(stage.spring("GET", "/v5/media/film"))
    assert (status_code, code) == (400, 1)
    assert r"'media_id' 'film' does not match the pattern ^\d+$" in message


def test_the_list_is_paged_newest_first_and_stands_still_under_new_ones(stage: Stage):
    made = [register(stage)["media_id"] for _ in range(5)]
    first = stage.spring("GET", "/v5/media", query={"page_size": "2"}).json()
    register(stage)
    second = stage.spring(
        "GET", "/v5/media", query={"page_size": "250", "bookmark": first["bookmark"]}
    ).json()
    shown = [item["media_id"] for page in (first, second) for item in page["items"]]
    assert shown == made[::-1]
    assert second["bookmark"] is None


def test_the_sandbox_has_uploads_of_its_own_and_trial_access_may_upload(stage: Stage):
    assert register(stage, "trial_terrace")["media_id"]
    token = stage.cast["trial_terrace"]["sandbox_token"]["access_token"]
    made = stage.send("POST", "/sandbox/v5/media", {"media_type": "video"}, token=token).json()
    assert send(stage, made["upload_parameters"]).status == 204
    stage.now += 60
    path = f"/v5/media/{made['media_id']}"
    assert stage.send("GET", "/sandbox" + path, token=token).json()["status"] == "succeeded"
    assert stage.as_("trial_terrace", "GET", path).status == 404
    assert [each["environment"] for each in stage.get("/_sim/media")["media"]] == ["production", "sandbox"]
    stage.switch(trial_refuses="writes")
    answer = stage.as_("trial_terrace", "POST", "/v5/media", {"media_type": "video"})
    assert refused(answer)[:2] == (403, 29)


def test_registering_needs_both_scopes_and_counts_as_a_write(stage: Stage):
    token = stage.post("/_sim/tokens", {"account": "spring_shop", "scopes": ["pins:read"]})["access_token"]
    answer = stage.send("POST", "/v5/media", {"media_type": "video"}, token=token)
    assert refused(answer)[:2] == (401, 3)
    assert "Missing: ['pins:write']" in answer.json()["message"]
    listed = stage.send("GET", "/v5/media", token=token)
    assert 'name="org_read_app_id_user_id"' in listed.header("x-ratelimit-limit")
    written = stage.spring("POST", "/v5/media", {"media_type": "video"})
    assert 'name="org_write_app_id_user_id"' in written.header("x-ratelimit-limit")


def test_reads_may_lag_behind(stage: Stage):
    stage.switch(media_lag_s=30, processing_s=10)
    media_id = upload(stage)
    stage.now += 29
    assert status(stage, media_id) == "registered"
    stage.now += 1
    assert status(stage, media_id) == "succeeded"
    stage.switch(media_lag_shows="404")
    late = register(stage)["media_id"]
    assert stage.spring("GET", f"/v5/media/{late}").status == 404
    assert len(stage.spring("GET", "/v5/media").json()["items"]) == 1
    stage.now += 30
    assert status(stage, late) == "registered"


def test_an_upload_may_be_cleared_away(stage: Stage):
    stage.switch(media_life_s=3_600)
    media_id = processed(stage)
    stage.now += 3_540
    assert stage.spring("GET", f"/v5/media/{media_id}").status == 404
    assert stage.spring("GET", "/v5/media").json()["items"] == []
    stage.switch(media_life_s=0)
    assert status(stage, media_id) == "succeeded"
    stage.post("/_sim/act", {"do": "delete_media", "media": media_id})
    assert stage.spring("GET", f"/v5/media/{media_id}").status == 404


def test_a_lost_reply_leaves_an_upload_that_the_list_shows(stage: Stage):
    stage.order("made_then_timeout", on="media/create", times=1)
    answer = stage.spring("POST", "/v5/media", {"media_type": "video"})
    assert answer.delivery == "hang"
    assert [item["status"] for item in stage.spring("GET", "/v5/media").json()["items"]] == ["registered"]
    entry = stage.get("/_sim/journal", {"operation": "media/create"})["entries"][-1]
    assert (entry["status"], entry["body"]) == (None, {"media_type": "video"})


def test_acts_and_switches_about_uploads_are_read_strictly(stage: Stage):
    media_id = register(stage)["media_id"]
    for act in (
        {"do": "finish_media", "media": media_id, "status": "failed"},
        {"do": "finish_media", "media": "1", "status": "failed"},
        {"do": "finish_media", "media": media_id, "status": "registered"},
        {"do": "delete_media", "media": "1"},
    ):
        assert stage.send("POST", "/_sim/act", act).status == 400
    for switches in ({"processing_of": {"a": "soon"}}, {"processing_s": -1}, {"media_lag_shows": "403"}):
        assert stage.send("PUT", "/_sim/switches", switches).status == 400


def test_the_same_seed_gives_the_same_forms():
    assert register(Stage(4)) == register(Stage(4))
    assert register(Stage(4)) != register(Stage(5))
