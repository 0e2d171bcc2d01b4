"""Every file of the corpus, and what a look must find in it: neither more nor less."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest

from steadypin.domain.media_facts import VIDEOS as MOVING
from steadypin.domain.media_facts import VideoFacts
from steadypin.probe.kinds import kind_of
from steadypin.probe.videos import video_facts
from steadypin.services.media_look import Look, look_at_file
from tests.probe.corpus import CORPUS, IMAGES, VIDEOS, Row, picture
from tests.probe.movies import fragmented, movie


def look(folder: Path, name: str, content: bytes) -> Look:
    file = folder / name
    file.write_bytes(content)
    return look_at_file(file)


def test_the_corpus_is_large_and_its_names_differ():
    assert len({row.name for row in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: row.name)
def test_what_is_found_in(row: Row, tmp_path: Path):
    found = look(tmp_path, row.name, row.content)
    assert {each.check: each.level.value for each in found.findings} == row.expected
    for each in found.findings:
        assert each.title.endswith(".")
        assert each.level == "ok" or each.fix.endswith("."), each
    assert found.to_json()["publishable"] is ("blocker" not in row.expected.values())


@pytest.mark.parametrize("row", IMAGES, ids=lambda row: row.name)
def test_an_image_is_never_taken_for_a_video(row: Row):
    assert kind_of(row.content[:512]) not in MOVING


@pytest.mark.parametrize("row", VIDEOS, ids=lambda row: row.name)
def test_a_video_is_looked_at_with_little_memory(row: Row, tmp_path: Path):
    file = tmp_path / row.name
    file.write_bytes(row.content)
    tracemalloc.start()
    try:
        video_facts(file)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def facts(folder: Path, content: bytes) -> VideoFacts:
    found = look(folder, "film.mp4", content).facts
    assert isinstance(found, VideoFacts)
    return found


def test_a_turned_video_has_the_size_that_a_viewer_sees(tmp_path: Path):
    seen = facts(tmp_path, movie(rotation=90, size=(1920, 1080)))
    assert (seen.width, seen.height, seen.rotation) == (1080, 1920, 90)


def test_the_edit_list_decides_how_long_a_video_is(tmp_path: Path):
    assert facts(tmp_path, movie(seconds=60, edits=[5.0, 2.5])).duration_s == 7.5


@pytest.mark.parametrize("how", ["mehd", "sidx", "own", "plain"])
def test_the_length_of_a_fragmented_video_is_found(how: str, tmp_path: Path):
    content = fragmented(pieces=7, each=3, **({how: True} if how != "plain" else {}))
    seen = facts(tmp_path, content)
    assert seen.fragmented
    assert seen.duration_s == pytest.approx(21)


def test_a_codec_is_named_with_its_kind(tmp_path: Path):
    seen = facts(tmp_path, movie())
    assert (seen.codec, seen.profile, seen.level, seen.audio, seen.fps) == ("H.264", "High", "4.0", "AAC", 30)
    assert seen.brands == ("isom", "mp42")
    assert seen.moov_first
    assert seen.bitrate == round(seen.size * 8 / 10)
    assert facts(tmp_path, movie(codec=b"abcd")).codec == "'abcd'"


def test_three_gigabytes_are_looked_at_without_reading_them(tmp_path: Path):
    file = tmp_path / "film.mp4"
    head, tail = movie(media=0, wide=True, first=False).split(b"mdat")
    media = 3_000_000_000
    with file.open("wb") as out:
        out.write(head + b"mdat" + (16 + media).to_bytes(8))
        out.seek(media, 1)
        out.write(tail[8:])
    found = look_at_file(file)
    assert [each.check for each in found.findings] == ["video.bytes"]
    assert isinstance(found.facts, VideoFacts)
    assert found.facts.duration_s == 10


def test_a_400_megapixel_png_is_judged_by_its_header(tmp_path: Path):
    row = next(each for each in IMAGES if each.name.startswith("bomb"))
    tracemalloc.start()
    try:
        found = look(tmp_path, row.name, row.content)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert "400 million" in found.findings[0].title


class Grows(io.BufferedReader):
    """A file to which another program adds bytes while it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        with Path(str(self.raw.name)).open("ab") as more:  # type: ignore[attr-defined]
            more.write(b"more")
        return super().read(size)


class Growing(type(Path())):  # type: ignore[misc]
    """The path of such a file."""

    def open(self, *given: object, **more: object) -> Grows:
        return Grows(io.FileIO(str(self)))


@pytest.mark.parametrize("content", [picture(), movie()])
def test_a_file_that_changes_while_it_is_read_is_told(content: bytes, tmp_path: Path):
    file = tmp_path / "upload"
    file.write_bytes(content)
    kind = "video" if kind_of(content) in MOVING else "image"
    assert [each.check for each in look_at_file(Growing(file)).findings] == [f"{kind}.changed"]
