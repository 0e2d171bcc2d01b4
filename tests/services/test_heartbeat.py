"""When nobody was at work is remembered, and told of Pins at such hours."""

from __future__ import annotations

from steadypin.domain.absences import KEPT_FOR
from steadypin.services import duty_work, heartbeat, preflighting, restoring
from steadypin.storage import absences
from tests.support.rig import Rig

DAY, HOUR = 86400.0, 3600.0
HANDLERS = {heartbeat.KIND: heartbeat.handle}


def at_work(home: Rig) -> int:
    """What the loop of duties does now; answers how many beats there were."""
    found = home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 10, HANDLERS))
    for duty in found:
        home.run(duty_work.work(home.ctx, duty, HANDLERS))
    return len(found)


def known(home: Rig) -> list[tuple[float, float]]:
    with home.store.read() as tx:
        return [
            ((each.since - tx.now).total_seconds(), (each.until - tx.now).total_seconds())
            for each in absences.known(tx)
        ]


def test_there_is_a_beat_every_five_minutes_and_no_more(home: Rig) -> None:
    heartbeat.start(home.ctx)
    assert at_work(home) == 1
    for _ in range(12):
        assert at_work(home) == 0
        home.clock.advance(301)
        assert at_work(home) == 1
    assert known(home) == []


def test_a_gap_is_an_absence_and_a_restart_is_none(home: Rig) -> None:
    heartbeat.start(home.ctx)
    at_work(home)
    home.clock.advance(600)
    heartbeat.start(home.ctx)
    at_work(home)
    assert known(home) == []
    home.clock.advance(8 * HOUR)
    assert at_work(home) == 1
    assert known(home) == [(-8 * HOUR, 0.0)]
    home.clock.advance(KEPT_FOR.total_seconds() + 1)
    at_work(home)
    assert len(known(home)) == 1, "the older one is forgotten"


def test_a_pin_at_an_hour_that_is_slept_through_is_warned_of(home: Rig) -> None:
    shop = home.connect()
    heartbeat.start(home.ctx)
    at_work(home)
    for _ in range(4):
        home.clock.advance(DAY / 2)
        at_work(home)
        for _ in range(48):
            home.clock.advance(900)
            at_work(home)
    slept = home.pin(shop, "Soup", DAY + 6 * HOUR, link=None)
    awake = home.pin(shop, "Salad", DAY + 18 * HOUR, link=None)
    assert [each.check for each in preflighting.of_pin(home.ctx, slept.id)] == ["asleep"]
    assert [each.check for each in preflighting.of_pin(home.ctx, awake.id)] == []


def test_the_time_between_a_backup_and_its_restore_is_no_absence(home: Rig) -> None:
    heartbeat.start(home.ctx)
    at_work(home)
    home.clock.advance(DAY)
    restoring.after_restore(home.ctx)
    at_work(home)
    assert known(home) == []
