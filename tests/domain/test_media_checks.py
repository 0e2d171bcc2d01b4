"""The judgement of images and videos, from facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steadypin.domain.findings import Finding
from steadypin.domain.media_checks import image_findings, too_large, with_article
from steadypin.domain.media_facts import ImageFacts, ImageLimits, VideoFacts, VideoLimits
from steadypin.domain.media_names import claimed_kind, contradicts, name_in_url
from steadypin.domain.video_checks import spoken, video_findings

PHOTO = ImageFacts("JPEG", "image/jpeg", 400_000, 1000, 1500, "RGB", declared=True)
FILM = VideoFacts(
    "MP4 video", 9_000_000, "video/mp4", codec="H.264", codec_tag="avc1", profile="High", audio="AAC", duration_s=20.0,
    width=1080, height=1920, video_tracks=1, audio_tracks=1,
)  # fmt: skip


def said(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {each.check: each.level.value for each in findings}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"image": "ok"}),
        ({"size": 20_000_000}, {"image.base64": "warning"}),
        ({"size": 20_000_001}, {"image.bytes": "blocker"}),
        ({"width": 100, "height": 100}, {"image.size": "warning"}),
        ({"width": 99, "height": 100}, {"image.size": "blocker"}),
        ({"width": 10_000, "height": 8_001}, {"image.pixels": "blocker"}),
        ({"width": 1000, "height": 2100}, {"image.ratio": "warning"}),
        ({"mode": "CMYK", "gps": True}, {"image.colours": "warning", "image.private": "warning"}),
        ({"damage": "cut", "width": 10_000, "height": 8_001}, {"image.pixels": "blocker"}),
        ({"format": "unknown"}, {"image.format": "blocker"}),
        ({"claimed": "photo.jpeg"}, {"image": "ok"}),
        ({"claimed": "image/webp"}, {"image": "ok", "image.name": "ok"}),
    ],
)
def test_an_image(more: dict, expected: dict[str, str]):
    assert said(image_findings(replace(PHOTO, **more))) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"video": "ok"}),
        ({"size": 2_000_000_000}, {"video": "ok"}),
        ({"size": 2_000_000_001}, {"video.bytes": "blocker"}),
        ({"duration_s": 4.0}, {"video": "ok"}),
        ({"duration_s": 3.99}, {"video.duration": "blocker"}),
        ({"duration_s": 900.0}, {"video": "ok"}),
        ({"duration_s": 900.1}, {"video.duration": "blocker"}),
        ({"duration_s": None}, {"video.duration": "warning"}),
        ({"width": 1910, "height": 1000}, {"video": "ok"}),
        ({"width": 1930, "height": 1000}, {"video.ratio": "blocker"}),
        ({"width": 960, "height": 1920}, {"video": "ok"}),
        ({"width": 950, "height": 1920}, {"video.ratio": "blocker"}),
        ({"codec": "ProRes 422"}, {"video.codec": "blocker"}),
        ({"audio": "", "audio_tracks": 0}, {"video": "ok"}),
        ({"missing_bytes": 7, "codec": ""}, {"video.whole": "blocker"}),
        ({"format": "unknown"}, {"video.container": "blocker"}),
        ({"format": "JPEG"}, {"video.container": "blocker"}),
        ({"format": "empty"}, {"video.empty": "blocker"}),
    ],
)
def test_a_video(more: dict, expected: dict[str, str]):
    assert said(video_findings(replace(FILM, **more))) == expected


def test_the_limits_are_arguments():
    assert said(image_findings(PHOTO, ImageLimits(most_bytes=1000))) == {"image.bytes": "blocker"}
    assert said(video_findings(FILM, VideoLimits(most_s=10))) == {"video.duration": "blocker"}
    assert "more than 20 MB" in too_large(None).title


def test_words_for_people():
    assert [with_article(kind) for kind in ("WebP", "HEIC", "MP4 video", "SVG")] == [
        "a WebP",
        "an HEIC",
        "an MP4 video",
        "an SVG",
    ]
    assert [spoken(3.25), spoken(901.0)] == ["3.2 s", "15:01 min"]


def test_what_names_and_types_claim():
    assert claimed_kind("image/PNG; charset=binary") == claimed_kind("Photo.PNG") == "PNG"
    assert claimed_kind("application/octet-stream") is claimed_kind("photo") is None
    assert contradicts("photo.png", "JPEG")
    assert not contradicts("film.mp4", "QuickTime video")
    assert name_in_url("https://shop.example/a%20b.jpg?X-Amz-Signature=1") == "a b.jpg"
    assert name_in_url("https://[broken/") == ""
