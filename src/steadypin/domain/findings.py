"""A Finding: what a check says about a Pin, its media or this installation, before Pinterest says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from steadypin.domain.texts import FieldError
from steadypin.domain.words import Cause, Remedy


class Level(StrEnum):
    """How serious: a blocker would be refused, a warning is advice."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check. `title` says what was found, `fix` what to do; `evidence` holds the measured facts."""

    check: str
    level: Level
    title: str
    fix: str = ""
    cause: Cause | None = None
    remedy: Remedy | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The shape of the API."""
        return {
            "check": self.check,
            "level": self.level.value,
            "title": self.title,
            "fix": self.fix,
            "cause": self.cause.value if self.cause else None,
            "remedy": self.remedy.value if self.remedy else None,
            "evidence": dict(self.evidence),
        }


def blockers(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a Pin."""
    return [finding for finding in findings if finding.level is Level.BLOCKER]


def refusals(field_name: str, findings: Iterable[Finding]) -> list[FieldError]:
    """The blockers as errors of one input field."""
    return [
        FieldError(field_name, f"{finding.title} {finding.fix}".strip()) for finding in blockers(findings)
    ]
