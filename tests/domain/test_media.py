"""Media: one image, a video with its cover, or a carousel; as JSON, and what is still to be fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.media import Cover, Item, Media, MediaKind
from steadypin.domain.media_shape import FEWEST_CARDS, MOST_CARDS, NOT_YET, check_media

SPEC = Path(__file__).parents[2] / "spec" / "pinterest-v5.23-organic.json"
A, B, C = (f"https://shop.example/{name}.jpg" for name in "abc")

_IDS = st.sampled_from(["med_1", "med_2", "med_3"])
_URLS = st.sampled_from([A, B, C])
_TEXTS = st.none() | st.text(max_size=20)
_NAMED = st.tuples(_IDS, st.none()) | st.tuples(st.none(), _URLS) | st.just((None, None))
_ITEMS = st.builds(lambda named, *texts: Item(*named, *texts), _NAMED, _TEXTS, _TEXTS, _TEXTS)
_COVERS = (
    st.none()
    | st.builds(Cover, _IDS)
    | st.builds(Cover, st.none(), _URLS)
    | st.builds(Cover, st.none(), st.none(), st.integers(0, 900))
)
MEDIA = (
    st.builds(lambda named: Media(MediaKind.IMAGE, *named), _NAMED)
    | st.builds(lambda named, cover: Media(MediaKind.VIDEO, named[0], named[1], cover=cover), _NAMED, _COVERS)
    | st.builds(
        lambda items, index: Media(MediaKind.CAROUSEL, items=tuple(items), cover_index=index),
        st.lists(_ITEMS, max_size=6),
        st.integers(0, 6),
    )
)


def carousel(*items: Item, cover: int = 0) -> Media:
    return Media(MediaKind.CAROUSEL, items=items, cover_index=cover)


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPEC.read_text())["components"]["schemas"][name]["properties"]
    return found


@given(MEDIA)
def test_any_media_survives_the_database(media: Media) -> None:
    assert Media.from_json(json.loads(json.dumps(media.to_json()))) == media


def test_the_json_is_that_of_the_api() -> None:
    assert Media(MediaKind.IMAGE, "med_1").to_json() == {"type": "image", "media_id": "med_1"}
    assert Media(MediaKind.VIDEO, url=A, cover=Cover(key_frame_s=0)).to_json() == {
        "type": "video",
        "url": A,
        "cover": {"key_frame_s": 0},
    }
    assert carousel(Item("med_1", link=A), Item(url=B), cover=1).to_json() == {
        "type": "carousel",
        "items": [{"media_id": "med_1", "link": A}, {"url": B}],
        "cover_index": 1,
    }


@pytest.mark.parametrize(
    ("stored", "media"),
    [
        ({"type": "image", "media_id": "med_1"}, Media(MediaKind.IMAGE, "med_1")),
        ({"type": "image", "url": A}, Media(MediaKind.IMAGE, url=A)),
    ],
)
def test_rows_from_before_carousels_still_read(stored: dict[str, Any], media: Media) -> None:
    assert Media.from_json(stored) == media
    assert media.to_json() == stored


@given(MEDIA)
def test_fetching_every_address_once_makes_it_ready(media: Media) -> None:
    rest = media
    for n, url in enumerate(media.urls):
        assert url in rest.urls
        rest = rest.fetched(url, f"med_new_{n}")
        assert url not in rest.urls
    assert rest.urls == ()
    assert rest.ready == (len(rest.parts) > 0 and all(map(bool, rest.sources)))
    assert len(rest.parts) == len(media.parts)


def test_an_address_that_is_shown_twice_is_fetched_once() -> None:
    media = carousel(Item(url=A), Item("med_1"), Item(url=A), Item(url=B))
    assert media.urls == (A, B)
    assert not media.ready
    half = media.fetched(A, "med_2")
    assert (half.files, half.urls) == (("med_2", "med_1", "med_2"), (B,))
    assert half.fetched(B, "med_3").ready


def test_a_video_waits_for_its_cover_too_but_not_for_a_moment_of_itself() -> None:
    video = Media(MediaKind.VIDEO, "med_1", cover=Cover(url=A))
    assert (video.ready, video.urls, video.face) == (False, (A,), None)
    assert video.fetched(A, "med_2").face == "med_2"
    assert Media(MediaKind.VIDEO, "med_1", cover=Cover(key_frame_s=3)).ready


def test_the_place_of_a_file_is_named() -> None:
    media = carousel(Item(url=A), Item("med_1"), Item(url=B))
    assert [media.place(each) for each in (A, "med_1", B)] == ["image 1 of 3", "image 2 of 3", "image 3 of 3"]
    assert Media(MediaKind.VIDEO, "med_1", cover=Cover(url=A)).place(A) == "the cover"
    assert Media(MediaKind.IMAGE, url=A).place(A) == ""


def test_the_cover_card_stands_for_a_carousel() -> None:
    assert carousel(Item("med_1"), Item("med_2"), cover=1).face == "med_2"
    assert carousel(Item("med_1"), Item(url=A), cover=1).face is None


@pytest.mark.parametrize("name", ["PinMediaSourceImagesBase64", "PinMediaSourceImagesURL"])
def test_the_number_of_cards_is_that_of_the_specification(name: str) -> None:
    items = schema(name)["items"]
    assert (items["minItems"], items["maxItems"]) == (FEWEST_CARDS, MOST_CARDS)
    assert schema(name)["index"] == {"type": "integer", "minimum": 0}


@pytest.mark.parametrize("name", ["PinMediaSourceImagesBase64Item", "PinMediaSourceImagesURLItem"])
def test_the_specification_has_no_limits_for_the_texts_of_a_card(name: str) -> None:
    texts = ("title", "description", "link")
    assert [schema(name)[field] for field in texts] == [{"type": "string"}] * 3


GOOD = (Item("med_1"), Item(url=A))


@pytest.mark.parametrize(
    ("media", "field", "word"),
    [
        (carousel(), "media.items", "has 0"),
        (carousel(Item("med_1")), "media.items", "Add another"),
        (carousel(*GOOD, *GOOD, *GOOD), "media.items", "Remove 1"),
        (carousel(*GOOD, cover=2), "media.cover_index", "Use 0 to 1"),
        (carousel(*GOOD, cover=-1), "media.cover_index", "Use 0 to 1"),
        (carousel(*GOOD, Item()), "media.items.2", "image 3 either"),
        (carousel(*GOOD, Item("med_1", A)), "media.items.2", "image 3 either"),
        (carousel(Item("med_1", title="a\x00"), Item(url=A)), "media.items.0.title", "broken"),
        (carousel(Item("med_1"), Item(url=A, link="nowhere")), "media.items.1.link", "link of image 2"),
        (carousel(Item("med_1"), Item(url=A, title="x" * 2001)), "media.items.1.title", "Shorten it by 1"),
        (Media(MediaKind.IMAGE), "media", "Give either"),
        (Media(MediaKind.IMAGE, "med_1", A), "media", "Give either"),
        (Media(MediaKind.VIDEO, "med_1"), "media", "video"),
    ],
)
def test_what_cannot_be_taken_is_named(media: Media, field: str, word: str) -> None:
    (error,) = check_media(media)
    assert error.field == field
    assert word in error.message


def test_good_media_is_taken_and_unknown_ids_are_named() -> None:
    media = carousel(*GOOD, Item("med_2"), cover=2)
    assert check_media(media) == []
    assert [error.message for error in check_media(media, frozenset({"med_1"}))] == [
        "There is no media med_2. Upload the file first."
    ]


def test_only_one_place_says_what_is_not_published_yet() -> None:
    assert set(NOT_YET) == {MediaKind.VIDEO}


@given(MEDIA)
def test_no_media_makes_the_checks_stumble(media: Media) -> None:
    for error in check_media(media):
        assert error.message.endswith(".")
        assert error.field.startswith("media")
