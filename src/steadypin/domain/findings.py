"""A Finding: what a check says about a Pin, its media or this installation, before Pinterest says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from steadypin.domain.texts import FieldError
from steadypin.domain.words import Cause, Remedy, Step

_STEPS = {
    Cause.DUE_TIME: Step.COMPOSE,
    Cause.DUPLICATE: Step.COMPOSE,
    Cause.SPAM_BLOCK: Step.COMPOSE,
    Cause.TOKEN: Step.TOKEN_AND_SCOPES,
    Cause.SCOPE: Step.TOKEN_AND_SCOPES,
    Cause.ACCOUNT: Step.TOKEN_AND_SCOPES,
    Cause.APP_CREDENTIALS: Step.TOKEN_AND_SCOPES,
    Cause.BOARD: Step.BOARD,
    Cause.MEDIA: Step.MEDIA_AND_TEXT,
    Cause.LINK: Step.MEDIA_AND_TEXT,
    Cause.CONTENT: Step.MEDIA_AND_TEXT,
}


class Level(StrEnum):
    """How serious: a blocker would be refused, a warning is advice, pending was not looked at yet."""

    OK = "ok"
    PENDING = "pending"
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

    @property
    def step(self) -> Step:
        """Where in the chain of six it stands; without a cause it is about composing."""
        return _STEPS.get(self.cause, Step.PUBLISH) if self.cause is not None else Step.COMPOSE

    def to_json(self) -> dict[str, object]:
        """The shape of the API."""
        return {
            "check": self.check,
            "step": int(self.step),
            "level": self.level.value,
            "title": self.title,
            "fix": self.fix,
            "cause": self.cause.value if self.cause else None,
            "remedy": self.remedy.value if self.remedy else None,
            "evidence": dict(self.evidence),
        }


def from_json(data: Mapping[str, Any]) -> Finding:
    """The reverse of to_json, for values that this product made itself."""
    return Finding(
        data["check"],
        Level(data["level"]),
        data["title"],
        data["fix"],
        Cause(data["cause"]) if data["cause"] else None,
        Remedy(data["remedy"]) if data["remedy"] else None,
        data["evidence"],
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By step, and within one step the gravest first."""
    gravest = (Level.BLOCKER, Level.WARNING, Level.PENDING, Level.OK)
    return tuple(sorted(findings, key=lambda each: (each.step, gravest.index(each.level))))


def blockers(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a Pin."""
    return [finding for finding in findings if finding.level is Level.BLOCKER]


def refusals(field_name: str, findings: Iterable[Finding]) -> list[FieldError]:
    """The blockers as errors of one input field."""
    return [
        FieldError(field_name, f"{finding.title} {finding.fix}".strip()) for finding in blockers(findings)
    ]
