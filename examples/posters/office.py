"""The posters of the board “Home office”."""

from __future__ import annotations

from posters.drawing import Poster, step

OFFICE = "Home office"


def window_desk() -> Poster:
    p = Poster("#efe4da", "#dcc8b6")
    p.box(250, 150, 850, 760, "#ffffff", 8)
    p.box(276, 176, 824, 734, "#f9c9a0")
    p.disc(560, 470, 110, "#fff0cf")
    p.hill(276, 824, 734, (600, 540, 610, 530, 590), "#8aa98f")
    p.hill(276, 824, 734, (660, 630, 680, 640), "#66886f")
    p.box(540, 176, 560, 734, "#ffffff")
    p.shadow(500, 1130, 400, 0.05, 90, 16)
    for x in (150, 820):
        p.shape([(x, 930), (x + 36, 930), (x + 26, 1130), (x + 6, 1130)], "#8d5f3d")
    p.box(90, 896, 910, 940, "#b98557", 8)
    p.box(380, 700, 700, 886, "#33414a", 14)
    p.box(394, 714, 686, 872, "#d8e6e6", 6)
    p.box(350, 884, 730, 900, "#25313a", 8)
    for n, wide in enumerate((180, 230, 140, 200)):
        p.box(420, 744 + n * 30, 420 + wide, 754 + n * 30, "#9fb9b8", 5)
    p.box(770, 820, 850, 898, "#e8eee9", 12)
    for angle in (62, 80, 98, 116, 134, 46):
        p.leaf(810, 824, angle, 170, 46, "#6f9e68", "#568354")
    p.box(190, 832, 262, 898, "#d9694f", 10)
    p.ring(268, 862, 20, 8, "#d9694f")
    for n in range(2):
        p.line(
            [(212 + n * 26, 812), (204 + n * 26, 784), (218 + n * 26, 760), (208 + n * 26, 730)], "#fbf4ec", 6
        )
    p.title(OFFICE, ["A desk by", "the window"], "#46352a", "#b4633f")
    return p


def shelves() -> Poster:
    p = Poster("#d7e3e4", "#b9cdd0")
    books = ("#d9694f", "#efc15a", "#3f6f73", "#f4ead6", "#8a4f5e", "#6f9e68", "#2f4a55")
    for level, y in enumerate((430, 740, 1050)):
        p.shadow(500, y + 44, 360, 0.05, 70, 14)
        p.box(110, y, 890, y + 26, "#a8754a", 5)
        for n in range((6, 5, 7)[level]):
            x = (150, 520, 190)[level] + n * 46
            height = 150 + (n * 67 + level * 41) % 80
            p.box(x, y - height, x + 40, y, books[(n + level * 2) % 7], 4)
            p.box(x + 8, y - height + 22, x + 32, y - height + 28, "#fff7e8", 2)
    for angle in range(40, 150, 13):
        p.leaf(650, 330, angle, 180, 52, "#7fb07a", "#5f9160")
    p.shape([(590, 320), (710, 320), (690, 430), (610, 430)], "#f3efe6")
    p.blob(
        [(280, 560), (330, 600), (350, 690), (310, 740), (230, 740), (190, 690), (210, 600), (250, 560)],
        "#3f6f73",
    )
    for n in range(5):
        tip = step((265, 566), 62 + n * 14, 190 - n % 2 * 50)
        p.line([(265, 566), tip], "#7b6a4a", 4)
        p.disc(*tip, 20, "#f1c7b8" if n % 2 else "#fbe5da")
    for n in range(9):
        run = [(720 + n * 8, 900), (700 + n * 18, 960), (690 + n * 22, 1060 + n % 3 * 40)]
        p.line(run, "#5f9160", 5)
        for x, y in run[1:]:
            p.leaf(x, y, 250 + n * 7, 46, 30, "#86b77f", "#6a9d68")
    p.blob([(650, 900), (850, 900), (830, 1040), (750, 1050), (670, 1040)], "#e9dfd0")
    p.title(OFFICE, ["Shelves that", "breathe"], "#24393f", "#8f5636", 1175)
    return p


def lamp() -> Poster:
    p = Poster("#2b2f4a", "#1a1d33")
    p.glow([(420, 500), (690, 560), (930, 1080), (90, 1080)], "#ffd98a", 150, 44)
    p.box(0, 1040, 1000, 1510, "#3a2c33")
    p.glow([(180, 1046), (840, 1046), (900, 1100), (110, 1100)], "#ffcf80", 120, 18)
    p.box(640, 1010, 860, 1046, "#e0ad5b", 16)
    p.line([(750, 1010), (750, 1008)], "#e0ad5b", 18)
    p.line([(750, 1010), (790, 700)], "#e0ad5b", 18)
    p.line([(790, 700), (560, 420)], "#e0ad5b", 18)
    p.disc(790, 700, 26, "#f3c876")
    p.shape([(520, 330), (640, 420), (700, 590), (400, 500)], "#e8b65f")
    p.shape([(520, 330), (568, 366), (476, 524), (400, 500)], "#f6cf84")
    p.disc(548, 545, 54, "#fff4cf", 0.7)
    p.box(180, 990, 520, 1040, "#5f7fae", 6)
    p.box(200, 944, 500, 990, "#d9694f", 6)
    p.box(214, 900, 470, 944, "#f4ead6", 6)
    for n in range(60):
        p.disc((n * 173) % 1000, (n * 97) % 330 + 20, 1.4 + n % 3, "#cfd3ea")
    p.title(OFFICE, ["Better light", "to work by"], "#fdf1d8", "#f0c06a")
    return p


def tidy() -> Poster:
    p = Poster("#f3d9c6", "#e9c3ab")
    p.shadow(340, 560, 220, 1.3, 60, 22)
    p.box(130, 250, 530, 830, "#2f5d62", 18)
    p.box(130, 250, 196, 830, "#264c50", 18)
    p.box(470, 250, 488, 830, "#f0b64d")
    p.box(250, 360, 430, 440, "#f6ead9", 6)
    p.box(276, 384, 404, 392, "#2f5d62", 3)
    p.box(276, 408, 370, 416, "#2f5d62", 3)
    p.shadow(735, 400, 150, 1.0, 60, 20)
    p.disc(730, 380, 146, "#fffaf3")
    p.disc(730, 380, 108, "#6b3f2a")
    p.ring(730, 380, 108, 6, "#e9dccd")
    p.blob([(730, 330), (770, 350), (760, 400), (730, 430), (700, 400), (690, 350)], "#d9b08a")
    p.box(866, 352, 916, 408, "#fffaf3", 26)
    for n, colour in enumerate(("#d9694f", "#3f6f73", "#efb94e")):
        x = 620 + n * 76
        p.box(x, 610, x + 34, 900, colour, 4)
        p.shape([(x, 610), (x + 34, 610), (x + 17, 556)], "#f6e2c4")
        p.shape([(x + 11, 575), (x + 23, 575), (x + 17, 556)], "#3a2f2a")
        p.box(x, 884, x + 34, 910, "#f3a9a0", 4)
    for n in range(9):
        p.leaf(300, 1010, 10 + n * 40, 120, 62, "#7fae74", "#63935b")
    p.disc(300, 1010, 36, "#567f50")
    for n in range(3):
        p.box(560 + n * 6, 966 + n * 6, 850 + n * 6, 1076 + n * 6, ("#ffffff", "#fdf3d0", "#fbe3a0")[n], 6)
    p.title(OFFICE, ["Ten-minute tidy"], "#4d2f25", "#a8482f", 1190)
    return p
