"""The long proofs in short: the same code with less of everything. `make prove P=…` runs them in full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs import incident, kill, kill_judge, lookahead, rate, year
from tests.proofs.kill import Load
from tests.proofs.machine import PublishingMachine

KILLS_ON_SQLITE = Load(pins=150, events=6, spread_s=12, gap_s=(0.3, 1.5), accounts=10)
SMALL_TOWN = incident.Load(pins=120, connections=12)
EVENTS_ON_POSTGRES = Load(pins=150, events=4, spread_s=15, gap_s=(0.3, 1.0), accounts=10, late_201=False)


def test_the_machine_on_sqlite() -> None:
    run_machine(PublishingMachine, examples=25, steps=40)


def test_the_machine_on_postgresql(postgres_url: str) -> None:
    class OnPostgres(PublishingMachine):
        url = postgres_url

        def __init__(self) -> None:
            empty(postgres_url)
            super().__init__()

    run_machine(OnPostgres, examples=6, steps=40)


def test_serve_survives_kills_on_sqlite(tmp_path: Path) -> None:
    judged = kill.run_on_sqlite(KILLS_ON_SQLITE, tmp_path)
    assert not judged.wrong, kill_judge.shown(judged)


def test_workers_survive_kills_and_pauses_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    empty(postgres_url)
    judged = kill.run_on_postgres(EVENTS_ON_POSTGRES, tmp_path, postgres_url)
    assert not judged.wrong, kill_judge.shown(judged)


@pytest.mark.parametrize("part", incident.PARTS)
def test_an_hour_of_trouble_loses_nothing_and_blames_nobody(part: str, url: str, tmp_path: Path) -> None:
    found = incident.run(incident.PARTS[part], SMALL_TOWN, url, tmp_path)
    assert not found.wrong, found


def test_what_could_be_known_to_fail_is_said_an_hour_before(tmp_path: Path) -> None:
    campaign = lookahead.Campaign(pins=56, accounts=8, days=4)
    judged = lookahead.run(campaign, f"sqlite:///{tmp_path / 'proof.db'}", tmp_path)
    assert not judged.wrong, judged


@pytest.mark.parametrize("windows", ["fixed", "sliding"])
def test_a_saturated_account_uses_its_rate_and_is_never_refused(windows: str, url: str) -> None:
    assert rate.saturated(2, windows, "in 50 to 400 ms", url)


def test_an_app_under_trial_access_keeps_to_its_day(url: str) -> None:
    assert rate.trial(1, "rolling", url, accounts=3)


@pytest.mark.parametrize("rotation", ["lenient", "strict"])
def test_months_of_outages_and_dropped_workers_lose_no_connection(rotation: str, tmp_path: Path) -> None:
    judged = year.run_year(year.Year(connections=10, days=60, rotation=rotation, cuts=0.3), tmp_path)
    assert not judged.wrong, judged


@pytest.mark.parametrize("rotation", ["lenient", "strict"])
def test_a_refresh_cut_by_a_kill_is_made_good_or_told(rotation: str, tmp_path: Path) -> None:
    judged = year.run_kills(year.Kills(rotation, kills=2, accounts=4, spread_s=8), tmp_path)
    assert not judged.wrong, judged


def run_machine(machine: type[Any], examples: int, steps: int) -> None:
    """The same histories every time; one that fails is shortened and printed."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


def empty(url: str) -> None:
    """Remove every table, also those that a connection left open by a failed example still uses."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as conn:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        conn.execute(sa.text(f"{others} AND pid <> pg_backend_pid()"))
        conn.execute(sa.text("DROP SCHEMA public CASCADE"))
        conn.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
