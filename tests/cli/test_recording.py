"""`steadypin demo-recording`: a story in six steps, with a real Pin in the simulated sandbox, for an App under Trial."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.consent import decide
from tests.support.installation import Installation, installation
from tests.support.patience import until

CONSENT = r"(http://\S+/oauth/\?\S+)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("recording"), access="trial") as made:
        yield made


def record(place: Installation, *options: str, account: str = "spring_shop") -> tuple[int, str]:
    command = place.begin("demo-recording", "--no-browser", "--yes", *options)
    decide(command.wait_for(CONSENT).group(1), account)
    return command.wait(), command.printed()


def in_sandbox(place: Installation) -> list[str]:
    entries = place.sim.control("GET", "journal?operation=pins/create")["entries"]
    return [entry["environment"] for entry in entries]


def test_the_story_has_six_titles_and_a_pin_in_the_sandbox_that_is_deleted_again(place: Installation) -> None:
    code, told = record(place, "--board", "Sandbox tests", "--delete")
    assert code == 0, told
    titles = re.findall(r"^Step (\d) of 6: (.+)$", told, re.M)
    assert [int(n) for n, _ in titles] == [1, 2, 3, 4, 5, 6]
    for words in (
        "boards:read, boards:write, pins:read, pins:write, user_accounts:read",
        "It came back with a code",
        "spring_shop",
        "Sandbox tests",
        f"POST {place.sim.base_url}/sandbox/v5/pins",
        "Authorization: Bearer (hidden)",
        '"source_type": "image_base64"',
        "Pinterest answers: the Pin is made, and its id is",
        "https://www.pinterest.com/pin/",
        "deletes it on Pinterest",
    ):
        assert words in told, told
    assert set(in_sandbox(place)) == {"sandbox"}
    until(lambda: not place.sim.control("GET", "pins")["pins"], 60)


def test_the_pin_is_an_ordinary_one_and_stays_unless_told_otherwise(place: Installation) -> None:
    before = len(in_sandbox(place))
    code, told = record(place)
    assert code == 0, told
    assert "It stays: https://" in told
    assert len(in_sandbox(place)) == before + 1
    (pin,) = place.answer("pins", "list")["items"]
    assert (pin["stage"], pin["title"]) == ("published", "Rhubarb cake")
    tries = place.answer("pins", "attempts", pin["id"])["items"]
    assert [outcome["kind"] for each in tries for outcome in each["outcomes"]] == ["made"]
    app = place.answer("app")
    assert (app["access_tier"], app["trial"]["writes_used"] >= 2) == ("trial", True)


def test_an_unknown_board_is_refused_before_anything_is_sent(place: Installation) -> None:
    before = len(in_sandbox(place))
    code, told = record(place, "--board", "Nowhere")
    assert (code, "Nowhere" in told.rpartition("Step")[2]) == (4, True)
    assert len(in_sandbox(place)) == before


def test_without_a_server_it_says_what_to_start(alone) -> None:
    ran = alone("demo-recording", "--yes")
    assert (ran.code, ran.out) == (3, "")
    assert "steadypin serve" in ran.err
