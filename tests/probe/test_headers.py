"""The header readers against what Pillow says of files that Pillow wrote."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from steadypin.domain.media_facts import ImageFacts
from steadypin.probe.images import image_facts
from tests.probe.corpus import IMAGES, exif, heif, moving, picture, srgb


def facts(folder: Path, content: bytes) -> ImageFacts:
    file = folder / "upload"
    file.write_bytes(content)
    return image_facts(file)


READABLE = [
    row
    for row in IMAGES
    if row.name.startswith(
        ("good", "gray", "moving", "lossless", "narrow", "tall", "deep", "palette", "progressive", "printing")
    )
]


@pytest.mark.parametrize("row", READABLE, ids=lambda row: row.name)
def test_sizes_are_those_that_pillow_reads(row, tmp_path: Path):
    with Image.open(io.BytesIO(row.content)) as image:
        size = image.size
    seen = facts(tmp_path, row.content)
    assert {seen.width, seen.height} == set(size)


def test_a_webp_says_what_is_in_it(tmp_path: Path):
    plain = facts(tmp_path, picture("WEBP"))
    assert (plain.alpha, plain.frames, plain.icc, plain.exif) == (False, 1, False, False)
    clear = facts(tmp_path, picture("WEBP", mode="RGBA", colour=(9, 9, 9, 9)))
    assert clear.alpha
    assert facts(tmp_path, moving("WEBP")).frames == 2
    noted = facts(tmp_path, picture("WEBP", exif=exif(orientation=6, gps=True), icc_profile=srgb()))
    assert (noted.exif, noted.gps, noted.icc, noted.orientation) == (True, True, True, 6)


def test_a_webp_that_was_cut_is_told_from_its_header(tmp_path: Path):
    assert facts(tmp_path, picture("WEBP")[:-9]).damage == "9 bytes that it speaks of are not there"


def test_a_heic_has_the_size_of_its_main_item_as_turned(tmp_path: Path):
    seen = facts(tmp_path, heif(size=(900, 600)))
    assert (seen.format, seen.width, seen.height, seen.exif) == ("HEIC", 900, 600, True)
    turned = facts(tmp_path, heif(size=(900, 600), turn=3))
    assert (turned.width, turned.height) == (600, 900)


def test_animation_bits_and_place_are_facts(tmp_path: Path):
    assert facts(tmp_path, moving("GIF")).frames == 2
    assert facts(tmp_path, picture("PNG", mode="I;16")).bits == 16
    placed = facts(tmp_path, picture(exif=exif(gps=True)))
    assert (placed.gps, placed.exif) == (True, True)
