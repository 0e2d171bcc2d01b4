"""`steadypin boards`: listing, making and re-mapping."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Cli

ATTENTION, USAGE, REFUSED = 1, 2, 4


def boards(cli: Cli) -> dict[str, Any]:
    return {each["name"]: each for each in cli("boards", "list", "--json").json["items"]}


def test_boards_are_listed_with_their_last_and_next_reading(cli: Cli):
    ran = cli("boards", "list")
    assert "Spring recipes" in ran.out
    assert "next at" in ran.err + ran.out


def test_a_board_and_a_section_are_made_and_a_taken_name_is_refused_in_pinterests_words(cli: Cli):
    made = cli("boards", "create", "Autumn", "--description", "Leaves")
    assert (made.code, "Made: Autumn" in made.out) == (0, True), made
    inside = cli("boards", "create", "Roses", "--section-of", "Autumn")
    assert (inside.code, "Made: Roses" in inside.out) == (0, True), inside
    assert [each["name"] for each in boards(cli)["Autumn"]["sections"]] == ["Roses"]
    again = cli("boards", "create", "Autumn")
    assert again.code == REFUSED
    assert "Pinterest says: The board name is invalid or duplicated." in again.err


def test_a_remap_shows_first_then_moves_then_comes_back(cli: Cli):
    source = boards(cli)["Garden ideas"]["id"]
    shown = cli("boards", "remap", "Garden ideas", "--to", "Home office")
    assert shown.code == 0, shown
    assert "could move" in shown.out
    assert "Could go to" in shown.out
    assert "--apply" in shown.out + shown.err
    moved = cli("boards", "remap", source, "--to", "Home office", "--apply", "--json").json["remap"]
    assert moved["from_board_id"] == source
    assert moved["id"] in cli("boards", "remap", "--list").out
    undone = cli("boards", "remap", "--undo", moved["id"])
    assert f"{moved['count']} of {moved['count']} Pins" in undone.out


@pytest.mark.parametrize(
    "words", [(), ("Garden ideas", "--undo", "rmp_1"), ("Garden ideas", "--apply"), ("Nowhere",)]
)
def test_a_remap_that_says_too_little_or_too_much_is_refused(cli: Cli, words: tuple[str, ...]):
    assert cli("boards", "remap", *words).code == REFUSED
