"""The cards of the carousel “Tulips in three steps”."""

from __future__ import annotations

from posters.drawing import Poster
from posters.garden import tulip

OVER = "Tulips in three steps"
_EARTH, _DARK, _LIGHT = "#7a5238", "#684430", "#a57a58"


def plant() -> Poster:
    p = _ground("#f6e3cf", "#efcfae")
    for x, y, size in ((300, 960, 1.0), (500, 1000, 1.15), (700, 960, 1.0)):
        p.disc(x, y, 92 * size, "#5d3c29", 0.9)
        p.blob(
            [(x, y - 96 * size), (x + 52 * size, y - 10 * size), (x + 34 * size, y + 52 * size),
             (x - 34 * size, y + 52 * size), (x - 52 * size, y - 10 * size)],
            "#c98b4e",
        )  # fmt: skip
        p.line([(x - 6, y - 70 * size), (x - 20, y - 6), (x - 12, y + 44 * size)], "#e3b27a", 7)
        for lean in (-1, 0, 1):
            p.line([(x, y + 50 * size), (x + lean * 14, y + 76 * size)], "#ead9bf", 5)
    p.line([(500, 130), (500, 420)], "#b07a45", 26)
    p.box(430, 120, 570, 152, "#8f5f35", 14)
    p.blob([(430, 420), (570, 420), (578, 560), (500, 690), (422, 560)], "#8b98a3")
    p.line([(470, 450), (464, 560), (490, 640)], "#b9c4cc", 10)
    return _titled(p, "1", "Plant")


def water() -> Poster:
    p = _ground("#d6ebf2", "#b9dbe8")
    p.blob([(330, 300), (640, 300), (670, 560), (300, 560)], "#3f8f8a")
    p.blob([(350, 320), (470, 320), (440, 545), (322, 545)], "#55a7a1")
    p.line([(640, 520), (760, 420), (830, 330)], "#3f8f8a", 34)
    p.line([(790, 300), (880, 370)], "#2f7672", 30)
    p.line([(330, 330), (220, 400), (300, 520)], "#2f7672", 24)
    for n in range(24):
        p.disc(
            800 + (n * 53) % 150, 400 + (n * 71) % 360, 7 + n % 3 * 2, "#6fb7d6" if n % 2 else "#9ed3e8", 1.5
        )
    for x in (300, 500, 700):
        for angle, length in ((70, 120), (110, 130), (90, 90)):
            p.leaf(x, 850, angle, length, 42, "#86bb57", "#6aa045")
    return _titled(p, "2", "Water")


def bloom() -> Poster:
    p = _ground("#fff0d9", "#fbd9b4")
    p.disc(500, 420, 300, "#ffe3c2")
    colours = (("#f26d5b", "#d94d42"), ("#f7b23c", "#e2952a"), ("#e2628f", "#c44476"))
    for n, x in enumerate((300, 500, 700)):
        tulip(p, x, 850, 520 if n == 1 else 430, *colours[n], 0)
    return _titled(p, "3", "Enjoy")


def _ground(sky: str, far: str) -> Poster:
    """Sky, and earth from the middle down."""
    p = Poster(sky, far)
    p.box(-10, 860, 1010, 1510, _EARTH)
    p.hill(-10, 1010, 960, (856, 842, 858, 840, 856), "#8d6144")
    for n in range(40):
        p.disc(30 + (n * 137) % 950, 930 + (n * 61) % 180, 5 + n % 3 * 2, _LIGHT if n % 2 else _DARK)
    return p


def _titled(p: Poster, number: str, word: str) -> Poster:
    p.title(OVER, [f"{number}  {word}"], "#fff6e6", "#f2c879", 1200)
    return p
