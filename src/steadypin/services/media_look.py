"""A look at one file or address, for a person who wants to know before anything is stored.

look_at_file(path) · look_at_address(fetcher, url) -> Look
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from steadypin.domain.conversion import Plan, conversion_for
from steadypin.domain.failures import classify
from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.media_facts import VIDEOS, ImageFacts, VideoFacts
from steadypin.probe.addresses import look_at
from steadypin.probe.fetch import Fetcher, FetchTrouble
from steadypin.probe.images import probe_image
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.videos import probe_video


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `facts` is None when nothing could be reached; `plan` is what a conversion would do."""

    source: str
    facts: ImageFacts | VideoFacts | None
    findings: tuple[Finding, ...]
    plan: Plan | None = None

    @property
    def publishable(self) -> bool:
        """No blocker was found."""
        return not blockers(self.findings)

    @property
    def media(self) -> str | None:
        """`image` or `video`, None when it is neither."""
        if isinstance(self.facts, VideoFacts):
            return "video"
        return "image" if self.facts is not None and self.facts.declared else None

    def to_json(self) -> dict[str, object]:
        """One document: facts that were not found are null or left at their empty value."""
        return {
            "source": self.source,
            "media": self.media,
            "publishable": self.publishable,
            "facts": _facts(self.facts),
            "findings": [finding.to_json() for finding in self.findings],
            "conversion": self.plan.to_json() if self.plan else None,
        }


def look_at_file(path: Path) -> Look:
    """Look at a file; never raises for what is in it. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind in VIDEOS:
        video = probe_video(path, path.name)
        return Look(str(path), video.facts, video.findings)
    image = probe_image(path, path.name)
    return Look(str(path), image.facts, image.findings, conversion_for(image.facts))


async def look_at_address(fetcher: Fetcher, url: str) -> Look:
    """Look at what is behind a web address; never raises for what is there."""
    found = await look_at(fetcher, url)
    if isinstance(found, FetchTrouble):
        return Look(url, None, (_unreached(found),))
    plan = conversion_for(found.facts) if isinstance(found.facts, ImageFacts) else None
    return Look(url, found.facts, found.findings, plan)


def _unreached(trouble: FetchTrouble) -> Finding:
    failure = classify(trouble.native)
    title = trouble.sentence or f"{failure.title}."
    evidence: Mapping[str, object] = {"rule": failure.rule, "native": failure.native.to_json()}
    return Finding(
        "media.address", Level.BLOCKER, title, failure.fix, failure.cause, failure.remedy, evidence
    )


def _facts(facts: ImageFacts | VideoFacts | None) -> dict[str, object] | None:
    if facts is None:
        return None
    shown = asdict(facts)
    if isinstance(facts, VideoFacts):
        shown["bitrate"] = facts.bitrate
    return shown
