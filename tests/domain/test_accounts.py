"""What was known of an account against what was read: each difference, its cause, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from steadypin.domain.accounts import (
    Account,
    Change,
    ChangeKind,
    Effect,
    compare,
    followed,
    is_stale,
    lacking_for_pins,
    narrowed,
    next_read,
    refused,
)
from steadypin.domain.failures import classify
from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES
from steadypin.domain.words import Cause, Remedy

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KNOWN = Account("17", "spring_shop", "BUSINESS")
ALL = frozenset(MINIMUM_SCOPES)


@pytest.mark.parametrize(
    ("seen", "kinds", "effects"),
    [
        (Account("17", "spring_shop", "BUSINESS"), [], []),
        (Account("17", "", ""), [], []),
        (Account("", "spring_shop", "BUSINESS"), [], []),
        (Account("18", "other", "PINNER"), ["id"], ["held"]),
        (Account("18", "", ""), ["id"], ["held"]),
        (Account("17", "summer_shop", "BUSINESS"), ["username"], ["followed"]),
        (Account("17", "spring_shop", "PINNER"), ["account_type"], ["followed"]),
        (Account("17", "summer_shop", "PINNER"), ["username", "account_type"], ["followed", "followed"]),
    ],
)
def test_each_difference_is_one_change(seen: Account, kinds: list[str], effects: list[str]) -> None:
    found = compare(KNOWN, seen)
    assert [change.kind.value for change in found] == kinds
    assert [change.effect.value for change in found] == effects
    assert all(change.cause is Cause.ACCOUNT for change in found)


def test_another_account_is_named_and_only_a_reconnect_heals_it() -> None:
    (change,) = compare(KNOWN, Account("18", "stranger", "BUSINESS"))
    assert (change.remedy, change.rule) == (Remedy.RECONNECT, "account-replaced")
    assert "spring_shop" in change.title
    assert "stranger" in change.title


def test_a_former_type_that_is_not_known_is_no_change() -> None:
    assert compare(Account("17", "spring_shop", ""), KNOWN) == ()


def test_what_is_followed_keeps_the_id_and_what_was_left_out() -> None:
    assert followed(KNOWN, Account("", "summer_shop", "")) == Account("17", "summer_shop", "BUSINESS")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"id": "17", "username": "a", "account_type": "PINNER"}, Account("17", "a", "PINNER")),
        ({"id": 17, "username": None}, Account("17", "", "")),
        ({"username": "a"}, Account("", "a", "")),
        ({}, None),
        ({"id": None, "account_type": "BUSINESS"}, None),
        ({"id": ["17"], "username": True}, None),
    ],
)
def test_a_reply_that_names_nobody_is_no_account(data: dict[str, object], found: Account | None) -> None:
    assert Account.read(data) == found


def refusal(status: int, body: str) -> Change | None:
    return refused("spring_shop", classify(read_native("user_account/get", status, body)))


@pytest.mark.parametrize(
    ("status", "body", "kind", "effect", "cause", "remedy"),
    [
        (401, '{"code": 2, "message": "Authentication failed."}', "access_ended", "held", "token", "reconnect"),
        (401, '{"code": 2, "message": "Login session expired."}', "access_ended", "held", "token", "reconnect"),
        (401, '{"code": 2, "message": "User deactivated."}', "closed", "held", "account", "fix_input"),
        (403, '{"code": 403, "message": "Not authorized to access the user account."}', "refused", "held", "account",
         "reconnect"),
        (403, '{"code": 2625, "message": "Your account has been disapproved."}', "standing", "told", "account", "fix_input"),
        (401, """{"code": 3, "message": "Your token does not have sufficient permissions. Missing: ['user_accounts:read']"}""",
         "scopes", "told", "scope", "reconnect"),
        (401, """{"code": 3, "message": "Your token does not have sufficient permissions. Missing: ['boards:write']"}""",
         "scopes", "held", "scope", "reconnect"),
        (401, '{"code": 3, "message": "Your application consumer type is not supported, please contact support."}', "app",
         "operator", "access_tier", "operator"),
        (401, '{"code": 2, "message": "App deactivated."}', "app", "operator", "app_credentials", "operator"),
    ],
)  # fmt: skip
def test_a_refusal_is_classified(
    status: int, body: str, kind: str, effect: str, cause: str, remedy: str
) -> None:
    change = refusal(status, body)
    assert change is not None
    assert change.remedy is not None
    found = (change.kind.value, change.effect.value, change.cause.value, change.remedy.value)
    assert found == (kind, effect, cause, remedy)
    assert change.title
    assert change.fix.endswith((".", "?"))
    assert change.by_itself


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (503, "<html>"),
        (429, '{"code": 8, "message": "You have exceeded your rate limit. Try again later."}'),
        (200, ""),
        (403, '{"code": 2626, "message": "We are reviewing your account."}'),
        (418, '{"code": 9999, "message": "Teapot"}'),
    ],
)
def test_what_passes_or_is_unknown_says_nothing_about_the_account(status: int, body: str) -> None:
    assert refusal(status, body) is None


def test_no_answer_says_nothing_about_the_account() -> None:
    failure = classify(native_from_exception("user_account/get", "TimeoutError", "timed out"))
    assert refused("spring_shop", failure) is None


def test_an_ended_access_names_everything_that_looks_the_same() -> None:
    change = refusal(401, '{"code": 2, "message": "Authentication failed."}')
    assert change is not None
    for reason in ("removed", "password", "session", "deactivated", "suspended"):
        assert reason in change.fix


@pytest.mark.parametrize("scope", MINIMUM_SCOPES[:4])
def test_a_scope_that_a_create_needs_holds_and_is_named(scope: str) -> None:
    change = lacking_for_pins("spring_shop", ALL - {scope})
    assert change is not None
    assert (change.kind, change.effect, change.cause) == (ChangeKind.SCOPES, Effect.HELD, Cause.SCOPE)
    assert change.names == (scope,)
    assert scope in change.title


def test_nothing_is_lacking_where_nobody_knows_or_nothing_is() -> None:
    assert lacking_for_pins("spring_shop", frozenset()) is None
    assert lacking_for_pins("spring_shop", ALL) is None
    assert lacking_for_pins("spring_shop", ALL - {"user_accounts:read"}) is None


@pytest.mark.parametrize(
    ("before", "after", "names", "effect"),
    [
        (ALL, ALL, (), None),
        (ALL, frozenset(), (), None),
        (frozenset(), ALL, (), None),
        (ALL, ALL - {"pins:write"}, ("pins:write",), "held"),
        (ALL, ALL - {"user_accounts:read"}, ("user_accounts:read",), "told"),
        (ALL | set(SECRET_SCOPES), ALL, tuple(sorted(SECRET_SCOPES)), "told"),
        (frozenset(), ALL - {"boards:write"}, ("boards:write",), "held"),
    ],
)
def test_a_renewed_grant_that_names_fewer_scopes_is_told(
    before: frozenset[str], after: frozenset[str], names: tuple[str, ...], effect: str | None
) -> None:
    change = narrowed("spring_shop", before, after)
    assert (change.names if change else ()) == names
    assert (change.effect.value if change else None) == effect


def test_reads_are_a_day_apart_and_spread_over_the_day() -> None:
    names = [f"con_{n}" for n in range(400)]
    first = {name: next_read(name, NOW) for name in names}
    assert all(timedelta(hours=12) <= at - NOW <= timedelta(hours=36) for at in first.values())
    hours = {at.hour for at in first.values()}
    assert len(hours) == 24
    for name, at in first.items():
        late = timedelta(minutes=len(name))
        assert next_read(name, at + late) == at + timedelta(days=1)
    assert all(a != b for a, b in pairwise(sorted(first.values())))


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (24, False), (24.01, True), (200, True)])
def test_what_is_more_than_a_day_old_is_stale(hours: float, stale: bool) -> None:
    assert is_stale(NOW - timedelta(hours=hours), NOW) is stale
    assert is_stale(None, NOW)
