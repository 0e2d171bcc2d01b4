"""Draws the images of the spring campaign: `python examples/make_images.py`. They are drawn, so they are free to use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from posters import garden, office, recipes, steps
from posters.drawing import Poster

FOLDER = Path(__file__).parent / "images"

POSTERS: dict[str, Callable[[], Poster]] = {
    "radish-salad.jpg": recipes.radish_salad,
    "wild-garlic-soup.jpg": recipes.garlic_soup,
    "rhubarb-cake.jpg": recipes.rhubarb_cake,
    "lemon-tart.png": recipes.lemon_tart,
    "strawberry-season.jpg": recipes.strawberries,
    "pot-of-tulips.jpg": garden.tulips,
    "sow-in-march.jpg": garden.seedlings,
    "herbs-on-the-sill.jpg": garden.herbs,
    "ferns-in-the-shade.jpg": garden.fern,
    "border-for-bees.jpg": garden.border,
    "desk-by-the-window.jpg": office.window_desk,
    "shelves-that-breathe.jpg": office.shelves,
    "better-light.png": office.lamp,
    "ten-minute-tidy.jpg": office.tidy,
    "tulips-1-plant.jpg": steps.plant,
    "tulips-2-water.jpg": steps.water,
    "tulips-3-bloom.jpg": steps.bloom,
}


def main() -> None:
    """Draw all of them, and one as WebP, which Pinterest refuses."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in POSTERS.items():
        image = draw().finished()
        if name.endswith(".png"):
            image.quantize(200).save(FOLDER / name, optimize=True)
        else:
            image.save(FOLDER / name, quality=78, optimize=True, progressive=True)
    garden.tulips().finished().save(FOLDER / "tulips-for-the-web.webp", quality=70)


if __name__ == "__main__":
    main()
