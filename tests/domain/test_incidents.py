"""When trouble is an incident, when it is over, and which trouble is nobody's but one Pin's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from steadypin.domain.failures import classify, rule
from steadypin.domain.incidents import (
    IncidentKind,
    Seen,
    closes,
    gets_through,
    may_open,
    opens,
    probe_wait,
    renewal_refused,
)
from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.rules.policy import load_policy

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CREATE = "pins/create"
ERROR_500 = classify(read_native(CREATE, 500, b'{"code": 12, "message": "Something went wrong on our end."}'))
CODE_2787 = classify(
    read_native(CREATE, 400, b'{"code": 2787, "message": "Sorry! Something went wrong on our end."}')
)
TIMEOUT = classify(native_from_exception(CREATE, "TimeoutError", ""), left=True)
DNS_DOWN = classify(
    native_from_exception(CREATE, "ClientConnectorDNSError", "Cannot connect to host"), left=False
)
NO_BOARD = classify(read_native(CREATE, 404, b'{"code": 40, "message": "Board not found."}'))
RATE = classify(read_native(CREATE, 429, b'{"code": 8, "message": "You have exceeded a rate limit."}'))
TRIAL = classify(
    read_native(
        CREATE,
        403,
        b'{"code": 29, "message": "Apps with Trial access may not create Pins in production. Use API Sandbox."}',
    )
)
DEACTIVATED = classify(read_native(CREATE, 401, b'{"code": 2, "message": "App deactivated."}'))


def seen(*failures: object, shops: int = 5, step_s: float = 1.0, create: bool = True) -> list[Seen]:
    """What came of creates, newest first, over so many Connections in turn; None is a Pin that was made."""
    found = []
    for n, failure in enumerate(failures):
        at = NOW - timedelta(seconds=n * step_s)
        one = Seen.of(f"con_{n % shops}", at, failure)  # type: ignore[arg-type]
        found.append(
            one
            if create
            else Seen(one.connection_id, at, one.answered, one.cause, one.remedy, one.rule, False)
        )
    return found


def test_answers_that_never_come_are_an_incident_only_when_half_of_them_do_not():
    """A line that drops one answer in five, or a process that is killed often, is no trouble of Pinterest's."""
    a_fifth, half = [TIMEOUT, None, None, None, None] * 10, [TIMEOUT, None] * 25
    assert opens(seen(*a_fifth, shops=7), NOW) is None
    assert opens(seen(*half, shops=7), NOW) is IncidentKind.PLATFORM
    mixed = [ERROR_500, TIMEOUT, TIMEOUT, None, None] * 10
    assert opens(seen(*mixed, shops=7), NOW) is IncidentKind.PLATFORM


@pytest.mark.parametrize("failure", [ERROR_500, CODE_2787])
def test_a_fifth_of_the_last_fifty_creates_in_trouble_is_an_incident(failure):
    a_fifth = [failure, None, None, None, None] * 10
    assert opens(seen(*a_fifth, shops=7), NOW) is IncidentKind.PLATFORM
    assert opens(seen(*a_fifth[:45], *[None] * 5, *[failure] * 10, shops=7), NOW) is None


def test_trouble_of_two_accounts_is_no_incident():
    assert opens(seen(*[ERROR_500] * 30, shops=2), NOW) is None
    assert opens(seen(*[ERROR_500] * 30, shops=3), NOW) is IncidentKind.PLATFORM


def test_four_troubled_creates_are_too_few_to_tell():
    assert opens(seen(*[ERROR_500] * 4), NOW) is None
    assert opens(seen(*[ERROR_500] * 5), NOW) is IncidentKind.PLATFORM


def test_an_old_spell_opens_nothing():
    assert opens(seen(*[ERROR_500] * 50, step_s=200), NOW) is None
    spell = seen(*[ERROR_500] * 5)
    assert opens(spell, NOW, since=NOW - timedelta(seconds=2.5)) is None
    assert opens(spell, NOW, since=NOW - timedelta(seconds=60)) is IncidentKind.PLATFORM
    assert opens([], NOW) is None


def test_refusals_of_single_pins_are_nobodys_incident():
    for failure in (NO_BOARD, RATE):
        assert opens(seen(*[failure] * 50), NOW) is None
        assert not may_open(failure)
    assert opens(seen(NO_BOARD, *[ERROR_500] * 20), NOW) is None, "the newest one gives the reason"


def test_five_calls_in_a_row_that_did_not_leave_are_our_own_network_even_with_one_connection():
    assert opens(seen(*[DNS_DOWN] * 5, shops=1), NOW) is IncidentKind.NETWORK
    assert opens(seen(*[DNS_DOWN] * 4, None, shops=1), NOW) is None
    looks = seen(*[DNS_DOWN] * 4, shops=1, create=False)
    assert opens([*seen(DNS_DOWN), *looks], NOW) is IncidentKind.NETWORK


def test_what_did_not_leave_is_not_counted_against_pinterest():
    assert opens(seen(*[DNS_DOWN] * 4, *[None] * 20), NOW) is None
    assert opens(seen(ERROR_500, *[DNS_DOWN] * 20), NOW) is None


@pytest.mark.parametrize("failure", [TRIAL, DEACTIVATED])
def test_one_refusal_of_the_app_is_enough(failure):
    assert opens(seen(failure, *[None] * 10, shops=1), NOW) is IncidentKind.APP
    assert may_open(failure)


def test_a_feature_that_the_app_lacks_does_not_stop_the_pins_that_do_not_use_it():
    restricted = classify(
        read_native(CREATE, 403, b'{"code": 3, "message": "This restricted feature: product_tags."}')
    )
    assert restricted.rule == "feature-restricted"
    assert opens(seen(*[restricted] * 20), NOW) is None


@pytest.mark.parametrize(
    ("kind", "through", "not_yet"),
    [
        (IncidentKind.PLATFORM, [None, NO_BOARD, RATE, TRIAL], [ERROR_500, CODE_2787, TIMEOUT, DNS_DOWN]),
        (IncidentKind.NETWORK, [None, NO_BOARD, ERROR_500, TRIAL], [DNS_DOWN, TIMEOUT]),
        (IncidentKind.APP, [None, NO_BOARD], [TRIAL, DEACTIVATED, ERROR_500, TIMEOUT, DNS_DOWN, RATE]),
    ],
)
def test_a_probe_gets_through_when_what_was_in_trouble_works(kind, through, not_yet):
    assert all(gets_through(kind, *seen(failure)) for failure in through)
    assert not any(gets_through(kind, *seen(failure)) for failure in not_yet)


def test_a_troubled_pinterest_must_answer_well_three_times_in_a_row():
    since = NOW - timedelta(seconds=60)
    assert not closes(IncidentKind.PLATFORM, since, seen(None, None, ERROR_500))
    assert not closes(IncidentKind.PLATFORM, since, seen(None, None))
    assert closes(IncidentKind.PLATFORM, since, seen(None, NO_BOARD, None, ERROR_500))
    assert not closes(IncidentKind.PLATFORM, since, seen(None, None, None, step_s=40)), "one is from before"


def test_one_answer_shows_that_our_network_or_the_app_is_well():
    assert closes(IncidentKind.NETWORK, NOW, seen(ERROR_500, *[DNS_DOWN] * 5))
    assert closes(IncidentKind.APP, NOW, seen(None, TRIAL))
    assert not closes(IncidentKind.APP, NOW, seen(TRIAL, None))


def test_probes_become_seldom_and_those_for_the_operator_are_seldom_from_the_start():
    waits = [probe_wait(IncidentKind.PLATFORM, probes).total_seconds() for probes in range(6)]
    assert waits == [30, 60, 120, 300, 300, 300]
    assert [probe_wait(IncidentKind.APP, probes).total_seconds() for probes in range(3)] == [900, 3600, 3600]
    for kind in IncidentKind:
        assert probe_wait(kind, 0).total_seconds() >= 30, "a probe must be over before the next one begins"


def test_a_refused_renewal_is_the_apps_matter_only_when_its_credentials_are_refused():
    wrong = classify(read_native("oauth/token", 401, b'{"code": 2, "message": "Authentication failed."}'))
    ended = classify(read_native("oauth/token", 400, b'{"code": 283, "message": "grant is invalid"}'))
    assert renewal_refused(wrong)
    assert not renewal_refused(ended)
    assert not renewal_refused(ERROR_500)


def test_every_rule_that_an_incident_names_is_there():
    known = load_policy().incidents
    for name in known.app_rules | known.renewal_rules | known.unreached_rules:
        assert rule(name).id == name
