"""The user's own limits, on ordinary days and on those of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steadypin.domain.operations import Category
from steadypin.domain.pacing.budgets import Pace, blocked, heard, sent
from steadypin.domain.pacing.day import (
    Go,
    Limits,
    QuietHours,
    Wait,
    day_begin,
    day_of,
    given_back,
    may_send,
    used_of_day,
    written,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7))
ON_TIME = timedelta(0)
LATE = timedelta(hours=2)
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=BERLIN).astimezone(UTC)


def moment(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """'2026-05-01 22:00' by that zone's clock, or in UTC with a Z."""
    if text.endswith("Z"):
        return datetime.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def limits(
    cap: int = 25, spacing: float = 30, quiet: QuietHours | None = None, zone: ZoneInfo = BERLIN
) -> Limits:
    return Limits(cap, spacing, quiet, zone)


def used(creates: int, last: datetime) -> Pace:
    return Pace(day=day_of(last, BERLIN), creates=creates, last_create_at=last)


def test_nothing_in_the_way_means_go() -> None:
    assert may_send(Pace(), limits(quiet=NIGHT), NOON, LATE) == Go()


def test_the_spacing_holds_from_one_create_to_the_next() -> None:
    pace = used(1, NOON)
    assert may_send(pace, limits(), NOON, ON_TIME) == Wait(
        NOON + timedelta(seconds=30), "Pins of one account are at least 30 s apart", timedelta(seconds=30)
    )
    assert may_send(pace, limits(), NOON + timedelta(seconds=30), ON_TIME) == Go()


def test_the_daily_cap_ends_with_the_accounts_day() -> None:
    pace = used(25, NOON)
    soon = NOON + timedelta(minutes=5)
    assert may_send(pace, limits(), soon, ON_TIME) == Wait(
        moment("2026-05-02 00:00"),
        "the daily cap of 25 Pins is used up; this account's day begins at 00:00 Europe/Berlin",
    )
    assert may_send(pace, limits(), moment("2026-05-01 23:59"), ON_TIME) != Go()
    assert may_send(pace, limits(), moment("2026-05-02 00:00"), ON_TIME) == Go()
    assert may_send(pace, limits(26), soon, ON_TIME) == Go(), "an edit of the cap acts at once"
    assert may_send(used(24, NOON), limits(), soon, ON_TIME) == Go()


def test_quiet_hours_hold_and_say_until_when() -> None:
    because = "quiet hours until 07:00 Europe/Berlin"
    morning = moment("2026-05-02 07:00")
    for text in ("2026-05-01 22:00", "2026-05-02 00:00", "2026-05-02 06:59"):
        assert may_send(Pace(), limits(quiet=NIGHT), moment(text), ON_TIME) == Wait(morning, because)
    for text in ("2026-05-01 21:59", "2026-05-02 07:00"):
        assert may_send(Pace(), limits(quiet=NIGHT), moment(text), ON_TIME) == Go()


def test_a_wait_that_ends_within_another_goes_on_to_the_end_of_that() -> None:
    assert may_send(used(25, NOON), limits(quiet=NIGHT), NOON, ON_TIME) == Wait(
        moment("2026-05-02 07:00"), "quiet hours until 07:00 Europe/Berlin"
    )
    evening = moment("2026-05-01 21:59:50")
    assert may_send(used(1, evening), limits(quiet=NIGHT), evening, ON_TIME) == Wait(
        moment("2026-05-02 07:00"), "quiet hours until 07:00 Europe/Berlin"
    )
    morning = moment("2026-05-02 06:59:50")
    assert may_send(used(1, morning), limits(quiet=NIGHT), morning, ON_TIME) == Wait(
        morning + timedelta(seconds=30), "Pins of one account are at least 30 s apart", timedelta(seconds=30)
    )


def test_pinterests_own_limits_speak_for_themselves() -> None:
    until = NOON + timedelta(hours=4)
    spam = blocked(used(1, NOON), None, until, "Pinterest's spam protection holds this account")
    assert may_send(spam, limits(), NOON, ON_TIME) == Wait(
        until, "Pinterest's spam protection holds this account"
    )
    pace = heard(sent(Pace(), Category.ORG_WRITE, NOON), Category.ORG_WRITE, None, NOON)
    answer = may_send(pace, limits(), NOON, ON_TIME)
    assert isinstance(answer, Wait)
    assert answer.because == "Pinterest allows 100 writes in 60 s"


def test_a_late_pin_keeps_its_distance_and_one_on_time_does_not() -> None:
    pace, soon = used(1, NOON), NOON + timedelta(seconds=40)
    assert may_send(pace, limits(), soon, timedelta(seconds=300)) == Go()
    assert may_send(pace, limits(), soon, timedelta(seconds=301)) == Wait(
        NOON + timedelta(seconds=120),
        "late Pins follow one another at least 120 s apart",
        timedelta(seconds=120),
    )


def test_what_was_never_made_is_given_back() -> None:
    first = written(Pace(), BERLIN, NOON)
    second_at = NOON + timedelta(minutes=1)
    second = written(first, BERLIN, second_at)
    assert used_of_day(second, BERLIN, NOON) == 2
    assert given_back(second, BERLIN, second_at) == first
    undone = given_back(second, BERLIN, NOON)
    assert (undone.creates, undone.last_create_at) == (1, second_at), "a later create keeps its spacing"


def test_a_day_gets_nothing_back_from_the_day_before() -> None:
    yesterday = moment("2026-05-01 23:59")
    pace = written(written(Pace(), BERLIN, yesterday), BERLIN, moment("2026-05-02 00:01"))
    assert used_of_day(pace, BERLIN, moment("2026-05-02 09:00")) == 1
    assert given_back(pace, BERLIN, yesterday).creates == 1
    assert used_of_day(pace, BERLIN, moment("2026-05-03 00:00")) == 0


def test_a_clock_put_back_over_midnight_frees_no_second_day() -> None:
    pace = written(written(Pace(), BERLIN, moment("2026-05-02 00:00")), BERLIN, moment("2026-05-01 23:59:59"))
    assert used_of_day(pace, BERLIN, moment("2026-05-01 23:59:59")) == 2
    answer = may_send(pace, limits(2), moment("2026-05-01 23:59:59"), ON_TIME)
    assert isinstance(answer, Wait)
    assert answer.until == moment("2026-05-03 00:00")


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25),
        ("Europe/Berlin", "2026-05-01", "2026-04-30T22:00:00Z", 24),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23),  # 00:00 is skipped
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25),  # 00:00 comes twice
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", 23.5),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0),  # a day that never was
        ("UTC", "2026-03-29", "2026-03-29T00:00:00Z", 24),
    ],
)
def test_days_begin_when_the_accounts_calendar_turns(zone: str, day: str, begins: str, hours: float) -> None:
    tz, date = ZoneInfo(zone), datetime.fromisoformat(day).date()
    begin = day_begin(date, tz)
    assert begin == moment(begins)
    assert day_begin(date + timedelta(days=1), tz) - begin == timedelta(hours=hours)
    assert day_of(begin - timedelta(microseconds=1), tz) < date


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        # 29 March: the clocks go from 02:00 (01:00 UTC) to 03:00
        ("22:00-02:30", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"),
        ("22:00-02:30", "2026-03-29T01:00:00Z", None),
        ("02:30-04:00", "2026-03-29T00:59:59Z", None),
        ("02:30-04:00", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
        ("02:10-02:40", "2026-03-29T01:00:00Z", None),
        ("22:00-07:00", "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"),
        # 25 October: 02:00 to 03:00 come twice (00:00 and 01:00 UTC)
        ("22:00-02:30", "2026-10-25T00:29:00Z", "2026-10-25T01:30:00Z"),
        ("22:00-02:30", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"),
        ("22:00-02:30", "2026-10-25T01:30:00Z", None),
        ("02:30-02:45", "2026-10-25T00:29:59Z", None),
        ("02:30-02:45", "2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z"),
        ("22:00-07:00", "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"),
    ],
)
def test_quiet_hours_end_right_when_clocks_change(quiet: str, now: str, until: str | None) -> None:
    assert QuietHours.parse(quiet).end_after(moment(now), BERLIN) == (moment(until) if until else None)


times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
near_changes = st.sampled_from(["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-06-01T12:00:00Z"])
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"])


@given(times, times, near_changes, st.integers(0, 2 * 86400), zones)
def test_quiet_hours_hold_by_the_clock_on_the_wall(
    begin: time, end: time, start: str, plus: int, zone: str
) -> None:
    assume(begin != end)
    tz, now = ZoneInfo(zone), moment(start) + timedelta(seconds=plus)
    wall = now.astimezone(tz).time()
    shown = begin <= wall < end if begin < end else (wall >= begin or wall < end)
    until = QuietHours(begin, end).end_after(now, tz)
    twice = now.astimezone(tz).replace(fold=0).utcoffset() != now.astimezone(tz).replace(fold=1).utcoffset()
    if not twice:
        assert (until is not None) == shown
    if until is not None:
        assert now < until <= now + timedelta(hours=25)


@given(
    st.lists(st.integers(0, 3 * 3600), min_size=1, max_size=60),
    st.integers(1, 12), st.sampled_from([0.0, 30.0, 200.0]), st.sampled_from([None, NIGHT, QuietHours(time(2, 15), time(2, 45))]),
    near_changes, zones,
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_a_backlog_goes_out_one_by_one_within_all_limits(
    due: list[int], cap: int, spacing: float, quiet: QuietHours | None, start: str, zone: str
) -> None:
    """After an outage of three hours: waiting as told is enough, and no wait leads into another."""
    tz, now = ZoneInfo(zone), moment(start) + timedelta(hours=3)
    rules = Limits(cap, spacing, quiet, tz)
    pace, out = Pace(), list[datetime]()
    for seconds in sorted(due):
        late_by = now - (moment(start) + timedelta(seconds=seconds))
        answer = may_send(pace, rules, now, late_by)
        if isinstance(answer, Wait):
            assert answer.until > now
            assert answer.because
            now = answer.until
            assert may_send(pace, rules, now, late_by) == Go()
        pace = written(pace, tz, now)
        if quiet is not None:
            assert quiet.end_after(now, tz) is None
        if out and late_by > timedelta(seconds=300):
            assert now - out[-1] >= timedelta(seconds=max(120, spacing))
        out.append(now)
    days = [day_of(at, tz) for at in out]
    assert max(days.count(day) for day in days) <= cap
    assert days == sorted(days)


@pytest.mark.parametrize("text", ["22:00-07:00", " 22:00 - 7:00 ", "22:00–07:00"])
def test_quiet_hours_are_read_as_people_write_them(text: str) -> None:
    assert QuietHours.parse(text) == NIGHT
    assert str(NIGHT) == "22:00-07:00"


@pytest.mark.parametrize(
    "text",
    ["", "22-7", "22:00", "24:00-07:00", "22:60-07:00", "22:00-07:00-08:00", "٢٢:00-07:00", "x" * 9999],
)
def test_what_are_no_quiet_hours_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write two times like 22:00-07:00\.$") as refused:
        QuietHours.parse(text)
    assert len(str(refused.value)) < 120


def test_limits_without_sense_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="either no time or all day"):
        QuietHours.parse("07:00-07:00")
    with pytest.raises(ValueError, match="at least 1 Pin"):
        limits(0)
    with pytest.raises(ValueError, match="0 seconds or more"):
        limits(spacing=-1)


def test_a_zone_without_a_name_is_shown_by_its_offset() -> None:
    rules = Limits(1, 0, None, timezone(timedelta(hours=2)))
    answer = may_send(written(Pace(), rules.tz, NOON), rules, NOON, ON_TIME)
    assert isinstance(answer, Wait)
    assert answer.because == "the daily cap of 1 Pin is used up; this account's day begins at 00:00 UTC+02:00"
