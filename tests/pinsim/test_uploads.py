"""The bucket behind `upload_url`: it takes a form as S3 does, and tells nothing of Pinterest."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from pinsim import Answer, Request
from tests.pinsim.films import film
from tests.pinsim.stage import Stage, picture
from tests.pinsim.videos import FORM, form, post, register, send, status, upload


def refused(answer: Answer) -> tuple[int, str, str]:
    assert answer.header("Content-Type") == "application/xml"
    root = ElementTree.fromstring(answer.body)
    return answer.status, root.findtext("Code") or "", root.findtext("Message") or ""


def journal(stage: Stage) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = stage.get("/_sim/journal", {"operation": "media/upload"})["entries"]
    return entries


def without(parameters: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in parameters.items() if key != name}


def test_a_film_is_taken_with_204_and_is_on_record(stage: Stage):
    made, data = register(stage), film()
    answer = send(stage, made["upload_parameters"], data)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("x-pinterest-rid") == ""
    entry = journal(stage)[-1]
    digest = hashlib.sha256(data).hexdigest()
    assert (entry["account"], entry["environment"], entry["status"]) == ("spring_shop", "production", 204)
    assert entry["body_digest"] == digest
    assert entry["body"] == {
        "key": made["upload_parameters"]["key"],
        "file_bytes": len(data),
        "media_id": made["media_id"],
    }
    assert made["upload_parameters"]["x-amz-signature"] not in json.dumps(entry)
    known = stage.get("/_sim/media")["media"][0]
    assert (known["digest"], known["bytes"], known["film"]["codec"]) == (digest, len(data), "h264")


@pytest.mark.parametrize(
    ("missing", "expected", "fragment"),
    [
        ("key", (400, "InvalidArgument"), "Bucket POST must contain a field named 'key'"),
        ("policy", (403, "AccessDenied"), "Access Denied"),
        ("x-amz-signature", (400, "InvalidArgument"), "'X-Amz-Signature'"),
        ("x-amz-credential", (400, "InvalidArgument"), "'X-Amz-Credential'"),
        ("x-amz-date", (400, "InvalidArgument"), "'X-Amz-Date'"),
        ("x-amz-algorithm", (400, "InvalidArgument"), "'X-Amz-Algorithm'"),
        ("x-amz-security-token", (403, "InvalidAccessKeyId"), "does not exist"),
        ("Content-Type", (403, "AccessDenied"), "Policy Condition failed"),
    ],
)
def test_a_form_without_one_of_its_fields_is_refused(
    stage: Stage, missing: str, expected: tuple[int, str], fragment: str
):
    made = register(stage)
    fields = list(without(made["upload_parameters"], missing).items())
    late = (missing, made["upload_parameters"][missing])
    for behind in ([], [late]):  # a field behind the file is not looked at
        answer = post(stage, form([*fields, ("file", film()), *behind]))
        assert refused(answer)[:2] == expected
        assert fragment in refused(answer)[2]
    assert status(stage, made["media_id"]) == "registered"


@pytest.mark.parametrize(
    ("name", "expected", "fragment"),
    [
        ("key", (403, "AccessDenied"), 'Policy Condition failed: ["eq", "$key"'),
        ("x-amz-security-token", (403, "AccessDenied"), "Policy Condition failed"),
        ("x-amz-date", (403, "AccessDenied"), "Policy Condition failed"),
        ("x-amz-credential", (403, "InvalidAccessKeyId"), "does not exist"),
        ("x-amz-signature", (403, "SignatureDoesNotMatch"), "request signature we calculated"),
        ("policy", (403, "SignatureDoesNotMatch"), "request signature we calculated"),
    ],
)
def test_a_field_with_another_value_is_refused(
    stage: Stage, name: str, expected: tuple[int, str], fragment: str
):
    answer = send(stage, {**register(stage)["upload_parameters"], name: "b3RoZXI="})
    assert refused(answer)[:2] == expected
    assert fragment in refused(answer)[2]


def test_the_key_of_one_upload_does_not_open_another(stage: Stage):
    mine, other = register(stage), register(stage)
    key = other["upload_parameters"]["key"]
    assert refused(send(stage, {**mine["upload_parameters"], "key": key}))[1] == "AccessDenied"
    assert [each["uploads"] for each in stage.get("/_sim/media")["media"]] == [0, 0]


def test_a_field_that_the_policy_does_not_name_is_refused(stage: Stage):
    answer = send(stage, register(stage)["upload_parameters"], title="Soup")
    assert refused(answer) == (403, "AccessDenied", "Invalid according to Policy: Extra input fields: title")


def test_the_form_ends_by_the_simulators_clock(stage: Stage):
    stage.switch(upload_life_s=600)
    made = register(stage)
    stage.now += 599
    assert send(stage, made["upload_parameters"]).status == 204
    stage.now += 1
    answer = send(stage, made["upload_parameters"])
    assert refused(answer) == (403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def test_size_is_limited_on_both_sides_by_what_the_form_says(stage: Stage):
    stage.switch(upload_max_bytes=4_000)
    form_of = register(stage)["upload_parameters"]
    stage.switch(upload_max_bytes=1)
    assert send(stage, form_of, b"\0" * 4_000).status == 204
    assert refused(send(stage, form_of, b"\0" * 4_001))[:2] == (400, "EntityTooLarge")
    assert refused(send(stage, form_of, b""))[:2] == (400, "EntityTooSmall")


def test_what_is_no_form_is_refused(stage: Stage):
    parameters = register(stage)["upload_parameters"]
    whole = form([*parameters.items(), ("file", film())])
    assert refused(post(stage, whole[:-40]))[:2] == (400, "MalformedPOSTRequest")
    assert refused(post(stage, b""))[:2] == (400, "MalformedPOSTRequest")
    assert refused(post(stage, form(list(parameters.items()))))[1:] == (
        "InvalidArgument",
        "POST requires exactly one file upload per request.",
    )
    large = form([("key", "k" * 30_000), ("file", b"")])
    assert refused(post(stage, large))[:2] == (400, "MaxPostPreDataLengthExceeded")
    assert refused(post(stage, b"{}", {"Content-Type": "application/json"}))[0] == 412
    assert refused(post(stage, whole, {**FORM, "Transfer-Encoding": "chunked"}))[:2] == (
        411,
        "MissingContentLength",
    )
    assert refused(post(stage, whole, path="/upload/elsewhere"))[:2] == (405, "MethodNotAllowed")
    got = asyncio.run(stage.sim.answer(Request("GET", "/upload/")))
    assert refused(got)[:2] == (405, "MethodNotAllowed")
    assert [entry["status"] for entry in journal(stage)] == [400, 400, 400, 400, 412, 411, 405, 405]


def test_a_second_file_is_processed_anew_or_ignored(stage: Stage):
    made = register(stage)
    assert send(stage, made["upload_parameters"], picture()).status == 204
    stage.now += 60
    assert status(stage, made["media_id"]) == "failed"
    assert send(stage, made["upload_parameters"], film()).status == 204
    assert status(stage, made["media_id"]) == "processing"
    stage.now += 60
    stage.switch(second_upload="ignored")
    assert send(stage, made["upload_parameters"], picture()).status == 204
    assert status(stage, made["media_id"]) == "succeeded"
    assert stage.get("/_sim/media")["media"][0]["uploads"] == 3


def test_a_form_whose_upload_is_gone_is_still_taken(stage: Stage):
    made = register(stage)
    stage.post("/_sim/act", {"do": "delete_media", "media": made["media_id"]})
    assert send(stage, made["upload_parameters"]).status == 204
    assert journal(stage)[-1]["account"] is None


@pytest.mark.parametrize(
    ("do", "delivery", "status_code", "taken"),
    [
        ("500", "reply", 500, 0),
        ("503", "reply", 503, 0),
        ("rule:upload-form-expired", "reply", 403, 0),
        ("made_then_500", "reply", 500, 1),
        ("made_then_503", "reply", 503, 1),
        ("made_then_timeout", "hang", None, 1),
        ("made_then_reset", "reset_after", None, 1),
        ("not_made_timeout", "hang", None, 0),
        ("not_made_reset", "reset_after", None, 0),
        ("reset_before_send", "reset_before", None, 0),
        ("reset_midway", "reset_after", None, 0),
        ("slow", "delayed", 204, 1),
    ],
)
def test_a_fault_strikes_once_and_the_truth_is_on_record(
    stage: Stage, do: str, delivery: str, status_code: int | None, taken: int
):
    stage.order(do, on="media/upload", times=1)
    made = register(stage)
    answer = send(stage, made["upload_parameters"])
    assert answer.delivery == delivery
    entry = journal(stage)[-1]
    assert (entry["status"], entry["fault"], entry["delivery"]) == (status_code, do, delivery)
    assert stage.get("/_sim/media")["media"][0]["uploads"] == taken
    assert status(stage, made["media_id"]) == ("processing" if taken else "registered")
    assert send(stage, made["upload_parameters"]).status == 204
    assert stage.get("/_sim/faults")["faults"][0]["struck"] == 1


def test_the_bucket_speaks_xml_in_its_bad_hours(stage: Stage):
    for do, code in (("500", "InternalError"), ("made_then_503", "SlowDown")):
        stage.order(do, on="media/upload", times=1)
        assert refused(send(stage, register(stage)["upload_parameters"]))[:2] == (int(do[-3:]), code)


def test_a_fault_may_be_meant_for_one_account_and_a_star_means_the_api_only(stage: Stage):
    stage.order("503", on="media/upload", where={"account": "second_shop"})
    stage.order("reset_before_send", on="media/upload", where={"account": "trial_terrace"})
    assert send(stage, register(stage)["upload_parameters"]).status == 204
    assert send(stage, register(stage, "second_shop")["upload_parameters"]).status == 503
    assert send(stage, register(stage, "trial_terrace")["upload_parameters"]).delivery == "reset_before"
    stage.send("DELETE", "/_sim/faults")
    form_of = register(stage)["upload_parameters"]
    stage.order("500", on="*")
    assert send(stage, form_of).status == 204


def test_a_fault_after_taking_waits_for_a_form_that_is_taken(stage: Stage):
    stage.order("made_then_500", on="media/upload", times=1)
    form_of = register(stage)["upload_parameters"]
    assert refused(send(stage, {**form_of, "x-amz-signature": "no"}))[0] == 403
    assert send(stage, form_of).status == 500


def test_a_reset_midway_comes_after_so_many_bytes_of_the_file(stage: Stage):
    stage.order("reset_midway", on="media/upload", times=1, after_bytes=300_000)
    made = register(stage)
    send(stage, made["upload_parameters"], b"\0" * 2_000_000)
    assert 300_000 <= journal(stage)[-1]["body"]["file_bytes"] < 1_000_000


def test_orders_for_the_bucket_are_read_strictly(stage: Stage):
    for order in (
        {"on": "pins/create", "do": "reset_midway"},
        {"on": "media/upload", "do": "reset_midway", "after_bytes": -1},
        {"on": "media/upload", "do": "made_late"},
    ):
        assert stage.send("POST", "/_sim/faults", order).status == 400


def test_refusals_can_come_while_the_client_still_sends(stage: Stage):
    form_of = {**register(stage)["upload_parameters"], "x-amz-signature": "no"}
    for wanted, all_read in (("after", True), ("at_once", False)):
        stage.switch(upload_answers=wanted)
        body = form([*form_of.items(), ("file", b"\0" * 3_000_000)])
        assert refused(post(stage, body))[0] == 403
        assert (journal(stage)[-1]["body_bytes"] == len(body)) is all_read


def test_the_policy_reads_as_a_real_one(stage: Stage):
    policy = json.loads(base64.b64decode(register(stage)["upload_parameters"]["policy"]))
    assert set(policy) == {"expiration", "conditions"}
    assert {"bucket": "pinsim-media-upload"} in policy["conditions"]


def test_two_runs_with_one_seed_are_the_same_to_the_last_byte():
    def play() -> list[Answer]:
        stage = Stage(8)
        stage.order("made_then_500", on="media/upload", chance=0.5)
        media_ids = []
        answers = []
        for _ in range(6):
            made = register(stage)
            media_ids.append(made["media_id"])
            answers.append(send(stage, made["upload_parameters"]))
            stage.now += 3
        answers += [stage.send("GET", path) for path in ("/_sim/media", "/_sim/journal")]
        return answers

    assert play() == play()
    assert upload(Stage(8)) == upload(Stage(8))
