"""`steadypin connect` as a real process, beside a real server and a simulator, and a person at the consent page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.consent import decide
from tests.support.installation import Installation, installation
from tests.support.patience import until
from tests.support.processes import Process

REFUSED = 4
CONSENT = r"(http://\S+/oauth/\?\S+)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("connect")) as made:
        yield made


def begin(place: Installation, *options: str) -> tuple[Process, str]:
    """A command that waits for the person, and the address that it shows."""
    command = place.begin("connect", "--no-browser", *options)
    return command, command.wait_for(CONSENT).group(1)


def connected(place: Installation) -> set[tuple[str, str]]:
    return {(each["username"], each["environment"]) for each in place.answer("connections")["items"]}


def test_what_was_not_allowed_is_named_and_once_it_is_the_account_is_connected(place: Installation) -> None:
    command, url = begin(place)
    page = decide(url, "second_shop", deny={"boards:write", "pins:write"})
    assert page.status == 409
    assert command.wait() == REFUSED
    for said in (page.text, command.printed()):
        assert "boards:write" in said
        assert "pins:write" in said
        assert "user_accounts:read" not in said.rpartition("callback")[2]
    assert ("second_shop", "production") not in connected(place)

    command, url = begin(place)
    page = decide(url, "second_shop")
    assert (page.status, "second_shop is connected" in page.text) == (200, True)
    assert command.wait() == 0
    assert "Connected: second_shop (pinner, production)." in command.printed()
    assert ("second_shop", "production") in connected(place)


def test_a_person_who_gives_no_access_is_told_that_nothing_was_connected(place: Installation) -> None:
    command, url = begin(place)
    assert decide(url, "spring_shop", give=False).status == 409
    assert command.wait() == REFUSED
    assert "Access was not given on Pinterest's page" in command.printed()


def test_where_no_browser_can_come_back_the_answer_is_carried_over(place: Installation) -> None:
    waiting, url = begin(place)
    landed = decide(url, "spring_shop", follow=False)
    assert landed.address.startswith(f"{place.base_url}/oauth/callback?code=")
    code, said = place.run("connect", "--code", landed.address)
    assert (code, "Connected: spring_shop (business, production)." in said) == (0, True)
    assert waiting.wait() == 0
    code, said = place.run("connect", "--code", landed.address)
    assert (code, "used already" in said) == (REFUSED, True)


def test_the_sandbox_is_connected_beside_production_and_nothing_mixes(place: Installation) -> None:
    command, url = begin(place, "--sandbox")
    assert decide(url, "trial_terrace").status == 200
    assert command.wait() == 0
    command, url = begin(place)
    assert decide(url, "trial_terrace").status == 200
    assert command.wait() == 0
    both = [each for each in place.answer("connections")["items"] if each["username"] == "trial_terrace"]
    assert {each["environment"] for each in both} == {"production", "sandbox"}

    def boards() -> list[set[str]]:
        found = [place.answer("boards", "list", "--connection", each["id"])["items"] for each in both]
        return [{board["id"] for board in each} for each in found]

    until(lambda: all(boards()), 60)
    one, other = boards()
    assert not one & other
    code, said = place.run("boards", "list", "--connection", "trial_terrace")
    assert (code, "Name one by its id" in said) == (REFUSED, True)


def test_a_sandbox_token_is_taken_from_a_file_and_never_shown(place: Installation, tmp_path: Path) -> None:
    asked = {"account": "second_shop", "from": "app_page", "app": "77"}
    file = tmp_path / "plain-token"
    made = place.sim.control("POST", "tokens", {**asked, "environment": "sandbox"})
    file.write_text(made["access_token"] + "\n")
    code, said = place.run("connect", "--sandbox", "--token-file", str(file))
    assert (code, "Connected: second_shop (pinner, sandbox)." in said) == (0, True)
    assert "It has no refresh token: it ends on" in said

    file.write_text(place.sim.control("POST", "tokens", asked)["access_token"])
    code, said = place.run("connect", "--sandbox", "--token-file", str(file))
    assert (code, "belongs to production" in said) == (REFUSED, True)
    code, said = place.run("connect", "--token-file", str(file))
    assert (code, "add --sandbox" in said) == (REFUSED, True)
    code, said = place.run("connect", "--sandbox", "--paste-token")
    assert (code, "This is no token" in said) == (REFUSED, True), "standard input was empty"


def test_a_token_on_the_command_line_is_refused_and_not_repeated(place: Installation) -> None:
    token = "pina_" + "B" * 52
    code, said = place.run("connect", "--sandbox", "--paste-token", token)
    assert code == 2
    assert "pina_(hidden)" in said
