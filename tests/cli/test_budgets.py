"""`steadypin connections budget` and `limits`, and what the doctor says of the App's access."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.bootstrap.assembly import opened
from steadypin.cli.setup import current
from steadypin.storage import schema
from tests.cli.conftest import Cli

REFUSED, USAGE = 4, 2


@pytest.fixture
def account(cli: Cli) -> Iterator[str]:
    """The one connected account; its limits are the settings' again afterwards."""
    name: str = cli("connections", "--json").json["items"][0]["username"]
    yield name
    cli("connections", "limits", name, "--reset")


def values(cli: Cli, account: str, *options: str) -> dict[str, Any]:
    found = cli("connections", "limits", account, *options, "--json").json["limits"]
    return {name: (each["value"], each["source"]) for name, each in found.items()}


def test_the_accounts_are_listed_as_ever(cli: Cli, account: str):
    shown = cli("connections")
    assert (shown.code, account in shown.out) == (0, True)
    assert cli("connections", "--json").json["items"][0]["status"] == "connected"


def test_an_option_in_front_of_the_command_is_refused_instead_of_ignored(cli: Cli, account: str):
    ran = cli("connections", "--json", "budget", account)
    assert ran.code == USAGE
    assert "behind the word budget" in ran.json["error"]["sentence"]


def test_the_budget_in_words_and_as_json(cli: Cli, account: str):
    shown = cli("connections", "budget", account)
    assert shown.code == 0
    for words in (
        "Today",
        "of 25 Pins",
        "Next Pin",
        "Quiet hours    none (from the settings)",
        "1000 in 60 s",
    ):
        assert words in shown.out, shown.out
    assert "Access         standard, as Pinterest's replies show" in shown.out
    found = cli("connections", "budget", account, "--json").json
    assert found["app"]["access_tier"] == "standard"
    assert cli("connections", "limits", account).out.count("(from the settings)") == 4


def test_limits_are_set_one_by_one_and_taken_back(cli: Cli, account: str):
    told = cli("connections", "limits", account, "--daily-cap", "40", "--quiet", "22:00-07:00")
    assert "Pins a day     40 (its own)" in told.out
    assert "Quiet hours    22:00-07:00 (its own)" in told.out
    found = values(cli, account, "--spacing", "90", "--time-zone", "Europe/Berlin")
    assert found == {
        "daily_cap": (40, "own"),
        "spacing_s": (90, "own"),
        "quiet": ("22:00-07:00", "own"),
        "tz": ("Europe/Berlin", "own"),
    }
    assert values(cli, account, "--quiet", "none")["quiet"] == (None, "own")
    found = values(cli, account, "--reset", "--daily-cap", "30")
    assert found["daily_cap"] == (30, "own")
    assert {source for name, (_, source) in found.items() if name != "daily_cap"} == {"settings"}


@pytest.mark.parametrize(
    ("code", "options", "words"),
    [
        (REFUSED, ("--daily-cap", "0"), "daily_cap must be at least 1"),
        (REFUSED, ("--daily-cap", "10001"), "daily_cap must be at most 10000"),
        (USAGE, ("--daily-cap", "many"), "--daily-cap"),
        (REFUSED, ("--spacing", "-1"), "spacing_s must be at least 0"),
        (REFUSED, ("--spacing", "nan"), "spacing_s must be a number"),
        (REFUSED, ("--quiet", "night"), "'night' are no quiet hours. Write two times like 22:00-07:00."),
        (REFUSED, ("--quiet", "07:00-07:00"), "Give two different times"),
        (
            REFUSED,
            ("--time-zone", "Mars/Crater"),
            "'Mars/Crater' is no time zone. Write one like Europe/Berlin",
        ),
        (USAGE, ("--cap", "5"), "--cap"),
    ],
)
def test_what_is_no_limit_is_a_sentence_and_changes_nothing(
    cli: Cli, account: str, code: int, options: tuple[str, str], words: str
):
    ran = cli("connections", "limits", account, *options)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "(its own)" not in cli("connections", "limits", account).out


def test_an_unknown_account_is_refused(cli: Cli):
    for word in ("budget", "limits"):
        ran = cli("connections", word, "nobody")
        assert ran.code == REFUSED
        assert "There is no connection 'nobody'" in ran.err


def test_the_doctor_mentions_the_access_of_the_app(cli: Cli, account: str):
    (told,) = [each for each in cli("doctor", "--json").json["items"] if each["check"] == "access"]
    assert told["level"] == "ok"
    assert told["said"].startswith("The App has Standard access. A reply named the quotas of Standard access")


def test_the_doctor_says_what_trial_access_means_and_until_when_the_app_is_blocked(
    alone: Cli, monkeypatch: pytest.MonkeyPatch
):
    found = {each["check"]: each for each in alone("doctor", "--json").json["items"]}
    assert "not known yet" in found["access"]["said"]
    assert "app block" not in found
    until = datetime(2100, 1, 1, 9, tzinfo=UTC)
    values = {"app_blocked_until": until, "app_blocked_because": "the day is used up"}
    with opened(current()) as ctx:
        ctx.store.write(lambda tx: tx.conn.execute(sa.update(schema.instance).values(values)))
    monkeypatch.setenv("STEADYPIN_ACCESS_TIER", "trial")
    found = {each["check"]: each for each in alone("doctor", "--json").json["items"]}
    assert "300 writes and 1,000 calls a day" in found["access"]["said"]
    assert "STEADYPIN_ACCESS_TIER" in found["access"]["said"]
    assert "Standard access" in found["access"]["fix"]
    assert "2100-01-01" in found["app block"]["said"]
    assert "the day is used up" in found["app block"]["said"]
