"""Links: comparable without being changed, and marked without altering what the user wrote."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from steadypin.domain.links import marker_of, normalise_link, with_marker
from steadypin.domain.texts import check_link

MARKER = "sp-01jq8z6v3m4n5p6q7r8s9t0v1w"
_PART = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=20)
_LINKS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS", "Http"]),
    st.sampled_from(["shop.example", "Shop.EXAMPLE:443", "a:b@shop.example:80", "[2001:DB8::1]:8080"]),
    _PART.map(lambda part: f"/{part}" if part else ""),
    _PART.map(lambda part: f"?{part}" if part else ""),
    _PART.map(lambda part: f"#{part}" if part else ""),
).filter(lambda link: not check_link(link))


@pytest.mark.parametrize(
    ("link", "comparable"),
    [
        (None, ""),
        ("", ""),
        ("  ", ""),
        ("https://shop.example", "https://shop.example/"),
        ("HTTPS://Shop.Example/Cake", "https://shop.example/Cake"),
        ("https://shop.example:443/a", "https://shop.example/a"),
        ("http://shop.example:80/a", "http://shop.example/a"),
        ("http://shop.example:443/a", "http://shop.example:443/a"),
        ("https://shop.example/a#part", "https://shop.example/a"),
        ("https://shop.example?a=1", "https://shop.example/?a=1"),
        ("https://shop.example/a?b=1&a=2", "https://shop.example/a?b=1&a=2"),
        ("https://me:Secret@Shop.example/", "https://me:Secret@shop.example/"),
        ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"),
        ("not a link", "not a link"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_the_comparable_form(link: str | None, comparable: str) -> None:
    assert normalise_link(link) == comparable


@given(_LINKS | st.text(max_size=60))
@example("http://shop.example/ #fragment")
@example("//host/ #")
def test_comparing_twice_changes_nothing(link: str) -> None:
    assert normalise_link(normalise_link(link)) == normalise_link(link)


@given(_LINKS)
def test_what_distinguishes_two_links_is_kept(link: str) -> None:
    parts, kept = urlsplit(link), urlsplit(normalise_link(link))
    assert (kept.path, kept.query) == (parts.path or "/", parts.query)


@given(_LINKS)
def test_a_marker_is_read_back_from_the_link_and_from_its_comparable_form(link: str) -> None:
    marked = with_marker(link, MARKER)
    assert marker_of(marked) == MARKER
    assert marker_of(normalise_link(marked)) == MARKER
    assert not check_link(marked)


@given(_LINKS)
@example("HTTPS://Shop.EXAMPLE/a?#")
@example("https://shop.example/a?b=1&")
@example("https://shop.example?")
def test_a_marker_leaves_every_letter_of_the_user_in_its_place(link: str) -> None:
    marked = with_marker(link, MARKER)
    before, _, fragment = link.partition("#")
    assert marked.startswith(before)
    rest = marked.removeprefix(before)
    assert rest.lstrip("?&") in (f"utm_content={MARKER}{link[len(before) :]}",)
    assert urlsplit(marked).fragment == fragment


@given(_LINKS)
def test_a_marker_is_found_beside_the_users_own_utm_content(link: str) -> None:
    base, _, fragment = link.partition("#")
    own = f"{base}{'&' if '?' in base else '?'}utm_content=spring-mail#{fragment}"
    assert marker_of(with_marker(own, MARKER)) == MARKER


@pytest.mark.parametrize(
    "link",
    [None, "", "https://shop.example/sp-1", "https://shop.example/?utm_content=x", "https://shop.example/?a=sp-1",
     "https://[sp-1", "https://shop.example/#utm_content=sp-1"],
)  # fmt: skip
def test_what_is_no_marker_is_not_taken_for_one(link: str | None) -> None:
    assert marker_of(link) is None
