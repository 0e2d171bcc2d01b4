"""Which board could take the Pins of another one: the likeliest first, each with the reasons.

from, candidates, use -> rank -> Proposal, Proposal, …
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from steadypin.domain.boards import Board

MOST = 5
_ALIKE = 0.6
"""From this likeness of letters on, a name counts as similar."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A board that could take the Pins. `score` is in 0..1; `reasons` are plain words."""

    board: Board
    score: float
    reasons: tuple[str, ...]


def rank(
    source: Board, candidates: Sequence[Board], used: Mapping[str, int], most: int = MOST
) -> list[Proposal]:
    """The best of `candidates` for the Pins of `source`: by the likeness of their names, then by use.

    `used` says how many of the user's Pins each board holds here, by its id. A group board comes after an own one that
    is as good, since it may refuse.
    """
    found = [_proposal(source, board, used.get(board.id, 0)) for board in candidates if board.id != source.id]
    found.sort(
        key=lambda each: (
            -each.score,
            each.board.group,
            -used.get(each.board.id, 0),
            -each.board.pin_count,
            each.board.name,
            each.board.id,
        )
    )
    return found[:most]


def _proposal(source: Board, board: Board, used: int) -> Proposal:
    score, reasons = _likeness(source.name, board.name)
    if used:
        reasons.append(f"{used} of your Pins are for it")
    elif board.pin_count:
        reasons.append(f"{board.pin_count} Pins are on it")
    else:
        reasons.append("it is empty")
    if board.group:
        reasons.append(f"a group board of {board.owner_username}: it may refuse")
    if board.privacy == "SECRET":
        reasons.append("secret: nobody else sees its Pins")
    return Proposal(board, round(score, 2), tuple(reasons))


def _likeness(one: str, other: str) -> tuple[float, list[str]]:
    """0..1, and why."""
    a, b = _plain(one), _plain(other)
    if a == b:
        return 1.0, ["the same name"]
    mine, theirs = set(a.split()), set(b.split())
    common = mine & theirs
    shared = 2 * len(common) / (len(mine) + len(theirs)) if mine and theirs else 0.0
    letters = SequenceMatcher(None, a, b, autojunk=False).ratio()
    if common:
        words = ", ".join(word for word in a.split() if word in common)
        return min(0.99, max(shared, letters)), [f"shares the word{'s' * (len(common) > 1)} {words}"]
    if letters >= _ALIKE:
        return min(0.99, letters), ["a similar name"]
    return 0.0, []


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(name.casefold()))
