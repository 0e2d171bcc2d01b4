"""`steadypin connections check` and `owner`."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest

from steadypin.bootstrap import DemoInstallation
from steadypin.cli.connections import _end
from tests.cli.conftest import Cli

DONE, ATTENTION, REFUSED = 0, 1, 4


@pytest.fixture
def account(cli: Cli) -> Iterator[str]:
    """The one connected account; nobody looks after it afterwards."""
    name: str = cli("connections", "--json").json["items"][0]["username"]
    yield name
    cli("connections", "owner", name, "--remove")


def act(place: DemoInstallation, wanted: dict[str, str]) -> None:
    """Something happens at the simulated Pinterest."""
    body = json.dumps(wanted).encode()
    with urllib.request.urlopen(f"{place.sim_url}/_sim/act", body) as answer:
        assert answer.status == 200


def test_a_check_says_what_was_found(cli: Cli, account: str):
    before = cli("connections", "--json").json["items"][0]["checked_at"]
    shown = cli("connections", "check", account)
    assert shown.code == DONE, shown.err
    assert account in shown.out
    assert "connected" in shown.out
    assert cli("connections", "--json").json["items"][0]["checked_at"] > before
    assert cli("connections", "check", account, "--json").json["last_check_failure"] is None


def test_a_check_that_finds_something_asks_for_attention(cli: Cli, account: str, place: DemoInstallation):
    found = cli("connections", "--json").json["items"][0]
    for wanted, code in (("999", ATTENTION), (found["account_id"], DONE)):
        act(place, {"do": "change_account_id", "account": account, "id": wanted})
        shown = cli("connections", "check", account)
        assert shown.code == code, shown.out
        assert ("cause account, remedy reconnect" in shown.out) is (code == ATTENTION)
        listed = cli("connections").out
        assert ("is broken" in listed) is (code == ATTENTION)
        assert (found["ends_at"][:10] in listed) is (code == DONE), "what is over has no end ahead"


def test_an_end_that_no_refresh_moves_is_shown_with_its_reason():
    found = {"username": "spring_shop", "status": "expiring", "account_type": "BUSINESS", "environment": "production",
             "refresh_expires_at": "2027-01-21T09:00:00Z", "ends_at": "2026-12-01T09:00:00Z", "broken": None,
             "disconnected_at": None}  # fmt: skip
    assert _end(found).startswith("2026-12-01")


def test_an_owner_is_named_and_taken_away(cli: Cli, account: str):
    assert "nobody is named" in cli("connections", "owner", account).out
    shown = cli("connections", "owner", account, "--name", "Kim", "--contact", "kim@shop.example")
    assert "Kim · kim@shop.example" in shown.out
    assert cli("connections", "owner", account, "--name", "Lee", "--json").json["owner"] == {
        "name": "Lee",
        "contact": "kim@shop.example",
    }
    assert "nobody is named" in cli("connections", "owner", account, "--remove").out
    assert cli("connections", "owner", "nobody", "--name", "Kim").code == REFUSED
