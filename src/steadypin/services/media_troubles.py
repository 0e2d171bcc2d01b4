"""What a Pin keeps of trouble with its media: of one file, named by its place among several, or of all together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steadypin.domain.findings import Finding, blockers
from steadypin.domain.pins import Media, Trouble
from steadypin.domain.preflight import together
from steadypin.domain.words import Cause, Remedy, Step
from steadypin.storage.media import KeptMedia


def unfit(shown: Media, files: Iterable[KeptMedia]) -> Trouble | None:
    """Files that are well one by one, but cannot be sent together; None when they can."""
    found = blockers(together(shown, {each.id: each.picture for each in files}))
    return of_finding(found[0]) if found else None


def of_finding(finding: Finding, place: str = "", native: Mapping[str, object] | None = None) -> Trouble:
    """A blocker about the media."""
    return Trouble(
        step=Step.MEDIA_AND_TEXT,
        cause=Cause.MEDIA,
        remedy=Remedy.FIX_INPUT,
        fix=finding.fix,
        title=placed(finding.title, place),
        rule=finding.check,
        native={**(native or {}), **finding.evidence},
    )


def placed(sentence: str, place: str) -> str:
    """The sentence with the image that it is about in front, when there are several."""
    return f"{place[:1].upper()}{place[1:]}: {sentence}" if place else sentence
