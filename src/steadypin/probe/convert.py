"""Converts an image as a Plan says. The original is not touched; memory and time are bounded by the Plan's pixels.

convert(from, to, plan) -> Converted      blocks: call it in a thread
preview(from, to)                         a small JPEG to look at
"""

from __future__ import annotations

import io
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageOps

from steadypin.domain.conversion import EXTRA, Plan
from steadypin.domain.errors import Refusal
from steadypin.domain.media_facts import JPEG, PNG, PUBLISHABLE, ImageLimits
from steadypin.probe.images import decoding

_FORMATS = {
    "JPEG": ("JPEG", "MPO"), "PNG": ("PNG",), "WebP": ("WEBP",), "AVIF": ("AVIF",), "GIF": ("GIF",),
    "BMP": ("BMP", "DIB"), "TIFF": ("TIFF",),
}  # fmt: skip
_QUALITIES = (95, 90, 85, 80, 75)
_SHRINK, _MOST_SHRINKS = 0.75, 8
_WHITE = (255, 255, 255)
_PREVIEW_SIDE = 400


class CannotConvert(Refusal):
    """The image cannot be converted; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written: size in bytes and pixels, and what was changed, in sentences."""

    content_type: str
    size: int
    width: int
    height: int
    changes: tuple[str, ...]


def convert(path_in: Path, path_out: Path, plan: Plan) -> Converted:
    """Write the converted image; `path_out` appears only whole. Raises CannotConvert and OSError."""
    said = list(plan.changes)
    with decoding(), path_in.open("rb") as file:
        image = _upright(_open(file, plan.source, (plan.width, plan.height)))
        image, profile = _in_srgb(image, said)
        if image.size != (plan.width, plan.height) and image.width * image.height > plan.width * plan.height:
            image = image.resize((plan.width, plan.height), Image.Resampling.LANCZOS)
        kind, data, size = _packed(image, plan, profile, said)
    _write(path_out, data)
    return Converted(PUBLISHABLE[kind], len(data), *size, tuple(said))


def preview(path_in: Path, path_out: Path, kind: str, side: int = _PREVIEW_SIDE) -> tuple[int, int]:
    """Write a JPEG that fits into a square of `side` pixels; answers its size. Raises CannotConvert and OSError."""
    with decoding(), path_in.open("rb") as file:
        image = _open(file, kind, (side * 2, side * 2))
        image.thumbnail((side * 2, side * 2))
        image, _ = _in_srgb(_upright(image), [])
        image.thumbnail((side, side))
        data = _jpeg(_flat(image), 80, None)
    _write(path_out, data)
    return image.size


def _open(file: BinaryIO, kind: str, wanted: tuple[int, int]) -> Image.Image:
    """The first frame, unpacked; a JPEG no larger than needed for the wanted size."""
    formats = _FORMATS.get(kind)
    if kind == "HEIC":
        formats = _with_heif()
    if formats is None:
        raise CannotConvert(f"{kind} cannot be converted. Save it as JPEG or PNG.")
    try:
        image = Image.open(file, formats=formats)
        if kind == "JPEG":
            image.draft(None, wanted)
        if image.width * image.height > ImageLimits().most_pixels:
            raise CannotConvert("The image has too many pixels to be converted. Make it smaller.")
        image.load()
    except CannotConvert:
        raise
    except Exception as error:  # Pillow raises many kinds for damaged bytes; all mean: not a whole image
        why = " ".join(str(error).split()) or type(error).__name__
        raise CannotConvert(
            f"The {kind} file is damaged or cut short ({why}). Export or download it again."
        ) from None
    return image


def _with_heif() -> tuple[str, ...]:
    try:
        import pillow_heif
    except ImportError:
        raise CannotConvert(
            f"HEIC cannot be read by this installation. Install steadypin with the extra '{EXTRA}' "
            f"(steadypin[{EXTRA}]), or save the image as JPEG."
        ) from None
    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its note says, and without the note."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a note that cannot be read turns nothing
        return image


def _in_srgb(image: Image.Image, said: list[str]) -> tuple[Image.Image, bytes | None]:
    """The image as 8-bit RGB or RGBA, and the profile to write beside it if it came with one."""
    icc = image.info.get("icc_profile")
    image = _in_eight_bits(image)
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    profile = None
    if icc:
        try:
            image, profile = _through_profile(image, icc)
        except (ImageCms.PyCMSError, OSError, ValueError):
            said.append("Its colour profile cannot be used; its colours are taken as they are.")
    image = image.convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
    return image, profile


def _through_profile(image: Image.Image, icc: bytes) -> tuple[Image.Image, bytes]:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    changed: Any = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(icc)), srgb, outputMode="RGB"
    )
    return changed, srgb.tobytes()


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("L") if image.mode == "F" else image


def _packed(
    image: Image.Image, plan: Plan, profile: bytes | None, said: list[str]
) -> tuple[str, bytes, tuple[int, int]]:
    """(format, bytes, size in pixels), below the plan's limit; what had to be given up for that is said."""
    if plan.to == PNG:
        data = _png(image, profile)
        if len(data) < plan.most_bytes:
            return PNG, data, image.size
        if image.mode == "RGBA":
            said.append(
                "As PNG it would be too large: it becomes a JPEG file, and transparent parts become white."
            )
        else:
            said.append("As PNG it would be too large: it becomes a JPEG file.")
    image = _flat(image)
    for quality in _QUALITIES:
        data = _jpeg(image, quality, profile)
        if len(data) < plan.most_bytes:
            if quality != _QUALITIES[0]:
                said.append(f"To be small enough, it is saved at quality {quality} of 100.")
            return JPEG, data, image.size
    for _ in range(_MOST_SHRINKS):
        smaller = (max(int(image.width * _SHRINK), 1), max(int(image.height * _SHRINK), 1))
        image = image.resize(smaller, Image.Resampling.LANCZOS)
        data = _jpeg(image, 85, profile)
        if len(data) < plan.most_bytes:
            said.append(f"To be small enough, it becomes {image.width} × {image.height} pixels.")
            return JPEG, data, image.size
    raise CannotConvert("The image cannot be made small enough. Make it smaller yourself.")


def _flat(image: Image.Image) -> Image.Image:
    """On white, without transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    flat = Image.new("RGB", image.size, _WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _jpeg(image: Image.Image, quality: int, profile: bytes | None) -> bytes:
    out = io.BytesIO()
    image.save(
        out,
        "JPEG",
        quality=quality,
        subsampling=0 if quality >= 90 else 2,
        optimize=True,
        exif=b"",
        icc_profile=profile,
    )
    return out.getvalue()


def _png(image: Image.Image, profile: bytes | None) -> bytes:
    out = io.BytesIO()
    image.info = {}
    image.save(out, "PNG", optimize=False, compress_level=6, icc_profile=profile)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".partial-{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
