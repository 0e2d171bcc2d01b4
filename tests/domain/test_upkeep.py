"""Keeping a Grant alive: what each answer of the token endpoint changes, in tables and for any history of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.connections import ALERT_DAYS, alert_due, next_alert_at, passed
from steadypin.domain.failures import classify, rules
from steadypin.domain.incidents import renewal_refused
from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.upkeep import TRIES_BEFORE_THE_END, Unrenewed, Upkeep

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FRESH = Upkeep(access_expires_at=NOW + 10 * DAY, refresh_expires_at=NOW + 40 * DAY, refresh_at=NOW)


def replied(status: int, body: str, content_type: str = "application/json") -> Unrenewed:
    native = read_native("oauth/token", status, body.encode(), {"content-type": content_type})
    return Unrenewed.after(classify(native))


def unreached(exception: str, *, left: bool) -> Unrenewed:
    return Unrenewed.after(classify(native_from_exception("oauth/token", exception, "")), left=left)


REFUSED = replied(401, '{"code": 283, "message": "The authorization grant is invalid."}')
PASSING = {
    "500": replied(500, '{"code": 2, "message": "Authentication failed."}'),
    "503": replied(503, ""),
    "502 html": replied(502, "<html><body>Bad gateway</body></html>", "text/html"),
    "html": replied(200, "<html><body>Welcome</body></html>", "text/html"),
    "html 401": replied(401, "<html><body>grant is invalid</body></html>", "text/html"),
    "empty": replied(200, ""),
    "unreadable": replied(200, '{"access_token": "pi'),
    "429": replied(429, '{"code": 8, "message": "You have exceeded your rate limit."}'),
    "timeout": unreached("TimeoutError", left=True),
    "dns": unreached("ClientConnectorDNSError", left=False),
    "code 2": replied(401, '{"code": 2, "message": "Authentication failed."}'),
    "unknown": replied(400, '{"code": 9999, "message": "Something new."}'),
    "denied by a gateway": replied(403, "Access Denied", "text/plain"),
}


@pytest.mark.parametrize("name", PASSING)
def test_everything_but_a_refused_grant_changes_only_the_next_try(name: str) -> None:
    after = FRESH.failed(PASSING[name], NOW)
    assert after.refresh_at is not None
    assert NOW < after.refresh_at <= NOW + 10 * DAY / TRIES_BEFORE_THE_END
    assert after.tries == 1
    assert (after.ended_at, after.is_over(NOW + 20 * DAY)) == (None, False)
    assert after.trouble is not None
    assert after.trouble.title


@pytest.mark.parametrize(
    ("name", "unsure"),
    [("503", True), ("timeout", True), ("unreadable", True), ("html 401", True),
     ("dns", False), ("code 2", False), ("429", False)],
)  # fmt: skip
def test_only_what_may_have_reached_pinterest_leaves_the_refresh_token_in_doubt(
    name: str, unsure: bool
) -> None:
    assert PASSING[name].unsure is unsure
    assert FRESH.failed(PASSING[name], NOW).cut_at == (NOW if unsure else None)


def test_wrong_app_credentials_are_the_operators_matter() -> None:
    trouble = FRESH.failed(PASSING["code 2"], NOW).trouble
    assert trouble is not None
    assert (trouble.cause, trouble.remedy) == ("app_credentials", "operator")


def test_of_all_known_errors_only_words_about_this_grant_end_a_connection() -> None:
    ending = set()
    for example in (example for rule in rules() for example in rule.examples):
        if example.status is not None:
            found = replied(example.status, example.body)
            ending |= {found.failure.rule} if found.is_refusal else set()
    assert ending == {"grant-invalid", "grant-invalid-code", "session-expired", "token-invalid"}


def test_a_refused_grant_is_used_until_its_access_token_ends() -> None:
    after = FRESH.failed(REFUSED, NOW)
    assert after.ended_at == NOW
    assert after.refresh_at == NOW + DAY
    assert not after.is_over(NOW + 10 * DAY - MINUTE)
    assert after.is_over(NOW + 10 * DAY)
    last = after.failed(REFUSED, NOW + 10 * DAY - MINUTE)
    assert last.refresh_at == NOW + 10 * DAY


def test_a_refused_grant_with_a_refused_access_token_is_over_at_once() -> None:
    after = replace(FRESH, refused_at=NOW).failed(REFUSED, NOW)
    assert after.is_over(NOW)
    assert after.refresh_at is None


def test_a_refresh_still_on_record_was_cut() -> None:
    first = FRESH.asked(NOW)
    assert (first.asked_at, first.cut_at) == (NOW, None)
    second = first.asked(NOW + MINUTE)
    assert (second.asked_at, second.cut_at) == (NOW + MINUTE, NOW)
    assert second.failed(PASSING["dns"], NOW + MINUTE).asked_at is None


def test_while_pins_wait_for_it_it_is_tried_every_quarter_of_an_hour() -> None:
    state = replace(FRESH, refused_at=NOW, tries=20)
    assert state.failed(PASSING["503"], NOW).refresh_at == NOW + 15 * MINUTE


results = st.sampled_from([REFUSED, *PASSING.values(), None])
steps = st.lists(st.tuples(results, st.floats(0, 1), st.timedeltas(timedelta(0), 2 * DAY)), max_size=60)


@given(steps, st.integers(1, 60 * 24), st.booleans())
def test_no_history_leaves_a_grant_stuck_or_ended_without_a_refusal(
    history: list[tuple[Unrenewed | None, float, timedelta]], life_min: int, refused: bool
) -> None:
    """None in a history is a process that died after its record. Whatever happens, there is a next try until it is over,
    many tries fit, and nothing but Pinterest's refusal ends it."""
    now = NOW
    state = Upkeep(NOW + life_min * MINUTE, refresh_at=NOW, refused_at=NOW if refused else None)
    was_refused = was_cut = False
    for result, jitter, late in history:
        if state.is_over(now):
            break
        assert state.refresh_at is not None
        now = max(now, state.refresh_at) + late
        lacked = state.lacks_access(now)
        left_open = state.asked_at is not None
        state = state.asked(now)
        was_cut = was_cut or left_open
        if result is None:
            continue
        tries = state.tries
        state = state.failed(result, now, jitter)
        was_cut = was_cut or result.unsure
        was_refused = was_refused or result.is_refusal
        assert state.tries == tries + 1
        assert state.asked_at is None
        assert (state.cut_at is not None) == was_cut
        assert (state.ended_at is not None) == was_refused
        assert state.is_over(now) == (was_refused and state.lacks_access(now))
        if not state.is_over(now):
            assert state.refresh_at is not None
            assert now < state.refresh_at
            if result.is_refusal:
                assert state.refresh_at <= state.access_expires_at
            elif renewal_refused(result.failure):
                assert (
                    state.refresh_at <= now + 1.2 * HOUR
                )  # the operator heals it, for all Connections at once
            elif lacked:
                assert state.refresh_at <= now + 15 * MINUTE
            else:
                most = max((state.access_expires_at - now) / TRIES_BEFORE_THE_END, MINUTE)
                assert state.refresh_at <= now + most


@pytest.mark.parametrize(
    ("left", "told", "due"),
    [(15 * DAY, None, None), (14 * DAY, None, 14), (13 * DAY, 14, None), (7 * DAY, 14, 7), (2 * DAY, 14, 3),
     (HOUR, 3, 1), (HOUR, 1, None), (-HOUR, None, None)],
)  # fmt: skip
def test_an_end_is_told_14_7_3_and_1_days_ahead(left: timedelta, told: int | None, due: int | None) -> None:
    assert alert_due(NOW + left, NOW, told) == due


def test_a_token_that_lives_a_day_is_not_told_of_from_its_first_minute() -> None:
    told = passed(NOW + DAY, NOW)
    assert told == 1
    assert next_alert_at(NOW + DAY, told) is None


@given(st.lists(st.timedeltas(timedelta(0), 9 * DAY), max_size=40), st.integers(0, 60))
def test_each_alert_is_told_at_most_once_however_rarely_somebody_looks(
    looks: list[timedelta], days: int
) -> None:
    ends_at, now, told, heard = NOW + days * DAY, NOW, passed(NOW + days * DAY, NOW), []
    for later in looks:
        now += later
        due = alert_due(ends_at, now, told)
        if due is not None:
            heard.append(due)
            told = due
            assert ends_at - now <= due * DAY
    assert heard == sorted(set(heard), reverse=True)
    assert set(heard) <= set(ALERT_DAYS)
