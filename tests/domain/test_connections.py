"""The status of a Connection follows from its facts, and a Grant says when it wants to be renewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from steadypin.domain.connections import Connection, ConnectionStatus, Grant

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CONNECTION = Connection(
    id="con_1", environment="production", account_id="9", username="spring_shop", account_type="BUSINESS",
    scopes=frozenset(), access_expires_at=NOW + 30 * DAY, refresh_expires_at=NOW + 60 * DAY, created_at=NOW,
)  # fmt: skip
GRANT = Grant("pina_secret", "pinr_secret", frozenset({"pins:read"}), NOW + 30 * DAY, NOW + 60 * DAY, NOW)


@pytest.mark.parametrize(
    ("connection", "status"),
    [
        (CONNECTION, "connected"),
        (replace(CONNECTION, refresh_expires_at=NOW + 7 * DAY), "expiring"),
        (replace(CONNECTION, access_expires_at=NOW - DAY), "connected"),  # the refresh token renews it
        (replace(CONNECTION, refresh_expires_at=None), "connected"),
        (replace(CONNECTION, refresh_expires_at=None, access_expires_at=NOW + DAY), "expiring"),
        (replace(CONNECTION, paused_at=NOW, refresh_expires_at=NOW + DAY), "paused"),
        (replace(CONNECTION, paused_at=NOW, broken_because="revoked"), "broken"),
        (replace(CONNECTION, disconnected_at=NOW, paused_at=NOW, broken_because="revoked"), "disconnected"),
    ],
)
def test_the_most_serious_truth_is_the_status(connection: Connection, status: str) -> None:
    assert connection.status(NOW) is ConnectionStatus(status)


@pytest.mark.parametrize(
    ("life", "due_after"),
    [(30 * DAY, 20 * DAY), (DAY, 0.75 * DAY), (20 * DAY, 15 * DAY), (365 * DAY, 20 * DAY)],
)
def test_a_grant_is_renewed_in_the_last_quarter_of_its_life_or_after_20_days(
    life: timedelta, due_after: timedelta
) -> None:
    assert replace(GRANT, access_expires_at=NOW + life).refresh_due_at() == NOW + due_after


def test_a_grant_without_a_refresh_token_ends_with_its_access_token() -> None:
    assert replace(GRANT, refresh_token=None).refresh_due_at() == GRANT.access_expires_at


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_jitter_renews_earlier_by_a_day_at_most_and_never_by_much_of_a_short_life(jitter: float) -> None:
    assert GRANT.refresh_due_at() - GRANT.refresh_due_at(jitter) == jitter * DAY
    sandbox = replace(GRANT, access_expires_at=NOW + DAY)
    assert sandbox.refresh_due_at() - sandbox.refresh_due_at(jitter) == jitter * DAY / 20


def test_no_way_of_printing_a_grant_shows_its_tokens() -> None:
    for shown in (repr(GRANT), str(GRANT), f"{GRANT}", repr([GRANT])):
        assert "secret" not in shown
