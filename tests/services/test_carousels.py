"""Carousels on their way: composed, fetched one by one, sent from kept bytes, and found again on the board."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.connections import Connection
from steadypin.domain.errors import InputRefused
from steadypin.domain.media import Item, Media, MediaKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services import compose, intake, preflighting
from steadypin.services.preflighting import Planned
from steadypin.storage import media
from steadypin.storage.database import Tx
from steadypin.storage.media import KeptMedia
from tests.services.test_duties import BUSY, GONE, Web, claim, do_duties
from tests.support.rig import Rig, picture_bytes

COLOURS = ("orange", "teal", "purple", "gold", "navy")
URLS = tuple(f"https://shop.example/{colour}.png" for colour in COLOURS)


@pytest.fixture
def shop(home: Rig) -> Connection:
    return home.connect()


def kept(home: Rig, count: int = 3, cover: int = 0, **first: Any) -> Media:
    """So many cards of kept images; the first has texts of its own."""
    items = [Item(home.media(colour).media_id) for colour in COLOURS[:count]]
    items[0] = replace(items[0], **first)
    return Media(MediaKind.CAROUSEL, items=tuple(items), cover_index=cover)


def from_urls(*urls: str) -> Media:
    return Media(MediaKind.CAROUSEL, items=tuple(Item(url=url) for url in urls))


def digests(*colours: str) -> list[str]:
    return [hashlib.sha256(picture_bytes(colour)).hexdigest() for colour in colours]


def large(home: Rig, size: int) -> str:
    """The id of a record that says it has so many bytes."""

    def work(tx: Tx) -> str:
        made = KeptMedia(f"med_{size:026d}", f"{size:064d}", "image/png", size, 200, 300, None, tx.now)
        return media.add(tx, made).id

    return home.store.write(work)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_every_image_is_live_with_its_bytes_its_texts_and_the_cover(
    home: Rig, shop: Connection, count: int
) -> None:
    wanted = kept(home, count, cover=1, title="First", description="One", link="https://shop.example/one")
    pin = home.pin(shop, media=wanted)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    (live,) = home.live("Lemon cake")
    assert [each["digest"] for each in live["media"]] == digests(*COLOURS[:count])
    assert live["cover"] == 1
    assert [live["media"][0][name] for name in ("title", "description", "link")] == [
        "First",
        "One",
        "https://shop.example/one",
    ]
    assert live["media"][1]["title"] is None


@pytest.mark.parametrize("fault", ["made_then_500", "made_then_timeout", "not_made_timeout"])
def test_a_carousel_whose_reply_was_lost_is_live_once(home: Rig, shop: Connection, fault: str) -> None:
    home.fault(fault)
    pin = home.pin(shop, media=kept(home))
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    home.run_out(900)
    assert home.stage(pin) is Stage.PUBLISHED
    assert len(home.live("Lemon cake")) == 1


def test_a_single_image_on_the_board_is_not_taken_for_the_carousel(home: Rig, shop: Connection) -> None:
    home.fault("not_made_timeout")
    pin = home.pin(shop, media=kept(home), link=None)
    home.drain()
    home.by_hand("spring_shop", pin.content.board_id, "Lemon cake")
    home.run_out(900)
    assert home.stage(pin) is Stage.PUBLISHED
    assert sorted(len(each["media"]) for each in home.live("Lemon cake")) == [1, 3]
    assert OutcomeKind.ABSENT in home.kinds(pin)[0]


def test_one_file_that_is_gone_holds_the_pin_and_names_the_image(home: Rig, shop: Connection) -> None:
    wanted = kept(home, 3)
    pin = home.pin(shop, media=wanted, due_in=60)
    home.ctx.files.path(intake.get(home.ctx, wanted.files[1]).digest).unlink()
    home.advance(60)
    held = home.get(pin)
    assert held.stage is Stage.HELD
    assert held.trouble is not None
    assert held.trouble.title.startswith("Image 2 of 3 is not in the media store")
    assert not home.creates()


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(InputRefused) as caught:
        act()
    return [error.message for error in caught.value.errors]


def test_images_that_are_too_many_bytes_for_one_request_are_refused_in_time(
    home: Rig, shop: Connection
) -> None:
    pair = Media(MediaKind.CAROUSEL, items=(Item(large(home, 9_000_000)), Item(large(home, 11_500_000))))
    (said,) = refused(lambda: home.pin(shop, media=pair))
    assert "20.5 MB together" in said
    new = compose.NewPin(shop.id, home.board(shop), pair, title="x")
    found = preflighting.of_planned(home.ctx, Planned("", shop.id, new.content, home.clock.now()))
    assert "carousel.bytes" in [each.check for each in found]


def test_what_makes_no_carousel_is_refused(home: Rig, shop: Connection) -> None:
    assert "has 1" in refused(lambda: home.pin(shop, media=kept(home, 1)))[0]
    assert "Use 0 to 1" in refused(lambda: home.pin(shop, media=kept(home, 2, cover=4)))[0]
    unknown = Media(MediaKind.CAROUSEL, items=(Item("med_1"), Item("med_2")))
    assert len(refused(lambda: home.pin(shop, media=unknown))) == 2


# fetching


def preparing(home: Rig, shop: Connection, *urls: str) -> Pin:
    return home.pin(shop, media=from_urls(*urls), due_in=600)


def test_every_address_is_fetched_once_then_the_pin_is_published(home: Rig, shop: Connection) -> None:
    web = Web(picture_bytes("orange"), picture_bytes("teal"))
    pin = preparing(home, shop, URLS[0], URLS[1], URLS[0])
    assert home.stage(pin) is Stage.PREPARING
    assert do_duties(home, web) == 1
    assert web.asked == [URLS[0], URLS[1]]
    ready = home.get(pin)
    assert ready.stage is Stage.SCHEDULED
    assert ready.content.media.ready
    assert claim(home) == []
    home.advance(600)
    assert [each["digest"] for each in home.live("Lemon cake")[0]["media"]] == digests(
        "orange", "teal", "orange"
    )


def test_the_same_bytes_from_two_addresses_are_kept_once(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:2])
    do_duties(home, Web(picture_bytes("orange"), picture_bytes("orange")))
    assert len(set(home.get(pin).content.media.files)) == 1


def test_the_texts_of_the_cards_stay_while_they_are_fetched(home: Rig, shop: Connection) -> None:
    items = (
        Item(url=URLS[0], title="One", link="https://shop.example/1"),
        Item(url=URLS[1], description="Two"),
    )
    pin = home.pin(shop, media=Media(MediaKind.CAROUSEL, items=items, cover_index=1), due_in=600)
    do_duties(home, Web(picture_bytes("orange"), picture_bytes("teal")))
    found = home.get(pin).content.media
    assert [(item.title, item.description, item.link) for item in found.items] == [
        ("One", None, "https://shop.example/1"),
        (None, "Two", None),
    ]
    assert found.cover_index == 1


class Died(BaseException):
    """The process ends here."""


def test_what_was_fetched_before_a_crash_is_not_fetched_again(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:3])

    class Dying(Web):
        async def fetch(self, url: str, take: Any) -> Any:
            if not self.answers:
                raise Died
            return await super().fetch(url, take)

    with pytest.raises(Died):
        do_duties(home, Dying(picture_bytes("orange"), picture_bytes("teal")))
    half = home.get(pin)
    assert half.stage is Stage.PREPARING
    assert (len(half.content.media.files), half.content.media.urls) == (2, (URLS[2],))
    home.clock.advance(31)
    web = Web(picture_bytes("purple"))
    assert do_duties(home, web) == 1
    assert web.asked == [URLS[2]]
    assert home.stage(pin) is Stage.SCHEDULED


def test_the_first_image_that_cannot_be_had_holds_the_pin_and_is_named(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:4])
    web = Web(picture_bytes("orange"), picture_bytes("teal"), GONE)
    do_duties(home, web)
    held = home.get(pin)
    assert held.stage is Stage.HELD
    assert held.trouble is not None
    assert held.trouble.title == "Image 3 of 4: The server with the file answered 404."
    assert (held.trouble.cause, held.trouble.remedy) == (Cause.MEDIA, Remedy.FIX_INPUT)
    assert len(held.content.media.files) == 2
    assert claim(home) == []


def test_an_image_that_pinterest_refuses_is_named(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:2])
    do_duties(home, Web(picture_bytes("orange"), b"<!doctype html><title>Log in</title>"))
    trouble = home.get(pin).trouble
    assert trouble is not None
    assert trouble.title.startswith("Image 2 of 2: This is a web page")
    assert trouble.native is not None
    assert trouble.native["url"] == URLS[1]


def test_after_a_passing_trouble_only_the_rest_is_fetched(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:2])
    do_duties(home, Web(picture_bytes("orange"), BUSY))
    waiting = home.get(pin)
    assert waiting.deferred_because is not None
    assert waiting.deferred_because.startswith("Image 2 of 2: ")
    home.clock.advance(15)
    web = Web(picture_bytes("teal"))
    do_duties(home, web)
    assert web.asked == [URLS[1]]
    assert (home.stage(pin), home.get(pin).trouble) == (Stage.SCHEDULED, None)


def test_a_retry_after_a_hold_goes_on_with_the_image_that_failed(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:2])
    do_duties(home, Web(picture_bytes("orange"), GONE))
    compose.retry(home.ctx, pin.id)
    web = Web(picture_bytes("teal"))
    do_duties(home, web)
    assert web.asked == [URLS[1]]
    assert home.stage(pin) is Stage.SCHEDULED


def test_images_given_meanwhile_win(home: Rig, shop: Connection) -> None:
    pin = preparing(home, shop, *URLS[:3])
    other = from_urls(URLS[3], URLS[4])

    class Editing(Web):
        async def fetch(self, url: str, take: Any) -> Any:
            if len(self.asked) == 1:
                compose.edit(home.ctx, pin.id, {"media": other})
            return await super().fetch(url, take)

    do_duties(home, Editing(picture_bytes("orange"), picture_bytes("teal"), *map(picture_bytes, COLOURS[3:])))
    do_duties(home, Web(picture_bytes("navy")))
    found = home.get(pin)
    assert found.stage is Stage.SCHEDULED
    assert [intake.get(home.ctx, each).digest for each in found.content.media.files] == digests(*COLOURS[3:])


def test_images_that_turn_out_too_heavy_together_hold_the_pin(home: Rig, shop: Connection) -> None:
    pin = home.pin(
        shop,
        media=Media(MediaKind.CAROUSEL, items=(Item(large(home, 19_999_900)), Item(url=URLS[0]))),
        due_in=600,
    )
    do_duties(home, Web(picture_bytes("orange")))
    held = home.get(pin)
    assert held.stage is Stage.HELD
    assert held.trouble is not None
    assert held.trouble.rule == "carousel.bytes"
