"""Conversion: what was agreed to is what is done, and no more."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from steadypin.domain.conversion import Plan, conversion_for
from steadypin.domain.media_facts import ImageFacts, ImageLimits
from steadypin.probe.convert import CannotConvert, Converted, convert, preview
from steadypin.probe.images import image_facts, probe_image
from tests.probe.corpus import IMAGES, deep_png, exif, heif, moving, noise, picture, srgb


def planned(folder: Path, content: bytes, limits: ImageLimits | None = None) -> tuple[Path, Plan]:
    file = folder / "original"
    file.write_bytes(content)
    plan = conversion_for(image_facts(file, limits=limits), limits)
    assert plan is not None
    return file, plan


def converted(
    folder: Path, content: bytes, limits: ImageLimits | None = None
) -> tuple[Converted, Image.Image]:
    file, plan = planned(folder, content, limits)
    out = folder / "converted"
    done = convert(file, out, plan)
    assert file.read_bytes() == content
    assert set(plan.changes) <= set(done.changes)
    assert done.size == out.stat().st_size < plan.most_bytes
    assert [each.name for each in folder.iterdir() if each.name.startswith(".")] == []
    seen = probe_image(out)
    assert seen.publishable
    assert seen.facts.content_type == done.content_type
    assert (seen.facts.width, seen.facts.height) == (done.width, done.height)
    assert not seen.facts.exif
    assert not seen.facts.gps
    with Image.open(out) as image:
        image.load()
    return done, image


CONVERTIBLE = [
    row for row in IMAGES
    if row.name.startswith(("good.", "moving.", "lossless", "transparent.w", "printing", "turned.j", "place", "deep", "mirrored"))
    and row.name not in ("good.jpg", "good.png")
]  # fmt: skip


@pytest.mark.parametrize("row", CONVERTIBLE, ids=lambda row: row.name)
def test_a_converted_image_can_be_published(row, tmp_path: Path):
    done, image = converted(tmp_path, row.content)
    assert done.changes
    assert image.mode in ("RGB", "RGBA", "L")
    assert {done.width, done.height} == {600, 900}


@pytest.mark.parametrize(
    "name",
    ["good.jpg", "good.png", "palette.png", "landscape.png", "transparent.png", "small.jpg", "cut-half.jpg", "cut.webp",
     "bomb-400-megapixels.png", "paper.pdf", "icon.ico", "layers.psd", "new.jxl", "drawing.svg", "empty.jpg", "login.jpg"],
)  # fmt: skip
def test_nothing_is_proposed_where_nothing_is_to_be_done_or_nothing_can_be(name: str, tmp_path: Path):
    row = next(each for each in IMAGES if each.name == name)
    file = tmp_path / name
    file.write_bytes(row.content)
    assert conversion_for(image_facts(file)) is None


def test_the_plan_says_in_words_what_will_change(tmp_path: Path):
    _, plan = planned(tmp_path, picture("WEBP", exif=exif(orientation=6, gps=True), icc_profile=srgb()))
    assert plan.to == "JPEG"
    assert plan.changes == (
        "It becomes a JPEG file instead of WebP.",
        "Its colours are brought to sRGB.",
        "It is turned upright.",
        "What the camera noted is left out, the place included.",
    )


def test_a_turned_photo_stands_upright(tmp_path: Path):
    photo = Image.new("RGB", (900, 600), "blue")
    photo.paste((255, 0, 0), (0, 0, 450, 600))
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=exif(orientation=6))
    done, image = converted(tmp_path, out.getvalue())
    assert (done.width, done.height) == (600, 900)
    assert near(image, (300, 100), (255, 0, 0))
    assert near(image, (300, 800), (0, 0, 255))


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, ...]) -> bool:
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 12 for one, other in zip(found, colour, strict=True))


def test_printing_colours_become_screen_colours(tmp_path: Path):
    _, image = converted(tmp_path, picture(mode="CMYK", colour=(0, 255, 255, 0)))
    assert image.mode == "RGB"
    assert near(image, (300, 300), (255, 0, 0))


def test_a_profile_is_applied_and_srgb_written_beside(tmp_path: Path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, image = converted(tmp_path, picture("WEBP", colour=(10, 200, 30), icc_profile=lab))
    assert "sRGB" in ImageCms.getProfileDescription(
        ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    )
    assert near(image, (300, 300), (10, 200, 30))


def test_a_profile_that_cannot_be_used_is_told(tmp_path: Path):
    done, image = converted(tmp_path, picture("WEBP", colour=(10, 200, 30), icc_profile=b"no profile" * 30))
    assert "Its colour profile cannot be used; its colours are taken as they are." in done.changes
    assert near(image, (300, 300), (10, 200, 30))


def test_sixteen_bits_become_eight(tmp_path: Path):
    _, image = converted(tmp_path, deep_png())
    assert near(image, (5, 5), (0x40, 0x40, 0x40))
    _, gray = converted(tmp_path, picture("PNG", mode="I;16", colour=0x8000))
    assert near(gray, (5, 5), (0x80, 0x80, 0x80))


def test_the_first_frame_of_an_animation_is_kept(tmp_path: Path):
    done, image = converted(tmp_path, moving("GIF"))
    assert "Only the first of its 2 frames is kept." in done.changes
    assert done.content_type == "image/png"
    assert near(image, (300, 300), (255, 0, 0))


def test_transparency_stays_in_a_png(tmp_path: Path):
    done, image = converted(tmp_path, picture("WEBP", mode="RGBA", colour=(9, 9, 9, 0)))
    assert done.content_type == "image/png"
    assert image.mode == "RGBA"


def test_transparency_becomes_white_where_a_png_would_be_too_large_and_that_is_said(tmp_path: Path):
    blurred = Image.effect_noise((600, 900), 80).convert("RGBA")
    blurred.putalpha(Image.new("L", blurred.size, 0))
    out = io.BytesIO()
    blurred.save(out, "WEBP", lossless=True, exact=True)
    limits = ImageLimits(most_bytes=300_000, base64_bytes=300_000)
    done, image = converted(tmp_path, out.getvalue(), limits)
    assert done.content_type == "image/jpeg"
    assert near(image, (300, 300), (255, 255, 255))
    assert "transparent parts become white" in done.changes[-1]


def test_quality_falls_before_size_and_both_are_said(tmp_path: Path):
    content = noise("JPEG")
    some = ImageLimits(most_bytes=len(content) * 2, base64_bytes=len(content) // 2)
    done, _ = converted(tmp_path, noise("BMP"), ImageLimits(most_bytes=len(content) * 2))
    assert (done.width, done.height) == (600, 900)
    done, _ = converted(tmp_path, content, some)
    assert any("pixels" in each or "quality" in each for each in done.changes)
    tight = ImageLimits(most_bytes=20_000, base64_bytes=20_000)
    done, _ = converted(tmp_path, noise("BMP"), tight)
    assert done.width < 600
    assert f"it becomes {done.width} × {done.height} pixels" in done.changes[-1]


def test_without_its_extra_a_heic_names_it(tmp_path: Path):
    file, plan = planned(tmp_path, heif())
    try:
        import pillow_heif
    except ImportError:
        with pytest.raises(CannotConvert, match=r"steadypin\[media\]"):
            convert(file, tmp_path / "out", plan)
    else:
        assert pillow_heif
        with pytest.raises(CannotConvert, match="damaged"):
            convert(file, tmp_path / "out", plan)
    assert not (tmp_path / "out").exists()


def test_damage_behind_the_header_is_told_and_leaves_nothing(tmp_path: Path):
    file, plan = planned(tmp_path, noise("WEBP"))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(CannotConvert, match="damaged or cut short"):
        convert(file, tmp_path / "out", plan)
    assert [each.name for each in tmp_path.iterdir()] == ["original"]


@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WebP"), ("GIF", "GIF")]
)
def test_a_preview_is_small_and_keeps_the_shape(kind: str, name: str, tmp_path: Path):
    file, out = tmp_path / "original", tmp_path / "preview"
    file.write_bytes(picture(kind, (1000, 1500), "L" if kind == "GIF" else "RGB"))
    assert preview(file, out, name) == (266, 400)
    assert out.stat().st_size < 40_000
    turned = picture(size=(1500, 1000), exif=exif(orientation=8))
    file.write_bytes(turned)
    assert preview(file, out, "JPEG") == (266, 400)


def test_a_very_large_photo_is_made_smaller():
    plan = conversion_for(ImageFacts("JPEG", "image/jpeg", 15_000_000, 9000, 8000, "RGB", declared=True))
    assert plan is not None
    assert plan.width * plan.height <= 50_000_000
    assert f"It becomes smaller: {plan.width} × {plan.height} pixels." in plan.changes
