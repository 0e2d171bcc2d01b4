"""Moments: an offset is required of people, and Pinterest's own times mean UTC."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.times import MomentError, parse_moment, parse_pinterest_moment

NINE = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-05-01T09:00:00Z", "2026-05-01T11:00:00+02:00", "2026-05-01 11:00+02:00", " 2026-05-01T04:00:00-05:00 ",
     "2026-05-01T14:30:00+05:30", "20260501T090000Z"],
)  # fmt: skip
def test_a_time_with_an_offset_is_one_moment_everywhere(text: str) -> None:
    assert parse_moment(text) == NINE
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-05-01T09:00:00", "2026-05-01 09:00", "2026-05-01"])
def test_a_time_without_an_offset_is_refused_with_one_to_copy(text: str) -> None:
    with pytest.raises(MomentError, match="has no offset") as refused:
        parse_moment(text)
    shown = next(word for word in str(refused.value).split() if word.endswith("+00:00"))
    assert parse_moment(shown).date() == NINE.date()


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01T09:00:00Z", "2026-05-01T25:00:00Z", "1777626000", "09:00Z"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MomentError, match=r"2026-05-01T09:00:00\+02:00"):
        parse_moment(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_moment_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(MomentError, match="outside the calendar"):
        parse_moment(text)
    assert parse_pinterest_moment(text) is None


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_what_is_written_is_what_is_read(wall: datetime, offset_minutes: int) -> None:
    moment = wall.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    assert parse_moment(moment.isoformat()) == moment


@given(st.text(max_size=40))
def test_no_text_makes_reading_fail(text: str) -> None:
    parse_pinterest_moment(text)
    with suppress(MomentError):
        assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2026-05-01T09:00:00", NINE), ("2026-05-01T09:00:00Z", NINE), ("2026-05-01T11:00:00+02:00", NINE),
     (None, None), ("", None), ("yesterday", None)],
)  # fmt: skip
def test_pinterests_times_mean_utc(text: str | None, moment: datetime | None) -> None:
    assert parse_pinterest_moment(text) == moment
