"""What a look means for a Pin, where no website is needed to show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.link_checks import link_findings
from steadypin.domain.link_seen import Hop, LinkSeen, LinkTrouble, TroubleKind
from steadypin.domain.rules.shorteners import shortener
from steadypin.domain.texts import check_link

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LINK = "https://shop.example/cake"
SEEN = LinkSeen(
    LINK, LINK, (Hop(LINK, 200),), 200, 0.3, "text/html", "HTML", "Lemon cake", "Lemon cake", letters=900
)


def findings(seen: LinkSeen | None = SEEN, link: str = LINK, **more: object) -> dict[str, Finding]:
    found = link_findings(link, seen, now=NOW, title="Lemon cake", **more)  # type: ignore[arg-type]
    return {each.check: each for each in found}


def way(*urls: str) -> LinkSeen:
    hops = [Hop(url, 302, "redirect") for url in urls[:-1]]
    return replace(SEEN, final_url=urls[-1], hops=(*hops, Hop(urls[-1], 200, "redirect")))


@pytest.mark.parametrize("link", [None, ""])
def test_no_link_is_no_matter(link: str | None) -> None:
    assert link_findings(link, None, now=NOW) == ()


def test_a_link_that_nobody_followed_yet_says_so() -> None:
    assert findings(None)["link"].evidence == {"looked": False}


def test_leaving_https_is_told() -> None:
    found = findings(way(LINK, "http://shop.example/cake"))
    assert found["link.downgrade"].level is Level.WARNING
    assert "link.downgrade" not in findings(way("http://shop.example/cake", LINK))


@pytest.mark.parametrize(
    ("urls", "level"),
    [
        (("http://shop.example/cake", "https://shop.example/cake"), Level.OK),
        (("https://shop.example/cake", "https://www.shop.example/cake/"), Level.OK),
        (("https://shop.example/a", "https://cakes.example/a"), Level.WARNING),
        (("https://shop.example/a", "https://shop.example/b", "https://shop.example/c"), Level.WARNING),
    ],
)
def test_one_step_on_the_same_website_is_usual(urls: tuple[str, ...], level: Level) -> None:
    assert findings(way(*urls))["link.redirect"].level is level


@pytest.mark.parametrize("kind", TroubleKind)
def test_every_trouble_has_a_meaning(kind: TroubleKind) -> None:
    seen = LinkSeen(LINK, LINK, trouble=LinkTrouble(kind, "so it was", LINK))
    (found,) = findings(seen).values()
    assert found.level is (Level.BLOCKER if kind is TroubleKind.PRIVATE else Level.WARNING)
    assert "so it was" in found.title
    assert LinkSeen.from_json(seen.to_json()) == seen


def test_a_slow_page_is_told() -> None:
    assert "link.slow" in findings(replace(SEEN, seconds=9.5))


@pytest.mark.parametrize("title", ["LEMON  cake", "Lemon cake "])
def test_a_title_that_only_looks_different_is_the_same(title: str) -> None:
    assert "link.title" not in findings(replace(SEEN, og_title=title))


def test_a_pin_without_a_title_hears_whose_it_gets() -> None:
    (found,) = [each for each in link_findings(LINK, SEEN, now=NOW) if each.check == "link.title"]
    assert found.level is Level.OK


@pytest.mark.parametrize(
    ("claimed", "is_claimed"),
    [
        (["shop.example"], True),
        (["https://www.shop.example/"], True),
        (["example"], True),
        (["hop.example"], False),
    ],
)
def test_claimed_websites_are_compared_by_their_hosts(claimed: list[str], is_claimed: bool) -> None:
    found = findings(claimed=claimed)["link.claimed"]
    assert found.evidence["is_claimed"] is is_claimed
    assert found.level is Level.OK


@pytest.mark.parametrize("claimed", [None, []])
def test_websites_that_cannot_be_read_are_not_spoken_of(claimed: list[str] | None) -> None:
    assert "link.claimed" not in findings(claimed=claimed)


def test_a_signed_link_is_judged_by_the_time_of_the_pin() -> None:
    link = f"{LINK}?Expires={int((NOW + timedelta(days=2)).timestamp())}&Signature=s&Key-Pair-Id=K"
    assert findings(None, link)["link.expires"].level is Level.WARNING
    assert findings(None, link, due_at=NOW + timedelta(days=1))["link.expires"].level is Level.WARNING
    assert findings(None, link, due_at=NOW + timedelta(days=3))["link.expires"].level is Level.BLOCKER


def test_what_the_operator_allows_is_not_private() -> None:
    link = "http://127.0.0.1/page"
    assert "link.private" in findings(None, link)
    assert "link.private" not in findings(None, link, allowed=lambda host: host == "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("bit.ly", "open"),
        ("BIT.LY.", "open"),
        ("go.bit.ly", "open"),
        ("amzn.to", "own"),
        ("habit.ly", None),
        ("ly", None),
        ("", None),
    ],
)
def test_shorteners_are_known_by_their_hosts(host: str, kind: str | None) -> None:
    assert shortener(host) == kind


@pytest.mark.parametrize(
    ("title", "is_missing"),
    [("404", True), ("404 | Shop", True), ("Error 404 - Shop", True), ("Page not found", True), ("Not Found", True),
     ("This article is no longer available", True), ("404 ways to bake", False), ("How I found cake", False)],
)  # fmt: skip
def test_a_title_may_say_that_nothing_is_there(title: str, is_missing: bool) -> None:
    assert ("link.missing" in findings(replace(SEEN, title=title))) is is_missing


@given(
    st.one_of(st.text(max_size=80), st.text("htps:/.@#?[]\\ exmpl0123x-", max_size=40).map("http://".__add__))
)
def test_every_link_that_is_refused_has_a_blocker_and_none_makes_it_fail(link: str) -> None:
    found = link_findings(link, None, now=NOW)
    if check_link(link):
        assert blockers(found)
    for each in found:
        assert each.level is Level.OK or each.fix
