"""The cover of a video: which frame to propose, and what is to be said of the one that was chosen.

proposed_second(video) · key_frame_findings(second, video) · cover_image_findings(image, video)
"""

from __future__ import annotations

from steadypin.domain.findings import Finding
from steadypin.domain.media_checks import warning
from steadypin.domain.media_facts import ImageFacts, VideoFacts

_SHARE = 0.1
_OTHER_SHAPE = 0.1
"""A cover whose ratio differs by more than this share is cut or framed beside its video."""


def proposed_second(video: VideoFacts) -> int:
    """A whole second a little way in, since many videos begin black; Pinterest takes no fractions. 0 if nothing is known."""
    if not video.duration_s or video.duration_s < 2:
        return 0
    return max(1, min(round(video.duration_s * _SHARE), 10))


def key_frame_findings(second: int, video: VideoFacts) -> tuple[Finding, ...]:
    """What is to be said of a frame chosen by its second; Pinterest takes the last one for a time past the end."""
    if video.duration_s is None or second <= video.duration_s:
        return ()
    title = f"The cover is to be the frame at second {second}, but the video has {video.duration_s:.1f} s. Pinterest takes its last frame."
    evidence = {"second": second, "seconds": round(video.duration_s, 3), "proposed": proposed_second(video)}
    return (
        warning(
            "cover.frame", title, f"Choose an earlier one, for example {proposed_second(video)}.", evidence
        ),
    )


def cover_image_findings(image: ImageFacts, video: VideoFacts) -> tuple[Finding, ...]:
    """What is to be said of an image beside its video, after what is said of the image itself."""
    if not (image.height and image.width and video.height and video.width):
        return ()
    shapes = (image.width / image.height, video.width / video.height)
    if max(shapes) / min(shapes) <= 1 + _OTHER_SHAPE:
        return ()
    title = f"The cover ({image.width} × {image.height}) has another shape than the video ({video.width} × {video.height})."
    evidence = {"cover": round(shapes[0], 4), "video": round(shapes[1], 4)}
    return (
        warning("cover.ratio", title, "Use a cover of the same shape, or a frame of the video.", evidence),
    )
