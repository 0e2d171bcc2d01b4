"""What happened to boards between two readings, and when they are read next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steadypin.domain import board_changes
from steadypin.domain.board_changes import (
    EVERY,
    FRESH,
    ChangeKind,
    compare,
    compare_sections,
    last_look_at,
    missing,
    next_sync_at,
    sections_due,
    why_gone,
    with_ownership,
)
from steadypin.domain.boards import HOLDS, Board, GoneBecause, Section, block
from steadypin.domain.failures import classify
from steadypin.domain.native import Native
from steadypin.domain.operations import MINIMUM_SCOPES
from steadypin.domain.words import Cause, Remedy, Step

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CAKES = Board("1", "Cakes", owner_username="shop")
GROUP = Board("2", "Guild", owner_username="guild", group=True)
SCOPES = frozenset(MINIMUM_SCOPES)


@pytest.mark.parametrize(
    ("before", "now", "kinds"),
    [
        (None, {}, ["new"]),
        ({}, {}, []),
        ({}, {"pin_count": 5, "follower_count": 3}, []),
        ({}, {"name": "Big cakes"}, ["renamed"]),
        ({}, {"privacy": "SECRET"}, ["secret"]),
        ({"privacy": "SECRET"}, {"privacy": "PUBLIC"}, ["public"]),
        ({}, {"privacy": "PROTECTED"}, ["protected"]),
        ({}, {"group": True, "owner_username": "guild"}, ["owner"]),
        ({"gone_at": NOW, "gone_because": GoneBecause.DELETED}, {}, ["back"]),
        ({"gone_at": NOW}, {"name": "Big cakes", "privacy": "SECRET"}, ["back", "renamed", "secret"]),
    ],
)
def test_what_changed_about_a_board(before: dict[str, Any] | None, now: dict[str, Any], kinds: list[str]):
    known = [] if before is None else [replace(CAKES, **before)]
    assert [change.kind for change in compare(known, [replace(CAKES, **now)], {}, NOW)] == kinds


def test_a_board_is_gone_only_when_that_is_proven():
    assert missing([CAKES, GROUP], [GROUP]) == [CAKES]
    assert compare([CAKES, GROUP], [GROUP], {}, NOW) == []
    (change,) = compare([CAKES, GROUP], [GROUP], {"1": GoneBecause.DELETED}, NOW)
    assert (change.kind, change.board.gone_at, change.board.gone_because) == ("gone", NOW, "deleted")
    assert missing([change.board, GROUP], [GROUP]) == []
    assert compare([change.board], [], {"1": GoneBecause.DELETED}, NOW) == []


@pytest.mark.parametrize(
    ("board", "status", "body", "why"),
    [
        (CAKES, 404, '{"code": 40, "message": "Board not found."}', "deleted"),
        (GROUP, 404, '{"code": 40, "message": "Board not found."}', "deleted"),
        (CAKES, 403, '{"code": 29, "message": "You are not permitted to access that resource."}', "hidden"),
        (GROUP, 403, '{"code": 29, "message": "You are not permitted to access that resource."}', "lost"),
        (CAKES, 401, '{"code": 2, "message": "Authentication failed."}', None),
        (CAKES, 429, '{"code": 8, "message": "You have exceeded a rate limit. Try again later."}', None),
        (CAKES, 500, "", None),
        (CAKES, 403, "<html><title>Access denied</title></html>", None),
        (CAKES, 404, "<html><title>404</title></html>", None),
    ],
)
def test_what_the_answer_about_a_missing_board_proves(board: Board, status: int, body: str, why: str | None):
    failure = classify(Native(endpoint="boards/get", status=status, **said(body)))
    assert why_gone(board, failure) == why


def said(body: str) -> dict[str, Any]:
    from steadypin.domain.native import read_native

    read = read_native("boards/get", 400, body.encode(), {})
    return {"code": read.code, "message": read.message, "body": read.body}


def test_a_group_board_is_known_by_its_owner_and_a_renamed_account_keeps_its_own():
    listed = [Board("1", "Cakes", owner_username="new_shop"), Board("2", "Guild", owner_username="guild")]
    known = [CAKES, GROUP]
    assert [board.group for board in with_ownership(known, listed, "new_shop")] == [False, True]
    assert [board.group for board in with_ownership(known, listed, "shop")] == [False, True]
    two = [replace(listed[0], owner_username="other"), listed[1], Board("3", "Pies", owner_username="shop")]
    assert [board.group for board in with_ownership(known, two, "shop")] == [True, True, False]
    assert [board.group for board in with_ownership([], listed, "shop")] == [True, True]


@pytest.mark.parametrize(
    ("board", "scopes", "rule"),
    [
        (CAKES, SCOPES, None),
        (GROUP, SCOPES, None),
        (replace(CAKES, gone_at=NOW), SCOPES, "board-gone"),
        (replace(CAKES, gone_at=NOW, gone_because=GoneBecause.LOST), SCOPES, "board-lost"),
        (replace(CAKES, gone_at=NOW, gone_because=GoneBecause.HIDDEN), SCOPES, "board-hidden"),
        (replace(CAKES, privacy="PROTECTED"), SCOPES, "board-protected"),
        (replace(CAKES, privacy="SECRET"), SCOPES, "board-secret"),
        (replace(CAKES, privacy="SECRET"), SCOPES | {"pins:write_secret"}, None),
        (replace(CAKES, refused={"title": "Not permitted", "native": {}}), SCOPES, "board-refused"),
    ],
)
def test_what_keeps_the_pins_of_a_board(board: Board, scopes: frozenset[str], rule: str | None):
    trouble = block(board, scopes)
    assert (trouble.rule if trouble is not None else None) == rule
    if trouble is not None:
        assert trouble.rule in HOLDS
        assert (trouble.step, trouble.cause, trouble.remedy) == (Step.BOARD, Cause.BOARD, Remedy.FIX_INPUT)
        assert "'Cakes'" in trouble.title
        assert "steadypin boards remap 1" in trouble.fix
        assert trouble.fix.endswith(".")
        assert trouble.fix[0].isupper()


def test_what_changed_about_sections():
    soups, pies = Section("7", "Soups"), Section("8", "Pies")
    kinds = ChangeKind
    for known, seen, expected in (
        ([], [soups], [kinds.SECTION_NEW]),
        ([soups], [soups], []),
        ([soups], [replace(soups, name="Stews")], [kinds.SECTION_RENAMED]),
        ([soups, pies], [pies], [kinds.SECTION_GONE]),
        ([replace(soups, gone_at=NOW)], [], []),
        ([replace(soups, gone_at=NOW)], [soups], [kinds.SECTION_BACK]),
    ):
        assert [change.kind for change in compare_sections(CAKES, known, seen)] == expected


@pytest.mark.parametrize(
    ("synced", "pin_at", "look_at"),
    [
        (None, NOW + HOUR, NOW + 55 * MINUTE),
        (NOW - 2 * HOUR, NOW + HOUR, NOW + 55 * MINUTE),
        (NOW - 10 * MINUTE, NOW + 2 * HOUR, NOW + 115 * MINUTE),
        (NOW - 10 * MINUTE, NOW + 52 * MINUTE, NOW + 50 * MINUTE),
        (NOW - 10 * MINUTE, NOW + 50 * MINUTE, None),
        (NOW - 2 * HOUR, NOW + 3 * MINUTE, NOW),
        (NOW - 2 * HOUR, NOW + 30 * timedelta(seconds=1), None),
        (NOW - 2 * HOUR, NOW - HOUR, None),
    ],
)
def test_boards_are_read_once_more_before_a_pins_time_never_at_it(
    synced: datetime | None, pin_at: datetime, look_at: datetime | None
):
    assert last_look_at(NOW, synced, pin_at) == look_at


def test_the_next_reading_is_spread_and_sooner_when_a_pin_is_due():
    def at(pin_at: datetime | None = None, jitter: float = 0.0, *, trial: bool = False) -> timedelta:
        return next_sync_at(NOW, trial=trial, next_pin_at=pin_at, jitter=jitter) - NOW

    assert (at(), at(jitter=1)) == (EVERY, EVERY * 0.75)
    assert at(NOW + 3 * HOUR) == timedelta(hours=2, minutes=55)
    assert at(NOW + 30 * HOUR) == EVERY
    assert at(NOW + FRESH) == EVERY
    assert at(NOW + 3 * HOUR, trial=True) == timedelta(days=1)
    assert timedelta(days=1) <= at(jitter=1, trial=True) <= timedelta(days=1, hours=1)
    assert board_changes.again_at(NOW, trial=False) == NOW + 15 * MINUTE
    assert board_changes.again_at(NOW, trial=True) == NOW + HOUR


def test_sections_are_read_once_a_day_and_not_those_of_protected_boards():
    assert sections_due(CAKES, None, NOW)
    assert not sections_due(CAKES, NOW - 23 * HOUR, NOW)
    assert sections_due(CAKES, NOW - 24 * HOUR, NOW)
    assert not sections_due(replace(CAKES, privacy="PROTECTED"), None, NOW)
