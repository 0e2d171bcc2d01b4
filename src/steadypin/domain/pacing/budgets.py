"""The Budgets of a Connection: when its next request may leave. Its Lane remembers them between requests as one Pace.

    before(pace, …) -> wait -> sent(pace, …) -> the request -> heard(pace, …)

A request reaches Pinterest at some moment between `sent` and `heard`. As only one is under way at a time, two bounds
keep every window of `w` seconds, wherever it begins, at `limit` requests, however long each of them travels:

1. requests leave one `interval` apart, which is 1.75 % longer than w / limit;
2. the plan lags behind a reply by no more than what these 1.75 % add up to over a window (1.05 s of 60), its `slack`.

By 1 the request number k + limit leaves at least (limit - 1) intervals after the moment planned for k + 1; by 2 that
one is no earlier than heard(k) + interval - slack; the sum is heard(k) + w. And as long as a late wake-up and the
reply together take less than the slack, the plan goes on unmoved: no rate is lost, and nothing has to be caught up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from steadypin.domain.operations import Category
from steadypin.domain.pacing.headers import Quota, RateSaid

UNIVERSAL = "universal"
"""What counts over all categories; Pinterest calls it its safety net."""

STANDARD = {
    Category.ORG_READ.value: Quota("org_read", 1000, 60),
    Category.ORG_WRITE.value: Quota("org_write", 100, 60),
    Category.ORG_ANALYTICS.value: Quota("org_analytics", 60, 60),
    UNIVERSAL: Quota("safety_net", 100, 1),
}
"""Requests of one account under Standard access (https://developers.pinterest.com/docs/reference/rate-limits)."""

_UNIVERSAL_NAMES = ("safety_net", "universal")
_MARGIN = 0.0175
"""With less, the 100th request finds the first one still in a sliding window of 60 s when replies take 400 ms, and the
quota reads as used up (measured: 96.8 % of the rate with 1 %, 98.3 % with this)."""
_LONGEST_PACED_S = 3600
"""A quota over a longer time (a Trial day) is the App's: spreading it evenly would idle one account for minutes."""
_NO_WAIT = timedelta(milliseconds=1)
"""A quota of more than a thousand requests a second is none for one who sends them one after the other."""
_ROUNDED = timedelta(seconds=1)
"""Whether Pinterest rounds a reset up or down is not known. Waiting out both costs nothing: the quota is used up."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One quota and the plan under it. `open`: a request has left, and nothing was heard of it yet."""

    quota: Quota
    next_at: datetime | None = None
    open: bool = False

    @property
    def interval(self) -> timedelta:
        """The time between two requests, in whole microseconds, rounded up."""
        return _interval(self.quota)

    @property
    def slack(self) -> timedelta:
        """How far the plan may lag behind."""
        return self.interval * self.quota.limit - timedelta(seconds=self.quota.window_s)

    def sent(self, now: datetime) -> Budget:
        """A request leaves now. One that was never heard of (its worker died) has arrived by now at the latest."""
        ready = self.heard(now) if self.open else self
        return Budget(self.quota, (ready.next_at or now) + self.interval, open=True)

    def heard(self, now: datetime) -> Budget:
        """The request has arrived, now at the latest."""
        return Budget(self.quota, _later(self.next_at, now + self.interval - self.slack))

    def corrected(self, remaining: int, reset_s: float, now: datetime) -> Budget:
        """Slower, when others use the same quota: what remains is spread over what remains of the window.

        `reset_s` may be rounded up. Taking a second off keeps the end of a window from being slowed down by the
        rounding alone: our own pace never looks too fast to this.
        """
        gap = timedelta(seconds=(reset_s - 1) / (remaining + 1))
        if reset_s > self.quota.window_s or gap <= self.interval:
            return self
        return replace(self, next_at=_later(self.next_at, now + gap))


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing may leave until then; `because` is a plain sentence, `rule` the id of the rule in failures.toml."""

    until: datetime
    because: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a Lane remembers between requests. `day` and `creates` count Pins by the account's calendar (day.py)."""

    budgets: Mapping[str, Budget] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    day: date | None = None
    creates: int = 0
    last_create_at: datetime | None = None
    create_before_at: datetime | None = None

    def budget(self, key: str) -> Budget:
        """The Budget of a category or of UNIVERSAL; a fresh one under the published quota when nothing is known."""
        return self.budgets.get(key) or Budget(STANDARD[key])

    def block(self, category: Category, now: datetime) -> Block | None:
        """The longest block that holds requests of this category now."""
        found = [self.blocks[key] for key in (category.value, UNIVERSAL) if key in self.blocks]
        longest = max(found, key=lambda each: each.until, default=None)
        return longest if longest is not None and longest.until > now else None

    def to_json(self) -> dict[str, Any]:
        """For one column; a few hundred bytes."""
        return {
            "budgets": {
                key: {
                    "quota": [each.quota.name, each.quota.limit, each.quota.window_s],
                    "next_at": _text(each.next_at),
                    "open": each.open,
                }
                for key, each in self.budgets.items()
            },
            "blocks": {
                key: {"until": each.until.isoformat(), "because": each.because, "rule": each.rule}
                for key, each in self.blocks.items()
            },
            "day": self.day.isoformat() if self.day else None,
            "creates": self.creates,
            "last_create_at": _text(self.last_create_at),
            "create_before_at": _text(self.create_before_at),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Pace:
        """The reverse of to_json; None is a fresh Pace. What a newer version wrote besides is left out."""
        known = data or {}
        return cls(
            budgets={
                key: Budget(Quota(*each["quota"]), _moment(each.get("next_at")), each.get("open", False))
                for key, each in known.get("budgets", {}).items()
                if key in STANDARD
            },
            blocks={
                key: Block(datetime.fromisoformat(each["until"]), each["because"], each.get("rule", ""))
                for key, each in known.get("blocks", {}).items()
                if key in STANDARD
            },
            day=date.fromisoformat(known["day"]) if known.get("day") else None,
            creates=known.get("creates", 0),
            last_create_at=_moment(known.get("last_create_at")),
            create_before_at=_moment(known.get("create_before_at")),
        )


def before(pace: Pace, category: Category, now: datetime) -> datetime:
    """When the next request of this category may leave; `now` when it may at once."""
    block = pace.block(category, now)
    planned = (
        each.next_at for each in map(pace.budget, (category.value, UNIVERSAL)) if each.interval > _NO_WAIT
    )
    return max(now, block.until if block else now, *(at for at in planned if at is not None))


def sent(pace: Pace, category: Category, now: datetime) -> Pace:
    """A request of this category leaves: call it in the transaction before. `now` is not later than the sending."""
    keys = (category.value, UNIVERSAL)
    return _with(pace, {key: pace.budget(key).sent(now) for key in keys})


def heard(pace: Pace, category: Category, said: RateSaid | None, now: datetime) -> Pace:
    """A reply has come, or none will: call it in the transaction after. `now` is not earlier than the reply.

    `said` is what its headers say: other quotas than ours replace ours, what remains slows us down or stops us.
    """
    said = said or RateSaid()
    budgets = {}
    for key in (category.value, UNIVERSAL):
        budget = pace.budget(key)
        quota = _quota_in(said, key) if said.policies else None
        budgets[key] = (replace(budget, quota=quota) if quota else budget).heard(now)
    if said.remaining is None or said.reset_s is None:
        return _with(pace, budgets)
    key = _about(said, category)
    if said.remaining > 0:
        budgets[key] = budgets[key].corrected(said.remaining, said.reset_s, now)
        return _with(pace, budgets)
    until = now + timedelta(seconds=said.reset_s) + _ROUNDED
    whose = "requests" if key == UNIVERSAL else f"{key} requests"
    because = f"Pinterest's quota of {whose} is used up and begins anew then"
    return _block(_with(pace, budgets), key, Block(until, because))


def blocked(pace: Pace, category: Category | None, until: datetime, because: str, rule: str = "") -> Pace:
    """Nothing of this category (None: nothing at all) leaves until then. A longer block that stands already stays."""
    return _block(pace, category.value if category else UNIVERSAL, Block(until, because, rule))


def unblocked(pace: Pace, category: Category | None) -> Pace:
    """That block is over, because somebody knows better: the App has Standard access now, say."""
    key = category.value if category else UNIVERSAL
    return replace(pace, blocks={name: each for name, each in pace.blocks.items() if name != key})


def _block(pace: Pace, key: str, block: Block) -> Pace:
    standing = pace.blocks.get(key)
    longest = standing if standing is not None and standing.until > block.until else block
    return replace(pace, blocks={**pace.blocks, key: longest})


def _with(pace: Pace, budgets: Mapping[str, Budget]) -> Pace:
    return replace(pace, budgets={**pace.budgets, **budgets})


def _quota_in(said: RateSaid, key: str) -> Quota | None:
    """The quota that a reply names for this Budget, of several the slowest; None when it names none."""
    named = [each for each in said.policies if _is_for(each, key) and each.window_s <= _LONGEST_PACED_S]
    return max(named, key=lambda each: each.window_s / each.limit, default=None)


def _is_for(quota: Quota, key: str) -> bool:
    return quota.name.startswith(_UNIVERSAL_NAMES if key == UNIVERSAL else key)


def _about(said: RateSaid, category: Category) -> str:
    """Which Budget `remaining` is about. Two quotas may have the same limit; the category's own is the safe guess."""
    could = [
        each for each in said.policies if each.limit == said.nearest and each.window_s >= (said.reset_s or 0)
    ]
    return UNIVERSAL if could and all(_is_for(each, UNIVERSAL) for each in could) else category.value


@lru_cache(maxsize=256)
def _interval(quota: Quota) -> timedelta:
    return timedelta(microseconds=math.ceil(quota.window_s * 1_000_000 * (1 + _MARGIN) / quota.limit))


def _later(planned: datetime | None, at: datetime) -> datetime:
    return at if planned is None else max(planned, at)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
