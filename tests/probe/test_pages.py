"""Reading pages: what they say, and that no page can make the reading long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.probe.pages import decoded, read_page

_HTML = "text/html; charset=utf-8"
_MUCH = 512 * 1024


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Cake</title>", "Cake"),
        ("<TITLE\nid=x>  Lemon\n cake </TITLE >", "Lemon cake"),
        ("<title>Salt &amp; sugar &#x1F370;</title>", "Salt & sugar 🍰"),
        ("<title>One</title><title>Two</title>", "One"),
        ("<title></title><title>Two</title>", "Two"),
        ("<title>a < b </tit> c</title>", "a < b </tit> c"),
        ("<!-- <title>No</title> --><title>Yes</title>", "Yes"),
        ("<script>'<title>No</title>'</script><title>Yes</title>", "Yes"),
        ("<style><title>No</title></style><title>Yes</title>", "Yes"),
        ("<noscript><title>No</title></noscript><title>Yes</title>", "Yes"),
        ("<p a='>'><title>Yes</title>", "Yes"),
        ("<title>never closed", ""),
        ("<svg/><titles>No</titles><title>Yes</title>", "Yes"),
        ("no markup at all", ""),
        ("", ""),
    ],
)
def test_the_title(page: str, title: str) -> None:
    assert read_page(page.encode(), _HTML).title == title


@pytest.mark.parametrize(
    ("tag", "og_title"),
    [
        ('<meta property="og:title" content="Cake">', "Cake"),
        ("<meta content='Cake' property='og:title'/>", "Cake"),
        ("<meta property=og:title content=Cake>", "Cake"),
        ('<meta name="og:title" content="Cake">', "Cake"),
        ('<META PROPERTY="OG:TITLE" CONTENT = "Cake" CONTENT="Other">', "Cake"),
        ('<meta property="og:title" content="Salt &amp; > sugar">', "Salt & > sugar"),
        ('<meta property="og:title" content="">', ""),
        ('<meta property="og:title">', ""),
        ('<meta property="og:titles" content="Cake">', ""),
    ],
)
def test_the_open_graph_title(tag: str, og_title: str) -> None:
    assert read_page(tag.encode(), _HTML).og_title == og_title


@pytest.mark.parametrize(
    ("content", "refresh"),
    [
        ("0;url=/a", (0, "/a")),
        ("5; URL='/a?b=1;c'", (5, "/a?b=1;c")),
        ("5,/a", (5, "/a")),
        ("3.5 ; url = /a", (3, "/a")),
        ("300", (300, "")),
        ("soon; url=/a", None),
        ("", None),
        ("-1;url=/a", None),
    ],
)
def test_a_page_that_moves_on(content: str, refresh: tuple[int, str] | None) -> None:
    assert read_page(f'<meta http-equiv="Refresh" content="{content}">'.encode(), _HTML).refresh == refresh


def test_marks_for_pinterest_are_told_apart() -> None:
    facts = read_page(
        b'<meta name="pinterest" content="nohover"><img nopin="nopin"><img data-pin-nopin="true"><img>', _HTML
    )
    assert (facts.no_pin, facts.no_pin_images) == (False, 2)
    assert read_page(b'<meta name=" Pinterest " content="nohover, NoPin">', _HTML).no_pin


@pytest.mark.parametrize(
    "said", ["zlib", "punycode", "unicode_escape", "rot13", "idna", "utf-7", "no-such-thing", "utf-16"]
)
def test_an_encoding_that_no_page_has_is_not_used(said: str) -> None:
    page = f'<meta charset="{said}"><title>Käse</title>'.encode()
    assert read_page(page, "text/html").title == "Käse"


def test_a_letter_that_was_cut_in_two_does_not_change_the_encoding() -> None:
    assert decoded("Käse ü".encode()[:-1], "") == "Käse "


@pytest.mark.parametrize(
    "unit",
    ["<", "<a", "<a ", "<a b='", '<a "', "<a '\"", "<!", "<!--", "<!-", "<?", "</", "</a", "<![CDATA[", "<script>", "<script", "<title>", "<textarea><a ",
     "<meta ", "<meta a=", "<meta a='", "<meta " + "a " * 50, "&", "&#", "&#x1", "<title>&amp", "<a b=c ", "< a", "\x00", "é<", "<img a=\t", "<input type="],
)  # fmt: skip
def test_a_page_made_to_be_slow_is_read_once(unit: str) -> None:
    data = (unit * (_MUCH // len(unit) + 1)).encode()[:_MUCH]
    assert read_page(data, _HTML).letters <= _MUCH


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "'", '"', "=", " ", "/", "!", "-", "a", "meta", "title", "script", "content", "é", "&"]
        )
    ).map("".join)
)
def test_no_markup_makes_it_fail(page: str) -> None:
    read_page(page.encode(), _HTML)


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html", "text/html; charset=utf-16", "; charset=", "charset=\udcff"]),
)
def test_no_bytes_make_it_fail(data: bytes, content_type: str) -> None:
    read_page(data, content_type)
