"""What happened to boards between two readings of them, and when they are read next.

known, seen -> missing -> (each asked for by its id) -> compare -> Change, Change, …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from steadypin.domain.boards import Board, GoneBecause, Section
from steadypin.domain.failures import Failure
from steadypin.domain.words import Cause

EVERY = timedelta(hours=6)
EVERY_UNDER_TRIAL = timedelta(days=1)
"""The App's 1,000 calls of a Trial day are shared by all accounts."""
_EARLIER_BY = 0.25
"""Accounts that were connected in one hour are not all read in one hour: each comes up to so much of EVERY earlier."""
SECTIONS_EVERY = timedelta(days=1)
"""Nothing in a board tells that its sections changed, and reading them costs a call for each board."""
AHEAD = timedelta(minutes=5)
"""Before a Pin's time its board is read once more, so much earlier."""
LEAST_AHEAD = timedelta(minutes=1)
"""Too near to a Pin's time nothing is read any more: a check must not make it late."""
FRESH = timedelta(hours=1)
"""What was read within so long is not read again for a Pin, so that a full day of Pins costs 24 readings at most."""


class ChangeKind(StrEnum):
    """Everything that is noticed about a board or section."""

    NEW = "new"
    RENAMED = "renamed"
    GONE = "gone"
    BACK = "back"
    SECRET = "secret"
    PROTECTED = "protected"
    PUBLIC = "public"
    OWNER = "owner"
    SECTION_NEW = "section_new"
    SECTION_RENAMED = "section_renamed"
    SECTION_GONE = "section_gone"
    SECTION_BACK = "section_back"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `board` is as it stands now; `before` and `after` are names, privacies or owners."""

    kind: ChangeKind
    board: Board
    before: str = ""
    after: str = ""
    section: Section | None = None


def missing(known: Sequence[Board], seen: Sequence[Board]) -> list[Board]:
    """Boards that stood, and that a complete listing does not show. That alone does not prove that they are gone."""
    shown = {board.id for board in seen}
    return [board for board in known if board.gone_at is None and board.id not in shown]


def why_gone(board: Board, failure: Failure) -> GoneBecause | None:
    """What the refusal to show a missing board says; None when it does not say that the board is gone."""
    if failure.cause is not Cause.BOARD:
        return None
    if failure.native.status == 404:
        return GoneBecause.DELETED
    if failure.native.status == 403:
        return GoneBecause.LOST if board.group else GoneBecause.HIDDEN
    return None


def with_ownership(known: Sequence[Board], seen: Sequence[Board], username: str) -> list[Board]:
    """The boards seen, each marked as a group board when another account owns it.

    When all boards that were ours have one new owner, the account itself has a new name, and they are ours still.
    """
    mine = {username}
    ours = {board.id for board in known if not board.group}
    owners = {board.owner_username for board in seen if board.id in ours}
    if len(owners) == 1 and not any(board.owner_username == username for board in seen):
        mine |= owners
    return [
        replace(board, group=board.owner_username != "" and board.owner_username not in mine)
        for board in seen
    ]


def compare(
    known: Sequence[Board], seen: Sequence[Board], gone: Mapping[str, GoneBecause], now: datetime
) -> list[Change]:
    """The changes from `known` to a complete listing, in the order of the listing; `gone` are those proven to be gone."""
    before = {board.id: board for board in known}
    changes: list[Change] = []
    for board in seen:
        changes += _of_board(before.get(board.id), board)
    for board in known:
        if board.id in gone and board.gone_at is None:
            left = replace(board, gone_at=now, gone_because=gone[board.id])
            changes.append(Change(ChangeKind.GONE, left, after=gone[board.id].value))
    return changes


_PRIVACY = {
    "SECRET": ChangeKind.SECRET,
    "PROTECTED": ChangeKind.PROTECTED,
    "PUBLIC": ChangeKind.PUBLIC,
}


def _of_board(was: Board | None, now: Board) -> list[Change]:
    if was is None:
        return [Change(ChangeKind.NEW, now)]
    changes = []
    if was.gone_at is not None:
        changes.append(Change(ChangeKind.BACK, now))
    if was.name != now.name:
        changes.append(Change(ChangeKind.RENAMED, now, was.name, now.name))
    if was.privacy != now.privacy and now.privacy in _PRIVACY:
        changes.append(Change(_PRIVACY[now.privacy], now, was.privacy, now.privacy))
    if was.group != now.group:
        changes.append(Change(ChangeKind.OWNER, now, was.owner_username, now.owner_username))
    return changes


def compare_sections(board: Board, known: Sequence[Section], seen: Sequence[Section]) -> list[Change]:
    """The changes from `known` to a complete listing of a board's sections."""
    before = {section.id: section for section in known}
    changes = []
    for section in seen:
        was = before.pop(section.id, None)
        if was is None:
            changes.append(Change(ChangeKind.SECTION_NEW, board, section=section))
            continue
        if was.gone_at is not None:
            changes.append(Change(ChangeKind.SECTION_BACK, board, section=section))
        if was.name != section.name:
            changes.append(Change(ChangeKind.SECTION_RENAMED, board, was.name, section.name, section))
    changes += [
        Change(ChangeKind.SECTION_GONE, board, section=section)
        for section in before.values()
        if section.gone_at is None
    ]
    return changes


def next_sync_at(now: datetime, *, trial: bool, next_pin_at: datetime | None, jitter: float) -> datetime:
    """When to read again after reading now. `next_pin_at`: the first Pin that is due later than FRESH from now.

    `jitter` is in 0..1. Under Trial access it is later than a day by up to an hour, never sooner.
    """
    if trial:
        return now + EVERY_UNDER_TRIAL + jitter * timedelta(hours=1)
    at = now + EVERY * (1 - _EARLIER_BY * jitter)
    last_look = last_look_at(now, now, next_pin_at) if next_pin_at is not None else None
    return min(at, last_look) if last_look is not None else at


def last_look_at(now: datetime, synced_at: datetime | None, pin_at: datetime) -> datetime | None:
    """When to read the boards once more before a Pin's time; None when what is known is fresh then, or it is too late."""
    at = max(now, pin_at - AHEAD)
    if synced_at is not None:
        at = max(at, synced_at + FRESH)
    return at if at <= pin_at - LEAST_AHEAD else None


def again_at(now: datetime, *, trial: bool) -> datetime:
    """When to try again after a reading that failed for a passing reason."""
    return now + (EVERY_UNDER_TRIAL if trial else EVERY) / 24


def sections_due(board: Board, read_at: datetime | None, now: datetime) -> bool:
    """Whether the sections of a board, last read then, are to be read with it."""
    return board.privacy != "PROTECTED" and (read_at is None or now - read_at >= SECTIONS_EVERY)
