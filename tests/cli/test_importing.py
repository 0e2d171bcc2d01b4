"""import and demo: real files on their way."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
from PIL import Image

from steadypin import bootstrap
from steadypin.cli.demo import _publish
from steadypin.cli.shell import Shell
from steadypin.domain.csv_rows import parse
from tests.cli.conftest import Cli

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def table(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = ("board", "media", "title")) -> str:
    file = folder / "pins.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([head, *rows])
    return str(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (800, 1200), "teal").save(tmp_path / "cake.png")
    (tmp_path / "page.jpg").write_text("<html>log in</html>")
    return tmp_path


def test_rows_are_created_then_unchanged(cli: Cli, folder: Path):
    file = table(folder, ("Garden ideas", "cake.png", "One"), ("Home office", "cake.png", "Two"))
    first = cli("import", file)
    assert (first.code, first.out) == (0, "2 created, 0 unchanged, 0 refused.\n")
    again = cli("import", file, "--json")
    assert (again.code, again.json["unchanged"]) == (0, 2)


def test_refused_rows_are_listed_with_line_field_reason_and_fix(cli: Cli, folder: Path):
    file = table(
        folder,
        ("Garden ideas", "cake.png", "Good"),
        ("Garden ideas", "none.png", "Missing"),
        ("Garden ideas", "page.jpg", "No image"),
        ("Gardn", "cake.png", "No board"),
        ("Garden ideas", "clip.mp4", "A video"),
    )
    done = cli("import", file, "--json")
    assert done.code == 1
    assert [each["outcome"] for each in done.json["rows"]] == ["created", *["refused"] * 4]
    assert [each["errors"][0]["field"] for each in done.json["rows"][1:]] == [
        "media",
        "media",
        "board",
        "media",
    ]
    assert all(error["reason"] and error["fix"] for each in done.json["rows"] for error in each["errors"])
    plain = cli("import", file)
    assert "There is no file none.png beside the table." in plain.out
    assert "1 unchanged, 4 refused" in plain.out


def test_a_file_with_a_wrong_header_stores_nothing(cli: Cli, folder: Path):
    file = table(folder, ("Garden ideas", "cake.png", "x"), head=("bord", "media", "title"))
    refused = cli("import", file)
    assert refused.code == 4
    assert "did you mean board?" in refused.err


def test_a_field_longer_than_any_is_refused_not_crashed(cli: Cli, folder: Path):
    done = cli("import", table(folder, ("Garden ideas", "cake.png", "x" * 120_000)), "--json")
    assert done.json["rows"][0]["errors"][0]["field"] == "title"


def test_the_sample_campaign_shows_every_kind_of_row(cli: Cli):
    done = cli("import", str(EXAMPLES / "spring-campaign.csv"), "--json")
    assert done.code == 1
    assert done.json["created"] == 17
    refused = {
        each["line"]: each["errors"][0]["field"] for each in done.json["rows"] if each["outcome"] == "refused"
    }
    assert list(refused.values()) == ["media", "title", "board", "media", "media"]


def test_the_images_of_the_campaign_are_small_and_whole():
    images = sorted((EXAMPLES / "images").iterdir())
    assert len(images) == 18
    for file in images:
        assert file.stat().st_size < 150_000
        with Image.open(file) as image:
            assert image.size == (1000, 1500)


def test_the_demo_ends_with_every_row_accounted_for(alone: Cli):
    done = alone("demo", "--json")
    assert done.code == 0
    assert (done.json["published"], done.json["live"], done.json["one_to_one"]) == (16, 16, True)
    stages = [each["stage"] for each in done.json["rows"]]
    assert (len(stages), stages.count("held"), stages.count("refused")) == (22, 1, 5)
    assert all(each["fix"] and each["cause"] for each in done.json["rows"] if each["stage"] != "published")


def test_every_image_of_the_campaign_is_live_with_its_bytes_and_its_cover(capsys: pytest.CaptureFixture[str]):
    with bootstrap.demo_installation() as place:
        lines = _publish(Shell(json=True), place)
        live = {str(pin["id"]): pin for pin in place.live_pins()}
    rows = {row.line: row for row in parse((EXAMPLES / "spring-campaign.csv").read_bytes())}
    published = [line for line in lines if line["stage"] == "published"]
    assert len(published) == 16
    for line in published:
        row, pin = rows[line["line"]], live[str(line["pinterest_pin_id"])]
        paths = [image.path for image in row.images] or [row.path]
        wanted = [hashlib.sha256((EXAMPLES / str(path)).read_bytes()).hexdigest() for path in paths]
        assert [each["digest"] for each in pin["media"]] == wanted, line["title"]
        assert pin["cover"] == 0
    assert [len(rows[line["line"]].images) for line in published][-2:] == [2, 3]


def test_many_rows_go_in_batches(cli: Cli, folder: Path):
    rows = [("Garden ideas", "cake.png", f"Row {n}", "🌷" * 500) for n in range(2500)]
    done = cli("import", table(folder, *rows, head=("board", "media", "title", "description")), "--json")
    assert (done.code, done.json["created"]) == (0, 2500)
    assert [each["line"] for each in done.json["rows"]] == list(range(2, 2502))
