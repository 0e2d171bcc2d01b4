"""`errors replay`: today's rules over yesterday's replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import replaying
from steadypin.storage import attempts
from tests.cli.conftest import Cli
from tests.support.rig import Rig, rig

STALE = {"rule": "rate-limit", "cause": "rate_limit", "remedy": "retry_later"}


@pytest.fixture
def used(tmp_path: Path) -> Iterator[Rig]:
    """An installation with three stored replies, in the data folder of the commands."""
    (tmp_path / "data").mkdir(mode=0o700)
    with rig(f"sqlite:///{tmp_path / 'data' / 'steadypin.db'}", tmp_path / "data") as home:
        shop = home.connect()
        for name in ("link-blocked", "image-broken", "board-not-found"):
            home.fault(f"rule:{name}")
            assert home.stage(refused(home, shop, name)) is Stage.HELD
        yield home


def refused(home: Rig, shop: Any, name: str) -> Any:
    pin = home.pin(shop, name)
    home.drain()
    return pin


def add_stale(home: Rig) -> None:
    """A reply as an older version would have stored it: records are append-only, so it is one more."""
    known = next(each for each in replaying.replay(home.store) if each.failure.rule == "image-broken")
    failure = replace(known.failure, rule="rate-limit", cause=Cause.RATE_LIMIT, remedy=Remedy.RETRY_LATER)
    kind = OutcomeKind.LATE
    home.store.write(lambda tx: attempts.write_outcome(tx, known.attempt_id, kind, failure=failure))


def test_nothing_changed_when_the_rules_are_the_same(used: Rig, alone: Cli):
    found = alone("errors", "replay", "--json")
    assert (found.code, found.json) == (0, {"read": 3, "changed": 0, "items": []})
    assert "read: 3" in alone("errors", "replay").out


def test_a_reply_that_is_told_differently_now_is_shown_with_both(used: Rig, alone: Cli):
    add_stale(used)
    found = alone("errors", "replay", "--json").json
    assert (found["read"], found["changed"]) == (4, 1)
    (item,) = found["items"]
    assert item["was"] == STALE
    assert {name: item["now"][name] for name in ("rule", "cause", "remedy", "step")} == {
        "rule": "image-broken",
        "cause": "media",
        "remedy": "fix_input",
        "step": 4,
    }
    assert item["native"]["status"] == 403
    plain = alone("errors", "replay").out
    assert "rate-limit (retry_later)" in plain
    assert "image-broken (fix_input)" in plain


def test_it_changes_nothing(used: Rig, alone: Cli):
    add_stale(used)
    first = alone("errors", "replay", "--json").out
    assert alone("errors", "replay", "--json").out == first


def test_pages_are_joined_without_a_gap(used: Rig):
    whole = list(replaying.replay(used.store))
    assert [each.failure.rule for each in whole] == ["link-blocked", "image-broken", "board-not-found"]
    assert list(replaying.replay(used.store, page=1)) == whole
    assert list(replaying.replay(used.store, page=2)) == whole


def test_without_a_database_it_says_so(alone: Cli, tmp_path: Path):
    told = alone("errors", "replay")
    assert told.code == 3
    assert "no database" in told.err
    assert not list(tmp_path.rglob("*.db"))


def test_beside_a_running_service(cli: Cli):
    assert cli("errors", "replay", "--json").code == 0
