"""One Pin on its way, on both databases."""

from __future__ import annotations

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.words import Stage
from tests.support.rig import Rig


def test_a_due_pin_goes_live_once(home: Rig) -> None:
    connection = home.connect()
    pin = home.pin(connection)
    home.drain()
    found = home.get(pin)
    assert found.stage is Stage.PUBLISHED
    assert [item["id"] for item in home.live()] == [found.pinterest_pin_id]
    assert home.kinds(pin) == [[OutcomeKind.MADE]]
    assert len(home.creates()) == 1


def test_a_pin_waits_for_its_time(home: Rig) -> None:
    pin = home.pin(home.connect(), due_in=60)
    home.advance(59)
    assert home.stage(pin) is Stage.SCHEDULED
    home.advance(1)
    assert home.stage(pin) is Stage.PUBLISHED
