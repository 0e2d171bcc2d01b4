"""Lanes: one holder at a time, fenced, leased by the database's clock."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from steadypin.storage import lanes
from steadypin.storage.database import Store, Tx
from steadypin.storage.engines import open_engines
from steadypin.storage.lanes import Lane
from tests.storage import rows
from tests.storage.rows import LEASE, NOW, lane_row
from tests.support.clock import VirtualClock
from tests.support.rig import make_store

SECOND = timedelta(seconds=1)


def claim(store: Store, worker: str = "w1", most: int = 10) -> list[Lane]:
    return store.write(lambda tx: lanes.claim(tx, worker, most, LEASE))


def hint(store: Store, seconds: float = 0) -> None:
    store.write(lambda tx: lanes.hint(tx, "con_1", NOW + timedelta(seconds=seconds)))


def test_a_lane_is_claimed_when_it_is_due_and_not_before(store: Store, clock: VirtualClock) -> None:
    assert claim(store) == []
    hint(store, 10)
    clock.advance(9.9)
    assert claim(store) == []
    clock.advance(0.1)
    assert claim(store) == [Lane("con_1", "w1", 1)]
    assert claim(store, "w2") == []


def test_the_fence_rises_with_every_claim_and_the_former_holder_can_do_nothing(
    store: Store, clock: VirtualClock
) -> None:
    hint(store)
    (first,) = claim(store, "w1")
    clock.advance(LEASE.total_seconds() - 0.1)
    assert claim(store, "w2") == []
    clock.advance(0.1)
    (second,) = claim(store, "w2")
    assert second.fence == first.fence + 1
    assert not store.write(lambda tx: lanes.hold(tx, first, LEASE))
    before = lane_row(store)
    store.write(lambda tx: lanes.release(tx, first, None))
    assert lane_row(store) == before
    assert store.write(lambda tx: lanes.hold(tx, second, LEASE))


def test_holding_renews_the_lease_from_the_databases_clock(store: Store, clock: VirtualClock) -> None:
    hint(store)
    (lane,) = claim(store)
    clock.advance(20)
    assert store.write(lambda tx: lanes.hold(tx, lane, LEASE))
    clock.advance(29)
    assert claim(store, "w2") == []
    clock.advance(1)
    assert len(claim(store, "w2")) == 1


def test_a_released_lane_waits_for_its_next_time(store: Store, clock: VirtualClock) -> None:
    hint(store)
    (lane,) = claim(store)
    store.write(lambda tx: lanes.release(tx, lane, NOW + 5 * SECOND))
    assert claim(store, "w2") == []
    clock.advance(5)
    assert claim(store, "w2") == [Lane("con_1", "w2", 2)]


def test_a_lane_with_nothing_ahead_sleeps(store: Store, clock: VirtualClock) -> None:
    hint(store)
    (lane,) = claim(store)
    store.write(lambda tx: lanes.release(tx, lane, None))
    clock.advance(10**7)
    assert claim(store) == []
    with store.read() as tx:
        assert lanes.next_wake(tx) is None


@pytest.mark.parametrize(("hints", "due"), [((50, 20, 90), 20), ((20,), 20), ((-5, 20), -5)])
def test_a_hint_lowers_the_time_and_never_raises_it(store: Store, hints: tuple[int, ...], due: int) -> None:
    for seconds in hints:
        hint(store, seconds)
    assert lane_row(store).next_due_at == NOW + due * SECOND


def test_a_hint_for_a_held_lane_outlives_the_holders_claim(store: Store, clock: VirtualClock) -> None:
    hint(store)
    claim(store)
    hint(store, 3)
    assert lane_row(store).next_due_at == NOW + 3 * SECOND
    clock.advance(5)
    assert claim(store, "w2") == []  # the lease stands
    clock.advance(25)
    assert len(claim(store, "w2")) == 1


def test_the_longest_waiting_lane_comes_first(store: Store, clock: VirtualClock) -> None:
    for n, seconds in ((2, 30), (3, 10), (4, 20)):
        rows.connect(store, f"con_{n}", NOW + seconds * SECOND)
    clock.advance(60)
    assert [lane.connection_id for _ in range(3) for lane in claim(store, most=1)] == [
        "con_3",
        "con_4",
        "con_2",
    ]


@pytest.mark.parametrize("plan", ["hashjoin", "mergejoin", "hashagg", "material", "nestloop", "sort"])
def test_no_more_lanes_are_claimed_than_were_asked_for(store: Store, plan: str) -> None:
    for n in range(2, 40):
        rows.connect(store, f"con_{n}", NOW)

    def work(tx: Tx) -> list[Lane]:
        if store.dialect == "postgresql":  # whatever way PostgreSQL's planner may choose
            for other in {"hashjoin", "mergejoin", "hashagg", "material", "nestloop", "sort"} - {plan}:
                tx.conn.execute(sa.text(f"SET LOCAL enable_{other} = off"))
        return lanes.claim(tx, "w1", 3, LEASE)

    assert [len(store.write(work)) for _ in range(3)] == [3, 3, 3]


def test_eight_workers_never_hold_one_lane_together(url: str) -> None:
    first = make_store(url, None)
    with first.engines.writer.begin() as conn:
        now = Tx(conn, first._now(conn)).now
    for n in range(40):
        rows.connect(first, f"con_{n}", now)
    claimed: list[tuple[str, int]] = []
    start = threading.Barrier(8)

    def work(name: str) -> None:
        store = Store(open_engines(url))
        start.wait(10)
        while found := store.write(lambda tx: lanes.claim(tx, name, 3, timedelta(hours=1))):
            claimed.extend((lane.connection_id, lane.fence) for lane in found)
        store.close()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # PostgreSQL skips rows that others are looking at, so the last ones may be left to a second round
    while found := first.write(lambda tx: lanes.claim(tx, "last", 50, timedelta(hours=1))):
        claimed.extend((lane.connection_id, lane.fence) for lane in found)
    assert Counter(claimed) == {(f"con_{n}", 1): 1 for n in range(40)}
    first.close()


def test_a_start_voids_what_dead_holders_left_and_nothing_else(store: Store, clock: VirtualClock) -> None:
    for name in ("con_2", "con_3"):
        rows.connect(store, name, NOW + 60 * SECOND)
    hint(store)
    (lane,) = claim(store)
    assert store.write(lanes.void_all) == 1
    assert not store.write(lambda tx: lanes.hold(tx, lane, LEASE))
    assert [again.connection_id for again in claim(store, "w2")] == ["con_1"]
    assert lane_row(store, "con_2").next_due_at == NOW + 60 * SECOND
    assert lane_row(store, "con_2").fence == 0


def test_the_next_wake_is_the_next_due_lane_or_the_end_of_a_lease(store: Store, clock: VirtualClock) -> None:
    rows.connect(store, "con_2", NOW + 40 * SECOND)
    hint(store)
    claim(store)
    with store.read() as tx:
        assert lanes.next_wake(tx) == NOW + LEASE
    clock.advance(30)
    with store.read() as tx:
        assert lanes.next_wake(tx) == NOW + 40 * SECOND


def test_the_clock_of_a_lease_is_the_databases_own(url: str) -> None:
    store = make_store(url, None)
    rows.connect(store)
    with store.read() as tx:
        first = tx.now
    with store.read() as tx:
        assert first.tzinfo is not None
        assert timedelta(0) <= tx.now - first < timedelta(seconds=30)
    store.close()
