"""Fingerprints: what a Pin looks like when it is read back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.attempts import Fingerprint, comparable
from steadypin.domain.pins import Content, Media, MediaKind

CONTENT = Content(
    "1", Media(MediaKind.IMAGE, "med_1"), None, "Lemon cake", "Sour", "A cake", "https://shop.example/cake"
)
_TEXT = st.none() | st.text(max_size=30)
_CONTENTS = st.builds(
    Content,
    st.text(min_size=1, max_size=5),
    st.just(Media(MediaKind.IMAGE, "med_1")),
    _TEXT,
    _TEXT,
    _TEXT,
    _TEXT,
    _TEXT,
)


@given(_CONTENTS)
def test_a_fingerprint_survives_the_database(content: Content) -> None:
    fingerprint = Fingerprint.of(content)
    assert Fingerprint.from_json(json.loads(json.dumps(fingerprint.to_json()))) == fingerprint


@given(st.text(max_size=60))
def test_comparing_folds_white_space_and_nothing_else(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)
    assert comparable(text).split() == text.split()


@pytest.mark.parametrize(
    "same",
    [
        replace(CONTENT, title="  Lemon \n cake"),
        replace(CONTENT, link="HTTPS://SHOP.example:443/cake#x"),
        replace(CONTENT, board_section_id="7"),  # a board's list may leave the section out
        replace(CONTENT, media=Media(MediaKind.IMAGE, "med_2")),
    ],
)
def test_pins_that_cannot_be_told_apart_on_their_board_have_one_key(same: Content) -> None:
    assert Fingerprint.of(same).same_as == Fingerprint.of(CONTENT).same_as


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTENT, board_id="2"),
        replace(CONTENT, title="Plum cake"),
        replace(CONTENT, description=None),
        replace(CONTENT, alt_text="A pie"),
        replace(CONTENT, link="https://shop.example/cake?a=1"),
        replace(CONTENT, link="https://shop.example/cake?utm_content=sp-00000000000000000000000001"),
        replace(CONTENT, media=Media(MediaKind.VIDEO, "med_1")),
    ],
)
def test_pins_that_can_be_told_apart_have_different_keys(other: Content) -> None:
    assert Fingerprint.of(other).same_as != Fingerprint.of(CONTENT).same_as


def test_the_marker_is_read_from_the_link_as_it_is_sent() -> None:
    assert Fingerprint.of(CONTENT).marker is None
    marked = replace(CONTENT, link="https://shop.example/cake?a=1&utm_content=sp-00000000000000000000000001")
    assert Fingerprint.of(marked).marker == "sp-00000000000000000000000001"
