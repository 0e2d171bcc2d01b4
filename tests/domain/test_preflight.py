"""Preflight: pure checks over gathered facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection
from steadypin.domain.findings import Finding, Level
from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES
from steadypin.domain.pacing.day import Limits, QuietHours
from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.domain.preflight import Account, Facts, Looks, Sibling, preflight
from steadypin.domain.words import Cause, Remedy, Stage, Step

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUE = NOW + timedelta(days=2)
SOUPS = Board("1", "Soups", owner_username="spring_shop")
CONNECTION = Connection(
    id="con_1",
    environment="production",
    account_id="7",
    username="spring_shop",
    account_type="BUSINESS",
    scopes=frozenset(MINIMUM_SCOPES),
    access_expires_at=NOW + timedelta(days=30),
    refresh_expires_at=NOW + timedelta(days=60),
    created_at=NOW - timedelta(days=365),
)
LIMITS = Limits(25, 0, None, UTC)
ACCOUNT = Account(CONNECTION, LIMITS, boards={"1": SOUPS})
CONTENT = Content(
    "1", Media(MediaKind.IMAGE, media_id="med_1"), title="Soup", link="https://shop.example/soup"
)
WELL = Facts(now=NOW, content=CONTENT, due_at=DUE, account=ACCOUNT, media=(), link=())


def found(facts: Facts) -> list[tuple[str, Level]]:
    return [(each.check, each.level) for each in preflight(facts)]


def with_connection(**changes: Any) -> Facts:
    return replace(WELL, account=replace(ACCOUNT, connection=replace(CONNECTION, **changes)))


def with_board(**changes: Any) -> Facts:
    return replace(WELL, account=replace(ACCOUNT, boards={"1": replace(SOUPS, **changes)}))


def with_limits(**changes: Any) -> Facts:
    return replace(WELL, account=replace(ACCOUNT, limits=replace(LIMITS, **changes)))


def beside(*siblings: Sibling, **changes: Any) -> Facts:
    account = replace(
        ACCOUNT,
        siblings=sorted(siblings, key=lambda each: each.at),
        connection=replace(CONNECTION, **changes),
    )
    return replace(WELL, account=account)


def sibling(n: int = 1, at: datetime = DUE, stage: Stage = Stage.SCHEDULED, **content: Any) -> Sibling:
    return Sibling(f"pin_{n}", at, stage is Stage.PUBLISHED, Looks.of(replace(CONTENT, **content)))


def test_a_pin_that_is_well_needs_no_word() -> None:
    assert found(WELL) == []


def test_what_nobody_has_looked_at_is_pending() -> None:
    assert found(replace(WELL, media=None, link=None)) == [("media", Level.PENDING), ("link", Level.PENDING)]
    assert found(replace(WELL, content=replace(CONTENT, link=None), link=None)) == []


BLOCKERS: list[tuple[str, Facts, str, Cause, Remedy]] = [
    ("no connection", replace(WELL, account=None), "connection", Cause.TOKEN, Remedy.FIX_INPUT),
    ("disconnected", with_connection(disconnected_at=NOW), "connection", Cause.TOKEN, Remedy.RECONNECT),
    ("broken", with_connection(broken_because="refused"), "connection", Cause.TOKEN, Remedy.RECONNECT),
    (
        "ends before it is due",
        with_connection(renewal_ended_at=NOW, access_expires_at=NOW + timedelta(days=1)),
        "connection_ends",
        Cause.TOKEN,
        Remedy.RECONNECT,
    ),
    (
        "has no refresh token and ends before it is due",
        with_connection(renewable=False, access_expires_at=NOW + timedelta(days=1)),
        "connection_ends",
        Cause.TOKEN,
        Remedy.RECONNECT,
    ),
    (
        "lacks a scope",
        with_connection(scopes=frozenset(MINIMUM_SCOPES) - {"boards:write"}),
        "scopes",
        Cause.SCOPE,
        Remedy.RECONNECT,
    ),
    (
        "Trial access",
        replace(WELL, account=replace(ACCOUNT, tier="trial")),
        "access_tier",
        Cause.ACCESS_TIER,
        Remedy.OPERATOR,
    ),
    ("unknown board", replace(WELL, content=replace(CONTENT, board_id="2")), "board", Cause.BOARD, Remedy.FIX_INPUT),
    ("board gone", with_board(gone_at=NOW), "board_gone", Cause.BOARD, Remedy.FIX_INPUT),
    ("board protected", with_board(privacy="PROTECTED"), "board_protected", Cause.BOARD, Remedy.FIX_INPUT),
    ("board secret", with_board(privacy="SECRET"), "board_secret", Cause.BOARD, Remedy.FIX_INPUT),
    (
        "unknown section",
        replace(
            WELL,
            content=replace(CONTENT, board_section_id="9"),
            account=replace(ACCOUNT, sections={"1": frozenset({"8"})}),
        ),
        "section",
        Cause.BOARD,
        Remedy.FIX_INPUT,
    ),
    ("title too long", replace(WELL, content=replace(CONTENT, title="x" * 101)), "title.length", Cause.CONTENT, Remedy.FIX_INPUT),
    ("no web address", replace(WELL, content=replace(CONTENT, link="soup"), link=None), "link.whole", Cause.LINK, Remedy.FIX_INPUT),
    ("the same Pin twice", beside(sibling()), "identical", Cause.DUPLICATE, Remedy.FIX_INPUT),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "check", "cause", "remedy"), [row[1:] for row in BLOCKERS], ids=[row[0] for row in BLOCKERS])  # fmt: skip
def test_a_blocker_says_what_is_wrong_and_who_heals_it(
    facts: Facts, check: str, cause: Cause, remedy: Remedy
) -> None:
    (one,) = preflight(facts)
    assert (one.check, one.level, one.cause, one.remedy) == (check, Level.BLOCKER, cause, remedy)
    assert one.title.endswith((".", ";"))


WARNINGS: list[tuple[str, Facts, str]] = [
    ("paused", with_connection(paused_at=NOW), "paused"),
    ("another's board", with_board(owner_username="neighbour"), "board_foreign"),
    ("its time has passed", replace(WELL, due_at=NOW - timedelta(hours=1)), "past"),
    ("quiet hours", with_limits(quiet=QuietHours.parse("11:00-13:00")), "quiet_hours"),
    ("link and media again", beside(sibling(title="Another", at=DUE - timedelta(days=3))), "repeated"),
    (
        "link and media again, live already",
        beside(sibling(at=NOW - timedelta(days=3), stage=Stage.PUBLISHED)),
        "repeated",
    ),
    (
        "cap",
        beside(*(sibling(n, DUE - timedelta(minutes=n), title=str(n), link=None) for n in range(25))),
        "daily_cap",
    ),
    (
        "one site",
        beside(
            *(sibling(n, DUE + timedelta(minutes=n), link=f"https://www.shop.example/{n}") for n in range(15))
        ),
        "one_site",
    ),
    (
        "burst",
        beside(
            *(sibling(n, DUE - timedelta(minutes=n), link=None, title=str(n)) for n in range(5)),
            created_at=NOW - timedelta(days=3),
        ),
        "burst",
    ),
]


@pytest.mark.parametrize(("facts", "check"), [row[1:] for row in WARNINGS], ids=[row[0] for row in WARNINGS])
def test_a_warning_is_advice(facts: Facts, check: str) -> None:
    assert found(facts) == [(check, Level.WARNING)]


FINE: list[tuple[str, Facts]] = [
    ("refreshed in time", with_connection(access_expires_at=NOW + timedelta(days=1))),
    ("Trial in the sandbox", replace(WELL, account=Account(replace(CONNECTION, environment="sandbox"), LIMITS, {"1": SOUPS}, tier="trial"))),
    ("secret board with the scopes for it", replace(with_connection(scopes=frozenset(MINIMUM_SCOPES + SECRET_SCOPES)), now=NOW)),
    ("boards were never read", replace(WELL, account=Account(CONNECTION, LIMITS))),
    ("sections were never read", replace(WELL, content=replace(CONTENT, board_section_id="9"))),
    ("scopes are not known", with_connection(scopes=frozenset())),
    ("itself", replace(beside(sibling()), pin_id="pin_1")),
    ("the same on another board", beside(sibling(board_id="2"))),
    ("the same link and media eight days before", beside(sibling(title="Another", at=DUE - timedelta(days=8)))),
    ("one site, on another day", beside(*(sibling(n, DUE + timedelta(days=1), link=f"https://shop.example/{n}") for n in range(15)))),
    ("as many on an old account", beside(*(sibling(n, DUE - timedelta(minutes=n), link=None, title=str(n)) for n in range(5)))),
    ("a draft", replace(beside(sibling()), due_at=None)),
    ("before the quiet hours", with_limits(quiet=QuietHours.parse("13:00-14:00"))),
]  # fmt: skip


@pytest.mark.parametrize("facts", [row[1] for row in FINE], ids=[row[0] for row in FINE])
def test_what_is_no_trouble_is_not_told(facts: Facts) -> None:
    assert found(facts) == []


def test_an_identical_pin_that_the_user_wants_is_a_warning() -> None:
    assert found(replace(beside(sibling()), confirmed=frozenset({"identical"}))) == [
        ("identical", Level.WARNING)
    ]


def test_findings_stand_in_the_order_of_the_chain() -> None:
    facts = replace(
        with_connection(broken_because="refused"),
        due_at=NOW - timedelta(days=1),
        content=replace(CONTENT, board_id="9", title="x" * 101),
        media=None,
    )
    steps = [each.step for each in preflight(facts)]
    assert steps == [
        Step.COMPOSE,
        Step.TOKEN_AND_SCOPES,
        Step.BOARD,
        Step.MEDIA_AND_TEXT,
        Step.MEDIA_AND_TEXT,
    ]


def test_what_was_seen_elsewhere_is_passed_on_without_its_good_news() -> None:
    bad = Finding("image", Level.WARNING, "Small.", "", Cause.MEDIA, Remedy.FIX_INPUT)
    assert preflight(replace(WELL, media=(Finding("image", Level.OK, "Fine."), bad))) == (bad,)
