"""Step 3: whether the board is there, and whether it will take the Pin."""

from __future__ import annotations

from collections.abc import Iterable

from steadypin.domain.boards import Board
from steadypin.domain.findings import Finding, Level
from steadypin.domain.operations import missing_scopes
from steadypin.domain.preflight.facts import Account, Facts
from steadypin.domain.words import Cause, Remedy

_SECRET = ("boards:write_secret", "pins:write_secret")


def board_findings(facts: Facts) -> Iterable[Finding]:
    """The board and its section, as they were last read."""
    account = facts.account
    if account is None or account.boards is None:
        return
    board = account.boards.get(facts.content.board_id)
    if board is None:
        yield _blocker(
            "board",
            f"{account.connection.username} has no board {facts.content.board_id}.",
            "Choose one of its boards: `steadypin boards list`.",
        )
        return
    if board.gone_at is not None:
        yield _blocker(
            "board_gone",
            f"The board '{board.name}' is gone from Pinterest.",
            "Choose another board for this Pin, or move all Pins of that board at once: `steadypin boards remap`.",
        )
        return
    yield from _privacy(board, account)
    yield from _ownership(board, account)
    section = facts.content.board_section_id
    known = account.sections.get(board.id)
    if section is not None and known is not None and section not in known:
        yield _blocker(
            "section",
            f"The board '{board.name}' has no section {section}.",
            "Choose one of its sections, or none.",
        )


def _privacy(board: Board, account: Account) -> Iterable[Finding]:
    if board.privacy == "PROTECTED":
        yield _blocker(
            "board_protected",
            f"The board '{board.name}' is protected: Pinterest keeps it for ads.",
            "Choose another board.",
        )
    lacking = missing_scopes(account.connection.scopes, _SECRET) if account.connection.scopes else ()
    if board.privacy == "SECRET" and lacking:
        yield Finding(
            "board_secret",
            Level.BLOCKER,
            f"The board '{board.name}' is secret, and Steadypin was not given {', '.join(lacking)}.",
            "Choose another board, make this one public, or connect again and allow secret boards.",
            Cause.BOARD,
            Remedy.FIX_INPUT,
            {"missing": list(lacking)},
        )


def _ownership(board: Board, account: Account) -> Iterable[Finding]:
    owner = board.owner_username
    if owner and owner.casefold() != account.connection.username.casefold():
        yield Finding(
            "board_foreign",
            Level.WARNING,
            f"The board '{board.name}' belongs to {owner}; Pinterest does not say in advance whether it takes your Pins.",
            "Nothing to do. If Pinterest refuses the Pin, it is told here.",
            Cause.BOARD,
            Remedy.FIX_INPUT,
            {"owner": owner},
        )


def _blocker(check: str, title: str, fix: str) -> Finding:
    return Finding(check, Level.BLOCKER, title, fix, Cause.BOARD, Remedy.FIX_INPUT)
