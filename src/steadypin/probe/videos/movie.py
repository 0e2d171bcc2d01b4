"""The header of an MP4, MOV or M4V file, wherever it stands, read piece by piece.

ftyp ─► moov (first or last) ─► tracks ─► fragments, if it is written so ─► VideoFacts
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from steadypin.domain.media_facts import MOVIES, VideoFacts
from steadypin.probe.boxes import Box, box_at, children, spelled
from steadypin.probe.reading import Reading, TooCostly, Unreadable, Window
from steadypin.probe.videos.fragments import end_of_fragment, extended_duration, indexed
from steadypin.probe.videos.tracks import Track, read_track, scale_and_duration

_MOST_TRACKS = 32
_MOST_TOP = 16_384
_MOST_BRANDS = 32


@dataclass(slots=True)
class _Movie:
    """What the walk over the file has found so far."""

    brands: tuple[str, ...] = ()
    moov: Box | None = None
    media: bool = False
    media_before: bool = False
    missing: int = 0
    packed: bool = False
    scale: int = 0
    length: int = 0
    tracks: list[Track] = field(default_factory=list)
    fragmented: bool = False
    defaults: dict[int, int] = field(default_factory=dict)
    index_s: float = 0.0
    fragments: int = 0
    fragments_s: float = 0.0
    walked: bool = False

    @property
    def picture(self) -> Track | None:
        """The track that a player shows."""
        return next((each for each in self.tracks if each.handler == "vide"), None)


def read_movie(window: Window, kind: str, claimed: str = "") -> Reading[VideoFacts]:
    """The facts of one file; what is wrong with it is in them. Never raises for what is in the file."""
    movie = _Movie()
    facts = VideoFacts(kind, window.size, MOVIES[kind], claimed=claimed)
    try:
        yield from _walk(window, movie)
    except Unreadable as trouble:
        if isinstance(trouble, TooCostly):
            return _facts(facts, movie) if movie.tracks else replace(facts, unseen=str(trouble))
        if not movie.tracks or not movie.media:
            return replace(facts, damage=str(trouble))
    return _facts(facts, movie)


def _walk(window: Window, movie: _Movie) -> Reading[None]:
    offset = 0
    for _ in range(_MOST_TOP):
        box = yield from box_at(window, offset, window.size)
        if box is None or not any(box.name):
            break
        if box.end > window.size:
            movie.missing = box.end - window.size
            break
        if (yield from _step(window, movie, box)):
            return
        offset = box.end
    movie.walked = True
    if movie.missing:
        return
    if movie.moov is None:
        raise Unreadable("its description (moov) is missing; perhaps its recording was never finished")
    if not movie.media:
        raise Unreadable("its description is there, but no media")


def _step(window: Window, movie: _Movie, box: Box) -> Reading[bool]:
    """Take in one box of the file; True when nothing behind it is of interest."""
    if box.name == b"ftyp":
        names = yield from window.read(box.body, min(box.size, 4 * _MOST_BRANDS))
        found = (names[at : at + 4] for at in range(0, len(names) - 3, 4) if at != 4)
        movie.brands = tuple(dict.fromkeys(spelled(each) for each in found))
    elif box.name == b"moov" and movie.moov is None:
        movie.moov = box
        yield from _read_moov(window, movie, box)
    elif box.name == b"mdat":
        movie.media = True
        movie.media_before |= movie.moov is None
    elif box.name == b"sidx" and not movie.index_s:
        movie.index_s, end = yield from indexed(window, box)
        if movie.moov is not None and end >= window.size - 65536:
            movie.missing = max(end - window.size, 0)
            return True
    elif box.name == b"moof":
        movie.fragmented = True
        yield from _read_fragment(window, movie, box)
    elif _is_garbage(box):
        raise Unreadable(f"it has a part {spelled(box.name)}, which no video has")
    return False


def _is_garbage(box: Box) -> bool:
    """Whether the name of a box is none: such bytes are no box, but something else."""
    return not all(32 <= byte < 127 or byte == 0xA9 for byte in box.name)


def _read_moov(window: Window, movie: _Movie, box: Box) -> Reading[None]:
    parts = yield from children(window, box)
    for part in parts:
        if part.name == b"mvhd":
            movie.scale, movie.length = yield from scale_and_duration(window, part)
        elif part.name == b"mvex":
            movie.fragmented = True
            total, movie.defaults = yield from extended_duration(window, part)
            movie.length = max(movie.length, total)
        elif part.name == b"cmov":
            raise Unreadable("its description is packed, as in very old QuickTime files")
    for part in [each for each in parts if each.name == b"trak"][:_MOST_TRACKS]:
        track = yield from read_track(window, part, movie.scale)
        if track is not None:
            movie.tracks.append(track)


def _read_fragment(window: Window, movie: _Movie, box: Box) -> Reading[None]:
    track = movie.picture
    if track is None or not track.timescale:
        return
    end = yield from end_of_fragment(window, box, track.number, movie.defaults.get(track.number, 0))
    if end is not None:
        movie.fragments += 1
        movie.fragments_s = max(movie.fragments_s, end / track.timescale)


def _facts(facts: VideoFacts, movie: _Movie) -> VideoFacts:
    sounds = [each for each in movie.tracks if each.handler == "soun"]
    facts = replace(
        facts,
        brands=movie.brands,
        audio=sounds[0].coding.name if sounds and sounds[0].coding else "",
        audio_tracks=len(sounds),
        video_tracks=sum(each.handler == "vide" for each in movie.tracks),
        missing_bytes=movie.missing,
        fragmented=movie.fragmented,
        moov_first=movie.moov is not None and not movie.media_before,
    )
    picture = movie.picture
    if picture is None:
        return facts
    coding = picture.coding
    return replace(
        facts,
        codec=(coding.name or f"'{coding.tag}'") if coding else "",
        codec_tag=coding.tag if coding else "",
        profile=coding.profile if coding else "",
        level=coding.level if coding else "",
        encrypted=coding.encrypted if coding else False,
        duration_s=_duration(movie, picture),
        width=picture.width,
        height=picture.height,
        rotation=picture.rotation,
        fps=picture.fps,
    )


def _duration(movie: _Movie, picture: Track) -> float | None:
    """The track's own length; in a fragmented file what its index or its fragments add up to."""
    whole = movie.length / movie.scale if movie.scale and movie.length else None
    if not movie.fragmented:
        return picture.duration_s or whole
    if movie.walked and movie.fragments_s:
        return movie.fragments_s
    return movie.index_s or whole or None
