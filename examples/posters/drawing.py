"""A small vocabulary for drawing posters with Pillow: everything in poster units (1000 × 1500), drawn at twice the size."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT, FINE = 1000, 1500, 2

Point = tuple[float, float]


def rgb(colour: str) -> tuple[int, int, int]:
    """'#aabbcc' as numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """A colour between two; 0 is the first."""
    pairs = zip(rgb(one), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


class Poster:
    """One picture under way."""

    def __init__(self, top: str, bottom: str) -> None:
        column = Image.new("RGB", (1, 256))
        column.putdata([rgb(mix(top, bottom, row / 255)) for row in range(256)])
        self.image = column.resize((WIDTH * FINE, HEIGHT * FINE), Image.Resampling.BICUBIC)
        self._pen()

    def _pen(self) -> None:
        self._draw = ImageDraw.Draw(self.image)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def blob(self, points: Sequence[Point], colour: str) -> None:
        """A filled shape whose outline runs smoothly through the points."""
        self.shape(smooth(points), colour)

    def hill(self, left: float, right: float, bottom: float, tops: Sequence[float], colour: str) -> None:
        """Ground from `left` to `right` whose upper edge runs smoothly through evenly spaced heights."""
        wide = (right - left) / (len(tops) - 1)
        edge = smooth([(left + n * wide, top) for n, top in enumerate(tops)], closed=False)
        self.shape([*edge, (right, bottom), (left, bottom)], colour)

    def disc(self, x: float, y: float, radius: float, colour: str, flat: float = 1.0) -> None:
        """A circle, or an ellipse of the given flatness."""
        box = (x - radius, y - radius * flat, x + radius, y + radius * flat)
        self._draw.ellipse([edge * FINE for edge in box], fill=colour)

    def ring(self, x: float, y: float, radius: float, width: float, colour: str) -> None:
        """A circle line."""
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse([edge * FINE for edge in box], outline=colour, width=round(width * FINE))

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: str, round_by: float = 0
    ) -> None:
        """A rectangle with round corners."""
        self._draw.rounded_rectangle(
            [edge * FINE for edge in (left, top, right, bottom)], round_by * FINE, fill=colour
        )

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A smooth line with round ends."""
        run = smooth(points, closed=False)
        self._draw.line(
            [(x * FINE, y * FINE) for x, y in run], fill=colour, width=round(width * FINE), joint="curve"
        )
        for x, y in (run[0], run[-1]):
            self.disc(x, y, width / 2, colour)

    def shadow(
        self, x: float, y: float, radius: float, flat: float, strength: int = 70, soft: float = 22
    ) -> None:
        """A soft dark ellipse, for what stands on something."""
        mask = Image.new("L", self.image.size, 0)
        box = (x - radius, y - radius * flat, x + radius, y + radius * flat)
        ImageDraw.Draw(mask).ellipse([edge * FINE for edge in box], fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(soft * FINE))
        self.image.paste(Image.new("RGB", self.image.size, "#1d2420"), (0, 0), mask)
        self._pen()

    def glow(self, points: Sequence[Point], colour: str, strength: int, soft: float) -> None:
        """Light in the shape of a polygon with soft edges."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon([(x * FINE, y * FINE) for x, y in points], fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(soft * FINE))
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), mask)
        self._pen()

    def leaf(
        self, x: float, y: float, angle: float, length: float, width: float, light: str, dark: str
    ) -> None:
        """A leaf in two tones from its base; 0 degrees points right, 90 up."""
        across = angle + 90
        tip = step((x, y), angle, length)
        for side, colour in ((1, light), (-1, dark)):
            half = [
                step(step((x, y), angle, length * t), across, side * width / 2 * math.sin(math.pi * t**0.8))
                for t in (n / 24 for n in range(25))
            ]
            self.shape([(x, y), *half, tip], colour)

    def text(self, x: float, y: float, words: str, size: float, colour: str, anchor: str = "mm") -> None:
        """A line of type."""
        self._draw.text(
            (x * FINE, y * FINE), words, fill=colour, font=ImageFont.load_default(size * FINE), anchor=anchor
        )

    def spaced(self, x: float, y: float, words: str, size: float, colour: str) -> None:
        """A line of widely spaced capitals, centred."""
        font, gap = ImageFont.load_default(size * FINE), size * 0.28 * FINE
        widths = [font.getlength(letter) + gap for letter in words.upper()]
        at = x * FINE - (sum(widths) - gap) / 2
        for letter, width in zip(words.upper(), widths, strict=True):
            self._draw.text((at, y * FINE), letter, fill=colour, font=font, anchor="lm")
            at += width

    def title(self, over: str, lines: Sequence[str], colour: str, accent: str, y: float = 1160) -> None:
        """The title block: a small heading, a short rule, and one or two large lines."""
        self.spaced(WIDTH / 2, y, over, 25, accent)
        self.box(WIDTH / 2 - 34, y + 36, WIDTH / 2 + 34, y + 39, accent)
        for number, words in enumerate(lines):
            size = 104 if max(map(len, lines)) <= 15 else 88
            self.text(WIDTH / 2, y + 112 + number * size * 1.08, words, size, colour)

    def finished(self) -> Image.Image:
        """The picture at its real size."""
        return self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def step(start: Point, angle: float, distance: float) -> Point:
    """The point so far away in that direction; degrees, 90 is up."""
    return start[0] + distance * math.cos(math.radians(angle)), start[1] - distance * math.sin(
        math.radians(angle)
    )


def smooth(points: Sequence[Point], *, closed: bool = True) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    known = list(points)
    around = [known[-1], *known, known[0], known[1]] if closed else [known[0], *known, known[-1]]
    run: list[Point] = []
    for p0, p1, p2, p3 in zip(around, around[1:], around[2:], around[3:], strict=False):
        for t in (n / 14 for n in range(14)):
            run.append((_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t)))
    return run if closed else [*run, known[-1]]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
