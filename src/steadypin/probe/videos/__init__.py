"""Looks at a video file with few and small reads: never at its pictures, only at what its header says of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from steadypin.domain.findings import Finding, blockers
from steadypin.domain.media_checks import CHANGED
from steadypin.domain.media_facts import MOVIES, VideoFacts, VideoLimits
from steadypin.domain.video_checks import video_findings
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.reading import Cost, Window, read_from
from steadypin.probe.videos.movie import read_movie

__all__ = ["VideoProbe", "probe_video", "read_movie", "video_facts"]


@dataclass(frozen=True, slots=True)
class VideoProbe:
    """Facts and Findings of one file."""

    facts: VideoFacts
    findings: tuple[Finding, ...]

    @property
    def publishable(self) -> bool:
        """No blocker was found."""
        return not blockers(self.findings)


def probe_video(path: Path, claimed: str = "", limits: VideoLimits | None = None) -> VideoProbe:
    """Look at the file; never raises for what is in it. Raises OSError when it cannot be read."""
    facts = video_facts(path, claimed)
    return VideoProbe(facts, video_findings(facts, limits))


def video_facts(path: Path, claimed: str = "", cost: Cost | None = None) -> VideoFacts:
    """Measure the file. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        facts = _measured(file, before.st_size, claimed, cost)
        after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return facts if same else replace(facts, damage=CHANGED)


def _measured(file: BinaryIO, size: int, claimed: str, cost: Cost | None) -> VideoFacts:
    kind = kind_of(file.read(HEAD_BYTES))
    if kind not in MOVIES:
        return VideoFacts(kind, size, claimed=claimed)
    return read_from(read_movie(Window(size), kind, claimed), file, cost)
