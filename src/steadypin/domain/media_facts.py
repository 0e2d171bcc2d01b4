"""What was measured of a file, before anybody judges it: nothing here is an opinion.

ImageFacts, VideoFacts     one file as it is
ImageLimits, VideoLimits   what Pinterest takes and what it advises, for the checks
"""

from __future__ import annotations

from dataclasses import dataclass

JPEG, PNG, EMPTY, UNKNOWN = "JPEG", "PNG", "empty", "unknown"
PUBLISHABLE = {JPEG: "image/jpeg", PNG: "image/png"}
"""What Pinterest's API takes as an image, with its content type."""

PICTURES = frozenset(
    {"WebP", "GIF", "HEIC", "AVIF", "BMP", "TIFF", "ICO", "Photoshop", "JPEG XL", "JPEG 2000", "SVG", "camera raw"}
)  # fmt: skip
MOVIES = {"MP4 video": "video/mp4", "QuickTime video": "video/quicktime", "M4V video": "video/x-m4v"}
"""The videos that Pinterest takes, with their content types."""
VIDEOS = frozenset(
    {*MOVIES, "3GP video", "WebM or Matroska video", "AVI video", "Windows Media video", "Flash video", "MPEG video"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The numbers for images; bytes, pixels, and ratios as height to width or width to height."""

    most_bytes: int = 20_000_000
    """Copies of Pinterest's help page say 10, 20 and 32 MB; 20 is what is known to work."""
    base64_bytes: int = 10_000_000
    """Pinterest's ceiling for images inside a request is not documented; up to here none was met."""
    most_pixels: int = 80_000_000
    """Unpacked, such a PNG takes 320 MB of memory for a moment; Pinterest advises 1.5 million pixels."""
    least_side: int = 100
    """Pinterest documents no minimum but refuses small images (403, code 233); others found 100 to be taken."""
    narrow: int = 600
    tallest: float = 2.1
    widest: float = 2.0


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """The numbers for videos; seconds, bytes, and width to height. From Pinterest's help pages."""

    least_s: float = 4.0
    most_s: float = 900.0
    most_bytes: int = 2_000_000_000
    tallest: float = 1 / 2
    widest: float = 1.91
    tolerance: float = 0.005
    """1200 × 628 is what everybody exports as 1.91:1, and it is 1.9108."""
    least_side: int = 240


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image. Sizes in pixels as a viewer shows it, 0 when they could not be read; `claimed` is a name or content type."""

    format: str
    content_type: str
    size: int
    width: int = 0
    height: int = 0
    mode: str = ""
    bits: int = 8
    alpha: bool = False
    orientation: int = 1
    frames: int = 1
    icc: bool = False
    exif: bool = False
    gps: bool = False
    claimed: str = ""
    declared: bool = False
    damage: str = ""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video. Width and height as a player shows it, turned and with its pixel shape; None is what was not found."""

    format: str
    size: int
    content_type: str = ""
    brands: tuple[str, ...] = ()
    codec: str = ""
    codec_tag: str = ""
    profile: str = ""
    level: str = ""
    audio: str = ""
    duration_s: float | None = None
    width: int = 0
    height: int = 0
    rotation: int = 0
    fps: float | None = None
    fragmented: bool = False
    moov_first: bool = False
    encrypted: bool = False
    video_tracks: int = 0
    audio_tracks: int = 0
    missing_bytes: int = 0
    claimed: str = ""
    damage: str = ""
    unseen: str = ""

    @property
    def bitrate(self) -> int | None:
        """Bits a second, over all tracks."""
        return round(self.size * 8 / self.duration_s) if self.duration_s else None
