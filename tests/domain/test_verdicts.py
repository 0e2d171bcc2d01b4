"""What a reply to a create proves, and what follows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.verdicts import (
    Confirm,
    Done,
    Hold,
    InDoubt,
    Made,
    NothingMade,
    Policy,
    Proof,
    Refresh,
    Retry,
    Verdict,
    judge,
    judge_absent,
    prove,
)
from steadypin.domain.words import Cause, Remedy

SINCE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NOW = SINCE + timedelta(seconds=7)
POLICY = Policy()
OUR_END = "Sorry! Something went wrong on our end."
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def proof_of(status: int, body: object, retry_after: float | None = None) -> Proof:
    text = body if isinstance(body, str) else json.dumps(body)
    wait = timedelta(seconds=retry_after) if retry_after is not None else None
    return prove(read_native("pins/create", status, text), left=True, retry_after=wait)


def lost(exception: str, *, left: bool) -> Proof:
    return prove(native_from_exception("pins/create", exception, ""), left=left)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409, 413, 422, 429])
def test_a_refusal_in_pinterests_json_proves_that_nothing_was_made(status: int) -> None:
    assert isinstance(proof_of(status, {"code": 4321, "message": "Words that nobody has seen."}), NothingMade)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409, 413, 422, 429, 400])
@pytest.mark.parametrize("body", [HTML.format("Refused"), "Refused", "", "[]", '"refused"'])
def test_a_refusal_in_any_other_form_proves_nothing(status: int, body: str) -> None:
    assert isinstance(proof_of(status, body), InDoubt)


@pytest.mark.parametrize(
    "status",
    [
        200,
        201,
        202,
        204,
        301,
        302,
        303,
        307,
        308,
        402,
        406,
        408,
        410,
        418,
        425,
        451,
        499,
        500,
        502,
        503,
        504,
        520,
        599,
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": 2, "message": "Authentication failed."},
        {"code": 12, "message": OUR_END},
        HTML.format("x"),
        "",
    ],
)
def test_everything_else_is_doubt(status: int, body: object) -> None:
    assert isinstance(proof_of(status, body), InDoubt)


@pytest.mark.parametrize(
    ("message", "proves"),
    [
        ("Sorry! Something went wrong on our end.", False),
        ("Words that nobody has seen.", False),
        ("", False),
        ("Invalid pin title. Title is too long.", True),
        ("Sorry! We blocked this link because it may lead to spam.", True),
    ],
)
def test_a_400_proves_something_only_when_its_words_name_the_fault(message: str, proves: bool) -> None:
    found = proof_of(400, {"code": 1, "message": message})
    assert isinstance(found, NothingMade) is proves, found


@pytest.mark.parametrize(
    "exception", ["TimeoutError", "ServerDisconnectedError", "ClientOSError", "NeverHeardOfIt"]
)
def test_without_a_reply_only_an_unsent_body_proves_that_nothing_was_made(exception: str) -> None:
    assert isinstance(lost(exception, left=True), InDoubt)
    assert isinstance(lost(exception, left=False), NothingMade)


def verdict(proof: Proof, *, tries: int = 1, refreshed: bool = False, jitter: float = 0.0) -> Verdict:
    return judge(proof, now=NOW, since=SINCE, tries=tries, refreshed=refreshed, policy=POLICY, jitter=jitter)


def test_a_made_pin_is_done() -> None:
    assert verdict(Made("12345")) == Done("12345")


@pytest.mark.parametrize("tries", [1, 2, 50])
@pytest.mark.parametrize(
    "doubt",
    [
        proof_of(500, {"code": 12, "message": OUR_END}),
        proof_of(403, HTML.format("x")),
        lost("TimeoutError", left=True),
    ],
)
def test_a_doubt_is_confirmed_however_often_it_was_tried(doubt: Proof, tries: int) -> None:
    at = SINCE + timedelta(seconds=POLICY.timeout_s + POLICY.look_margin_s)
    assert verdict(doubt, tries=tries, refreshed=True, jitter=1.0) == Confirm(at)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"code": 3, "message": "Missing: ['pins:write']"}, Hold(Cause.SCOPE, Remedy.RECONNECT)),
        (404, {"code": 40, "message": "Board not found."}, Hold(Cause.BOARD, Remedy.FIX_INPUT)),
        (422, {"code": 4321, "message": "Words that nobody has seen."}, Hold(Cause.UNKNOWN, Remedy.REPORT)),
    ],
)
def test_what_a_person_must_heal_is_held(status: int, body: object, expected: Hold) -> None:
    assert verdict(proof_of(status, body)) == expected


def test_a_trial_app_is_for_the_operator_not_for_the_user() -> None:
    body = {
        "code": 29,
        "message": "Apps with Trial access may not create Pins in production: use api-sandbox.pinterest.com",
    }
    found = verdict(proof_of(403, body))
    assert isinstance(found, Hold)
    assert found.remedy is Remedy.OPERATOR


def test_a_refused_token_is_refreshed_once_and_then_needs_a_person() -> None:
    refused = proof_of(401, {"code": 2, "message": "Authentication failed."})
    assert verdict(refused) == Refresh()
    again = verdict(refused, refreshed=True)
    assert isinstance(again, Hold)
    assert again.remedy is Remedy.RECONNECT


@pytest.mark.parametrize(("asked_s", "waited_s"), [(37.0, 37.0), (0.0, 0.0), (None, 60.0)])
def test_a_rate_limit_waits_as_pinterest_says_else_as_the_policy_says(
    asked_s: float | None, waited_s: float
) -> None:
    found = verdict(proof_of(429, {"code": 8, "message": "You have exceeded a rate limit."}, asked_s))
    assert isinstance(found, Retry)
    assert found.at == NOW + timedelta(seconds=waited_s)
    assert found.because


@pytest.mark.parametrize(
    ("asked_s", "waited_s"), [(60.0, 4 * 3600.0), (None, 4 * 3600.0), (86400.0, 86400.0)]
)
def test_a_spam_block_waits_hours_whatever_the_header_says(asked_s: float | None, waited_s: float) -> None:
    body = {
        "code": 8,
        "message": "You have exceeded a rate limit.",
        "message_detail": "Your account was blocked because of spam.",
    }
    found = verdict(proof_of(429, body, asked_s))
    assert isinstance(found, Retry)
    assert found.at == NOW + timedelta(seconds=waited_s)


def test_a_timeout_before_anything_left_is_waited_for_not_held() -> None:
    found = verdict(lost("TimeoutError", left=False))
    assert isinstance(found, Retry)
    assert found.at == NOW + timedelta(seconds=15)


def test_a_refused_sandbox_token_is_refreshed_once_and_then_is_the_operators_matter() -> None:
    native = read_native("pins/create", 401, '{"code": 2, "message": "Authentication failed."}')
    refused = prove(native, left=True, environment="sandbox")
    assert verdict(refused) == Refresh()
    assert verdict(refused, refreshed=True) == Hold(Cause.TOKEN, Remedy.OPERATOR)


def absent(proof: Proof, *, minutes: float = 6.0, tries: int = 1, refreshed: bool = False) -> Verdict:
    assert isinstance(proof, InDoubt)
    now = SINCE + timedelta(minutes=minutes)
    return judge_absent(proof.failure, now=now, since=SINCE, tries=tries, refreshed=refreshed)


@pytest.mark.parametrize(
    ("doubt", "expected"),
    [
        (proof_of(400, {"code": 4321, "message": "Words."}), Hold(Cause.UNKNOWN, Remedy.REPORT)),
        (lost("NeverHeardOfIt", left=True), Hold(Cause.UNKNOWN, Remedy.REPORT)),
        (proof_of(413, ""), Hold(Cause.MEDIA, Remedy.FIX_INPUT)),
        (proof_of(401, '{"code": 3, "message": "Missing: [pins:write]'), Hold(Cause.SCOPE, Remedy.RECONNECT)),
        (proof_of(407, ""), Hold(Cause.NETWORK, Remedy.OPERATOR)),
    ],
)
def test_a_pin_that_only_a_person_can_heal_is_not_sent_again_though_it_is_proven_absent(
    doubt: Proof, expected: Hold
) -> None:
    assert absent(doubt) == expected


@pytest.mark.parametrize(
    ("doubt", "tries", "waited_s"),
    [
        (proof_of(500, {"code": 12, "message": OUR_END}), 1, 360),
        (proof_of(500, {"code": 12, "message": OUR_END}), 4, 900),
        (proof_of(201, ""), 1, 360),
        (proof_of(403, HTML.format("x")), 1, 360),
        (proof_of(400, {"code": 12, "message": OUR_END}), 1, 900),
        (proof_of(429, ""), 3, 360),
        (lost("TimeoutError", left=True), 1, 360),
    ],
)
def test_what_time_heals_is_sent_again_once_absent_and_the_looks_count_as_waiting(
    doubt: Proof, tries: int, waited_s: float
) -> None:
    found = absent(doubt, tries=tries)
    assert isinstance(found, Retry)
    assert found.at == SINCE + timedelta(seconds=waited_s)
    assert found.because.endswith("; the board was read, and nothing was made")


def test_a_token_refused_in_doubt_is_refreshed_once_after_the_absence_and_then_needs_a_person() -> None:
    assert absent(proof_of(401, "")) == Refresh()
    assert absent(proof_of(401, ""), refreshed=True) == Hold(Cause.TOKEN, Remedy.RECONNECT)


@pytest.mark.parametrize(("tries", "wait_s"), [(0, 15), (1, 15), (2, 60), (3, 300), (7, 43200), (100, 43200)])
def test_what_time_heals_waits_longer_each_time_and_never_ends(tries: int, wait_s: float) -> None:
    found = verdict(lost("ClientConnectorError", left=False), tries=tries)
    assert isinstance(found, Retry)
    assert found.at == NOW + timedelta(seconds=wait_s)
    jittered = verdict(lost("ClientConnectorError", left=False), tries=tries, jitter=1.0)
    assert isinstance(jittered, Retry)
    assert jittered.at == NOW + timedelta(seconds=wait_s * 1.2)


def test_the_looks_come_at_once_after_two_minutes_and_after_five() -> None:
    first = POLICY.first_look(SINCE)
    second = POLICY.next_look(first, 1)
    assert second == first + timedelta(seconds=120)
    assert POLICY.next_look(second, 2) == first + timedelta(seconds=300)
    assert POLICY.next_look(second, 3) is None


def test_a_twin_is_looked_for_after_an_hour_and_after_a_day() -> None:
    assert [POLICY.twin_look(SINCE, looks) for looks in range(3)] == [
        SINCE + timedelta(hours=1), SINCE + timedelta(days=1), None
    ]  # fmt: skip
