"""What is never lost: append-only records, Pinterest's ids; and conditional updates that count their rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.boards import Board
from steadypin.domain.connections import Grant
from steadypin.domain.errors import StoreTrouble
from steadypin.domain.words import Stage
from steadypin.storage import attempts, boards, connections, pins, standing, twins
from steadypin.storage.database import Store
from steadypin.storage.lanes import Lane
from steadypin.storage.schema import attempts as attempts_table
from steadypin.storage.schema import outcomes as outcomes_table
from steadypin.storage.seal import WrongKey
from tests.storage import rows
from tests.storage.rows import NOW, SEAL, add_attempt, add_pin


@pytest.mark.parametrize("table", [attempts_table, outcomes_table], ids=["attempts", "outcomes"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "DELETE ALL"])
def test_what_was_recorded_cannot_be_changed(store: Store, table: sa.Table, verb: str) -> None:
    attempt = add_attempt(store, add_pin(store))
    store.write(lambda tx: attempts.write_outcome(tx, attempt.id, OutcomeKind.DOUBT))
    statement: Any = sa.update(table).values(worker="w2") if verb == "UPDATE" else sa.delete(table)
    with pytest.raises((DBAPIError, StoreTrouble), match="append-only"):
        store.write(lambda tx: tx.conn.execute(statement))
    with store.read() as tx:
        ((kept, known),) = attempts.of_pin(tx, "pin_1")
        assert (kept, [outcome.kind for outcome in known]) == (attempt, [OutcomeKind.DOUBT])


def test_late_ids_are_found_by_attempt(store: Store) -> None:
    attempt = add_attempt(store, add_pin(store))
    store.write(lambda tx: attempts.write_outcome(tx, attempt.id, OutcomeKind.LATE))
    store.write(lambda tx: attempts.write_outcome(tx, attempt.id, OutcomeKind.LATE, pinterest_pin_id="900"))
    with store.read() as tx:
        assert attempts.late_ids(tx, [attempt.id, "att_9"]) == {attempt.id: "900"}


def live(store: Store, name: str, pinterest_id: str, **fields: Any) -> None:
    pin = add_pin(store, name)
    assert store.write(
        lambda tx: pins.change(tx, pin, stage=Stage.PUBLISHED, pinterest_pin_id=pinterest_id, **fields)
    )


def test_a_pinterest_id_belongs_to_one_row(store: Store) -> None:
    live(store, "pin_1", "900")
    with pytest.raises(IntegrityError):
        live(store, "pin_2", "900")
    live(store, "pin_3", "901")


def test_ids_of_deleted_rows_and_of_twins_stay_known(store: Store) -> None:
    live(store, "pin_1", "900", deleted_at=NOW)
    live(store, "pin_2", "901")
    store.write(lambda tx: twins.add(tx, "pin_2", "902"))
    store.write(lambda tx: twins.deleted(tx, "902"))
    with store.read() as tx:
        assert pins.get(tx, "pin_1") is None
        asked = [*map(str, range(10_000, 11_200)), "900", "901", "902", "903"]
        assert twins.known_pinterest_ids(tx, asked) == {"900", "901", "902"}
        assert twins.known_pinterest_ids(tx, []) == frozenset()
        assert [pin.id for pin in pins.list_page(tx, limit=10)] == ["pin_2"]
        assert pins.count_by_stage(tx) == {Stage.PUBLISHED: 1}
    with pytest.raises(IntegrityError):
        store.write(lambda tx: twins.add(tx, "pin_1", "902"))


@pytest.mark.parametrize(
    "stale", [{"stage": Stage.HELD}, {"version": 2}, {"open_attempt_id": "att_1"}, {"id": "pin_9"}]
)
def test_a_row_that_moved_on_is_not_changed(store: Store, stale: dict[str, Any]) -> None:
    pin = add_pin(store)
    assert not store.write(lambda tx: pins.change(tx, replace(pin, **stale), tries=5))
    assert store.write(lambda tx: pins.change(tx, pin, tries=5))
    with store.read() as tx:
        found = pins.get(tx, pin.id)
        assert found is not None
        assert found.tries == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": Stage.HELD},
        {"stage": Stage.CONFIRMING, "open_attempt_id": "att_1"},
        {"open_attempt_id": "att_1"},
        {"cancel_requested_at": NOW},
        {"pinterest_pin_id": "900"},
        {"deleted_at": NOW},
        {"version": 2},
        {"stage": Stage.SENDING, "open_attempt_id": "att_1"},
    ],
)
def test_the_send_statement_refuses_every_pin_that_must_not_be_sent(
    store: Store, changes: dict[str, Any]
) -> None:
    pin = add_pin(store)
    assert store.write(lambda tx: pins.change(tx, pin, **changes))
    assert not store.write(lambda tx: pins.mark_sending(tx, pin, "att_2"))


def test_a_pin_is_marked_sending_once(store: Store) -> None:
    pin = add_pin(store)
    assert store.write(lambda tx: pins.mark_sending(tx, pin, "att_1"))
    assert not store.write(lambda tx: pins.mark_sending(tx, pin, "att_2"))
    with store.read() as tx:
        (found,) = pins.sending(tx, "con_1")
    assert (found.open_attempt_id, found.tries, found.stage) == ("att_1", 1, Stage.SENDING)


def test_a_pin_left_in_sending_is_found_although_the_clock_went_back(store: Store) -> None:
    pin = add_pin(store)
    store.write(lambda tx: pins.mark_sending(tx, pin, "att_1"))
    store._clock = lambda: NOW - timedelta(days=1)
    with store.read() as tx:
        assert [found.id for found in pins.sending(tx, "con_1")] == ["pin_1"]


def test_a_refreshed_grant_does_not_overwrite_a_reconnected_one(store: Store) -> None:
    new = Grant("pina_2", "pinr_2", frozenset(), NOW, NOW, NOW)
    later = replace(new, access_token="pina_3")
    with store.read() as tx:
        connection = connections.get(tx, "con_1")
    assert connection is not None
    store.write(lambda tx: connections.reconnect(tx, connection, new, SEAL))
    assert not store.write(lambda tx: connections.refreshed(tx, "con_1", later, SEAL, replaces=1))
    assert store.write(lambda tx: connections.refreshed(tx, "con_1", later, SEAL, replaces=2))


def test_a_token_moved_to_another_row_is_not_opened(store: Store) -> None:
    rows.connect(store, "con_2")
    table = sa.table("grants", sa.column("connection_id"), sa.column("access_token"))
    stolen = sa.select(table.c.access_token).where(table.c.connection_id == "con_1")

    def swap(tx: Any) -> None:
        value = tx.conn.execute(stolen).scalar_one()
        tx.conn.execute(sa.update(table).where(table.c.connection_id == "con_2").values(access_token=value))

    store.write(swap)
    assert (
        store.write(lambda tx: standing.read(tx, Lane("con_1", "w", 0)).grant(SEAL)).access_token == "pina_1"
    )
    with pytest.raises(WrongKey):
        store.write(lambda tx: standing.read(tx, Lane("con_2", "w", 0)).grant(SEAL))


def test_a_board_that_a_listing_no_longer_shows_is_kept_as_gone_and_may_come_back(store: Store) -> None:
    cakes, pies = Board("1", "Cakes"), Board("2", "Pies")

    def mirror(*seen: Board) -> list[Board]:
        store.write(lambda tx: boards.replace_all(tx, "con_1", seen))
        with store.read() as tx:
            return boards.get_all(tx, "con_1")

    assert mirror(cakes, pies) == [cakes, pies]
    assert mirror(replace(cakes, name="Big cakes")) == [
        replace(cakes, name="Big cakes"),
        replace(pies, gone_at=NOW),
    ]
    assert mirror(cakes, pies) == [cakes, pies]
