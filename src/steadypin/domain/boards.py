"""Boards and sections: known by id; a name is only a way for people to point at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Board:
    """A board as mirrored from Pinterest. `gone_at` is set once a full listing no longer showed it."""

    id: str
    name: str
    privacy: str = "PUBLIC"
    owner_username: str = ""
    pin_count: int = 0
    gone_at: datetime | None = None


class BoardNotFound(ValueError):
    """No board, or more than one, answers to what the user wrote; the message says which there are."""


def resolve_board(wanted: str, boards: Sequence[Board]) -> Board:
    """The board that the user means by an id or a name. Exact names win, then names that differ in case only."""
    standing = [board for board in boards if board.gone_at is None]
    text = wanted.strip()
    for matches in (
        [board for board in standing if board.id == text],
        [board for board in standing if board.name == text],
        [board for board in standing if board.name.casefold() == text.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(board.id for board in matches)
            raise BoardNotFound(f"Several boards are named '{text}'. Name one by its id: {ids}.")
    names = ", ".join(f"'{board.name}'" for board in standing[:8]) or "none"
    more = f" and {len(standing) - 8} more" if len(standing) > 8 else ""
    raise BoardNotFound(f"This account has no board named '{text}'. Its boards: {names}{more}.")
