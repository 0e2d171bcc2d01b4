"""policy.toml as values: how long to wait before trying again, by the kind of failure, and what makes an incident."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class IncidentPolicy:
    """When an incident opens, how it is probed and when it closes; policy.toml says what each number means."""

    last: int
    window_s: float
    share: float
    silent_share: float
    failures: int
    connections: int
    unreached: int
    through: int
    quiet_s: float
    spread_s: float
    resume_per_s: float
    app_rules: frozenset[str]
    renewal_rules: frozenset[str]
    unreached_rules: frozenset[str]
    probes: Mapping[str, tuple[float, ...]]

    def probe_wait_s(self, kind: str, probes: int) -> float:
        """Seconds before the next probe after `probes` of them; the last wait repeats."""
        steps = self.probes[kind]
        return steps[min(probes, len(steps) - 1)]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits in seconds by name (a rule's `wait`), and the numbers around them."""

    waits: Mapping[str, tuple[float, ...]]
    jitter: float
    processing_reupload_s: float
    incidents: IncidentPolicy

    def wait_s(self, name: str, tries: int) -> float:
        """Seconds before the next try after `tries` tries (1 or more); the last wait repeats. "" means `standard`."""
        steps = self.waits[name or "standard"]
        return steps[min(max(tries, 1), len(steps)) - 1]


@cache
def load_policy() -> RetryPolicy:
    """The policy as shipped. Raises ValueError when a wait is no list of numbers."""
    data = tomllib.loads(files("steadypin.domain.rules").joinpath("policy.toml").read_text("utf-8"))
    limits = data["limits"]
    return RetryPolicy(
        _waits(data["waits"]),
        float(limits["jitter"]),
        float(limits["processing_reupload_s"]),
        _incidents(data["incidents"]),
    )


def _waits(table: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
    waits = {str(name): tuple(float(step) for step in steps) for name, steps in table.items()}
    for name, steps in waits.items():
        if not steps or any(step < 0 for step in steps):
            raise ValueError(f"policy.toml: the wait {name} needs numbers of seconds, none below 0")
    return waits


def _incidents(table: Mapping[str, Any]) -> IncidentPolicy:
    known: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in table.items()
    }
    return IncidentPolicy(**{**known, "probes": _waits(table["probes"])})
