"""A board is meant by its id, or by a name that only one board has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from steadypin.domain.boards import Board, BoardNotFound, resolve_board

GONE = datetime(2026, 1, 1, tzinfo=UTC)
BOARDS = [
    Board("11", "Cakes"),
    Board("12", "cakes"),
    Board("13", "Pies"),
    Board("14", "Twice"),
    Board("15", "Twice"),
    Board("16", "11"),
    Board("17", "Closed", gone_at=GONE),
    Board("18", "Straße"),
]


@pytest.mark.parametrize(
    ("wanted", "board_id"),
    [
        ("13", "13"),
        ("11", "11"),
        ("Cakes", "11"),
        ("cakes", "12"),
        ("PIES", "13"),
        (" Pies ", "13"),
        ("STRASSE", "18"),
    ],
)
def test_ids_win_then_exact_names_then_names_in_another_case(wanted: str, board_id: str) -> None:
    assert resolve_board(wanted, BOARDS).id == board_id


@pytest.mark.parametrize("wanted", ["Twice", "twice", "CAKES"])
def test_an_ambiguous_name_is_refused_with_the_ids(wanted: str) -> None:
    with pytest.raises(BoardNotFound, match=r"Name one by its id: \d+, \d+\."):
        resolve_board(wanted, BOARDS)


@pytest.mark.parametrize("wanted", ["Closed", "17", "", "Bread"])
def test_an_unknown_or_vanished_board_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(BoardNotFound, match="Its boards: 'Cakes'"):
        resolve_board(wanted, BOARDS)


def test_a_long_list_of_boards_is_cut_and_an_empty_one_says_so() -> None:
    with pytest.raises(BoardNotFound, match="and 12 more"):
        resolve_board("x", [Board(str(n), f"Board {n}") for n in range(20)])
    with pytest.raises(BoardNotFound, match="Its boards: none"):
        resolve_board("x", [])
