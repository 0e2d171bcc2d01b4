"""New times after a reconnect: oldest first, as the limits let them, as `may_send` will find them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.pacing.budgets import Pace
from steadypin.domain.pacing.day import LATE, Go, Limits, QuietHours, may_send, written
from steadypin.domain.pacing.places import Waiting, places

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = Limits(daily_cap=25, spacing_s=60, quiet=None, tz=UTC, repace_s=120)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def seconds(
    pace: Pace, limits: Limits, due: dict[str, float], taken: tuple[float, ...] = ()
) -> dict[str, float]:
    waiting = [Waiting(name, at(when)) for name, when in due.items()]
    found = places(pace, limits, NOW, waiting, [at(each) for each in taken])
    return {each.pin_id: (each.at - NOW).total_seconds() for each in found}


def test_the_oldest_goes_first_and_each_keeps_its_distance() -> None:
    assert seconds(Pace(), LIMITS, {"b": -3000, "a": -4000, "c": -2000}) == {"a": 0, "b": 120, "c": 240}


def test_a_pin_whose_time_is_ahead_keeps_it() -> None:
    (found,) = places(Pace(), LIMITS, NOW, [Waiting("a", at(3000))])
    assert (found.at, found.because) == (at(3000), None)


def test_others_that_leave_meanwhile_are_made_room_for() -> None:
    assert seconds(Pace(), LIMITS, {"a": -4000, "b": -3000}, (100,)) == {"a": 0, "b": 220}


def test_the_cap_moves_the_rest_to_another_day_and_says_so() -> None:
    limits = Limits(daily_cap=2, spacing_s=60, quiet=QuietHours.parse("22:00-07:00"), tz=UTC, repace_s=120)
    found = places(Pace(), limits, NOW, [Waiting(str(n), at(n - 4000)) for n in range(3)])
    assert found[2].at == NOW.replace(day=2, hour=7)
    because = [each.because or "" for each in found]
    assert all(each.startswith(LATE) for each in because)
    assert "quiet hours until 07:00" in because[2]


@given(
    due=st.lists(st.integers(-90_000, 9_000), max_size=12),
    cap=st.integers(1, 9),
    spacing=st.sampled_from([0, 60, 1200]),
    taken=st.lists(st.integers(0, 9_000), max_size=4),
)
def test_whoever_asks_at_a_told_time_may_send(
    due: list[int], cap: int, spacing: int, taken: list[int]
) -> None:
    limits = Limits(daily_cap=cap, spacing_s=spacing, quiet=None, tz=UTC, repace_s=120)
    waiting = [Waiting(str(n), at(each)) for n, each in enumerate(due)]
    found = places(Pace(), limits, NOW, waiting, [at(each) for each in taken])
    assert [each.pin_id for each in found] == [
        each.pin_id for each in sorted(waiting, key=lambda one: (one.due_at, one.pin_id))
    ]
    pace = Pace()
    for each in found:
        assert each.at >= NOW
        assert isinstance(may_send(pace, limits, each.at, timedelta(0)), Go)
        pace = written(pace, limits.tz, each.at)
