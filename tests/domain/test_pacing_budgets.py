"""A Pace: what it remembers, how blocks hold, what headers change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import (
    STANDARD,
    UNIVERSAL,
    Block,
    Budget,
    Pace,
    before,
    blocked,
    heard,
    sent,
    unblocked,
)
from steadypin.domain.pacing.headers import Quota, RateSaid

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WRITE, READ = Category.ORG_WRITE, Category.ORG_READ
ORG_WRITE = Quota("org_write_app_id_user_id", 100, 60)
SAFETY_NET = Quota("safety_net_app_id_user_id", 100, 1)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(said: RateSaid | None, category: Category = WRITE) -> Pace:
    return heard(sent(Pace(), category, NOW), category, said, NOW)


def wait_s(pace: Pace, category: Category = WRITE) -> float:
    return (before(pace, category, NOW) - NOW).total_seconds()


def test_a_fresh_pace_waits_for_nothing_and_every_category_has_a_published_quota() -> None:
    assert {category.value for category in Category} | {UNIVERSAL} == set(STANDARD)
    assert all(wait_s(Pace(), category) == 0 for category in Category)


@pytest.mark.parametrize(
    ("category", "apart"), [(WRITE, 0.606), (READ, 0.0606), (Category.ORG_ANALYTICS, 1.01)]
)
def test_requests_of_a_category_keep_its_interval_after_a_first_pair(
    category: Category, apart: float
) -> None:
    pace = after(None, category)
    pace = heard(sent(pace, category, NOW), category, None, NOW)
    assert wait_s(pace, category) >= apart
    assert wait_s(pace, category) < 2 * apart + 0.02


def test_while_a_request_is_under_way_the_plan_counts_it() -> None:
    pace = sent(Pace(), WRITE, NOW)
    assert pace.budget(WRITE).open
    assert not heard(pace, WRITE, None, NOW).budget(WRITE).open


def test_an_old_plan_is_not_caught_up() -> None:
    pace = Pace({WRITE.value: Budget(ORG_WRITE, later(-3600))})
    leaves = [NOW]
    for _ in range(5):
        pace = heard(sent(pace, WRITE, leaves[-1]), WRITE, None, leaves[-1])
        leaves.append(before(pace, WRITE, leaves[-1]))
    assert leaves[-1] - leaves[0] > timedelta(seconds=3 * 0.606)


@pytest.mark.parametrize(
    ("category", "because"), [(WRITE, "writes"), (None, "Pinterest's spam protection holds this account")]
)
def test_a_block_holds_its_category_or_everything_until_it_ends(
    category: Category | None, because: str
) -> None:
    pace = blocked(Pace(), category, later(60), because, "R77")
    assert pace.block(WRITE, NOW) == Block(later(60), because, "R77")
    assert wait_s(pace) == 60
    assert wait_s(pace, READ) == (0 if category else 60)
    assert pace.block(WRITE, later(60)) is None
    assert before(pace, WRITE, later(60)) == later(60)


def test_the_longer_block_stays() -> None:
    spam = blocked(Pace(), None, later(14400), "spam")
    assert blocked(spam, None, later(60), "quota") == spam
    assert wait_s(blocked(spam, WRITE, later(60), "quota")) == 14400
    assert wait_s(blocked(spam, WRITE, later(20000), "quota")) == 20000
    assert blocked(spam, None, later(20000), "quota").blocks[UNIVERSAL].because == "quota"


def test_a_block_can_be_lifted_by_somebody_who_knows_better() -> None:
    pace = blocked(blocked(Pace(), None, later(60), "all"), WRITE, later(90), "writes")
    assert wait_s(unblocked(pace, WRITE)) == 60
    assert wait_s(unblocked(unblocked(pace, WRITE), None)) == 0


@pytest.mark.parametrize(
    ("policies", "nearest", "category", "held", "free"),
    [
        ((SAFETY_NET, ORG_WRITE), 100, WRITE, WRITE, READ),
        ((), None, WRITE, WRITE, READ),
        ((SAFETY_NET, Quota("org_read", 1000, 60)), 100, READ, READ, WRITE),  # 37 s are no window of 1 s
        ((Quota("universal_app_id", 1000, 86400), Quota("org_write_app_id", 300, 86400)), 300, WRITE, WRITE, READ),
        ((Quota("universal_app_id", 1000, 86400), Quota("org_write_app_id", 300, 86400)), 1000, WRITE, READ, None),
        ((Quota("multi_pins_analytics", 100, 60),), 100, Category.ORG_ANALYTICS, Category.ORG_ANALYTICS, WRITE),
    ],
)  # fmt: skip
def test_a_used_up_quota_holds_what_it_is_about(
    policies: tuple[Quota, ...],
    nearest: int | None,
    category: Category,
    held: Category,
    free: Category | None,
) -> None:
    pace = after(RateSaid(policies, nearest, 0, 37), category)
    assert wait_s(pace, held) == 38, "the reset, and a second for its rounding"
    assert free is None or wait_s(pace, free) < 1
    block = pace.block(held, NOW)
    assert block is not None
    assert "quota" in block.because


def test_a_used_up_safety_net_holds_everything_for_its_second() -> None:
    pace = after(RateSaid((SAFETY_NET, Quota("org_read", 1000, 60)), 100, 0, 1), READ)
    assert wait_s(pace, WRITE) == wait_s(pace, READ) == 2


@pytest.mark.parametrize(
    "said",
    [None, RateSaid(), RateSaid(remaining=0), RateSaid(reset_s=40), RateSaid((ORG_WRITE,), 100, 99, 60),
     RateSaid((ORG_WRITE,), 100, 1, 1), RateSaid((ORG_WRITE,), 100, 50, 31), RateSaid((ORG_WRITE,), 100, 5, 80000),
     RateSaid((Quota("org_write_app_id", 300, 86400),), 300, 250, 80000), RateSaid((Quota("org_read", 3, 60),))],
)  # fmt: skip
def test_what_says_nothing_new_changes_no_wait(said: RateSaid | None) -> None:
    assert wait_s(after(said)) == wait_s(after(None))


def test_what_remains_is_spread_over_what_remains_of_the_window() -> None:
    pace = after(RateSaid((ORG_WRITE,), 100, 9, 51))
    assert wait_s(pace) == 5
    assert wait_s(pace, READ) < 1


def test_of_several_quotas_the_slowest_counts() -> None:
    pace = after(
        RateSaid((Quota("org_write_a", 50, 1), Quota("org_write_b", 20, 60), Quota("org_write_c", 90, 60)))
    )
    assert pace.budget(WRITE).quota.limit == 20
    assert pace.budget(READ).quota == STANDARD[READ]


def test_another_safety_net_is_learned_too() -> None:
    assert (
        after(RateSaid((Quota("safety_net_app_id_user_id", 2, 1),)), READ).budget(UNIVERSAL).quota.limit == 2
    )


def full() -> Pace:
    pace = blocked(sent(after(RateSaid((ORG_WRITE,), 100, 9, 51)), READ, NOW), None, later(5), "spam", "R77")
    return Pace(pace.budgets, pace.blocks, date(2026, 3, 1), 7, NOW, later(-40))


@pytest.mark.parametrize("pace", [Pace(), full()], ids=["fresh", "full"])
def test_a_pace_survives_its_column(pace: Pace) -> None:
    text = json.dumps(pace.to_json())
    assert Pace.from_json(json.loads(text)) == pace
    assert len(text) < 1000


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"budgets": {}, "later": 1},
        {"budgets": {"ads_write": {"x": 1}}, "blocks": {"ads_write": {}}},
    ],
)
def test_what_is_not_known_is_left_out(data: dict[str, Any] | None) -> None:
    assert Pace.from_json(data) == Pace()
    extended = full().to_json() | {"later": [1]}
    extended["budgets"][WRITE.value]["colour"] = "red"
    assert Pace.from_json(extended) == full()
