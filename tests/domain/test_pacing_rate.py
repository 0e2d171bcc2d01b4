"""Against a server that counts: the allowed rate is used, and no window of it is ever overfull.

The model: one request at a time. It leaves some time after `before` said, travels, is counted on arrival, and the
reply travels back. What is measured stands in the output of `pytest -s`.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Pace, before, heard, sent
from steadypin.domain.pacing.headers import RateSaid, parse_rate

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WRITE, READ = Category.ORG_WRITE, Category.ORG_READ


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass
class Server:
    """Fixed windows of `window` seconds that begin `phase` after START; refused requests are not counted.

    Another program of the operator's takes `taken` requests at the beginning of each window.
    """

    limit: int = 100
    window: int = 60
    phase: timedelta = timedelta(seconds=0.37)
    rounding: Callable[[float], int] = math.ceil
    taken: int = 0
    arrivals: list[datetime] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    refused: int = 0

    def receive(self, arrival: datetime) -> RateSaid | None:
        """Count it, and answer with the headers as they were measured."""
        self.arrivals.append(arrival)
        number, into = divmod(arrival - START - self.phase, timedelta(seconds=self.window))
        used = self.counts.get(number, self.taken)
        self.refused += used >= self.limit
        self.counts[number] = min(self.limit, used + 1)
        listed = f'100;w=1;name="safety_net_app_id_user_id", {self.limit};w={self.window};name="org_write_app_id_user_id"'
        return parse_rate(
            {
                "x-ratelimit-limit": f"{self.limit}, {listed}",
                "x-ratelimit-remaining": str(self.limit - self.counts[number]),
                "x-ratelimit-reset": str(self.rounding(self.window - into.total_seconds())),
            }
        )

    @property
    def fullest(self) -> int:
        """The most requests in any window of that length, wherever it begins."""
        most, first = 0, 0
        for last, arrival in enumerate(self.arrivals):
            while arrival - self.arrivals[first] >= timedelta(seconds=self.window):
                first += 1
            most = max(most, last - first + 1)
        return most


@dataclass(frozen=True)
class Trip:
    """Seconds: waking up late, from the record to the server, back, and until the outcome is recorded."""

    woken: float = 0.0
    there: float = 0.1
    back: float = 0.1
    recorded: float = 0.0
    dies: bool = False


def go(server: Server, trips: Iterator[Trip], until_s: float, *, told: bool = True) -> Pace:
    """Send as fast as the Pace allows; it goes through its column between any two steps."""
    pace, now = Pace(), START
    for trip in trips:
        now = before(pace, WRITE, now) + timedelta(seconds=trip.woken)
        if now >= at(until_s):
            break
        pace = stored(sent(pace, WRITE, now))
        now += timedelta(seconds=trip.there)
        said = server.receive(now)
        now += timedelta(seconds=trip.back + trip.recorded)
        if not trip.dies:
            pace = stored(heard(pace, WRITE, said if told else None, now))
    return pace


def stored(pace: Pace) -> Pace:
    return Pace.from_json(json.loads(json.dumps(pace.to_json())))


def seeded(seed: int, *, reply: float, woken: float) -> Iterator[Trip]:
    """Replies take up to `reply` seconds, evenly distributed, the server somewhere in between."""
    chance = random.Random(seed)
    while True:
        took, share = chance.uniform(0, reply), chance.random()
        yield Trip(chance.uniform(0, woken), took * share, took * (1 - share))


@pytest.mark.parametrize(
    ("what", "trips"),
    [
        ("no time at all", cycle([Trip(there=0, back=0)])),
        ("always 400 ms, counted on arrival", cycle([Trip(there=0, back=0.4)])),
        ("always 400 ms, counted at the end", cycle([Trip(there=0.4, back=0)])),
        ("0 to 400 ms", seeded(1, reply=0.4, woken=0)),
        ("0 to 400 ms, woken up to 100 ms late", seeded(2, reply=0.4, woken=0.1)),
        ("always 400 ms, woken and recorded 100 ms late", cycle([Trip(0.1, 0.2, 0.2, 0.1)])),
    ],
)
def test_the_allowed_rate_is_used_and_never_exceeded(what: str, trips: Iterator[Trip]) -> None:
    server = Server()
    go(server, trips, 600)
    use = len(server.arrivals) / 1000
    rate = f"{use:.2%} of 100 writes a minute, fullest 60 s {server.fullest}, 429s {server.refused}"
    print(f"replies after {what}: {rate}")  # noqa: T201
    assert use >= 0.97
    assert server.fullest <= 100
    assert server.refused == 0


def test_without_any_header_the_rate_is_the_same() -> None:
    server = Server()
    go(server, seeded(3, reply=0.4, woken=0.1), 600, told=False)
    assert len(server.arrivals) >= 970
    assert server.fullest <= 100


trips = st.builds(
    Trip,
    woken=st.sampled_from([0.0, 0.01, 0.2, 0.4, 1.5]) | st.floats(0, 0.5),
    there=st.sampled_from([0.0, 0.4, 0.8, 5.0]) | st.floats(0, 0.8),
    back=st.sampled_from([0.0, 0.4]) | st.floats(0, 0.8),
    recorded=st.sampled_from([0.0, 0.05]),
    dies=st.sampled_from([False] * 9 + [True]),
)


@given(st.lists(trips, min_size=1, max_size=12), st.sampled_from([0, 1, 49, 98, 99, 100, 101]),
       st.timedeltas(timedelta(0), timedelta(seconds=60)), st.sampled_from([math.ceil, math.floor, round]))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_window_is_overfull_however_long_requests_travel(
    first: list[Trip], calm: int, phase: timedelta, rounding: Callable[[float], int]
) -> None:
    """Rough trips, then calm ones at full speed, then rough again: the ends of a window differ most in latency."""
    server = Server(phase=phase, rounding=rounding)
    quick = [Trip(there=0, back=0)] * calm
    go(server, cycle([*first, *quick]), 190)
    assert server.fullest <= 100
    assert max(server.counts.values()) <= 100
    assert server.refused == 0


@pytest.mark.parametrize("slow", [0.0, 0.1, 0.4, 0.6, 0.8, 3.0, 20.0])
@pytest.mark.parametrize("woken", [0.0, 0.4, 0.6, 2.0])
@pytest.mark.parametrize("dies", [False, True])
def test_a_slow_request_before_a_hundred_quick_ones_is_the_worst_case(
    slow: float, woken: float, dies: bool
) -> None:
    server = Server()
    go(server, cycle([Trip(woken, slow, 0, dies=dies), *[Trip(there=0, back=0)] * 99]), 200)
    assert server.fullest <= 100


@pytest.mark.parametrize("limit", [1, 5, 50, 200])
def test_another_limit_in_the_header_replaces_the_published_one(limit: int) -> None:
    server = Server(limit=limit)
    pace = go(server, seeded(4, reply=0.2, woken=0), 1200)
    assert len(server.arrivals) >= 0.97 * limit * 20
    assert server.fullest <= max(limit, 1)
    assert server.refused == 0
    assert pace.budget(WRITE).quota.limit == limit


def test_the_published_limit_comes_back_when_the_header_says_so() -> None:
    pace = Pace()
    for limit, interval in ((50, 1.221001), (100, 0.610501), (999_999_999, 0.000001)):
        said = Server(limit=limit, phase=timedelta(0)).receive(START)
        pace = heard(sent(pace, WRITE, at(0)), WRITE, said, at(0))
        assert pace.budget(WRITE).interval == timedelta(seconds=interval)


@pytest.mark.parametrize("taken", [20, 60, 90])
@pytest.mark.parametrize("rounding", [math.ceil, math.floor, round])
def test_what_somebody_else_takes_slows_us_down_and_nothing_is_refused(
    taken: int, rounding: Callable[[float], int]
) -> None:
    server = Server(rounding=rounding, taken=taken)
    go(server, seeded(5, reply=0.3, woken=0.02), 600)
    full = [server.counts[window] for window in range(1, 9)]
    used = sum(full) / len(full)
    print(f"another takes {taken} a minute: {used:.1f} of 100 used, 429s {server.refused}")  # noqa: T201
    assert server.refused == 0
    assert used >= 97
    gaps = [later - early for early, later in pairwise(server.arrivals)]
    assert max(gaps) < timedelta(seconds=60 / (100 - taken) * 1.3 + 2.5), (
        "what remains is spread over the window"
    )


def test_every_category_has_its_own_plan_and_all_share_the_safety_net() -> None:
    pace = Pace()
    for _ in range(5):
        pace = heard(sent(pace, WRITE, at(0)), WRITE, None, at(0))
    assert before(pace, WRITE, at(0)) > at(2)
    assert at(0) < before(pace, READ, at(0)) < at(0.1), "the safety net alone"
    server, now = Server(limit=100, window=1), START
    for category in cycle([READ, WRITE, Category.ORG_ANALYTICS, READ, READ]):
        soonest = before(pace, category, now)
        if category is not READ and soonest > now + timedelta(seconds=0.2):
            continue
        now = soonest
        pace = heard(sent(pace, category, now), category, None, now)
        server.arrivals.append(now)
        if now > at(10):
            break
    assert server.fullest <= 100
    assert 160 < len(server.arrivals) < 200, "1000 reads, 100 writes and 60 reports a minute, all at once"
