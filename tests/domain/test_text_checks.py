"""What is said about a Pin's words; the words themselves are never touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.findings import Finding, Level
from steadypin.domain.text_checks import hashtags, shows_nothing, text_findings
from steadypin.domain.texts import TEXT_LIMITS, check_texts

CAKE = "🍰"
FAMILY = "👩‍👩‍👧‍👦"


def told(**texts: str | None) -> set[str]:
    """The checks that are not ok; a blocker has a `!`."""
    found = text_findings({"title": "Lemon cake", **texts})
    marks = {Level.BLOCKER: "!", Level.WARNING: ""}
    return {marks[each.level] + each.check for each in found if each.level is not Level.OK}


def one(check: str, **texts: str | None) -> Finding:
    (found,) = [each for each in text_findings(texts) if each.check == check]
    return found


@pytest.mark.parametrize(
    "texts",
    [
        {"title": "x" * 100, "description": "x" * 800, "alt_text": "x" * 500},
        {"description": "First line\r\nsecond line\n\n\tindented"},
        {"description": "Crème brûlée, کیک لیمویی, עוגת לימון, レモンケーキ"},
        {"description": f"{CAKE} {FAMILY} 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ✂️ 🇩🇪"},
        {"title": f"{CAKE * 50}"},
        {"title": "\u200fעוגת לימון\u200e Lemon cake"},
        {"title": "\u2067עוגה\u2069 cake"},
        {"description": "می‌خواهم"},
        {"description": "Bake it: https://shop.example/cake"},
        {"description": " ".join(f"#cake{n}" for n in range(20))},
        {"title": "Lemon cake ", "description": " with spaces "},
        {"description": None, "alt_text": ""},
    ],
)
def test_these_are_fine(texts: dict[str, str | None]) -> None:
    assert told(**texts) == set()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"title": "x" * 101}, {"!title.length"}),
        ({"description": "x" * 801}, {"!description.length"}),
        ({"alt_text": CAKE * 501}, {"!alt_text.length"}),
        ({"title": CAKE * 60}, {"title.length"}),
        ({"title": "half \ud83c"}, {"!title.broken"}),
        ({"title": "a\x00b"}, {"!title.broken"}),
        ({"title": None}, {"title.empty"}),
        ({"title": ""}, {"title.empty"}),
        ({"title": "  \t "}, {"title.empty"}),
        ({"title": "\u200b\u200d\ufeff"}, {"title.empty"}),
        ({"title": "\u3164\u2800"}, {"title.empty"}),
        ({"title": "Lemon\ncake"}, {"title.control"}),
        ({"title": "Lemon\x07cake"}, {"title.control"}),
        ({"description": "Lemon\x85cake"}, {"description.control"}),
        ({"alt_text": "\u200b"}, {"alt_text.empty"}),
        ({"description": "\u200b \n"}, {"description.empty"}),
        ({"title": "\u202eekac nomeL"}, {"title.direction"}),
        ({"title": "\u2067עוגה cake"}, {"title.direction"}),
        ({"description": "https://shop.example/cake"}, {"description.link_only"}),
        ({"description": " www.shop.example\n"}, {"description.link_only"}),
        ({"description": "More: https://bit.ly/cake"}, {"description.shortener"}),
        ({"description": "https://bit.ly/cake"}, {"description.link_only", "description.shortener"}),
        ({"description": " ".join(f"#cake{n}" for n in range(21))}, {"description.hashtags"}),
        ({"description": "https://[::1"}, {"description.link_only"}),
    ],
)
def test_these_are_told(texts: dict[str, str | None], expected: set[str]) -> None:
    assert told(**texts) == expected


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#cake", ["#cake"]),
        ("#lemon #cake,#tea.", ["#lemon", "#cake", "#tea"]),
        ("we are #1 and C# too", []),
        ("#2026cake #レモン #Käse_kuchen", ["#2026cake", "#レモン", "#Käse_kuchen"]),
        ("https://shop.example/page#cake &#39; a#b", []),
    ],
)
def test_hashtags_are_counted(text: str, tags: list[str]) -> None:
    assert hashtags(text) == tags
    assert one("text", title="x", description=text).evidence["hashtags"] == len(tags)


def test_the_numbers_are_shown_as_pinterest_counts_them() -> None:
    found = one("text", title=CAKE, description="two words", alt_text=None)
    assert found.evidence["characters"] == {"title": 1, "description": 9, "alt_text": 0}
    assert one("title.length", title=CAKE * 101).fix == "Shorten it by 1."


def test_spaces_at_the_ends_are_told_but_stop_nothing() -> None:
    assert one("title.spaces", title=" cake").level is Level.OK


def test_an_empty_title_says_whose_may_be_shown() -> None:
    assert "linked page" in one("title.empty", link="https://shop.example").title
    assert "linked page" not in one("title.empty").title


@given(st.dictionaries(st.sampled_from(["title", "description", "alt_text"]), st.text(max_size=900)))
def test_a_blocker_is_found_exactly_where_the_text_is_refused(texts: dict[str, str]) -> None:
    blocked = {each.check.partition(".")[0] for each in text_findings(texts) if each.level is Level.BLOCKER}
    assert blocked == {error.field for error in check_texts(dict(texts))}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
def test_every_finding_is_a_sentence_with_something_to_do(text: str) -> None:
    for field in TEXT_LIMITS.keys() - {"link"}:
        for each in text_findings({field: text}):
            assert each.title.endswith(".")
            assert each.level is Level.OK or each.fix.endswith(".")
    assert shows_nothing(text) or text.strip()
