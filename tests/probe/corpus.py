"""Files of every kind, mode and defect, made in memory, and what is to be found in each.

CORPUS   rows of (name, bytes, {check: level}); names end as a user's file would
ADVICE   the same for rows that are about what nobody refuses
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from PIL import Image, ImageCms

from tests.probe import movies
from tests.probe.movies import (
    box,
    fragmented,
    ftyp,
    full,
    mdat,
    moov,
    movie,
    picture_entry,
    sound_entry,
    track,
)

OK, WARNING, BLOCKER = "ok", "warning", "blocker"
PINNED = (600, 900)
"""Large enough to be welcome, small enough to be made quickly."""


@dataclass(frozen=True)
class Row:
    """One file and the Findings that it must have, no more and no fewer."""

    name: str
    make: Callable[[], bytes]
    expected: dict[str, str]

    @property
    def content(self) -> bytes:
        """The bytes, made once."""
        return _made(self.make)


@cache
def _made(make: Callable[[], bytes]) -> bytes:
    return make()


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = PINNED,
    mode: str = "RGB",
    colour: object = 90,
    **options: object,
) -> bytes:
    """An image of one colour."""
    fill = (
        colour
        if mode in ("L", "1", "P", "I;16") or not isinstance(colour, int)
        else (colour,) * len(Image.new(mode, (1, 1)).getbands())
    )
    out = io.BytesIO()
    Image.new(mode, size, fill).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def noise(kind: str, size: tuple[int, int] = PINNED) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(out, kind)
    return out.getvalue()


def cut(kind: str, end: float) -> bytes:
    """The beginning of a noisy image: a share of it, or up to a place."""
    content = noise(kind)
    return content[: int(len(content) * end)] if 0 < end < 1 else content[: int(end)]


def exif(**tags: object) -> Image.Exif:
    made = Image.Exif()
    if "orientation" in tags:
        made[0x0112] = tags["orientation"]
    if tags.get("gps"):
        made[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    return made


def moving(kind: str) -> bytes:
    """Two frames, red and blue."""
    out = io.BytesIO()
    blue = Image.new("RGB", PINNED, "blue")
    Image.new("RGB", PINNED, "red").save(out, kind, save_all=True, append_images=[blue])
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, bits: int = 8, colour: int = 2, rows: bytes = b"\0" * 100) -> bytes:
    """A PNG whose header says whatever is wanted."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def deep_png() -> bytes:
    row = b"\0" + b"\x40\0" * 3 * PINNED[0]
    return png(*PINNED, bits=16, rows=row * PINNED[1])


def heif(
    brand: bytes = b"heic", size: tuple[int, int] = PINNED, turn: int = 0, compatible: bytes = b"mif1"
) -> bytes:
    """A HEIC or AVIF file with the boxes that say what the picture is, and no picture."""
    item = full(b"infe", struct.pack(">HH4s", 1, 0, b"hvc1"), b"\0", version=2)
    note = full(b"infe", struct.pack(">HH4s", 2, 0, b"Exif"), b"\0", version=2)
    props = box(
        b"ipco",
        full(b"ispe", struct.pack(">II", 8, 8)),
        full(b"ispe", struct.pack(">II", *size)),
        box(b"irot", bytes([turn])),
    )
    uses = full(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 2, 0x80 | 3))
    meta = full(
        b"meta",
        full(b"hdlr", struct.pack(">4s4s12x", b"\0\0\0\0", b"pict"), b"\0"),
        full(b"pitm", struct.pack(">H", 1)),
        full(b"iinf", struct.pack(">H", 2), item, note),
        box(b"iprp", props, uses),
    )
    return ftyp(brand, compatible) + meta + mdat(200)


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def middle_flipped(content: bytes) -> bytes:
    at = len(content) // 2
    return patched(content, at, bytes([content[at] ^ 0xFF]))


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def two_pictures() -> bytes:
    pair = [track(picture_entry(), number=1), track(picture_entry(), number=2)]
    return ftyp() + moov(*pair) + mdat()


def only_sound() -> bytes:
    return ftyp() + moov(track(sound_entry(), b"soun", 1, size=(0, 0))) + mdat()


def locked() -> bytes:
    scheme = box(b"sinf", box(b"frma", b"avc1"), full(b"schm", b"cenc", b"\0\0\1\0"))
    return movie(extra=movies.avc() + scheme, codec=b"encv")


def old_quicktime() -> bytes:
    return movie(major=b"qt  ", first=False)[len(ftyp(b"qt  ", b"mp42")) :]


def packed_description() -> bytes:
    return ftyp(b"qt  ") + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"))) + mdat()


def resized(content: bytes, name: bytes, size: int) -> bytes:
    """The same with another size written into the first box of a name."""
    return patched(content, content.index(name) - 4, struct.pack(">I", size))


FINE = {"image": OK}
FORMAT, WHOLE = {"image.format": BLOCKER}, {"image.whole": BLOCKER}
WATCHED = {"video": OK}
CUT = {"video.whole": BLOCKER}


def _images() -> Iterator[Row]:
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png")):
        yield Row(f"good.{ending}", partial(picture, kind), FINE)
        yield Row(f"gray.{ending}", partial(picture, kind, mode="L"), FINE)
        yield Row(f"noise.{ending}", partial(noise, kind), FINE)
        yield Row(f"profile.{ending}", partial(picture, kind, icc_profile=srgb()), FINE)
        yield Row(f"cut-early.{ending}", partial(cut, kind, 60), WHOLE)
        yield Row(f"cut-half.{ending}", partial(cut, kind, 0.5), WHOLE)
        yield Row(f"cut-late.{ending}", partial(cut, kind, -30), WHOLE)
        yield Row(f"small.{ending}", partial(picture, kind, (90, 400)), {"image.size": BLOCKER})
        yield Row(f"one-pixel.{ending}", partial(picture, kind, (1, 1)), {"image.size": BLOCKER})
        yield Row(f"narrow.{ending}", partial(picture, kind, (300, 450)), {"image.size": WARNING})
        yield Row(f"tall.{ending}", partial(picture, kind, (600, 1800)), {"image.ratio": WARNING})
        yield Row(f"taller.{ending}", partial(picture, kind, (900, 1600)), {"image.ratio": WARNING})
        yield Row(f"wide.{ending}", partial(picture, kind, (1600, 600)), {"image.ratio": WARNING})
        yield Row(f"landscape.{ending}", partial(picture, kind, (1200, 800)), {"image.ratio": WARNING})
        yield Row(f"square.{ending}", partial(picture, kind, (800, 800)), FINE)
    yield Row("progressive.jpg", lambda: picture(progressive=True), FINE)
    yield Row("printing.jpg", lambda: picture(mode="CMYK"), {"image.colours": WARNING})
    yield Row(
        "turned.jpg", lambda: picture(size=(900, 600), exif=exif(orientation=6)), {"image.turned": WARNING}
    )
    yield Row("mirrored.jpg", lambda: picture(exif=exif(orientation=2)), {"image.turned": WARNING})
    yield Row("place.jpg", lambda: picture(exif=exif(gps=True)), {"image.private": WARNING})
    yield Row("wrong-note.jpg", lambda: picture(exif=exif(orientation=77)), FINE)
    yield Row("damaged-note.jpg", lambda: picture(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12\0\x03"), FINE)
    yield Row("zeros-in-the-middle.jpg", lambda: b"\xff\xd8\xff" + b"\0" * 300, WHOLE)
    yield Row("palette.png", lambda: picture("PNG", mode="P"), FINE)
    yield Row("two-colours.png", lambda: picture("PNG", mode="1", colour=1), FINE)
    yield Row("opaque-alpha.png", lambda: picture("PNG", mode="RGBA", colour=(9, 9, 9, 255)), FINE)
    yield Row(
        "transparent.png", lambda: picture("PNG", mode="RGBA", colour=(9, 9, 9, 9)), {"image.alpha": WARNING}
    )
    yield Row(
        "transparent-palette.png", lambda: picture("PNG", mode="P", transparency=90), {"image.alpha": WARNING}
    )
    yield Row("deep.png", deep_png, {"image.colours": WARNING})
    yield Row("deep-gray.png", lambda: picture("PNG", mode="I;16"), {"image.colours": WARNING})
    yield Row("moving.png", lambda: moving("PNG"), {"image.animated": WARNING})
    yield Row("flipped.png", lambda: middle_flipped(noise("PNG")), WHOLE)
    yield Row("bomb-400-megapixels.png", lambda: png(20_000, 20_000), {"image.pixels": BLOCKER})
    yield Row("largest-header.png", lambda: png(0x7FFFFFFF, 0x7FFFFFFF), {"image.pixels": BLOCKER})
    yield Row("no-width.png", lambda: png(0, 900), WHOLE)
    yield Row("no-header.png", lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), WHOLE)
    yield Row("few-rows.png", lambda: png(*PINNED), WHOLE)
    yield Row("over-20-mb.jpg", lambda: picture() + b"\0" * 20_000_000, {"image.bytes": BLOCKER})
    yield Row("over-10-mb.jpg", lambda: picture() + b"\0" * 10_000_000, {"image.base64": WARNING})
    yield Row("renamed.png", lambda: picture("JPEG"), FINE | {"image.name": OK})


def _refused() -> Iterator[Row]:
    for ending, kind in (("webp", "WEBP"), ("gif", "GIF"), ("bmp", "BMP"), ("tif", "TIFF"), ("avif", "AVIF")):
        yield Row(f"good.{ending}", partial(picture, kind, mode="L" if kind == "GIF" else "RGB"), FORMAT)
    for ending, kind in (("webp", "WEBP"), ("gif", "GIF")):
        yield Row(f"moving.{ending}", partial(moving, kind), FORMAT)
    yield Row("lossless.webp", lambda: picture("WEBP", lossless=True), FORMAT)
    yield Row("transparent.webp", lambda: picture("WEBP", mode="RGBA", colour=(9, 9, 9, 9)), FORMAT)
    yield Row("cut.webp", lambda: noise("WEBP")[:-100], FORMAT)
    yield Row("renamed-webp.jpg", lambda: picture("WEBP"), FORMAT)
    yield Row("phone.heic", heif, FORMAT)
    yield Row("turned.heic", lambda: heif(turn=1, size=(900, 600)), FORMAT)
    yield Row("cut.heic", lambda: heif()[:80], FORMAT)
    yield Row("mif1.avif", lambda: heif(b"mif1", compatible=b"avif"), FORMAT)
    yield Row("icon.ico", lambda: picture("ICO", (64, 64)), FORMAT)
    yield Row(
        "layers.psd",
        lambda: b"8BPS\0\x01" + b"\0" * 6 + struct.pack(">HIIHH", 3, 900, 600, 8, 3) + b"\0" * 40,
        FORMAT,
    )
    yield Row("new.jxl", lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0" * 40, FORMAT)
    yield Row("bare.jxl", lambda: b"\xff\x0a" + b"\0" * 40, FORMAT)
    yield Row("old.jp2", lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 40, FORMAT)
    yield Row(
        "drawing.svg", lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', FORMAT
    )
    yield Row("camera.cr3", lambda: ftyp(b"crx ", b"isom"), FORMAT)
    yield Row("paper.pdf", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", FORMAT)
    yield Row("renamed-pdf.jpg", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", FORMAT)
    yield Row("login.jpg", lambda: b"\n<!DOCTYPE html><html><title>Log in</title>", FORMAT)
    yield Row(
        "login.xhtml", lambda: b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', FORMAT
    )
    yield Row("error.png", lambda: b'{"error": "not found"}', FORMAT)
    yield Row("denied.png", lambda: b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', FORMAT)
    yield Row("notes.txt", lambda: b"just words", FORMAT)
    yield Row("notes-utf-16.txt", lambda: "just words".encode("utf-16"), FORMAT)
    yield Row("all.zip", lambda: b"PK\x03\x04" + b"\0" * 40, FORMAT)
    yield Row("song.mp3", lambda: b"ID3\x04" + b"\0" * 40, FORMAT)
    yield Row("junk.jpg", lambda: bytes(range(1, 32)) * 20, FORMAT)
    yield Row("empty.jpg", lambda: b"", {"image.empty": BLOCKER})
    yield Row("one-byte.jpg", lambda: b"\xff", FORMAT)


def _videos() -> Iterator[Row]:
    yield Row("good.mp4", movie, WATCHED)
    yield Row("description-last.mp4", lambda: movie(first=False), WATCHED)
    yield Row("long-sizes.mp4", lambda: movie(first=False, wide=True, version=1), WATCHED)
    yield Row("phone.mov", lambda: movie(major=b"qt  ", rotation=90, size=(1920, 1080)), WATCHED)
    yield Row("upside-down.mov", lambda: movie(major=b"qt  ", rotation=180), WATCHED)
    yield Row("turned-left.mov", lambda: movie(major=b"qt  ", rotation=270, size=(1920, 1080)), WATCHED)
    yield Row("before-ftyp.mov", old_quicktime, WATCHED)
    yield Row("store.m4v", lambda: movie(major=b"M4V "), WATCHED)
    yield Row("hevc.mp4", lambda: movie(codec=b"hvc1"), WATCHED)
    yield Row("hevc-inband.mp4", lambda: movie(codec=b"hev1"), WATCHED)
    yield Row("inband.mp4", lambda: movie(codec=b"avc3"), WATCHED)
    yield Row("silent.mp4", lambda: movie(sound=None), WATCHED)
    yield Row("big-tables.mp4", lambda: movie(first=False, tables=40_000), WATCHED)
    yield Row("to-the-end.mp4", lambda: resized(movie(), b"mdat", 0), WATCHED)
    yield Row("no-size.mp4", lambda: movie(size=(0, 0), extra=movies.avc()), {"video.size": BLOCKER})
    yield Row("shortest.mp4", lambda: movie(seconds=4), WATCHED)
    yield Row("longest.mp4", lambda: movie(seconds=900), WATCHED)
    yield Row("widest.mp4", lambda: movie(size=(1200, 628)), WATCHED)
    yield Row("narrowest.mp4", lambda: movie(size=(500, 1000)), WATCHED)
    yield Row("short.mp4", lambda: movie(seconds=3.5), {"video.duration": BLOCKER})
    yield Row("long.mp4", lambda: movie(seconds=901), {"video.duration": BLOCKER})
    yield Row("edited-short.mp4", lambda: movie(edits=[1.0, 1.5]), {"video.duration": BLOCKER})
    yield Row("edited.mp4", lambda: movie(seconds=1200, edits=[60.0]), WATCHED)
    yield Row("no-length.mp4", lambda: movie(seconds=0), {"video.duration": WARNING})
    yield Row("too-wide.mp4", lambda: movie(size=(1920, 800)), {"video.ratio": BLOCKER})
    yield Row("too-narrow.mp4", lambda: movie(size=(400, 1000)), {"video.ratio": BLOCKER})
    yield Row(
        "turned-too-wide.mov",
        lambda: movie(major=b"qt  ", rotation=90, size=(800, 1920)),
        {"video.ratio": BLOCKER},
    )
    yield Row("tiny.mp4", lambda: movie(size=(160, 200)), {"video.size": WARNING})
    yield Row("rare-kind.mp4", lambda: movie(extra=movies.avc(profile=110)), {"video.profile": WARNING})
    for codec in (b"vp09", b"av01", b"mp4v", b"jpeg", b"abcd"):
        yield Row(f"{codec.decode()}.mp4", partial(movie, codec=codec), {"video.codec": BLOCKER})
    yield Row("apcn.mov", lambda: movie(major=b"qt  ", codec=b"apcn"), {"video.codec": BLOCKER})
    yield Row("opus.mp4", lambda: movie(sound=b"Opus"), {"video.sound": WARNING})
    yield Row("locked.m4v", locked, {"video.encrypted": BLOCKER})
    yield Row("two-pictures.mp4", two_pictures, {"video.tracks": WARNING})
    yield Row("sound-only.mp4", only_sound, {"video.track": BLOCKER})
    yield Row("fragments.mp4", fragmented, {"video.fragmented": WARNING})
    yield Row("fragments-own-times.mp4", lambda: fragmented(own=True), {"video.fragmented": WARNING})
    yield Row("fragments-index.mp4", lambda: fragmented(sidx=True), {"video.fragmented": WARNING})
    yield Row("fragments-mehd.mp4", lambda: fragmented(mehd=True), {"video.fragmented": WARNING})
    yield Row(
        "fragments-short.mp4", lambda: fragmented(1), {"video.duration": BLOCKER, "video.fragmented": WARNING}
    )
    yield Row("fragments-cut.mp4", lambda: fragmented()[:-50], CUT)
    yield Row("cut.mp4", lambda: movie()[:-100], CUT)
    yield Row("cut-before-description.mp4", lambda: movie(first=False)[:-200], CUT)
    yield Row("cut-in-description.mp4", lambda: movie()[:300], CUT)
    yield Row("never-finished.mp4", lambda: ftyp() + resized(mdat(), b"mdat", 0), CUT)
    yield Row("no-media.mp4", lambda: movie(media=0)[:-8], CUT)
    yield Row("head-only.mp4", ftyp, CUT)
    yield Row("packed.mov", packed_description, CUT)
    yield Row("child-too-large.mp4", lambda: resized(movie(), b"mvhd", 0x7FFFFFFF), CUT)
    yield Row("child-too-small.mp4", lambda: resized(movie(), b"mvhd", 3), CUT)
    yield Row(
        "web.webm", lambda: b"\x1aE\xdf\xa3\x9fB\x86\x81\x01" + b"\0" * 40, {"video.container": BLOCKER}
    )
    yield Row("old.avi", lambda: b"RIFF\x40\0\0\0AVI LIST" + b"\0" * 40, {"video.container": BLOCKER})
    yield Row("phone.3gp", lambda: movie(major=b"3gp4"), {"video.container": BLOCKER})
    yield Row(
        "old.wmv",
        lambda: b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel" + b"\0" * 40,
        {"video.container": BLOCKER},
    )
    yield Row("disc.mpg", lambda: b"\0\0\x01\xba" + b"\0" * 40, {"video.container": BLOCKER})
    yield Row("renamed-movie.jpg", movie, WATCHED | {"video.name": OK})


IMAGES = (*_images(), *_refused())
VIDEOS = tuple(_videos())
CORPUS = (*IMAGES, *VIDEOS)
