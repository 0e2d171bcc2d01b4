"""A board is meant by its id, or by a name that only one board has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from steadypin.domain.boards import Board, BoardNotFound, Section, resolve_board, resolve_section

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
def test_an_ambiguous_name_is_refused_with_the_candidates(wanted: str) -> None:
    with pytest.raises(BoardNotFound, match=r"Name one by its id: \d+ \(0 Pins\), \d+ \(0 Pins\)\."):
        resolve_board(wanted, BOARDS)


def test_candidates_say_what_tells_one_from_the_other() -> None:
    alike = [
        Board("14", "Twice", pin_count=1),
        Board("15", "Twice", "SECRET", pin_count=12),
        Board("16", "Twice", owner_username="guild", group=True),
    ]
    with pytest.raises(
        BoardNotFound, match=r"14 \(1 Pin\), 15 \(12 Pins, secret\), 16 \(0 Pins, of guild\)\."
    ):
        resolve_board("Twice", alike)


SECTIONS = [
    Section("71", "Soups"),
    Section("72", "Pies"),
    Section("73", "pies"),
    Section("74", "Old", gone_at=GONE),
]
READ = Board("13", "Pies", sections_at=GONE)


@pytest.mark.parametrize(("wanted", "section_id"), [("71", "71"), (" soups ", "71"), ("Pies", "72")])
def test_a_section_is_meant_by_its_id_or_its_name(wanted: str, section_id: str) -> None:
    assert resolve_section(wanted, READ, SECTIONS).id == section_id


@pytest.mark.parametrize(
    ("wanted", "board", "words"),
    [
        ("PIES", READ, r"by its id: 72, 73\."),
        ("Old", READ, "has no section 'Old'. Its sections: 'Soups', 'Pies', 'pies'."),
        ("Soup", Board("13", "Pies"), "have not been read yet.*boards sync"),
    ],
)
def test_a_section_that_is_not_there_is_refused(wanted: str, board: Board, words: str) -> None:
    with pytest.raises(BoardNotFound, match=words):
        resolve_section(wanted, board, SECTIONS if board is READ else [])


@pytest.mark.parametrize("wanted", ["Closed", "17", "", "Bread"])
def test_an_unknown_or_vanished_board_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(BoardNotFound, match="Its boards: 'Cakes'"):
        resolve_board(wanted, BOARDS)


def test_a_long_list_of_boards_is_cut_and_an_empty_one_says_so() -> None:
    with pytest.raises(BoardNotFound, match="and 12 more"):
        resolve_board("x", [Board(str(n), f"Board {n}") for n in range(20)])
    with pytest.raises(BoardNotFound, match="Its boards: none"):
        resolve_board("x", [])
