"""Was it made? An exact match is never overlooked, nothing is adopted twice, and what was not read proves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.attempts import Fingerprint
from steadypin.domain.confirming import (
    CLOCK_TOLERANCE,
    Absent,
    Doubt,
    Exact,
    Listing,
    Match,
    SeenPin,
    Unclear,
    confirm,
)
from steadypin.domain.links import normalise_link, with_marker
from steadypin.domain.pins import Content, Media, MediaKind

SENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MARKER, OTHER_MARKER = "sp-00000000000000000000000001", "sp-00000000000000000000000002"
LINK = "https://shop.example/cake"
CAKE = Content(
    board_id="1", media=Media(MediaKind.IMAGE, "med_1"), title="Lemon cake", description="Sour", alt_text="A cake", link=LINK
)  # fmt: skip
SEEN = SeenPin(
    id="900", created_at=SENT + timedelta(seconds=1), title="Lemon cake", description="Sour", alt_text="A cake",
    link=LINK, board_section_id=None, kind=MediaKind.IMAGE, is_owner=True,
)  # fmt: skip
DOUBT = Doubt("att_1", Fingerprint.of(CAKE), SENT)


def decide(
    *pins: SeenPin, doubt: Doubt = DOUBT, complete: bool = True, ours: frozenset[str] = frozenset()
) -> Match:
    return confirm([doubt], Listing(pins, complete), ours)[doubt.attempt_id]


def test_the_one_exact_pin_is_adopted() -> None:
    assert decide(SEEN, replace(SEEN, id="1", created_at=SENT - timedelta(days=9))) == Exact(SEEN)


def test_an_empty_board_proves_absence_only_when_it_was_read_to_its_end() -> None:
    assert decide() == Absent()
    assert isinstance(decide(complete=False), Unclear)


@pytest.mark.parametrize(
    "as_listed",
    [
        replace(SEEN, title=" Lemon  cake "),
        replace(SEEN, link="HTTPS://SHOP.example:443/cake#top"),
        replace(SEEN, kind=None),
        replace(SEEN, is_owner=None),
        replace(SEEN, created_at=None),
        replace(SEEN, created_at=SENT - CLOCK_TOLERANCE),
        replace(SEEN, created_at=SENT + timedelta(days=1)),
    ],
)
def test_a_pin_is_recognised_as_lists_give_it_back(as_listed: SeenPin) -> None:
    assert decide(as_listed) == Exact(as_listed)


@pytest.mark.parametrize(
    "near",
    [
        replace(SEEN, title="Lemon Cake | The Shop"),
        replace(SEEN, description=""),
        replace(SEEN, alt_text=""),
        replace(SEEN, link="https://shop.example/cake?ref=pin"),
        replace(SEEN, link=""),
        replace(SEEN, board_section_id="7"),
        replace(SEEN, title="", description="", alt_text="", link="", kind=None, created_at=None),
    ],
)
def test_a_pin_of_that_time_that_nobody_can_explain_is_for_a_person(near: SeenPin) -> None:
    found = decide(near)
    assert isinstance(found, Unclear)
    assert found.candidates == (near,)


@pytest.mark.parametrize(
    "other",
    [
        replace(SEEN, kind=MediaKind.VIDEO),
        replace(SEEN, is_owner=False),
        replace(SEEN, link=with_marker(LINK, OTHER_MARKER)),
    ],
)
def test_a_pin_that_cannot_be_it_does_not_stand_in_the_way(other: SeenPin) -> None:
    assert decide(other) == Absent()


def test_a_pin_that_looks_exactly_like_it_is_not_overlooked_for_a_wrong_clock() -> None:
    older = replace(SEEN, created_at=SENT - CLOCK_TOLERANCE - timedelta(seconds=1))
    assert isinstance(decide(older), Unclear)


def test_several_exact_pins_are_for_a_person() -> None:
    found = decide(SEEN, replace(SEEN, id="901"))
    assert isinstance(found, Unclear)
    assert {pin.id for pin in found.candidates} == {"900", "901"}


def test_an_exact_pin_decides_although_the_board_has_more_pages() -> None:
    assert decide(SEEN, complete=False) == Exact(SEEN)


def test_a_pin_that_is_ours_already_is_neither_adopted_nor_in_the_way() -> None:
    assert decide(SEEN, ours=frozenset({"900"})) == Absent()


def test_the_exact_pin_of_one_attempt_does_not_cloud_another() -> None:
    other = Doubt("att_2", Fingerprint.of(replace(CAKE, title="Plum cake")), SENT)
    assert confirm([DOUBT, other], Listing([SEEN], True), frozenset()) == {
        "att_1": Exact(SEEN),
        "att_2": Absent(),
    }


def test_one_pin_for_two_attempts_that_look_alike_is_given_to_neither() -> None:
    found = confirm([DOUBT, replace(DOUBT, attempt_id="att_2")], Listing([SEEN], True), frozenset())
    assert all(isinstance(match, Unclear) for match in found.values())


def test_the_marker_alone_decides_when_there_is_one() -> None:
    marked = Doubt("att_1", Fingerprint.of(replace(CAKE, link=with_marker(LINK, MARKER))), SENT)
    rewritten = replace(SEEN, title="The Shop", description="", alt_text="", link=with_marker(LINK, MARKER))
    assert decide(rewritten, replace(SEEN, id="901"), doubt=marked) == Exact(rewritten)
    assert isinstance(decide(SEEN, doubt=marked), Unclear)  # Pinterest may have cut the query off


@pytest.mark.parametrize("ahead_s", [-3600, -90, 90, 3600])
def test_pinterests_clock_is_read_as_far_off_as_it_is(ahead_s: int) -> None:
    offset = timedelta(seconds=ahead_s)
    made = replace(SEEN, created_at=SENT + offset + timedelta(seconds=1))
    before = replace(SEEN, id="1", created_at=SENT + offset - timedelta(seconds=30))
    listing = Listing([made, before], True, offset)
    assert confirm([DOUBT], listing, frozenset()) == {"att_1": Exact(made)}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"id": "9"}, SeenPin("9", None, "", "", "", "", None, None, None)),
        ({"id": "9", "title": None, "media": None, "created_at": 5, "is_owner": "yes", "board_section_id": ""},
         SeenPin("9", None, "", "", "", "", None, None, None)),
        ({"id": 9, "media": {"media_type": "multiple_images"}, "board_section_id": 7, "created_at": "2026-03-01T09:00:00"},
         SeenPin("9", SENT, "", "", "", "", "7", MediaKind.CAROUSEL, None)),
        ({"id": "9", "creative_type": "CAROUSEL"}, SeenPin("9", None, "", "", "", "", None, MediaKind.CAROUSEL, None)),
        ({"id": "9", "creative_type": "REGULAR"}, SeenPin("9", None, "", "", "", "", None, None, None)),
        ({"id": "9", "media": {"media_type": "image"}, "creative_type": "CAROUSEL"},
         SeenPin("9", None, "", "", "", "", None, None, None)),
        ({"id": "9", "media": {"media_type": "multiple_images"}, "creative_type": "CAROUSEL"},
         SeenPin("9", None, "", "", "", "", None, MediaKind.CAROUSEL, None)),
        ({"id": "9", "media": {"media_type": "image"}, "creative_type": "REGULAR"},
         SeenPin("9", None, "", "", "", "", None, MediaKind.IMAGE, None)),
        ({"id": "9", "media": {"media_type": "hologram"}}, SeenPin("9", None, "", "", "", "", None, None, None)),
    ],
)  # fmt: skip
def test_list_items_are_read_with_tolerance(item: dict[str, object], expected: SeenPin) -> None:
    assert SeenPin.read(item) == expected


# whatever a board shows

_TEXTS = st.sampled_from(["", "Lemon cake", "Plum cake", " Lemon  cake "])
_MOMENTS = st.none() | st.integers(-20, 20).map(lambda seconds: SENT + timedelta(seconds=seconds))
_URLS = st.sampled_from(["", LINK, f"{LINK}#x", with_marker(LINK, MARKER), with_marker(LINK, OTHER_MARKER)])
_PINS = st.builds(
    SeenPin,
    id=st.integers(1, 30).map(str),
    created_at=_MOMENTS,
    title=_TEXTS,
    description=_TEXTS,
    alt_text=st.just(""),
    link=_URLS,
    board_section_id=st.sampled_from([None, "7"]),
    kind=st.sampled_from([None, MediaKind.IMAGE, MediaKind.VIDEO]),
    is_owner=st.sampled_from([None, True, False]),
)
_CONTENTS = st.builds(
    Content,
    board_id=st.just("1"),
    media=st.just(Media(MediaKind.IMAGE, "med_1")),
    board_section_id=st.sampled_from([None, "7"]),
    title=_TEXTS,
    description=_TEXTS,
    alt_text=st.just(None),
    link=_URLS,
)
_DOUBTS = st.lists(st.tuples(_CONTENTS, st.integers(-10, 10)), min_size=1, max_size=4).map(
    lambda found: [
        Doubt(f"att_{n}", Fingerprint.of(content), SENT + timedelta(seconds=seconds))
        for n, (content, seconds) in enumerate(found)
    ]
)
_LISTINGS = st.builds(
    Listing,
    pins=st.lists(_PINS, max_size=8, unique_by=lambda pin: pin.id),
    complete=st.booleans(),
    clock_offset=st.integers(-30, 30).map(lambda seconds: timedelta(seconds=seconds)),
)
_OURS = st.frozensets(st.integers(1, 30).map(str), max_size=4)


@given(_DOUBTS, _LISTINGS, _OURS)
def test_every_attempt_gets_an_answer_and_nothing_is_adopted_twice(
    doubts: list[Doubt], listing: Listing, ours: frozenset[str]
) -> None:
    found = confirm(doubts, listing, ours)
    assert found.keys() == {doubt.attempt_id for doubt in doubts}
    adopted = [match.pin.id for match in found.values() if isinstance(match, Exact)]
    assert len(set(adopted)) == len(adopted)
    assert not set(adopted) & ours
    assert not {pin.id for pin in listing.pins if pin.is_owner is False} & set(adopted)
    if not listing.complete:
        assert Absent() not in found.values()


@given(_DOUBTS, _LISTINGS, _OURS)
def test_the_order_of_pins_and_attempts_decides_nothing(
    doubts: list[Doubt], listing: Listing, ours: frozenset[str]
) -> None:
    def judged(found: dict[str, Match]) -> dict[str, object]:
        return {name: (type(match), getattr(match, "pin", None)) for name, match in found.items()}

    turned = replace(listing, pins=list(reversed(listing.pins)))
    assert judged(confirm(doubts, listing, ours)) == judged(confirm(doubts[::-1], turned, ours))


@given(_CONTENTS, _LISTINGS, _OURS, st.integers(0, 600))
def test_a_pin_that_was_made_is_never_found_absent(
    content: Content, listing: Listing, ours: frozenset[str], after_s: int
) -> None:
    wanted = Fingerprint.of(content)
    made = SeenPin(
        id="1000", created_at=SENT + listing.clock_offset + timedelta(seconds=after_s), title=content.title or "",
        description=content.description or "", alt_text="", link=content.link or "",
        board_section_id=content.board_section_id, kind=MediaKind.IMAGE, is_owner=True,
    )  # fmt: skip
    assert normalise_link(made.link) == wanted.link
    found = confirm([Doubt("att", wanted, SENT)], replace(listing, pins=[*listing.pins, made]), ours)["att"]
    assert found == Exact(made) or (isinstance(found, Unclear) and made in found.candidates)


@given(
    _CONTENTS, _LISTINGS, _OURS, st.text(max_size=20), st.sampled_from(["", LINK, "https://other.example/"])
)
def test_a_pin_that_pinterest_rewrote_is_never_found_absent(
    content: Content, listing: Listing, ours: frozenset[str], title: str, link: str
) -> None:
    made = SeenPin(
        id="1000", created_at=SENT + listing.clock_offset, title=title, description="", alt_text="",
        link=link, board_section_id=None, kind=None, is_owner=None,
    )  # fmt: skip
    found = confirm(
        [Doubt("att", Fingerprint.of(content), SENT)], replace(listing, pins=[*listing.pins, made]), ours
    )
    assert not isinstance(found["att"], Absent)
