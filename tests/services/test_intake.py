"""Taking media in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.findings import Level
from steadypin.services import intake
from steadypin.services.intake import Kept, MediaRefused
from tests.support.rig import Rig, picture_bytes


async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def keep(home: Rig, content: bytes, name: str | None = "cake.png") -> Kept:
    return home.run(intake.keep(home.ctx, in_pieces(content), name))


def files(home: Rig) -> list[str]:
    return [file.name for file in (home.folder / "media").rglob("*") if file.is_file()]


def test_a_file_is_kept_with_what_is_known_about_it(home: Rig):
    kept = keep(home, picture_bytes("orange"))
    assert kept.media.content_type == "image/png"
    assert (kept.media.width, kept.media.height) == (200, 300)
    assert kept.media.name == "cake.png"
    assert {finding.level for finding in kept.findings} == {Level.WARNING}
    assert intake.get(home.ctx, kept.media.id) == kept.media
    assert files(home) == [kept.media.digest]


def test_the_same_bytes_keep_their_id(home: Rig):
    first, again = keep(home, picture_bytes("orange")), keep(home, picture_bytes("orange"), "other.png")
    assert again.media == first.media
    assert len(files(home)) == 1


def test_what_pinterest_refuses_is_refused_and_not_kept(home: Rig):
    with pytest.raises(MediaRefused) as refused:
        keep(home, b"<!doctype html><title>Log in</title>")
    assert isinstance(refused.value, InputRefused)
    assert refused.value.errors[0].field == "media"
    assert "web page" in str(refused.value)
    assert files(home) == []


def test_a_file_beyond_the_limit_is_not_even_read_to_its_end(home: Rig):
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"\0" * 1_000_000

    with pytest.raises(MediaRefused, match="Pinterest takes 20 MB"):
        home.run(intake.keep(home.ctx, endless(), None))
    assert read == 21
    assert files(home) == []


def test_an_unknown_id_is_told(home: Rig):
    with pytest.raises(NotThere, match="no media med_x"):
        intake.get(home.ctx, "med_x")
