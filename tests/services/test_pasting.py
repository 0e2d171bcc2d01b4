"""Connecting with a sandbox token of the App's page: whose it is, how long it lives, and what is no such token."""

from __future__ import annotations

import pytest

from steadypin.domain.connections import Alert, AlertKind, Connection, ConnectionStatus
from steadypin.domain.errors import InputRefused
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting, duty_work, pasting
from steadypin.services.connecting import NotConnected
from steadypin.storage.database import Tx
from tests.services.stage import new, refused
from tests.support.rig import Rig

HOUR = 3600


class Heard:
    """An alert channel that remembers."""

    def __init__(self) -> None:
        self.told: list[Alert] = []

    def tell(self, tx: Tx, told: Alert) -> None:
        self.told.append(told)


@pytest.fixture
def heard(home: Rig) -> Heard:
    channel = Heard()
    home.use(alerts=channel)
    return channel


def token(home: Rig, environment: str = "sandbox", account: str = "spring_shop") -> str:
    asked = {"account": account, "environment": environment, "from": "app_page", "app": "1500001"}
    return str(home.sim_control("POST", "/_sim/tokens", asked)["access_token"])


def paste(home: Rig, text: str) -> Connection:
    made = home.run(pasting.connect(home.wired, text))
    home.drain()
    return made


def pass_hours(home: Rig, hours: float) -> None:
    """In steps of half an hour, duties included."""
    for _ in range(int(hours * 2)):
        home.advance(HOUR / 2)
        for duty in home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 10, {pasting.KIND})):
            home.run(duty_work.work(home.ctx, duty, {pasting.KIND: pasting.handler()}))


def why_not(home: Rig, text: str) -> str:
    with pytest.raises(NotConnected) as raised:
        paste(home, text)
    assert text not in str(raised.value)
    assert connecting.listing(home.ctx) == []
    return str(raised.value)


def test_a_pasted_token_publishes_in_the_sandbox_and_says_until_when(home: Rig) -> None:
    shop = paste(home, f"  {token(home)}\n")
    assert (shop.username, shop.environment) == ("spring_shop", "sandbox")
    known = connecting.get(home.ctx, shop.id)
    assert not known.renewable
    assert known.status(home.clock.now()) is ConnectionStatus.EXPIRING
    assert (known.ends_at - home.clock.now()).total_seconds() == pytest.approx(24 * HOUR, abs=60)
    assert "It has no refresh token" in (known.ends_because or "")
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    (entry,) = home.creates()
    assert (entry["environment"], entry["status"]) == ("sandbox", 201)


def test_its_end_is_told_once_some_hours_ahead_and_then_it_is_broken(home: Rig, heard: Heard) -> None:
    shop = paste(home, token(home))
    pass_hours(home, 20)
    assert heard.told == []
    pass_hours(home, 3)
    assert [told.kind for told in heard.told] == [AlertKind.ENDS_SOON]
    pass_hours(home, 2)
    assert [told.kind for told in heard.told] == [AlertKind.ENDS_SOON, AlertKind.BROKEN]
    known = connecting.get(home.ctx, shop.id)
    assert "no refresh token" in (known.broken_because or "")
    paste(home, token(home))
    assert connecting.get(home.ctx, shop.id).broken_because is None


def test_a_token_that_is_pasted_anew_is_told_at_its_own_end(home: Rig, heard: Heard) -> None:
    paste(home, token(home))
    pass_hours(home, 10)
    paste(home, token(home))
    pass_hours(home, 13)
    assert heard.told == []
    pass_hours(home, 9)
    assert [told.kind for told in heard.told] == [AlertKind.ENDS_SOON]


def test_a_token_of_production_is_said_to_belong_there(home: Rig) -> None:
    said = why_not(home, token(home, "production"))
    assert "belongs to production" in said
    assert "401, code 2" in said


def test_a_token_that_has_ended_is_not_taken_for_one_of_production(home: Rig) -> None:
    old = token(home)
    home.clock.advance(25 * HOUR)
    assert "it has ended" in why_not(home, old)


@pytest.mark.parametrize("text", ["", "pinr_" + "A" * 40, "two words", "pina_\u2026", "A" * 3000])
def test_what_is_no_token_is_refused_without_asking_pinterest(home: Rig, text: str) -> None:
    with pytest.raises(InputRefused) as raised:
        paste(home, text)
    assert not text or text not in str(raised.value)
    assert home.sim_control("GET", "/_sim/journal")["entries"] == []


def test_boards_and_pins_of_one_environment_never_meet_those_of_the_other(home: Rig) -> None:
    real, tests = home.connect(), paste(home, token(home))
    assert real.id != tests.id
    boards = [{board.id for board in connecting.boards_of(home.ctx, each.id)} for each in (real, tests)]
    assert not boards[0] & boards[1]
    wrong = refused(lambda: compose.create(home.ctx, new(home, tests, board_id=home.board(real))))
    assert "has no board" in wrong["board_id"]
    pins = [home.pin(real, "Real"), home.pin(tests, "Test")]
    wrong = refused(lambda: compose.edit(home.ctx, pins[1].id, {"board_id": home.board(real)}))
    assert "has no board" in wrong["board_id"]
    home.drain()
    found = {entry["environment"]: entry for entry in home.creates()}
    assert set(found) == {"production", "sandbox"}
    assert {home.get(pin).pinterest_pin_id for pin in pins} == {item["id"] for item in home.live()}
    connecting.disconnect(home.ctx, tests.id)
    assert connecting.get(home.ctx, real.id).disconnected_at is None


def test_the_sandbox_gets_the_bytes_since_it_would_refuse_an_address(home: Rig) -> None:
    shop = paste(home, token(home))
    home.pin(shop)
    home.drain()
    (entry,) = home.creates()
    assert (entry["status"], entry["body"]["source_type"]) == (201, "image_base64")
