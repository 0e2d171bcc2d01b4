"""Incidents in the tables: one of a kind, one probe at a time, and what the last creates came to."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.failures import classify
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.native import read_native
from steadypin.domain.pins import Trouble
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.storage import attempts, connections, incidents, schema
from steadypin.storage.database import Store, Tx
from steadypin.storage.incidents import Incident, read_incident
from tests.storage.rows import NOW, add_attempt, add_pin, connect, lane_row
from tests.support.clock import VirtualClock

ERROR_500 = classify(read_native("pins/create", 500, b'{"code": 12, "message": "no"}'))
OPENED = Incident(
    id="inc_1",
    kind=IncidentKind.PLATFORM,
    environment="production",
    cause=Cause.PLATFORM,
    rule="platform-error-on-create",
    title="Pinterest is in trouble",
    native={"status": 500},
    opened_at=NOW,
    probe_at=NOW + timedelta(seconds=30),
    probes=0,
)


def open_now(store: Store, environment: str = "production") -> list[str]:
    with store.read() as tx:
        return [known.id for known in incidents.open_in(tx, environment)]


def outcome(
    store: Store, name: str, kind: OutcomeKind, failed: bool = False, connection: str = "con_1"
) -> None:
    """A Pin with one Attempt and one outcome."""
    attempt = add_attempt(store, add_pin(store, f"pin_{name}", connection), f"att_{name}")
    failure = ERROR_500 if failed else None
    store.write(lambda tx: attempts.write_outcome(tx, attempt.id, kind, failure=failure))


def test_an_incident_comes_back_as_it_was_written(store: Store):
    assert store.write(lambda tx: incidents.open_one(tx, OPENED))
    with store.read() as tx:
        assert incidents.get(tx, "inc_1") == OPENED
        prefixed = sa.select(*(column.label(f"of_{column.name}") for column in schema.incidents.c))
        assert read_incident(tx.conn.execute(prefixed).one(), "of_") == OPENED
        assert incidents.get(tx, "inc_2") is None


def test_one_of_a_kind_is_open_in_an_environment(store: Store):
    others = [
        replace(OPENED, id="inc_2"),
        replace(OPENED, id="inc_3", environment="sandbox"),
        replace(OPENED, id="inc_4", kind=IncidentKind.APP, opened_at=NOW + timedelta(seconds=1)),
    ]
    assert store.write(lambda tx: incidents.open_one(tx, OPENED))
    assert store.write(lambda tx: [incidents.open_one(tx, one) for one in others]) == [False, True, True]
    assert open_now(store) == ["inc_1", "inc_4"]
    assert store.write(lambda tx: incidents.close(tx, "inc_1"))
    assert not store.write(lambda tx: incidents.close(tx, "inc_1")), "it is over already"
    assert store.write(lambda tx: incidents.open_one(tx, others[0]))
    assert not store.write(lambda tx: incidents.open_again(tx, others[0], NOW)), "it is open"


def test_a_probe_is_taken_once_and_not_too_early(store: Store, clock: VirtualClock):
    store.write(lambda tx: incidents.open_one(tx, OPENED))

    def take(known: Incident = OPENED) -> bool:
        return store.write(lambda tx: incidents.take_probe(tx, known, tx.now + timedelta(seconds=60)))

    assert not take()
    clock.advance(30)
    assert [take(), take()] == [True, False]
    with store.read() as tx:
        again = incidents.get(tx, "inc_1")
    assert again is not None
    assert (again.probes, again.probe_at) == (1, NOW + timedelta(seconds=90))
    assert not take(again)
    store.write(lambda tx: incidents.probe_soon(tx, tx.now))
    assert take(again)
    clock.advance(100)
    store.write(lambda tx: incidents.close(tx, "inc_1"))
    assert not take(replace(again, probes=2))


def test_of_many_who_want_the_same_probe_one_gets_it(store: Store, clock: VirtualClock):
    store.write(lambda tx: incidents.open_one(tx, OPENED))
    clock.advance(31)
    got: list[bool] = []

    def take() -> None:
        got.append(store.write(lambda tx: incidents.take_probe(tx, OPENED, tx.now + timedelta(seconds=60))))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_the_last_creates_and_looks_are_told_newest_first(store: Store):
    outcome(store, "made", OutcomeKind.MADE)
    outcome(store, "doubt", OutcomeKind.DOUBT, failed=True)
    outcome(store, "unsent", OutcomeKind.NOT_MADE)
    outcome(store, "late", OutcomeKind.LATE)
    outcome(store, "look", OutcomeKind.LOOK)
    with store.read() as tx:
        found = incidents.recent(tx, "production", 50)
        assert incidents.recent(tx, "sandbox", 50) == []
    assert [(seen.create, seen.cause, seen.answered) for seen in found] == [
        (False, None, True),
        (True, Cause.PLATFORM, True),
        (True, None, True),
    ], "what never left and what came late are no creates of now"


def test_one_look_at_many_pins_was_one_call(store: Store):
    for n in range(3):
        outcome(store, str(n), OutcomeKind.LOOK, failed=True)
    with store.read() as tx:
        assert len(incidents.recent(tx, "production", 50)) == 1


def test_only_the_end_of_the_table_is_read(store: Store):
    outcome(store, "made", OutcomeKind.MADE)
    attempt_id = "att_made"
    for _ in range(8):
        store.write(lambda tx: attempts.write_outcome(tx, attempt_id, OutcomeKind.LATE))
    with store.read() as tx:
        assert incidents.recent(tx, "production", 2) == []
        assert len(incidents.recent(tx, "production", 3)) == 1


def test_who_waits_is_found_by_what_is_due(store: Store, clock: VirtualClock):
    for name in ("con_2", "con_3", "con_4", "con_5"):
        connect(store, name)
    add_pin(store, "pin_due", "con_2")
    add_pin(store, "pin_later", "con_3", act_at=NOW + timedelta(hours=1))
    add_pin(store, "pin_held", "con_3", stage=Stage.HELD, act_at=None)
    add_pin(store, "pin_of_paused", "con_5")

    def change(tx: Tx) -> None:
        connections.set_paused(tx, "con_5", tx.now)
        later = replace(connections.upkeep(tx, "con_4"), refresh_at=tx.now + timedelta(hours=5), tries=1)
        connections.keep_upkeep(tx, "con_4", later, version=1)

    store.write(change)
    with store.read() as tx:
        assert incidents.waiting(tx, "production", "", 10) == ["con_2", "con_4"]
        assert incidents.waiting(tx, "production", "con_2", 10) == ["con_4"]
        assert incidents.count_waiting(tx, "production") == 2
        assert incidents.renews_late(tx, "production")
        assert incidents.count_waiting(tx, "sandbox") == 0
    moments = {"con_2": NOW + timedelta(seconds=1), "con_4": NOW + timedelta(seconds=2)}
    store.write(lambda tx: incidents.begin_again(tx, moments))
    assert lane_row(store, "con_2").next_due_at == moments["con_2"]
    assert lane_row(store, "con_4").next_due_at == moments["con_4"]
    with store.read() as tx:
        assert connections.upkeep(tx, "con_4").refresh_at == moments["con_4"]
        assert connections.upkeep(tx, "con_2").refresh_at != moments["con_2"], "its renewal never failed"
    store.write(lambda tx: incidents.begin_again(tx, {"con_2": NOW + timedelta(hours=1)}))
    assert lane_row(store, "con_2").next_due_at == moments["con_2"], "a hint may only be earlier"


@pytest.mark.parametrize("rule", ["trial-access", "app-deactivated"])
def test_pins_held_for_exactly_that_are_found(store: Store, rule: str):
    def trouble(of: str) -> Trouble:
        return Trouble(Step.PUBLISH, Cause.ACCESS_TIER, Remedy.OPERATOR, "fix", "title", of, None)

    add_pin(store, "pin_1", stage=Stage.HELD, act_at=None, trouble=trouble(rule))
    add_pin(store, "pin_2", stage=Stage.HELD, act_at=None, trouble=trouble("board-not-found"))
    add_pin(store, "pin_3", stage=Stage.SCHEDULED, trouble=trouble(rule))
    with store.read() as tx:
        assert incidents.held_for_rule(tx, "production", rule) == ["pin_1"]
        assert incidents.held_for_rule(tx, "sandbox", rule) == []


def test_open_ones_are_listed_first(store: Store, clock: VirtualClock):
    kinds = [kind for kind in IncidentKind if kind is not IncidentKind.CONNECTION]
    many = [
        replace(OPENED, id=f"inc_{n}", kind=kind, opened_at=NOW + timedelta(minutes=n))
        for n, kind in enumerate(kinds)
    ]

    def work(tx: Tx) -> None:
        for one in many:
            incidents.open_one(tx, one)
        for one in many[1::2]:
            incidents.close(tx, one.id)

    store.write(work)
    with store.read() as tx:
        assert [known.id for known in incidents.listing(tx, 10)] == ["inc_2", "inc_0", "inc_3", "inc_1"]
        assert [known.id for known in incidents.listing(tx, 10, open_only=True)] == ["inc_2", "inc_0"]
        assert len(incidents.listing(tx, 1)) == 1
        last = incidents.last_closed(tx, "production", kinds[1])
        assert last is not None
        assert last.id == "inc_1"
        assert incidents.last_closed(tx, "production", kinds[0]) is None


def test_pins_that_met_trouble_since_a_moment_are_found(store: Store):
    connect(store, "con_0")
    for name, connection, failed in (("a", "con_1", True), ("b", "con_0", True), ("c", "con_0", False)):
        outcome(store, name, OutcomeKind.DOUBT if failed else OutcomeKind.MADE, failed, connection)
    store.write(lambda tx: attempts.write_outcome(tx, "att_a", OutcomeKind.LOOK, failure=ERROR_500))
    with store.read() as tx:
        assert incidents.met_trouble(tx, "production", NOW) == ["pin_b", "pin_a"], (
            "as holders lock their Lanes"
        )
        assert incidents.met_trouble(tx, "production", NOW + timedelta(seconds=1)) == []
        assert incidents.met_trouble(tx, "sandbox", NOW) == []


OF_ONE = replace(
    OPENED,
    id="inc_a",
    kind=IncidentKind.CONNECTION,
    cause=Cause.ACCOUNT,
    connection_id="con_1",
    fix="Sign in anew.",
    by_itself="Its Pins are held.",
)


def test_each_cause_of_each_connection_has_one_that_is_open(store: Store):
    def opens(incident: Incident) -> bool:
        return store.write(lambda tx: incidents.open_one(tx, incident))

    assert opens(OF_ONE)
    assert not opens(replace(OF_ONE, id="inc_b"))
    assert opens(replace(OF_ONE, id="inc_c", cause=Cause.TOKEN))
    assert opens(replace(OF_ONE, id="inc_d", connection_id="con_2"))
    assert opens(replace(OF_ONE, id="inc_e", closed_at=NOW)), "over at once, so never in the way"
    assert opens(OPENED), "one of all accounts is another matter"
    with store.read() as tx:
        assert incidents.get(tx, "inc_a") == OF_ONE
        assert [known.id for known in incidents.open_of(tx, "con_1")] == ["inc_a", "inc_c"]
        assert [known.id for known in incidents.open_in(tx, "production")] == ["inc_1"]
        assert [known.id for known in incidents.listing(tx, 9, only=["con_2"])] == ["inc_1", "inc_d"]
    store.write(lambda tx: incidents.close(tx, "inc_a"))
    assert opens(replace(OF_ONE, id="inc_f"))


def test_those_of_all_accounts_are_listed_before_those_of_one(store: Store):
    store.write(lambda tx: incidents.open_one(tx, OPENED))
    store.write(lambda tx: incidents.open_one(tx, replace(OF_ONE, opened_at=NOW + timedelta(hours=1))))
    with store.read() as tx:
        assert [known.id for known in incidents.listing(tx, 9)] == ["inc_1", "inc_a"]
