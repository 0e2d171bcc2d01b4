"""The posters of the board “Garden ideas”."""

from __future__ import annotations

import math

from posters.drawing import Poster, mix, step

GARDEN = "Garden ideas"


def tulips() -> Poster:
    p = Poster("#fff0d9", "#fbd0b1")
    p.disc(500, 520, 400, "#ffe3c2")
    colours = (("#f26d5b", "#d94d42"), ("#f7b23c", "#e2952a"), ("#e2628f", "#c44476"), ("#fff4e2", "#eeddc4"))
    for n, (x, height, lean) in enumerate(
        (
            (400, 420, -130),
            (600, 430, 130),
            (450, 540, -58),
            (560, 520, 62),
            (500, 620, 0),
            (360, 300, -190),
            (640, 310, 190),
        )
    ):
        tulip(p, x, 860, height, *colours[n % 4], lean)
    p.shadow(500, 1100, 240, 0.1, 110, 18)
    p.shape([(310, 850), (690, 850), (640, 1095), (360, 1095)], "#c9694a")
    p.shape([(560, 850), (690, 850), (640, 1095), (560, 1095)], "#b4583d")
    p.box(286, 806, 714, 876, "#d8785a", 14)
    p.title(GARDEN, ["A pot of tulips"], "#6b2f22", "#c14b3c", 1190)
    return p


def seedlings() -> Poster:
    p = Poster("#cfe8f2", "#eaf5e4")
    p.disc(760, 300, 120, "#ffe08a")
    p.disc(760, 300, 92, "#ffd35c")
    p.hill(-10, 1010, 1000, (690, 610, 690, 600, 690), "#b7d69a")
    p.box(-10, 800, 1010, 1510, "#7a5238")
    p.hill(-10, 1010, 900, (820, 796, 822, 792, 820, 800), "#8d6144")
    for n in range(40):
        p.disc(30 + (n * 137) % 950, 900 + (n * 61) % 230, 5 + n % 3 * 2, "#a57a58" if n % 2 else "#684430")
    for n, height in enumerate((110, 190, 290, 390)):
        x = 155 + n * 230
        for lean in (-1, 0, 1):
            p.line([(x, 830), (x + lean * 26, 890), (x + lean * 46, 960 + n * 14)], "#ead9bf", 6)
        p.line([(x, 835), (x - 5, 835 - height * 0.5), (x, 835 - height)], "#5f9447", 14)
        for level in range(n + 1):
            y, size = 835 - height + level * 84, 74 + level * 20 + n * 8
            p.leaf(x, y, 32, size, size * 0.5, "#86bb57", "#6aa045")
            p.leaf(x, y, 148, size, size * 0.5, "#7ab04e", "#5f963f")
    p.title(GARDEN, ["Sow these", "in March"], "#fff6e6", "#f2c879")
    return p


def herbs() -> Poster:
    p = Poster("#f4ede4", "#e5d6c5")
    p.box(150, 130, 850, 900, "#ffffff", 10)
    p.box(180, 160, 820, 900, "#bfe0ea")
    p.hill(180, 820, 900, (720, 640, 700, 630, 680), "#a8cf98")
    p.disc(690, 290, 62, "#fff1b8")
    p.box(488, 160, 512, 900, "#ffffff")
    p.box(180, 470, 820, 490, "#ffffff")
    p.box(90, 1000, 910, 1046, "#c79a6b", 8)
    for n, (x, pot) in enumerate(((270, "#d97b5b"), (500, "#5d8a8c"), (730, "#e3b04b"))):
        for m in range(15):
            angle = 90 + (m - 7) * 9
            reach = 170 + (m * 53) % 90 + n * 12
            tip = step((x, 850), angle, reach)
            p.line([(x, 850), step((x, 850), angle + 4, reach * 0.5), tip], "#5d8c46", 5)
            for k in range(2 + n % 2):
                at = step((x, 850), angle, reach * (0.62 + 0.2 * k))
                size = (62, 34, 48)[n]
                p.leaf(*at, angle + 52, size, size * (0.62, 0.34, 0.5)[n], "#84b55c", "#679a48")
                p.leaf(*at, angle - 52, size, size * (0.62, 0.34, 0.5)[n], "#78aa52", "#5d8f41")
        p.shape([(x - 92, 830), (x + 92, 830), (x + 70, 1000), (x - 70, 1000)], pot)
        p.box(x - 102, 800, x + 102, 850, mix(pot, "#ffffff", 0.18), 9)
    p.title(GARDEN, ["Herbs on", "the sill"], "#4b3a2a", "#a8643f")
    return p


def fern() -> Poster:
    p = Poster("#173a30", "#0e2620")
    for x, y, lean, size, light, dark in (
        (500, 1110, 38, 0.86, "#2f6a4f", "#275a44"), (500, 1110, -38, 0.86, "#2f6a4f", "#275a44"),
        (500, 1110, 18, 0.98, "#4b8a5f", "#3b7550"), (500, 1110, -18, 0.98, "#4b8a5f", "#3b7550"),
        (500, 1120, 0, 1.1, "#9bc77a", "#7db163"),
    ):  # fmt: skip
        spine = [(x, y)]
        for n in range(34):
            spine.append(step(spine[-1], 90 - lean * (0.6 + n / 34), 27 * size))
        p.line(spine[::3], dark, 8)
        for n in range(3, 35):
            length = 190 * size * math.sin(math.pi * (1 - n / 38) ** 0.75 * 0.93) + 6
            turn = 90 - lean * (0.6 + n / 34)
            for side in (-1, 1):
                p.leaf(*spine[n], turn + side * 62, length, 25 * size, light, dark)
    p.title(GARDEN, ["Ferns love", "the shade"], "#eef5e2", "#9bc77a")
    return p


def border() -> Poster:
    p = Poster("#d9ecf7", "#f6f3e0")
    for n in range(9):
        x = 80 + n * 106
        p.line([(x, 1130), (x + 8, 820), (x + (n % 3 - 1) * 30, 560 - n % 2 * 90)], "#7aa06a", 8)
        for k in range(15):
            y = 556 - n % 2 * 90 + k * 19
            p.disc(
                x + (n % 3 - 1) * (30 - k * 1.4) + (-15 if k % 2 else 15),
                y,
                15,
                "#8a74c4" if k % 2 else "#a48fd6",
            )
    for n, (x, y, size) in enumerate(
        ((170, 800, 92), (420, 690, 112), (690, 770, 100), (880, 880, 80), (310, 930, 84), (560, 940, 96))
    ):
        p.line([(x, y), (x + 10, y + 180), (x, 1150)], "#5f8f4c", 11)
        p.leaf(x, y + 220, 48, 120, 46, "#86b362", "#6a994b")
        petal, heart = (("#ffffff", "#f5b82e"), ("#f7a6b4", "#d9576f"), ("#fff1b0", "#e08a2c"))[n % 3]
        for m in range(14):
            p.leaf(
                *step((x, y), m * 25.7, 14), m * 25.7, size, size * 0.36, petal, mix(petal, "#8a7a70", 0.14)
            )
        p.disc(x, y, size * 0.32, heart)
    for x, y in ((300, 420), (640, 330), (800, 560)):
        p.disc(x - 14, y - 28, 26, "#ffffff", 0.7)
        p.disc(x + 18, y - 30, 22, "#f2f8fb", 0.7)
        p.disc(x, y, 34, "#f4bd3a", 0.72)
        for band in (-12, 8):
            p.box(x + band - 5, y - 22, x + band + 5, y + 22, "#40352a", 4)
    p.box(-10, 1120, 1010, 1510, "#51794a")
    p.title(GARDEN, ["A border", "for bees"], "#fdf8e4", "#f4cf62")
    return p


def tulip(p: Poster, x: float, y: float, height: float, light: str, dark: str, lean: float) -> None:
    """A tulip from its foot."""
    top = (x + lean, y - height)
    p.line([(x, y), (x + lean * 0.2, y - height * 0.5), top], "#5d8a4a", 15)
    p.leaf(x, y, 100 + lean * 0.2, height * 0.62, 62, "#7fab5e", "#64924b")
    a, b = top
    p.blob(
        [(a - 74, b - 150), (a - 84, b - 40), (a, b + 16), (a + 84, b - 40), (a + 74, b - 150), (a, b - 90)],
        dark,
    )
    p.blob([(a, b - 172), (a + 50, b - 76), (a, b + 16), (a - 50, b - 76)], light)
