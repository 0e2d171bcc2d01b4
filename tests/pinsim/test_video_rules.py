"""The rules of the error reference about pictures, videos and uploads, each from what a client really did."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from pinsim import Answer
from steadypin.domain.failures import classify
from steadypin.domain.native import read_native
from tests.pinsim.films import film
from tests.pinsim.stage import Stage, base64_source, picture
from tests.pinsim.videos import FORM, form, post, processed, register, send, upload, video_source

Deed = Callable[[Stage], Answer]


def _carousel(stage: Stage) -> Answer:
    item = {key: base64_source()[key] for key in ("content_type", "data")}
    return stage.create(media_source={"source_type": "multiple_image_base64", "items": [item] * 6})


def _cover(data: bytes) -> Deed:
    packed = base64.b64encode(data).decode()
    given = {"cover_image_content_type": "image/png", "cover_image_data": packed}
    return lambda stage: stage.create(media_source=video_source(processed(stage), **given))


def _fetched(stage: Stage) -> Answer:
    return stage.create(media_source={"source_type": "image_url", "url": "http://127.0.0.1:9/a.png"})


def _beyond_base64(stage: Stage) -> Answer:
    stage.switch(base64_max_chars=10)
    return stage.create()


def _late_form(stage: Stage) -> Answer:
    made = register(stage)
    stage.now += 86_400
    return send(stage, made["upload_parameters"])


def _large_file(stage: Stage) -> Answer:
    stage.switch(upload_max_bytes=100)
    return send(stage, register(stage)["upload_parameters"])


def _chunked(stage: Stage) -> Answer:
    return post(stage, b"", {**FORM, "Transfer-Encoding": "chunked"})


def _no_key(stage: Stage) -> Answer:
    return post(stage, form([("file", film())]))


def _no_file(stage: Stage) -> Answer:
    return post(stage, form(list(register(stage)["upload_parameters"].items())))


def _half_a_form(stage: Stage) -> Answer:
    return post(stage, form([*register(stage)["upload_parameters"].items(), ("file", film())])[:-30])


def _read(data: bytes, wait_s: float) -> Deed:
    def deed(stage: Stage) -> Answer:
        media_id = upload(stage, data)
        stage.now += wait_s
        return stage.spring("GET", f"/v5/media/{media_id}")

    return deed


def _cleared(stage: Stage) -> Answer:
    media_id = processed(stage)
    stage.post("/_sim/act", {"do": "delete_media", "media": media_id})
    return stage.spring("GET", f"/v5/media/{media_id}")


def _bad_day(do: str) -> Deed:
    def deed(stage: Stage) -> Answer:
        stage.order(do, on="media/upload")
        return send(stage, register(stage)["upload_parameters"])

    return deed


DEEDS: list[tuple[str, str, Deed]] = [
    ("image-too-small", "pins/create", lambda s: s.create(media_source=base64_source(picture(size=(9, 9))))),
    ("image-broken", "pins/create", lambda s: s.create(media_source=base64_source(picture()[:-40]))),
    ("image-format", "pins/create", lambda s: s.create(media_source=base64_source(picture("WEBP")))),
    ("image-format", "pins/create", _cover(picture("WEBP"))),
    ("image-broken", "pins/create", _cover(film())),
    ("image-not-fetched", "pins/create", _fetched),
    ("media-invalid", "pins/create", _beyond_base64),
    ("carousel-too-many", "pins/create", _carousel),
    ("cover-missing", "pins/create", lambda s: s.create(media_source=video_source(processed(s), is_standard=1))),
    ("video-not-ready", "pins/create", lambda s: s.create(media_source=video_source(upload(s)))),
    ("media-invalid", "pins/create", lambda s: s.create(media_source=video_source(processed(s, picture())))),
    ("media-upload-not-found", "pins/create", lambda s: s.create(media_source=video_source("1"))),
    ("id-not-a-number", "pins/create", lambda s: s.create(media_source=video_source("film"))),
    ("id-not-a-number", "media/get", lambda s: s.spring("GET", "/v5/media/film")),
    ("media-upload-not-found", "media/get", _cleared),
    ("video-still-processing", "media/get", _read(film(), 1)),
    ("video-processing-failed", "media/get", _read(picture(), 60)),
    ("upload-form-expired", "media/upload", _late_form),
    ("upload-form-expired", "media/upload", lambda s: send(s, {**_form(s), "x-amz-signature": "no"})),
    ("upload-form-expired", "media/upload", lambda s: send(s, {**_form(s), "key": "another"})),
    ("upload-too-large", "media/upload", _large_file),
    ("upload-too-large", "media/upload", lambda s: send(s, _form(s), b"")),
    ("upload-without-length", "media/upload", _chunked),
    ("upload-form-wrong", "media/upload", _no_key),
    ("upload-form-wrong", "media/upload", _no_file),
    ("upload-form-wrong", "media/upload", _half_a_form),
    ("upload-store-down", "media/upload", _bad_day("500")),
    ("upload-store-down", "media/upload", _bad_day("503")),
]  # fmt: skip


def _form(stage: Stage) -> dict[str, str]:
    found: dict[str, str] = register(stage)["upload_parameters"]
    return found


@pytest.mark.parametrize(
    ("rule", "endpoint", "deed"), DEEDS, ids=[f"{n}-{each[0]}" for n, each in enumerate(DEEDS)]
)
def test_what_pinsim_answers_leads_to_the_rule(stage: Stage, rule: str, endpoint: str, deed: Deed):
    answer = deed(stage)
    native = read_native(endpoint, answer.status, answer.body, answer.headers)
    assert classify(native, environment="production").rule == rule
