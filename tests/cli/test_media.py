"""media probe: a look without a server, without a data folder, without a database."""

from __future__ import annotations

import os
from pathlib import Path

from steadypin.cli.failures import ATTENTION, DONE, REFUSED
from tests.cli.conftest import Cli
from tests.probe.corpus import exif, picture
from tests.probe.movies import movie


def write(folder: Path, name: str, content: bytes) -> str:
    file = folder / name
    file.write_bytes(content)
    return str(file)


def test_a_good_file_is_described(alone: Cli, tmp_path: Path):
    ran = alone("media", "probe", write(tmp_path, "film.mp4", movie()))
    assert ran.code == DONE
    for word in ("H.264 High 4.0", "1080 × 1920", "10.0 s", "AAC", "ok"):
        assert word in ran.out
    assert not Path(os.environ["STEADYPIN_DATA_DIR"]).exists()


def test_a_blocker_asks_for_attention_and_says_what_to_do(alone: Cli, tmp_path: Path):
    ran = alone("media", "probe", write(tmp_path, "film.mp4", movie(seconds=2)))
    assert ran.code == ATTENTION
    assert "video.duration" in ran.out
    assert "Make it longer" in ran.out


def test_what_a_conversion_would_change_is_shown(alone: Cli, tmp_path: Path):
    file = write(tmp_path, "photo.webp", picture("WEBP", exif=exif(gps=True)))
    ran = alone("media", "probe", file)
    assert ran.code == ATTENTION
    assert "It can be converted to JPEG:" in ran.out
    assert "What the camera noted is left out, the place included." in ran.out


def test_the_document_has_facts_findings_and_the_conversion(alone: Cli, tmp_path: Path):
    file = write(tmp_path, "photo.webp", picture("WEBP"))
    ran = alone("media", "probe", file, "--json")
    assert ran.code == ATTENTION
    found = ran.json
    assert (found["source"], found["media"], found["publishable"]) == (file, "image", False)
    assert (found["facts"]["format"], found["facts"]["width"], found["facts"]["height"]) == ("WebP", 600, 900)
    assert [each["check"] for each in found["findings"]] == ["image.format"]
    assert found["conversion"]["to"] == "JPEG"


def test_an_address_is_asked_through_the_guard(alone: Cli):
    ran = alone("media", "probe", "http://127.0.0.1:9/film.mp4", "--json")
    assert ran.code == ATTENTION
    assert ran.json["facts"] is None
    assert ran.json["findings"][0]["check"] == "media.address"
    assert "private address" in ran.json["findings"][0]["title"]


def test_no_file_and_no_address(alone: Cli, tmp_path: Path):
    assert alone("media", "probe", str(tmp_path / "nothing.jpg")).code == REFUSED
    assert alone("media", "probe", str(tmp_path)).code == REFUSED
    assert alone("media", "probe", "ftp://example.com/film.mp4").code == ATTENTION
