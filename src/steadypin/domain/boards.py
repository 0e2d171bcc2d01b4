"""Boards and sections: known by id; a name is only a way for people to point at one.

Board(as mirrored) -> block -> what keeps its Pins from going out, None when nothing does
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from steadypin.domain.pins import Trouble
from steadypin.domain.words import Cause, Remedy, Step


class GoneBecause(StrEnum):
    """Why a board is not there any more, as far as Pinterest lets one tell.

    `deleted`: nobody finds it; a board that was merged into another one answers alike. `lost`: another account's board
    that this one may not see any more. `hidden`: an own board that may not be seen, so it is secret now.
    """

    DELETED = "deleted"
    LOST = "lost"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Section:
    """A section as mirrored. `gone_at` is set once a full listing of its board no longer showed it."""

    id: str
    name: str
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A board as mirrored from Pinterest. `gone_at` is set once a full listing no longer showed it.

    `group`: another account owns it, so it may refuse our Pins; Pinterest does not say before. `refused` is what
    Pinterest said to the last create that it refused for the board itself (`title`, `rule`, `native`). `sections_at`:
    when its sections were last read to their end.
    """

    id: str
    name: str
    privacy: str = "PUBLIC"
    owner_username: str = ""
    pin_count: int = 0
    gone_at: datetime | None = None
    gone_because: GoneBecause | None = None
    group: bool = False
    collaborator_count: int = 0
    follower_count: int = 0
    created_at: datetime | None = None
    pins_modified_at: datetime | None = None
    refused: Mapping[str, Any] | None = None
    sections_at: datetime | None = None


HOLDS = ("board-gone", "board-lost", "board-hidden", "board-protected", "board-secret", "board-refused")
"""The rules under which a board's Pins are held before their time."""
SECTION_GONE = "section-gone"
BOARD_REFUSALS = frozenset(
    {
        "board-not-found",
        "board-not-found-code",
        "board-not-found-status",
        "board-not-editable",
        "board-or-pin-refused",
        "board-or-pin-refused-code",
        "not-permitted",
        "not-permitted-code",
    }
)
"""What Pinterest says to a create when it is the board that it refuses, whatever the Pin."""


def block(board: Board, scopes: frozenset[str]) -> Trouble | None:
    """What keeps every Pin of this board from going out, for a Connection with these scopes."""
    name = f"'{board.name}'"
    move = f"move its Pins to another board: `steadypin boards remap {board.id}` says where they could go."
    if board.gone_at is not None:
        return _GONE[board.gone_because or GoneBecause.DELETED](board, name, move)
    if board.privacy == "PROTECTED":
        return _trouble(
            "board-protected",
            f"The board {name} is protected now, and takes no ordinary Pins",
            f"Make it public again on Pinterest, and its Pins go on by themselves. Or {move}",
        )
    if board.privacy == "SECRET" and "pins:write_secret" not in scopes:
        return _trouble(
            "board-secret",
            f"The board {name} is secret now, and this connection may not write to secret boards",
            "Make it public again on Pinterest, or connect the account anew and allow secret boards; its Pins go on by "
            f"themselves. Or {move}",
        )
    if board.refused is not None:
        return _trouble(
            "board-refused",
            f"Pinterest refused a Pin on the board {name}: {board.refused.get('title', '')}".rstrip(": "),
            "It may be archived, which Pinterest does not show. Open it again there, then let the boards be read with "
            f"`steadypin boards sync`, and its Pins go on by themselves. Or {move}",
            board.refused.get("native"),
        )
    return None


def _deleted(board: Board, name: str, move: str) -> Trouble:
    return _trouble(
        "board-gone",
        f"The board {name} is gone from Pinterest",
        f"It was deleted, or merged into another one; Pinterest does not say which. {move[0].upper()}{move[1:]}",
    )


def _lost(board: Board, name: str, move: str) -> Trouble:
    return _trouble(
        "board-lost",
        f"The group board {name} of {board.owner_username} is closed to this account",
        f"Ask {board.owner_username} to invite the account again, and its Pins go on by themselves. Or {move}",
    )


def _hidden(board: Board, name: str, move: str) -> Trouble:
    return _trouble(
        "board-hidden",
        f"The board {name} cannot be seen any more; it is secret now",
        "Make it public again on Pinterest, or connect the account anew and allow secret boards; its Pins go on by "
        f"themselves. Or {move}",
    )


_GONE = {GoneBecause.DELETED: _deleted, GoneBecause.LOST: _lost, GoneBecause.HIDDEN: _hidden}


def section_gone(section: Section, board: Board) -> Trouble:
    """What is said on a Pin whose section is not there any more."""
    return _trouble(
        SECTION_GONE,
        f"The section '{section.name}' of the board '{board.name}' is gone from Pinterest",
        "Open the Pin and choose another section, or none: it then goes onto the board itself.",
    )


def _trouble(rule: str, title: str, fix: str, native: Mapping[str, object] | None = None) -> Trouble:
    return Trouble(Step.BOARD, Cause.BOARD, Remedy.FIX_INPUT, fix, title, rule, native)


class BoardNotFound(ValueError):
    """No board, or more than one, answers to what the user wrote; the message says which there are."""


Named = TypeVar("Named", Board, Section)


def resolve_board(wanted: str, boards: Sequence[Board]) -> Board:
    """The board that the user means by an id or a name. Exact names win, then names that differ in case only."""
    standing = [board for board in boards if board.gone_at is None]
    matches = _matches(wanted.strip(), standing)
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = ", ".join(_candidate(board) for board in matches)
        raise BoardNotFound(f"Several boards are named '{wanted.strip()}'. Name one by its id: {ids}.")
    shown = _some([board.name for board in standing])
    raise BoardNotFound(f"This account has no board named '{wanted.strip()}'. Its boards: {shown}.")


def resolve_section(wanted: str, board: Board, sections: Sequence[Section]) -> Section:
    """The section of this board that the user means by an id or a name. Raises BoardNotFound."""
    standing = [section for section in sections if section.gone_at is None]
    matches = _matches(wanted.strip(), standing)
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = ", ".join(section.id for section in matches)
        raise BoardNotFound(
            f"Several sections of the board '{board.name}' are named '{wanted.strip()}'. Name one by its id: {ids}."
        )
    if board.sections_at is None:
        raise BoardNotFound(
            f"The sections of the board '{board.name}' have not been read yet. Have them read with `steadypin boards "
            "sync`, or leave the section empty."
        )
    shown = _some([section.name for section in standing])
    raise BoardNotFound(
        f"The board '{board.name}' has no section '{wanted.strip()}'. Its sections: {shown}. What is new on Pinterest is "
        "read with `steadypin boards sync`."
    )


def _matches(text: str, standing: Sequence[Named]) -> list[Named]:
    for matches in (
        [each for each in standing if each.id == text],
        [each for each in standing if each.name == text],
        [each for each in standing if each.name.casefold() == text.casefold()],
    ):
        if matches:
            return matches
    return []


def _candidate(board: Board) -> str:
    """An id with what tells it from its namesakes."""
    facts = [f"{board.pin_count} Pin{'s' * (board.pin_count != 1)}"]
    if board.privacy != "PUBLIC":
        facts.append(board.privacy.lower())
    if board.group:
        facts.append(f"of {board.owner_username}")
    return f"{board.id} ({', '.join(facts)})"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return (", ".join(f"'{name}'" for name in names[:8]) or "none") + more
