"""Looking at images by their bytes."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from steadypin.domain.findings import Level
from steadypin.probe.images import MOST_BYTES, Probe, probe_image
from steadypin.probe.kinds import kind_of


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (1000, 1500), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 90 if mode == "L" else None).save(out, kind, **options)
    return out.getvalue()


def look(tmp_path: Path, content: bytes) -> Probe:
    file = tmp_path / "upload"
    file.write_bytes(content)
    return probe_image(file)


def only(probe: Probe) -> tuple[str, Level]:
    assert len(probe.findings) == 1
    return probe.findings[0].check, probe.findings[0].level


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_good_image_is_publishable(tmp_path: Path, kind: str, mode: str):
    probe = look(tmp_path, picture(kind, mode=mode))
    assert probe.publishable
    assert only(probe) == ("image", Level.OK)
    facts = probe.facts
    assert (facts.format, facts.width, facts.height) == (kind, 1000, 1500)
    assert facts.content_type == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (picture("WEBP"), "WebP"),
        (picture("GIF", mode="L"), "GIF"),
        (picture("BMP"), "BMP"),
        (picture("TIFF"), "TIFF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><html>", "web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "MP4 video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "QuickTime video"),
        (b'{"error": "no"}', "JSON"),
        (b"just words", "text"),
        (b"\x00\x01\x02\x03", "no image"),
    ],
)
def test_what_pinterest_refuses_is_named_with_what_to_do(tmp_path: Path, content: bytes, name: str):
    probe = look(tmp_path, content)
    assert only(probe) == ("image.format", Level.BLOCKER)
    assert name in probe.findings[0].title
    assert probe.findings[0].fix


def test_an_empty_file_is_refused(tmp_path: Path):
    assert only(look(tmp_path, b"")) == ("image.empty", Level.BLOCKER)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, kind: str, share: float):
    whole = picture(kind, (400, 600))
    noisy = Image.effect_noise((400, 600), 80).convert("RGB")
    out = io.BytesIO()
    noisy.save(out, kind)
    for content in (whole, out.getvalue()):
        assert only(look(tmp_path, content[: int(len(content) * share)])) == ("image.whole", Level.BLOCKER)


def test_flipped_bytes_in_a_png_are_noticed(tmp_path: Path):
    content = bytearray(picture("PNG"))
    content[len(content) // 2] ^= 0xFF
    assert only(look(tmp_path, bytes(content))) == ("image.whole", Level.BLOCKER)


def test_a_decompression_bomb_is_never_unpacked(tmp_path: Path):
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )
    probe = look(tmp_path, bomb)
    assert only(probe) == ("image.pixels", Level.BLOCKER)
    assert "2500 million" in probe.findings[0].title


def test_more_than_20_mb_is_refused(tmp_path: Path):
    assert only(look(tmp_path, picture() + b"\0" * MOST_BYTES)) == ("image.bytes", Level.BLOCKER)


@pytest.mark.parametrize(
    ("size", "level"), [((99, 400), Level.BLOCKER), ((100, 150), Level.WARNING), ((600, 900), Level.OK)]
)
def test_small_images(tmp_path: Path, size: tuple[int, int], level: Level):
    assert only(look(tmp_path, picture(size=size)))[1] is level


@pytest.mark.parametrize("size", [(700, 2100), (2100, 700)])
def test_extreme_shapes_are_a_warning(tmp_path: Path, size: tuple[int, int]):
    assert only(look(tmp_path, picture(size=size))) == ("image.ratio", Level.WARNING)


def test_printing_colours_animation_and_a_turned_photo_are_warnings(tmp_path: Path):
    assert only(look(tmp_path, picture(mode="CMYK"))) == ("image.colours", Level.WARNING)
    frames = [Image.new("RGB", (800, 1200), colour) for colour in ("red", "blue")]
    moving = picture("PNG", (800, 1200), save_all=True, append_images=frames)
    assert only(look(tmp_path, moving)) == ("image.animated", Level.WARNING)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = look(tmp_path, picture(size=(1500, 1000), exif=exif))
    assert only(turned) == ("image.turned", Level.WARNING)
    assert (turned.facts.width, turned.facts.height) == (1000, 1500)


def test_the_name_is_nothing_to_go_by():
    assert kind_of(picture("PNG")[:512]) == "PNG"
    assert kind_of(b"") == "empty"
