"""Trial budgets: no 24 hours hold too much, and publishing goes first."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steadypin.domain.operations import Category
from steadypin.domain.pacing.trial import COUNTS_FOR, TrialBudget, hour_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READ, WRITE = Category.ORG_READ, Category.ORG_WRITE


def hours_ago(hours: int) -> datetime:
    return NINE - timedelta(hours=hours)


def budget(calls: int, writes: int = 0, hours: int = 0) -> TrialBudget:
    return TrialBudget({hours_ago(hours): calls}, {hours_ago(hours): writes} if writes else {})


@pytest.mark.parametrize(
    ("used", "reads", "writes", "background"),
    [
        (TrialBudget(), 1000, 300, 600),
        (budget(300, 300), 700, 0, 600),
        (budget(600), 400, 300, 0),
        (budget(750, 250), 250, 50, 100),
        (budget(999, 299), 1, 1, 0),
        (budget(1000), 0, 0, 0),
        (budget(1001, 301), 0, 0, 0),
        (budget(300, 300, 25), 1000, 300, 600),
        (budget(300, 300, 24), 700, 0, 600),
    ],
)
def test_what_is_left(used: TrialBudget, reads: int, writes: int, background: int) -> None:
    assert used.left(READ, NOW) == reads
    assert used.left(WRITE, NOW) == writes
    assert used.left(READ, NOW, background=True) == background
    assert [used.fits(READ, NOW), used.fits(WRITE, NOW), used.fits(READ, NOW, background=True)] == [
        reads > 0,
        writes > 0,
        background > 0,
    ]


def test_an_hour_counts_until_its_last_call_is_a_day_old() -> None:
    used = budget(300, 300)
    assert used.free_at(READ, NOW) == NOW
    assert used.free_at(WRITE, NOW) == NINE + COUNTS_FOR
    assert not used.fits(WRITE, NINE + timedelta(hours=25))
    assert used.fits(WRITE, used.free_at(WRITE, NOW))


def test_a_call_is_counted_in_its_hour() -> None:
    assert hour_of(NOW + timedelta(seconds=1.5)) == NINE


rows = st.dictionaries(st.integers(0, 30).map(hours_ago), st.integers(0, 400), max_size=12)
kinds = st.sampled_from([(READ, False), (WRITE, False), (READ, True)])


@given(rows, rows, kinds)
def test_the_moment_said_is_the_first_at_which_a_call_fits(
    reads: dict[datetime, int], writes: dict[datetime, int], kind: tuple[Category, bool]
) -> None:
    used = TrialBudget(Counter(reads) + Counter(writes), writes)
    category, background = kind
    at = used.free_at(category, NOW, background=background)
    assert used.fits(category, at, background=background)
    if at > NOW:
        assert not used.fits(category, at - timedelta(microseconds=1), background=background)


@given(
    st.lists(
        st.tuples(kinds, st.integers(0, 7200), st.integers(1, 400), st.floats(0, 20)), min_size=5, max_size=60
    )
)
@settings(deadline=None)
def test_no_24_hours_hold_more_than_a_day_allows(
    acts: list[tuple[tuple[Category, bool], int, int, float]],
) -> None:
    """Workers take what fits, at any pace; each request may arrive up to 20 s after it was counted."""
    calls: Counter[datetime] = Counter()
    writes: Counter[datetime] = Counter()
    arrived: list[tuple[datetime, int, int]] = []
    now = NOW
    for (category, background), pause, wanted, travel in acts:
        now += timedelta(seconds=pause)
        used = TrialBudget(dict(calls), dict(writes))
        took = min(wanted, used.left(category, now, background=background))
        calls[hour_of(now)] += took
        writes[hour_of(now)] += took if category is WRITE else 0
        arrived.append((now + timedelta(seconds=travel), took, took if category is WRITE else 0))
        after = TrialBudget(calls, writes)
        if background and took:
            assert after.left(READ, now) >= 100 + after.left(WRITE, now), "every write and a hundred calls"
    for begin, _, _ in arrived:
        window = [act for act in arrived if begin <= act[0] < begin + timedelta(days=1)]
        assert sum(act[1] for act in window) <= 1000
        assert sum(act[2] for act in window) <= 300
