"""Findings as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.words import Cause, Remedy


class FindingOut(BaseModel):
    """What one check found; `evidence` holds the measured facts. `pending` was not looked at yet."""

    check: str
    step: int = Field(ge=1, le=6)
    level: Level
    title: str
    fix: str
    cause: Cause | None
    remedy: Remedy | None
    evidence: dict[str, Any]


class PreflightOut(BaseModel):
    """Every Finding about a Pin, by step. `passes`: no Finding would stop it."""

    passes: bool
    findings: list[FindingOut]


def preflight_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The JSON of a Preflight."""
    return {"passes": not blockers(findings), "findings": [finding.to_json() for finding in findings]}
