"""Which board could take the Pins of another one, and why."""

from __future__ import annotations

import pytest

from steadypin.domain.board_ranks import MOST, rank
from steadypin.domain.boards import Board

GONE = Board("1", "Summer salads")


def named(*names: str) -> list[Board]:
    return [Board(str(n + 10), name) for n, name in enumerate(names)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("summer SALADS!", "the same name"),
        ("Salads", "shares the word salads"),
        ("Salads for summer", "shares the words summer, salads"),
        ("Sumer salad", "a similar name"),
    ],
)
def test_a_name_that_is_alike_comes_before_one_that_is_not_and_says_so(name: str, reason: str):
    found = rank(GONE, named("Garage tools", name, "Wool"), {})
    assert found[0].board.name == name
    assert found[0].reasons[0] == reason
    assert found[0].score > 0.5
    assert [each.score for each in found[1:]] == [0, 0]


def test_the_order_of_likeness():
    wanted = ["Summer salads", "Salads for summer", "Summer", "Winter"]
    assert [each.board.name for each in rank(GONE, named(*reversed(wanted)), {})] == wanted


def test_without_likeness_use_decides_and_a_group_board_comes_last():
    boards = [
        Board("11", "Tools", pin_count=5),
        Board("12", "Wool", pin_count=900),
        Board("13", "Guild", pin_count=9000, group=True, owner_username="guild"),
        Board("14", "Empty"),
    ]
    found = rank(GONE, boards, {"11": 40})
    assert [each.board.name for each in found] == ["Tools", "Wool", "Empty", "Guild"]
    assert [each.reasons[0] for each in found] == [
        "40 of your Pins are for it",
        "900 Pins are on it",
        "it is empty",
        "9000 Pins are on it",
    ]
    assert "may refuse" in found[3].reasons[1]


def test_the_board_itself_is_never_proposed_and_few_are():
    found = rank(GONE, [GONE, *named(*(f"Board {n}" for n in range(20)))], {})
    assert len(found) == MOST
    assert GONE not in [each.board for each in found]
