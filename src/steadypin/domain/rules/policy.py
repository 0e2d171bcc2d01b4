"""policy.toml as values: how long to wait before trying again, by the kind of failure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits in seconds by name (a rule's `wait`), and the numbers around them."""

    waits: Mapping[str, tuple[float, ...]]
    jitter: float
    processing_reupload_s: float

    def wait_s(self, name: str, tries: int) -> float:
        """Seconds before the next try after `tries` tries (1 or more); the last wait repeats. "" means `standard`."""
        steps = self.waits[name or "standard"]
        return steps[min(max(tries, 1), len(steps)) - 1]


@cache
def load_policy() -> RetryPolicy:
    """The policy as shipped. Raises ValueError when a wait is no list of numbers."""
    data = tomllib.loads(files("steadypin.domain.rules").joinpath("policy.toml").read_text("utf-8"))
    waits = {str(name): tuple(float(step) for step in steps) for name, steps in data["waits"].items()}
    for name, steps in waits.items():
        if not steps or any(step < 0 for step in steps):
            raise ValueError(f"policy.toml: the wait {name} needs numbers of seconds, none below 0")
    limits = data["limits"]
    return RetryPolicy(waits, float(limits["jitter"]), float(limits["processing_reupload_s"]))
