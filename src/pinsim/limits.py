"""Rate limits: real windows per category, and the headers that tell about them."""

from __future__ import annotations

import math
from dataclasses import dataclass

DAY_S = 86_400
STANDARD_PER_MINUTE = {"org_read": 1000, "org_write": 100, "org_analytics": 60}
"""Calls per minute, user and app."""
SAFETY_NET_PER_SECOND = 100
"""Calls per second, user and app, over all categories."""
TRIAL_PER_DAY = {"org_read": 1000, "org_write": 300, "org_analytics": 1000}
"""Calls per day and app."""
TRIAL_UNIVERSAL_PER_DAY = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `limit` calls in `window_s` seconds for whatever `owner` is."""

    name: str
    limit: int
    window_s: int
    owner: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a policy in its present window."""

    policy: Policy
    left: int
    reset_s: int


def policies(tier: str, category: str, app: str, user: str) -> tuple[Policy, ...]:
    """What counts for one call. `app` and `user` are keys; an empty user means a call by the app itself."""
    if tier == "trial":
        return (
            Policy("universal_app_id", TRIAL_UNIVERSAL_PER_DAY, DAY_S, app),
            Policy(f"{category}_app_id", TRIAL_PER_DAY[category], DAY_S, app),
        )
    both = f"{app}/{user}"
    return (
        Policy("safety_net_app_id_user_id", SAFETY_NET_PER_SECOND, 1, both),
        Policy(f"{category}_app_id_user_id", STANDARD_PER_MINUTE[category], 60, both),
    )


class Meter:
    """Counts calls in fixed windows that begin at whole multiples of their length."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def spend(self, wanted: tuple[Policy, ...], now: float, enforce: bool) -> tuple[list[Standing], bool]:
        """Count one call. Returns the standings after it and whether it may go on; refused calls are not counted."""
        allowed = not enforce or all(self._used(policy, now) < policy.limit for policy in wanted)
        standings = []
        for policy in wanted:
            used = self._used(policy, now) + (1 if allowed else 0)
            self._counts[(policy.name, policy.owner)] = (int(now // policy.window_s), used)
            standings.append(Standing(policy, max(0, policy.limit - used), _reset_s(policy, now)))
        return standings, allowed

    def _used(self, policy: Policy, now: float) -> int:
        window, count = self._counts.get((policy.name, policy.owner), (-1, 0))
        return count if window == int(now // policy.window_s) else 0


def headers(standings: list[Standing]) -> dict[str, str]:
    """The three x-ratelimit headers; the first integer is the limit of the policy that is nearest its end."""
    nearest = min(standings, key=lambda each: each.left)
    listed = ", ".join(
        f'{each.policy.limit};w={each.policy.window_s};name="{each.policy.name}"' for each in standings
    )
    return {
        "x-ratelimit-limit": f"{nearest.policy.limit}, {listed}",
        "x-ratelimit-remaining": str(nearest.left),
        "x-ratelimit-reset": str(nearest.reset_s),
    }


def _reset_s(policy: Policy, now: float) -> int:
    return max(1, math.ceil(policy.window_s - now % policy.window_s))
