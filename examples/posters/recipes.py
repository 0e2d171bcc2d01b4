"""The posters of the board “Spring recipes”."""

from __future__ import annotations

import math

from posters.drawing import Poster, step

RECIPES = "Spring recipes"


def radish_salad() -> Poster:
    p = Poster("#f7efe2", "#e8d9c3")
    p.shadow(500, 640, 420, 0.98, 80, 34)
    p.disc(500, 610, 410, "#fdfbf6")
    p.ring(500, 610, 352, 5, "#e9e1d3")
    for n in range(13):
        angle, far = n * 27.7, 60 + (n * 83) % 190
        x, y = step((500, 610), angle, far)
        p.leaf(x, y, angle + 35, 170, 84, "#8fb04e", "#6f9440")
    for n in range(15):
        x, y = step((500, 610), n * 137.5, 54 * math.sqrt(n) + 26)
        p.disc(x, y, 46, "#c8325c")
        p.disc(x, y, 40, "#fff6f4")
        for m in range(7):
            p.disc(*step((x, y), m * 51.4, 20), 3, "#f3cfd4")
    for n in range(34):
        x, y = step((500, 610), n * 99.7 + 20, 30 + (n * 67) % 250)
        p.disc(x, y, 17, "#5f8f34")
        p.disc(x - 5, y - 5, 6, "#a5c66a")
    p.title(RECIPES, ["Radish &", "pea salad"], "#3c4a2b", "#b8365c")
    return p


def garlic_soup() -> Poster:
    p = Poster("#dfe8d3", "#b9cfa5")
    p.shadow(500, 650, 420, 0.98, 90, 34)
    p.disc(500, 610, 410, "#2f4a3d")
    p.disc(500, 610, 376, "#3d5c4c")
    p.disc(500, 614, 340, "#7fa653")
    p.disc(500, 606, 336, "#8ab35b")
    for turn in range(3):
        run = [step((500, 606), 40 * n + turn * 120, 36 + n * 24) for n in range(9)]
        p.line(run, "#f3f1dc", 15 - turn * 3)
    for n, (x, y) in enumerate(((395, 500), (640, 560), (470, 735), (610, 720))):
        p.leaf(x, y, 60 + n * 75, 150, 62, "#3f7038", "#2f5a2d")
    for n in range(26):
        x, y = step((500, 606), n * 137.5, 60 * math.sqrt(n % 19) + 40)
        p.disc(x, y, 6 + n % 3 * 2, "#c98a3b" if n % 2 else "#e9d9a8")
    p.title(RECIPES, ["Wild garlic", "soup"], "#24402f", "#3f7038")
    return p


def rhubarb_cake() -> Poster:
    p = Poster("#fbe3df", "#f3c3c1")
    p.disc(500, 560, 440, "#fdf1ee")
    p.shadow(500, 990, 330, 0.09, 110, 18)
    p.box(465, 860, 535, 980, "#ffffff")
    p.disc(500, 985, 180, "#ffffff", 0.14)
    p.disc(500, 850, 370, "#ffffff", 0.11)
    for top, colour in ((700, "#e9b872"), (596, "#efc486"), (492, "#e9b872")):
        p.box(220, top, 780, top + 104, colour, 16)
        p.box(220, top, 780, top + 30, "#fff8ef", 12)
    drips = [
        (220, 420),
        (500, 404),
        (780, 420),
        (784, 520),
        (740, 560),
        (700, 516),
        (650, 590),
        (600, 520),
        (540, 556),
    ]
    p.blob(
        [*drips, (480, 512), (430, 600), (380, 520), (330, 550), (280, 512), (240, 566), (214, 510)],
        "#d94f6e",
    )
    p.disc(500, 424, 280, "#e56a84", 0.11)
    for n in range(9):
        x, y = 300 + n * 50, 404 - abs(n - 4) * -6
        p.box(x - 17, y - 96, x + 17, y + 8, "#c43a5a" if n % 2 else "#de5f78", 14)
        p.box(x - 11, y - 90, x - 5, y + 2, "#f09aa8" if n % 2 else "#f5b6bf", 3)
    p.leaf(500, 322, 62, 190, 92, "#86a955", "#6c9147")
    p.leaf(500, 322, 122, 170, 84, "#94b662", "#789c4f")
    p.title(RECIPES, ["Rhubarb cake"], "#7c2440", "#b23a57", 1190)
    return p


def lemon_tart() -> Poster:
    p = Poster("#fdf3c9", "#f8de87")
    p.shadow(500, 650, 400, 0.98, 80, 34)
    for n in range(40):
        p.disc(*step((500, 610), n * 9, 372), 36, "#d9a252")
    p.disc(500, 610, 362, "#e4b063")
    p.disc(500, 610, 338, "#f9d648")
    for x, y, radius in ((500, 610, 128), *((*step((500, 610), 60 * n + 12, 226), 92) for n in range(6))):
        p.disc(x, y, radius, "#f2b822")
        p.disc(x, y, radius * 0.9, "#fff6d0")
        for m in range(9):
            inner, outer = step((x, y), 40 * m, radius * 0.12), radius * 0.8
            edge = [step((x, y), 40 * m + a, outer) for a in (-15, -8, 0, 8, 15)]
            p.shape([inner, *edge], "#ffd84f")
    for angle in (20, 140, 260):
        x, y = step((500, 610), angle, 160)
        p.leaf(x, y, angle + 30, 96, 46, "#8db255", "#6f9440")
        p.leaf(x, y, angle - 40, 84, 42, "#9bbf62", "#7da04c")
    p.title(RECIPES, ["Lemon tart"], "#6a4a12", "#b57d17", 1190)
    return p


def strawberries() -> Poster:
    p = Poster("#e9f3ef", "#c5e2d8")
    places = ((500, 330, 1.25, 0), (290, 560, 1.0, 14), (710, 560, 1.05, -12), (500, 790, 1.2, 4))
    for x, y, size, lean in (*places, (250, 890, 0.8, -10), (765, 880, 0.82, 12)):
        body = [(0, -100), (92, -84), (120, 0), (84, 110), (0, 180), (-84, 110), (-120, 0), (-92, -84)]
        turned = [
            (x + size * (a * math.cos(math.radians(lean)) - b * math.sin(math.radians(lean))),
             y + size * (a * math.sin(math.radians(lean)) + b * math.cos(math.radians(lean))))
            for a, b in body
        ]  # fmt: skip
        p.blob([(a + 12, b + 16) for a, b in turned], "#a9cdbf")
        p.blob(turned, "#dd3a45")
        p.blob(
            [(x + (a - x) * 0.62 - 22 * size, y + (b - y) * 0.66 - 10 * size) for a, b in turned], "#e85560"
        )
        for row in range(5):
            for column in range(-2, 3):
                a, b = column * 44 + row % 2 * 22, -58 + row * 46
                if abs(a) < 102 - max(row - 1, 0) * 24:
                    p.disc(x + a * size, y + b * size, 5.5 * size, "#f8d27c", 1.4)
        for n in range(7):
            p.leaf(
                x,
                y - 92 * size,
                -10 + n * 33.3 - lean,
                (92 + n % 2 * 14) * size,
                40 * size,
                "#5f9a52",
                "#467f42",
            )
    p.title(RECIPES, ["Strawberry", "season"], "#214d43", "#c22f3c")
    return p
