"""preflight of a Pin and of a file, and pins at-risk."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.cli.conftest import Cli
from tests.cli.test_importing import table

HEAD = ("board", "media", "title", "due_at")


def test_a_pin_that_nothing_would_stop_passes(cli: Cli, tmp_path: Path):
    Image.new("RGB", (800, 1200), "olive").save(tmp_path / "soup.png")
    words = ("--board", "Garden ideas", "--image", str(tmp_path / "soup.png"), "--title", "Preflight soup")
    made = cli("pins", "create", *words, "--at", "2099-05-01T09:00:00Z", "--json").json
    plain = cli("preflight", made["id"])
    assert (plain.code, plain.out.splitlines()[-1]) == (0, "Nothing would stop it.")
    again = cli("pins", "create", *words, "--at", "2099-05-02T09:00:00Z")
    assert again.code == 4
    assert made["id"] in again.err
    both = cli("pins", "create", *words, "--at", "2099-05-02T09:00:00Z", "--confirm", "identical", "--json")
    assert both.code == 0
    found = cli("preflight", made["id"], "--json")
    assert (found.code, found.json["findings"][0]["check"]) == (1, "identical")
    told = cli("preflight", made["id"])
    assert "The same Pin is scheduled already" in told.out
    assert told.out.splitlines()[-1] == "It will not go out like this."
    for each in (made, both.json):
        cli("pins", "delete", each["id"])


def test_a_file_is_looked_at_row_by_row_and_nothing_is_stored(cli: Cli, tmp_path: Path):
    Image.new("RGB", (800, 1200), "teal").save(tmp_path / "cake.png")
    (tmp_path / "page.jpg").write_text("<html>log in</html>")
    file = table(
        tmp_path,
        ("Garden ideas", "cake.png", "One for a look", "2099-05-01T09:00:00Z"),
        ("Garden ideas", "cake.png", "One for a look", "2099-05-02T09:00:00Z"),
        ("Garden ideas", "cake.png", "One for a look", "2099-05-01T09:00:00Z"),
        ("Garden ideas", "page.jpg", "No image", "2099-05-01T09:00:00Z"),
        ("Garden ideas", "none.png", "Missing", "2099-05-01T09:00:00Z"),
        head=HEAD,
    )
    before = len(cli("pins", "list", "--json", "--limit", "1000").json["items"])
    done = cli("preflight", file, "--json")
    assert done.code == 1
    assert (done.json["created"], done.json["unchanged"], done.json["refused"]) == (2, 1, 2)
    assert done.json["rows"][2]["same_as_line"] == 2
    plain = cli("preflight", file)
    assert plain.code == 1
    assert "2 would be created, 1 unchanged, 2 would be refused. Nothing was stored." in plain.out
    assert "There is no file none.png beside the table." in plain.out
    assert "Line 3 is the same Pin at another time." in plain.out
    assert len(cli("pins", "list", "--json", "--limit", "1000").json["items"]) == before


def test_a_changed_row_is_told_when_it_is_imported(cli: Cli, tmp_path: Path):
    Image.new("RGB", (800, 1200), "navy").save(tmp_path / "blue.png")
    rows = [("Garden ideas", "blue.png", title, "2099-06-01T09:00:00Z") for title in ("Bleu sky", "Blue sky")]
    first = cli("import", table(tmp_path, rows[0], head=HEAD), "--json").json["rows"][0]
    again = cli("import", table(tmp_path, rows[1], head=HEAD))
    assert (again.code, first["pin_id"] in again.out) == (0, True)
    assert "A changed row makes a second Pin." in again.out


def test_what_is_at_risk_is_told_by_account_and_reason(cli: Cli):
    found = cli("pins", "at-risk", "--json")
    assert (found.code == 1) is bool(found.json["items"])
    assert set(found.json) == {"forecast", "items"}
