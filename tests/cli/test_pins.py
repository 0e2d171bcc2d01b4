"""Commands about accounts and Pins, against a running service."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from steadypin.bootstrap import DemoInstallation
from tests.cli.conftest import Cli, Ran
from tests.support.patience import until

SOON, LATER = "2031-05-01T09:00:00+02:00", "2031-06-01T09:00:00+02:00"


@pytest.fixture
def image(tmp_path: Path) -> str:
    file = tmp_path / "cake.png"
    Image.new("RGB", (800, 1200), "orange").save(file)
    return str(file)


def create(cli: Cli, image: str, *more: str) -> dict[str, Any]:
    made = cli("pins", "create", "--board", "garden ideas", "--image", image, "--json", *more)
    assert made.code == 0, made
    found: dict[str, Any] = made.json
    return found


def test_accounts_and_boards_are_listed(cli: Cli):
    assert "spring_shop" in cli("connections").out
    assert cli("connections", "--json").json["items"][0]["status"] == "connected"
    assert "Garden ideas" in cli("boards", "list", "--connection", "spring_shop").out
    assert cli("boards", "list", "--connection", "nobody").code == 4


def test_connect_opens_the_consent_page_and_waits_for_the_answer(
    cli: Cli, place: DemoInstallation, monkeypatch: pytest.MonkeyPatch
):
    def browser(url: str) -> bool:
        threading.Thread(target=place.consent, args=(url,)).start()
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    done = cli("connect", "--json")
    assert (done.code, done.json["username"]) == (0, "spring_shop")
    assert cli("connect").out.startswith("Connected: spring_shop")


def test_without_a_server_connect_says_how_to_carry_the_answer_back(
    alone: Cli, monkeypatch: pytest.MonkeyPatch
):
    assert alone("connect").code == 4
    monkeypatch.setenv("STEADYPIN_PINTEREST_APP_ID", "1500001")
    monkeypatch.setenv("STEADYPIN_PINTEREST_APP_SECRET", "x")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    told = alone("connect")
    assert told.code == 0
    assert "steadypin connect --code 'ADDRESS'" in told.out
    begun = alone("connect", "--json").json
    assert begun["state"] in begun["url"]


def test_the_doctor_asks_the_running_server(cli: Cli):
    found = cli("doctor", "--json")
    assert found.code == 0
    assert {each["level"] for each in found.json["items"]} == {"ok"}


def test_the_doctor_names_what_is_missing(alone: Cli):
    found = alone("doctor")
    assert found.code == 1
    assert "STEADYPIN_PINTEREST_APP_ID" in found.out


def test_a_pin_goes_live_from_a_file_on_the_command_line(cli: Cli, image: str, place: DemoInstallation):
    pin = create(cli, image, "--title", "From the command line", "--at", "now")
    shown = until(
        lambda: (found := cli("pins", "show", pin["id"], "--json").json)["stage"] == "published" and found
    )
    assert shown["pinterest_pin_id"] in {each["id"] for each in place.live_pins()}
    assert shown["permalink"] in cli("pins", "show", pin["id"]).out
    assert "made" in cli("pins", "attempts", pin["id"]).out
    refused = cli("pins", "cancel", pin["id"])
    assert refused.code == 4
    assert "live" in refused.err


def test_a_pin_is_edited_rescheduled_cancelled_and_deleted(cli: Cli, image: str):
    pin = create(cli, image, "--title", "A", "--description", "B", "--at", SOON)["id"]
    edited = cli(
        "pins", "edit", pin, "--title", "C", "--description", "", "--board", "Home office", "--json"
    ).json
    assert (edited["title"], edited["description"]) == ("C", None)
    assert cli("pins", "reschedule", pin, "--at", LATER, "--json").json["due_at"] == "2031-06-01T07:00:00Z"
    assert cli("pins", "cancel", pin, "--json").json["stage"] == "cancelled"
    assert cli("pins", "reschedule", pin, "--at", SOON, "--json").json["stage"] == "scheduled"
    assert cli("pins", "delete", pin).code == 0
    assert cli("pins", "show", pin).code == 4


def test_lists_are_filtered(cli: Cli, image: str):
    pin = create(cli, image, "--title", "A draft")["id"]
    listed = cli("pins", "list", "--stage", "draft", "--board", "Garden ideas", "--json").json["items"]
    assert pin in [each["id"] for each in listed]
    assert pin in cli("pins", "list", "--stage", "draft").out
    elsewhere = cli("pins", "list", "--stage", "draft", "--board", "Home office", "--json").json["items"]
    assert pin not in [each["id"] for each in elsewhere]


def test_several_pins_at_once_and_one_of_them_is_not_there(cli: Cli, image: str):
    pins = [create(cli, image, "--title", f"Pin {n}", "--at", SOON)["id"] for n in range(2)]
    done = cli("pins", "cancel", *pins, "pin_nothere", "--json")
    assert done.code == 1
    assert [each["id"] for each in done.json["items"]] == pins
    assert done.json["refused"][0]["id"] == "pin_nothere"


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (["--board", "Gardn"], "no board named 'Gardn'"),
        (["--board", "Garden ideas", "--at", "2031-05-01T09:00"], "offset"),
        (["--board", "Garden ideas", "--title", "x" * 101], "Shorten it by 1"),
        (["--board", "Garden ideas", "--url", "https://x.example/a.png"], "only one of"),
        (["--board", "Garden ideas", "--connection", "nobody"], "no connection 'nobody'"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(cli: Cli, image: str, more: list[str], part: str):
    refused = cli("pins", "create", "--image", image, *more)
    assert refused.code == 4
    assert part in refused.err


def test_a_file_that_is_no_image_is_refused(cli: Cli, tmp_path: Path):
    (tmp_path / "page.jpg").write_text("<!doctype html><title>Log in</title>")
    refused = cli("pins", "create", "--board", "Garden ideas", "--image", str(tmp_path / "page.jpg"))
    assert refused.code == 4
    assert "web page" in refused.err
    assert cli("pins", "create", "--board", "Garden ideas", "--image", str(tmp_path / "none.jpg")).code == 4
    assert cli("pins", "create", "--board", "Garden ideas").code == 4


def test_pause_and_resume(cli: Cli):
    assert cli("pause", "--because", "a test", "--json").json["because"] == "a test"
    assert "goes on" in cli("resume").out
    assert cli("pause", "--connection", "spring_shop").out == "spring_shop is paused.\n"
    assert cli("resume", "--connection", "spring_shop", "--json").json["connection_ids"] == []


def test_keys_are_made_listed_and_revoked(cli: Cli):
    made = cli("keys", "create", "ci", "--scope", "pins:read", "--connection", "spring_shop", "--json").json
    assert made["secret"].startswith("sp_")
    listed = cli("keys", "list")
    assert made["id"] in listed.out
    assert made["secret"] not in listed.out
    assert cli("keys", "revoke", made["id"]).code == 0
    assert cli("keys", "create", "ci", "--scope", "everything").code == 4


def test_a_setup_link_is_made(cli: Cli):
    assert "/setup/" in cli("open").out


def test_resolve_wants_one_of_two_answers(cli: Cli):
    assert cli("pins", "resolve", "pin_x").code == 4
    assert cli("pins", "resolve", "pin_x", "--not-live", "--live-as", "1").code == 4


def test_a_refused_consent_is_told(alone: Cli):
    told: Ran = alone("connect", "--code", "http://127.0.0.1:8080/oauth/callback?error=access_denied&state=x")
    assert told.code == 4
    assert "nothing was connected" in told.err
    assert alone("connect", "--code", "abc").code == 4


def test_commands_work_without_a_server(alone: Cli):
    assert alone("pins", "list", "--json").json == {"items": []}
    assert alone("connections").code == 0
    assert alone("pause").code == 0


def test_backup_and_restore(alone: Cli, tmp_path: Path):
    alone("keys", "create", "kept")
    assert alone("backup", str(tmp_path / "copy.db")).code == 0
    alone("keys", "create", "lost")
    assert alone("restore", str(tmp_path / "copy.db"), "--json").json == {"to_confirm": 0}
    names = [each["name"] for each in alone("keys", "list", "--json").json["items"]]
    assert names == ["kept"]
    assert alone("restore", str(tmp_path / "nothing.db")).code == 3


def test_migrate_says_whether_something_changed(alone: Cli):
    assert alone("connections").code == 0
    assert alone("migrate", "--json").json == {"changed": False}


# carousels


@pytest.fixture
def images(tmp_path: Path) -> list[str]:
    names = []
    for colour in ("orange", "teal", "purple"):
        Image.new("RGB", (800, 1200), colour).save(tmp_path / f"{colour}.png")
        names.append(str(tmp_path / f"{colour}.png"))
    return names


def carousel(cli: Cli, *options: str) -> Ran:
    return cli("pins", "create", "--board", "Garden ideas", "--at", LATER, *options)


def test_image_given_several_times_makes_a_carousel(cli: Cli, images: list[str]):
    options = [word for image in images for word in ("--image", image)]
    texts = [
        "--card-title",
        "One",
        "--card-title",
        "",
        "--card-title",
        "Three",
        "--card-link",
        "https://shop.example",
    ]
    made = carousel(cli, *options, "--cover-card", "2", *texts, "--json")
    assert made.code == 0, made
    media = made.json["media"]
    assert (media["type"], media["cover_index"], len(media["items"])) == ("carousel", 1, 3)
    assert [item["title"] for item in media["items"]] == ["One", None, "Three"]
    assert media["items"][0]["link"] == "https://shop.example"
    shown = cli("pins", "show", made.json["id"]).out
    assert "carousel of 3 images" in shown
    assert "the cover" in shown


def test_a_carousel_mixes_files_addresses_and_uploads(cli: Cli, images: list[str]):
    first = carousel(cli, "--image", images[0], "--json").json["media"]["media_id"]
    cell = f"{images[1]} | {first} | https://shop.example/c.png"
    items = carousel(cli, "--carousel", cell, "--json").json["media"]["items"]
    assert items[1]["media_id"] == first
    assert items[0]["media_id"] not in (None, first)
    assert items[2]["url"] == "https://shop.example/c.png"


def test_one_image_becomes_a_carousel_by_an_edit(cli: Cli, image: str, images: list[str]):
    pin = create(cli, image, "--at", LATER, "--confirm", "identical")["id"]
    edited = cli("pins", "edit", pin, "--carousel", "|".join(images), "--json")
    assert len(edited.json["media"]["items"]) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--carousel", "a.png"), "2 to 5 images"),
        (("--carousel", "a.png|clip.mp4"), "images only"),
        (("--carousel", "none.png|other.png"), "cannot be read"),
        (("--image", "1", "--url", "https://x.example"), "only one of"),
        (("--url", "https://x.example", "--card-title", "x"), "Only a carousel"),
        (("--carousel", "https://x.example/1|https://x.example/2", "--cover-card", "3"), "no image 3"),
        (("--carousel", "https://x.example/1|https://x.example/2", *("--card-link", "u") * 3), "3 cards"),
    ],
)
def test_what_makes_no_carousel_is_refused_before_anything_is_sent(
    cli: Cli, options: tuple[str, ...], said: str
):
    refused = carousel(cli, *options)
    assert refused.code == 4, refused
    assert said in " ".join(refused.err.split())
