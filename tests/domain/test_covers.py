"""What is proposed and said for the cover of a video."""

from __future__ import annotations

import pytest

from steadypin.domain.covers import cover_image_findings, key_frame_findings, proposed_second
from steadypin.domain.media_facts import ImageFacts, VideoFacts


def film(seconds: float | None = 20, width: int = 1080, height: int = 1920) -> VideoFacts:
    return VideoFacts("MP4 video", 1, duration_s=seconds, width=width, height=height)


@pytest.mark.parametrize(("seconds", "second"), [(None, 0), (1.5, 0), (4, 1), (20, 2), (900, 10)])
def test_the_proposed_frame_is_a_little_way_in(seconds: float | None, second: int):
    assert proposed_second(film(seconds)) == second


def test_a_frame_past_the_end_is_told():
    assert key_frame_findings(20, film(20)) == ()
    assert key_frame_findings(99, film(None)) == ()
    (found,) = key_frame_findings(21, film(20))
    assert (found.check, found.level) == ("cover.frame", "warning")
    assert found.evidence["proposed"] == 2


@pytest.mark.parametrize(
    ("size", "checks"),
    [
        ((1080, 1920), []),
        ((720, 1280), []),
        ((1000, 1500), ["cover.ratio"]),
        ((1920, 1080), ["cover.ratio"]),
        ((0, 0), []),
    ],
)
def test_a_cover_should_have_the_shape_of_its_video(size: tuple[int, int], checks: list[str]):
    image = ImageFacts("JPEG", "image/jpeg", 1, *size)
    assert [each.check for each in cover_image_findings(image, film())] == checks
