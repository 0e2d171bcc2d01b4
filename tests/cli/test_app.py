"""`steadypin app`: where the App stands, and what the doctor makes of it."""

from __future__ import annotations

import pytest

from steadypin.bootstrap.assembly import opened
from steadypin.cli.setup import current
from steadypin.domain.app_access import Sign
from steadypin.services import app_access
from steadypin.services.app_access import Seen
from tests.cli.conftest import Cli

NATIVE = {"status": 401, "code": 3, "message": "Your application consumer type is not supported"}


def see(sign: Sign) -> None:
    with opened(current()) as ctx:
        native = NATIVE if sign.refuses else None
        ctx.store.write(lambda tx: app_access.note(tx, Seen(sign, "production", native)))


def check(alone: Cli, name: str) -> dict[str, str]:
    (found,) = [each for each in alone("doctor", "--json").json["items"] if each["check"] == name]
    return dict(found)


def test_without_an_app_it_says_what_to_set(alone: Cli):
    ran = alone("app")
    assert (ran.code, "none is set" in ran.out, "STEADYPIN_PINTEREST_APP_ID" in ran.out) == (0, True, True)
    assert alone("app", "--json").json["secret_set"] is False


def test_beside_a_running_server_it_tells_the_server_s_app(cli: Cli):
    shown = cli("app").out
    for words in (
        "1500001",
        "Secret            set",
        "standard, since",
        "Publishing Pins on the real Pinterest",
    ):
        assert words in shown, shown
    assert "A reply named the quotas of Standard access" in shown
    assert "pinsim-secret" not in shown


def test_the_day_of_an_app_under_trial_is_shown(alone: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STEADYPIN_ACCESS_TIER", "trial")
    shown = alone("app").out
    assert "0 of 1000 calls and 0 of 300 writes used, all accounts together" in shown
    assert "The operator says so (STEADYPIN_ACCESS_TIER)." in shown


def test_the_doctor_says_in_a_line_how_the_access_is_known(alone: Cli):
    alone("app")
    see(Sign.TRIAL_QUOTAS)
    found = check(alone, "access")
    assert found["level"] == "warning"
    assert "A reply named the quotas of a Trial day, last on" in found["said"]
    assert "steadypin app" in found["fix"]


def test_the_doctor_stops_at_an_app_that_is_not_approved(alone: Cli):
    alone("app")
    see(Sign.NOT_APPROVED)
    found = check(alone, "access")
    assert found["level"] == "blocker"
    assert "(401, code 3)" in found["said"]
    assert "none: the App is not approved" in alone("app").out
