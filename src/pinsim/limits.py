"""Rate limits: real windows per category, and the headers that tell about them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

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


def policies(tier: str, category: str, app: str, user: str, times: float = 1) -> tuple[Policy, ...]:
    """What counts for one call. `app` and `user` are keys; an empty user means a call by the app itself. `times` is how
    many times the published quotas of Standard access are given."""
    if tier == "trial":
        return (
            Policy("universal_app_id", TRIAL_UNIVERSAL_PER_DAY, DAY_S, app),
            Policy(f"{category}_app_id", TRIAL_PER_DAY[category], DAY_S, app),
        )
    both = f"{app}/{user}"
    return (
        Policy("safety_net_app_id_user_id", _given(SAFETY_NET_PER_SECOND, times), 1, both),
        Policy(f"{category}_app_id_user_id", _given(STANDARD_PER_MINUTE[category], times), 60, both),
    )


def _given(published: int, times: float) -> int:
    return max(1, round(published * times))


@dataclass(frozen=True, slots=True)
class Counting:
    """How calls are counted: see the switches of these names."""

    enforce: bool = False
    sliding: bool = False
    rolling_day: bool = False
    refused_count: bool = False

    def slides(self, policy: Policy) -> bool:
        """Whether this policy's window moves with the clock instead of beginning at whole multiples."""
        return self.rolling_day if policy.window_s == DAY_S else self.sliding


class _Fixed:
    """One count in windows that begin at whole multiples of their length; a day begins at midnight UTC."""

    def __init__(self, policy: Policy) -> None:
        self._window_s, self._window, self._count = policy.window_s, -1, 0

    def used(self, now: float) -> int:
        return self._count if self._window == int(now // self._window_s) else 0

    def add(self, now: float) -> None:
        self._count = self.used(now) + 1
        self._window = int(now // self._window_s)

    def reset_s(self, now: float) -> float:
        return self._window_s - now % self._window_s


class _Sliding:
    """The times of the calls within the last window, the latest `limit` of them."""

    def __init__(self, policy: Policy) -> None:
        self._window_s = policy.window_s
        self._times: deque[float] = deque(maxlen=policy.limit)

    def used(self, now: float) -> int:
        while self._times and self._times[0] <= now - self._window_s:
            self._times.popleft()
        return len(self._times)

    def add(self, now: float) -> None:
        self._times.append(now)

    def reset_s(self, now: float) -> float:
        """Until the oldest call leaves the window: then there is room for one more."""
        return self._times[0] + self._window_s - now if self._times else self._window_s


class Meter:
    """Counts calls. Fixed and sliding windows are kept apart, so a switch thrown midway begins with an empty one."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str, bool], _Fixed | _Sliding] = {}

    def spend(
        self, wanted: tuple[Policy, ...], now: float, counting: Counting
    ) -> tuple[list[Standing], bool]:
        """Count one call. Returns the standings after it and whether it may go on."""
        windows = [(policy, self._window(policy, counting.slides(policy))) for policy in wanted]
        allowed = not counting.enforce or all(window.used(now) < policy.limit for policy, window in windows)
        standings = []
        for policy, window in windows:
            if allowed or counting.refused_count:
                window.add(now)
            left = max(0, policy.limit - window.used(now))
            standings.append(Standing(policy, left, max(1, math.ceil(window.reset_s(now)))))
        return standings, allowed

    def _window(self, policy: Policy, slides: bool) -> _Fixed | _Sliding:
        key = (policy.name, policy.owner, slides)
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = _Sliding(policy) if slides else _Fixed(policy)
        return found


def nearest_end(standings: list[Standing]) -> Standing:
    """The policy with least left; of several that are spent, the one that is spent for longest."""
    return min(standings, key=lambda each: (each.left, -each.reset_s))


def headers(standings: list[Standing]) -> dict[str, str]:
    """The three x-ratelimit headers; the first integer is the limit of the policy that is nearest its end."""
    nearest = nearest_end(standings)
    listed = ", ".join(
        f'{each.policy.limit};w={each.policy.window_s};name="{each.policy.name}"' for each in standings
    )
    return {
        "x-ratelimit-limit": f"{nearest.policy.limit}, {listed}",
        "x-ratelimit-remaining": str(nearest.left),
        "x-ratelimit-reset": str(nearest.reset_s),
    }


def retry_after(how: str, wait_s: float | None, now: float) -> dict[str, str]:
    """The Retry-After header of a refusal as the switch of this name says; none when nobody knows how long."""
    if how == "none" or wait_s is None:
        return {}
    seconds = max(1, math.ceil(wait_s))
    if how == "seconds":
        return {"Retry-After": str(seconds)}
    moment = datetime.fromtimestamp(math.ceil(now + seconds), UTC)
    return {"Retry-After": format_datetime(moment, usegmt=True)}
