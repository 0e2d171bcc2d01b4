"""A carousel on the page: the picture of its cover, how many images it has, and its cards."""

from __future__ import annotations

from steadypin.domain.media import Item, Media, MediaKind


def test_a_carousel_shows_its_cover_its_number_and_its_cards(shop, visit):
    first, second = (shop.media(colour).media_id for colour in ("orange", "teal"))
    items = (
        Item(first, title="Sow <early>", description="Two to a pot", link="https://shop.example/sow"),
        Item(second),
        Item(url="https://shop.example/c.png"),
    )
    owner = shop.connect()
    pin = shop.pin(owner, "Three steps", 86400, media=Media(MediaKind.CAROUSEL, items=items, cover_index=1))
    text = visit(shop).read()
    whole = text.partition(f'id="{pin.id}">')[2].partition('<div class="buttons">')[0]
    before, _, cards = whole.partition('<details class="cards">')
    assert f'src="/media/{second}/thumb"' in before
    assert "3 images" in before
    assert f'src="/media/{first}/thumb"' in cards
    assert "Sow &lt;early&gt;" in cards
    assert 'href="https://shop.example/sow"' in cards
    assert "from https://shop.example/c.png" in " ".join(cards.split())
    assert cards.count("<li>") == 3
    assert cards.index("Image 2") < cards.index(">cover<") < cards.index("Image 3")


def test_a_single_image_has_no_cards(shop, visit):
    assert '<details class="cards">' not in visit(shop).read()
