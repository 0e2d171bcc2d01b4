"""The table of settings: strict, without secrets in sight, and the same as its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from steadypin.settings import Settings, SettingsError, as_markdown, load
from steadypin.settings.table import TABLE

DOCS = Path(__file__).resolve().parents[1] / "docs"
HOME = {"STEADYPIN_DATA_DIR": "/srv/steadypin"}


def refusal(**variables: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load({**HOME, **variables})
    return str(refused.value)


def test_the_page_is_the_table():
    assert (DOCS / "settings.md").read_text("utf-8") == as_markdown(), (
        "steadypin settings --reference > docs/settings.md"
    )


def test_nothing_has_to_be_set():
    found = load({})
    assert found.bind == ("127.0.0.1", 8080)
    assert found.base_url == "http://127.0.0.1:8080"
    assert found.database_url.endswith("/steadypin.db")
    assert found.app_id is None
    assert (found.lane_lease_s, found.worker_lanes, found.daily_cap, found.late_grace_s) == (
        30,
        400,
        25,
        86400,
    )


def test_every_field_has_its_variable():
    names = {setting.field for setting in TABLE}
    assert names == set(Settings.__slots__) - {"sources"}
    assert len({setting.name for setting in TABLE}) == len(TABLE)


def test_the_database_is_in_the_data_folder_and_the_address_follows_the_port():
    found = load({**HOME, "STEADYPIN_BIND": "0.0.0.0:9000"})
    assert found.database_url == "sqlite:////srv/steadypin/steadypin.db"
    assert found.base_url == "http://127.0.0.1:9000"
    assert load({"STEADYPIN_BIND": "[::1]:80"}).base_url == "http://[::1]:80"


def test_an_empty_variable_counts_as_not_set():
    assert load({**HOME, "STEADYPIN_DAILY_CAP": "", "STEADYPIN_FETCH_ALLOW": " "}).daily_cap == 25


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STEADYPIN_BIND", "8080"),
        ("STEADYPIN_BIND", "127.0.0.1:99999"),
        ("STEADYPIN_BASE_URL", "shop.example"),
        ("STEADYPIN_BASE_URL", "https://shop.example/?a=1"),
        ("STEADYPIN_BASE_URL", "https://me:secret@shop.example"),
        ("STEADYPIN_DATABASE_URL", "mysql://localhost/pins"),
        ("STEADYPIN_LANE_LEASE_S", "soon"),
        ("STEADYPIN_LANE_LEASE_S", "-1"),
        ("STEADYPIN_LANE_LEASE_S", "inf"),
        ("STEADYPIN_WORKER_LANES", "1.5"),
        ("STEADYPIN_DAILY_CAP", "0"),
        ("STEADYPIN_LOOKS_S", "0,300,120"),
        ("STEADYPIN_LOOKS_S", "0,,120"),
        ("STEADYPIN_LINK_MARKER", "maybe"),
        ("STEADYPIN_ACCESS_TIER", "gold"),
        ("STEADYPIN_LOG_LEVEL", "loud"),
        ("STEADYPIN_BYTES_IN_FLIGHT", "12 apples"),
        ("STEADYPIN_FETCH_ALLOW", "10.0.0.0/33"),
        ("STEADYPIN_PINTEREST_APP_ID", "my app"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(name: str, value: str):
    sentence = refusal(**{name: value})
    assert name in sentence
    assert value.replace(":secret@", ":(hidden)@") in sentence
    assert "It takes" in sentence


def test_everything_that_is_wrong_is_said_at_once():
    sentence = refusal(STEADYPIN_BIND="x", STEADYPIN_DAILY_CAP="x", STEADYPIN_DATADIR="x")
    assert sentence.count("\n") == 2
    assert "Did you mean STEADYPIN_DATA_DIR?" in sentence


def test_variables_of_others_are_nobodys_business():
    load({**HOME, "PATH": "/bin", "STEADYPIN_TEST_POSTGRES_URL": "postgresql://x"})


def test_a_timeout_that_does_not_fit_into_the_lease_is_refused():
    sentence = refusal(STEADYPIN_LANE_LEASE_S="23")
    assert "STEADYPIN_LANE_LEASE_S (23)" in sentence
    assert load({**HOME, "STEADYPIN_LANE_LEASE_S": "24"}).lane_lease_s == 24


def test_half_an_app_is_refused():
    assert "STEADYPIN_PINTEREST_APP_SECRET is missing" in refusal(STEADYPIN_PINTEREST_APP_ID="1500001")


def test_a_value_may_stand_in_a_file(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    found = load(
        {**HOME, "STEADYPIN_PINTEREST_APP_ID": "15", "STEADYPIN_PINTEREST_APP_SECRET_FILE": str(secret)}
    )
    assert found.app_secret == "s3cret"
    assert {name: source for name, _, source in found.shown()}["STEADYPIN_PINTEREST_APP_SECRET"] == str(
        secret
    )


def test_a_file_that_cannot_be_read_and_two_sources_are_refused(tmp_path: Path):
    assert "/nowhere" in refusal(STEADYPIN_SECRET_KEY_FILE="/nowhere")
    assert "both set" in refusal(STEADYPIN_SECRET_KEY="a", STEADYPIN_SECRET_KEY_FILE=str(tmp_path))


def test_secrets_are_never_shown():
    found = load(
        {
            **HOME,
            "STEADYPIN_SECRET_KEY": "hush-1",
            "STEADYPIN_PINTEREST_APP_ID": "15",
            "STEADYPIN_PINTEREST_APP_SECRET": "hush-2",
            "STEADYPIN_DATABASE_URL": "postgres://me:hush-3@db.example/pins",
        }
    )
    shown = f"{found!r} {found.shown()}"
    assert "hush" not in shown
    assert "postgresql://me:(hidden)@db.example/pins" in shown


def test_a_bad_secret_is_not_repeated():
    assert "hush" not in refusal(STEADYPIN_DATABASE_URL="mysql://me:hush@db/pins")
