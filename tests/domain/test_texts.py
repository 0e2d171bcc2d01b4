"""Text limits: those of Pinterest's specification, to the letter; nothing is cut or repaired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.texts import TEXT_LIMITS, check_link, check_texts

SPEC = Path(__file__).parents[2] / "spec" / "pinterest-v5.23-organic.json"
CAKE = "🍰"


def pin_create() -> dict[str, Any]:
    properties: dict[str, Any] = json.loads(SPEC.read_text())["components"]["schemas"]["PinCreate"][
        "properties"
    ]
    return properties


def test_the_limits_are_those_of_the_specification() -> None:
    specified = {name: field["maxLength"] for name, field in pin_create().items() if "maxLength" in field}
    assert specified == TEXT_LIMITS


@pytest.mark.parametrize("field", ["title", "description", "alt_text"])
@pytest.mark.parametrize("letter", ["a", "é", CAKE, "\u0301"])
def test_a_text_of_exactly_the_limit_is_taken_and_one_more_is_refused(field: str, letter: str) -> None:
    limit = TEXT_LIMITS[field]
    assert check_texts({field: letter * limit}) == []
    (error,) = check_texts({field: letter * (limit + 3)})
    assert error.field == field
    assert str(limit + 3) in error.message
    assert str(limit) in error.message
    assert error.message.endswith("Shorten it by 3.")


def test_a_link_of_exactly_the_limit_is_taken_and_one_more_is_refused() -> None:
    link = "https://shop.example/".ljust(TEXT_LIMITS["link"], "x")
    assert check_texts({"link": link}) == []
    assert [error.field for error in check_texts({"link": link + "x"})] == ["link"]


def test_every_fault_is_told_at_once() -> None:
    found = check_texts({"title": "x" * 101, "description": "x" * 801, "alt_text": "x" * 501, "link": "shop"})
    assert [error.field for error in found] == ["title", "description", "alt_text", "link"]


@pytest.mark.parametrize("text", ["half a pair \ud83c", "\udf70", "a\x00b"])
def test_a_broken_character_is_named_before_a_database_refuses_it(text: str) -> None:
    (error,) = check_texts({"title": text})
    assert "broken character" in error.message


@pytest.mark.parametrize("texts", [{}, {"title": None, "link": None}, {"title": "", "link": ""}])
def test_absent_texts_are_fine(texts: dict[str, str | None]) -> None:
    assert check_texts(texts) == []


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example",
        "HTTP://Shop.Example:8080/a?b=c#d",
        "https://[2001:db8::1]/x",
        "https://käse.example/ü",
    ],
)
def test_a_whole_web_address_is_taken(link: str) -> None:
    assert check_link(link) == []


@pytest.mark.parametrize(
    "link",
    [
        "shop.example", "//shop.example/x", "ftp://shop.example/x", "javascript:alert(1)", "https://", "https:///x",
        "https://shop.example/a b", "https://shop.example/\n", " https://shop.example/", "https://shop.example:0x1/",
        "https://shop.example:99999/", "https://[::1/", "mailto:me@shop.example", "https://shop.example/\u2003x",
    ],
)  # fmt: skip
def test_anything_else_is_no_link_and_the_sentence_shows_one(link: str) -> None:
    (error,) = check_link(link)
    assert error.field == "link"
    assert "https://example.com/page" in error.message


@given(st.text(max_size=3000))
def test_no_text_makes_the_check_fail(text: str) -> None:
    for field in TEXT_LIMITS:
        for error in check_texts({field: text}):
            assert error.field == field
            assert error.message.endswith((".", "?"))
