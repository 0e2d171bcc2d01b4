"""Preflight of a carousel: its number, shapes and sizes, its cards."""

from __future__ import annotations

from dataclasses import replace

from steadypin.domain.findings import Finding, Level
from steadypin.domain.media import Item, Media, MediaKind, Picture
from steadypin.domain.preflight import Looks, preflight
from tests.domain.test_preflight import CONTENT, WELL

TALL, ALIKE, WIDE = Picture(1000, 1500, 90_000), Picture(999, 1500, 90_000), Picture(1500, 1000, 90_000)


def seen(*pictures: Picture | None, items: tuple[Item, ...] = (), cover: int = 0) -> list[Finding]:
    shown = items or tuple(
        Item(f"med_{n}") if each else Item(url=f"https://x.example/{n}") for n, each in enumerate(pictures)
    )
    kept = {f"med_{n}": each for n, each in enumerate(pictures) if each is not None}
    content = replace(CONTENT, media=Media(MediaKind.CAROUSEL, items=shown, cover_index=cover))
    return list(preflight(replace(WELL, content=content, pictures=kept)))


def told(findings: list[Finding]) -> list[tuple[str, Level]]:
    return [(each.check, each.level) for each in findings]


def test_images_of_one_shape_need_no_word() -> None:
    assert seen(TALL, ALIKE, TALL) == []


def test_different_shapes_are_one_warning_that_measures_them() -> None:
    (finding,) = seen(TALL, WIDE, WIDE)
    assert (finding.check, finding.level) == ("carousel.shapes", Level.WARNING)
    assert "image 2 1500×1000" in finding.title
    assert finding.evidence["ratios"] == [0.667, 1.5, 1.5]


def test_sides_that_nobody_could_read_are_not_compared() -> None:
    assert seen(TALL, Picture(None, None, 5)) == []


def test_more_bytes_than_one_request_carries_are_a_blocker() -> None:
    (finding,) = seen(*(replace(TALL, size=5_000_000) for _ in range(5)))
    assert (finding.check, finding.level) == ("carousel.bytes", Level.BLOCKER)
    assert "25.0 MB" in finding.title
    assert seen(*(replace(TALL, size=4_000_000) for _ in range(5))) == []


def test_an_image_that_is_there_twice_is_told_and_its_bytes_count_twice() -> None:
    heavy = replace(TALL, size=11_000_000)
    found = told(seen(heavy, items=(Item("med_0"), Item("med_0"))))
    assert found == [("carousel.bytes", Level.BLOCKER), ("carousel.repeated", Level.WARNING)]


def test_what_is_not_fetched_yet_is_pending() -> None:
    assert told(seen(TALL, None)) == [("media", Level.PENDING)]


def test_a_wrong_number_and_a_wrong_cover_are_blockers() -> None:
    assert told(seen(TALL)) == [("media.items", Level.BLOCKER)]
    assert told(seen(TALL, TALL, cover=4)) == [("media.cover_index", Level.BLOCKER)]


def test_long_texts_of_cards_are_a_warning_and_links_that_nobody_saw_are_pending() -> None:
    items = (
        Item("med_0", title="x" * 101),
        Item("med_1", description="x" * 801, link="https://shop.example"),
    )
    assert told(seen(TALL, TALL, items=items)) == [
        ("card.title", Level.WARNING),
        ("card.description", Level.WARNING),
        ("card.link", Level.PENDING),
    ]


def test_a_link_that_is_none_blocks_at_its_card() -> None:
    found = seen(TALL, TALL, items=(Item("med_0"), Item("med_1", link="nowhere")))
    assert told(found)[0] == ("media.items.1.link", Level.BLOCKER)
    assert found[0].fix.startswith("Write it whole")


def test_carousels_are_alike_only_with_the_same_images_in_the_same_order() -> None:
    one, other = Item("med_1"), Item("med_2")

    def looks(*items: Item) -> Looks:
        return Looks.of(replace(CONTENT, media=Media(MediaKind.CAROUSEL, items=items)))

    assert looks(one, other).pair == looks(one, replace(other, title="x")).pair
    assert looks(one, other).whole != looks(one, replace(other, title="x")).whole
    assert looks(one, other).pair != looks(other, one).pair
