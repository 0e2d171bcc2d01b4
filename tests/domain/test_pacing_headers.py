"""Rate headers: as measured, as feared, and as noise."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.pacing.headers import Quota, RateSaid, asked_wait, parse_rate

NOW = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)
SAFETY_NET = Quota("safety_net_app_id_user_id", 100, 1)
MEASURED = {
    '100, 100;w=1;name="safety_net_app_id_user_id", 1000;w=60;name="org_read_app_id_user_id"': RateSaid(
        (SAFETY_NET, Quota("org_read_app_id_user_id", 1000, 60)), 100
    ),
    '60, 100;w=1;name="safety_net_app_id_user_id", 60;w=60;name="org_analytics_app_id_user_id"': RateSaid(
        (SAFETY_NET, Quota("org_analytics_app_id_user_id", 60, 60)), 60
    ),
}


def limit(text: str) -> RateSaid | None:
    return parse_rate({"x-ratelimit-limit": text})


@pytest.mark.parametrize("text", MEASURED)
def test_the_headers_that_were_measured_are_read_whole(text: str) -> None:
    assert limit(text) == MEASURED[text]
    headers = {"x-ratelimit-limit": text, "x-ratelimit-remaining": "7", "x-ratelimit-reset": "37"}
    said = parse_rate(headers)
    assert said is not None
    assert (said.policies, said.remaining, said.reset_s) == (MEASURED[text].policies, 7, 37.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("100", RateSaid((), 100)),
        (" 100 , 5 ; name=a ; w=10 ", RateSaid((Quota("a", 5, 10),), 100)),
        ('100;w=60;name="org_write"', RateSaid((Quota("org_write", 100, 60),))),
        ("x, 5;w=10", RateSaid((Quota("", 5, 10),))),
        ('100, 5;w=0;name="a", 0;w=5;name="b", -1;w=5, 5;w=-1, 5;name="c", ;w=5, 7;w=60;name="d"',
         RateSaid((Quota("d", 7, 60),), 100)),
        ("99999999999999999999", None), ("", None), (",;,;=,=;", None), ("\N{SUPERSCRIPT TWO}", None),
        ("\N{ARABIC-INDIC DIGIT FIVE}", None), ("1e3", None), ("nan", None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out_and_the_rest_counts(text: str, said: RateSaid | None) -> None:
    assert limit(text) == said


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("37", 37.0), ("0", 0.0), ("0.5", 0.5), ("86400", 86400.0), ("1792569600", None), ("-1", None), ("inf", None), ("", None)],
)  # fmt: skip
def test_a_reset_is_a_length_of_time_of_a_day_at_most(reset: str, seconds: float | None) -> None:
    said = parse_rate({"x-ratelimit-reset": reset, "x-ratelimit-remaining": "1"})
    assert said == RateSaid(remaining=1, reset_s=seconds)


def test_no_header_says_nothing() -> None:
    assert parse_rate({}) is None
    assert parse_rate({"content-type": "text/html"}) is None


@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=40), st.text(max_size=80))
def test_no_text_makes_reading_fail(text: str, remaining: str, reset: str, after: str) -> None:
    headers = {
        "x-ratelimit-limit": text,
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": reset,
        "retry-after": after,
    }
    said = parse_rate(headers) or RateSaid()
    assert all(quota.limit > 0 and quota.window_s > 0 for quota in said.policies)
    assert timedelta(0) <= (asked_wait(headers, NOW) or timedelta(0)) <= timedelta(days=7)


@pytest.mark.parametrize("piece", ["1;w=1;name=a,", ",", ";", "=", '"', "9", " "])
def test_a_huge_header_costs_little(piece: str) -> None:
    before = time.process_time()
    for name in ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"):
        said = parse_rate({name: piece * 2_000_000}) or RateSaid()
        assert len(said.policies) <= 200
        asked_wait({name: piece * 2_000_000}, NOW)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30), ({"retry-after": " 30 ", "x-ratelimit-reset": "5"}, 30),
        ({"retry-after": "0"}, 0), ({"retry-after": "1.5"}, 1.5), ({"retry-after": "999999999"}, 7 * 86400),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 28 * 60),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00"}, 28 * 60),
        ({"retry-after": "Wed, 21 Oct 2026 09:28:00 +0200"}, 28 * 60),
        ({"retry-after": "Wed, 21 Oct 2026 06:00:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2099 06:00:00 GMT"}, 7 * 86400),
        ({"retry-after": "soon", "x-ratelimit-reset": "37"}, 37),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 +99999999999999", "x-ratelimit-reset": "37"}, 37),
        ({"retry-after": "-5", "x-ratelimit-reset": "37"}, 37), ({"x-ratelimit-reset": "37"}, 37),
        ({"x-ratelimit-reset": "never"}, None), ({}, None),
    ],
)  # fmt: skip
def test_how_long_a_429_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))
