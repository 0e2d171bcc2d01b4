"""Turns that share one transaction: each as safe as alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.words import Stage
from steadypin.storage import attempts, connections, instance, lanes, pins, schema, standing
from steadypin.storage.database import Store, Tx
from steadypin.storage.lanes import Lane, LaneLost
from steadypin.storage.turns import Turn
from tests.storage import rows

NAMES = ["con_1", "con_2", "con_3"]


@pytest.fixture
def held(store: Store) -> dict[str, Lane]:
    """Three Lanes in hand, each with a Pin that is due."""
    for name in NAMES[1:]:
        rows.connect(store, name)
    for n, name in enumerate(NAMES):
        rows.add_pin(store, f"pin_{n + 1}", name)
        store.write(partial(lanes.hint, connection_id=name, due_at=rows.NOW))
    claimed = store.write(lambda tx: lanes.claim(tx, "w1", 9, rows.LEASE))
    return {lane.connection_id: lane for lane in claimed}


def in_one_batch(store: Store, *works: Callable[[Tx], Any]) -> list[Future[Any]]:
    """Submit all while the writer is busy, so that one transaction takes them together."""
    gate = threading.Event()
    busy = store.submit(lambda tx: gate.wait(rows.PATIENCE_S))
    futures = [store.submit(work) for work in works]
    gate.set()
    busy.result(rows.PATIENCE_S)
    return futures


def send(lane: Lane, seen: list[standing.Standing] | None = None) -> Turn[str | None]:
    def work(tx: Tx) -> str | None:
        here = standing.read(tx, lane)
        if seen is not None:
            seen.append(here)
        if here.due is None or not pins.mark_sending(tx, here.due, f"att of {here.due.id}"):
            return None
        return here.due.id

    return Turn(lane, rows.LEASE, work)


def stages(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {row.id: row.stage for row in tx.conn.execute(sa.select(schema.pins))}


def statements(store: Store) -> list[str]:
    """Every statement that this store's writer sends from now on."""
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    sa.event.listen(store.engines.writer, "before_cursor_execute", note)
    return said


def test_a_batch_needs_as_many_statements_as_one_turn(store: Store, held: dict[str, Lane]) -> None:
    said = statements(store)
    sent = in_one_batch(store, *(send(held[name]) for name in NAMES))
    assert [future.result(rows.PATIENCE_S) for future in sent] == ["pin_1", "pin_2", "pin_3"]
    assert set(stages(store).values()) == {Stage.SENDING}
    assert len([line for line in said if "lanes" in line or "pins" in line]) == 3, said


def test_every_turn_of_a_batch_renews_its_lease(store: Store, clock: Any, held: dict[str, Lane]) -> None:
    clock.advance(20)
    for future in in_one_batch(store, *(send(held[name]) for name in NAMES)):
        future.result(rows.PATIENCE_S)
    for name in NAMES:
        assert rows.lane_row(store, name).lease_until == clock.now() + rows.LEASE


def test_a_lost_lane_changes_nothing_and_keeps_nobody_from_working(
    store: Store, held: dict[str, Lane]
) -> None:
    lost = Lane("con_2", "w1", held["con_2"].fence - 1)
    one, two, three = in_one_batch(store, send(held["con_1"]), send(lost), send(held["con_3"]))
    assert (one.result(rows.PATIENCE_S), three.result(rows.PATIENCE_S)) == ("pin_1", "pin_3")
    with pytest.raises(LaneLost):
        two.result(rows.PATIENCE_S)
    assert stages(store)["pin_2"] == Stage.SCHEDULED


def test_a_change_that_hits_nothing_is_told_to_the_one_who_made_it(
    store: Store, held: dict[str, Lane]
) -> None:
    with store.read() as tx:
        stale = pins.get_row(tx, "pin_2")
    assert stale is not None
    store.write(lambda tx: pins.change(tx, stale, version=stale.version + 1))

    def write_stale(tx: Tx) -> bool:
        return pins.mark_sending(tx, stale, "att_stale")

    good, bad = in_one_batch(store, send(held["con_1"]), Turn(held["con_2"], rows.LEASE, write_stale))
    assert good.result(rows.PATIENCE_S) == "pin_1"
    assert bad.result(rows.PATIENCE_S) is False
    assert stages(store) == {
        "pin_1": Stage.SENDING,
        "pin_2": Stage.SCHEDULED,
        "pin_3": Stage.SCHEDULED,
    }


def test_a_pause_in_the_same_batch_comes_first(store: Store, held: dict[str, Lane]) -> None:
    sent, paused = in_one_batch(store, send(held["con_1"]), lambda tx: instance.set_pause(tx, "stop"))
    paused.result(rows.PATIENCE_S)
    assert sent.result(rows.PATIENCE_S) is None


def test_what_a_turn_changed_about_its_connection_is_seen_by_it(store: Store, held: dict[str, Lane]) -> None:
    lane = held["con_1"]

    def work(tx: Tx) -> bool:
        connections.mark_broken(tx, "con_1", "Pinterest ended it", version=1)
        return standing.read(tx, lane).usable

    found, _ = in_one_batch(store, Turn(lane, rows.LEASE, work), send(held["con_2"]))
    assert found.result(rows.PATIENCE_S) is False


def test_two_turns_of_one_lane_in_one_batch_see_each_other(store: Store, held: dict[str, Lane]) -> None:
    rows.add_pin(store, "pin_4", "con_1", act_at=rows.NOW + timedelta(microseconds=-1))
    sent = in_one_batch(store, send(held["con_1"]), send(held["con_1"]))
    assert {future.result(rows.PATIENCE_S) for future in sent} == {"pin_4", "pin_1"}


@pytest.mark.parametrize("others", [0, 1])
def test_the_attempt_that_is_being_settled_is_no_doubt_and_any_other_is(
    store: Store, held: dict[str, Lane], others: int
) -> None:
    for n in range(1 + others):
        pin = rows.add_pin(
            store,
            f"open_{n}",
            stage=Stage.SENDING if n == 0 else Stage.CONFIRMING,
            act_at=rows.NOW + timedelta(hours=1),
            open_attempt_id=f"att_{n}",
        )
        rows.add_attempt(store, pin, f"att_{n}")
        store.write(partial(open_by, pin_id=f"open_{n}", attempt_id=f"att_{n}"))
    seen: list[bool] = []

    def work(tx: Tx) -> None:
        current = pins.read_pin(_row(store, "open_0"))
        assert pins.change(tx, current, stage=Stage.PUBLISHED, open_attempt_id=None, act_at=None)
        attempts.write_outcome(tx, "att_0", OutcomeKind.MADE, pinterest_pin_id="1")
        seen.append(standing.read(tx, held["con_1"]).in_doubt)

    found, _ = in_one_batch(store, Turn(held["con_1"], rows.LEASE, work, "att_0"), send(held["con_2"]))
    found.result(rows.PATIENCE_S)
    assert seen == [bool(others)]


def open_by(tx: Tx, pin_id: str, attempt_id: str) -> None:
    tx.conn.execute(
        sa.update(schema.pins).where(schema.pins.c.id == pin_id).values(open_attempt_id=attempt_id)
    )


def _row(store: Store, pin_id: str) -> Any:
    with store.read() as tx:
        return tx.conn.execute(sa.select(schema.pins).where(schema.pins.c.id == pin_id)).one()
