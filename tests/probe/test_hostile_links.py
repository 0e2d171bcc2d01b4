"""Links as people paste them and websites as they are, each with the Findings it must bring.

The websites are pinsim's, under names that lead to one loopback port. A row is: a path on shop.test, or a whole link;
then the checks that are not ok, with `!` for a blocker.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from steadypin.domain.findings import Finding, Level
from steadypin.domain.link_checks import RISKS, link_findings
from steadypin.domain.link_seen import LinkSeen, TroubleKind
from steadypin.domain.words import Cause, Remedy
from steadypin.probe.links import LookLimits, look
from tests.support.hostile_web import Web, on_the_web

NOW = datetime.fromtimestamp(1_790_000_000, UTC)
DUE = NOW + timedelta(days=2)
TITLE = "Lemon cake"

FINE = [
    "/page",
    "/plain",
    "/no-pin?how=nohover",
    "/no-pin?how=image",
    "/no-pin?how=comment",
    "/no-pin?how=script",
    "/hops?n=1",
    "/hops?n=1&status=301",
    "/hops?n=1&status=303",
    "/hops?n=1&status=307",
    "/hops?n=1&status=308",
    "/no-head",
    "/newsletter",
    "/reload",
    "/refresh?url=/web/page&wait=300",
    "/packed",
    "/packed?how=deflate",
    "/untyped",
    "/endless",
    "/page?until=1790000001",
    "http://www.shop.test/web/page",
    "HTTP://Shop.TEST/web/page",
    "http://shop.test/web/page#recipe",
    "http://shop.test/web/page?a=1&b=%20",
]

SEEN: list[tuple[str, str]] = [
    # what the page says to Pinterest
    ("/page?og=Pavlova", "link.title"),
    ("/page?og=Pavlova&title=Lemon+cake", "link.title"),
    ("/no-pin", "!link.no_pin"),
    ("/no-pin?how=described", "!link.no_pin"),
    ("/no-pin?how=shouting", "!link.no_pin"),
    # walls
    ("/login-form", "link.login"),
    ("/members", "link.login"),
    ("/unauthorised", "link.login"),
    ("/forbidden", "link.refused"),
    ("/browsers-only", "link.refused"),
    ("/hotlink.jpg", "link.refused"),
    ("/cookies", "link.loop"),
    # ways
    ("/hops?n=2", "link.redirect"),
    ("/hops?n=9&status=301", "link.redirect"),
    ("/hops?n=40", "link.loop"),
    ("/loop", "link.loop"),
    ("/loop?status=308", "link.loop"),
    ("/self", "link.loop"),
    ("/deeper", "link.loop"),
    ("/to?url=http://other.test/web/page", "link.redirect"),
    ("/to?url=//other.test/web/page", "link.redirect"),
    ("/to-https", "link.unreachable"),
    ("/to?url=http://10.0.0.1/admin", "!link.private"),
    ("/to?url=http://127.0.0.1:9/", "!link.private"),
    ("/to?url=http://[::1]/", "!link.private"),
    ("/to?url=http://2130706433/", "link.leads_nowhere"),
    ("/to?url=http://inside.test/", "link.private_name"),
    ("/to?url=http://me:pw@shop.test/", "link.leads_nowhere"),
    ("/to?url=http://shop.test:22/", "link.leads_nowhere"),
    ("/to?url=file:///etc/passwd", "link.leads_nowhere"),
    ("/to?url=data:text/html,hello", "link.leads_nowhere"),
    ("/to?url=javascript:alert(1)", "link.leads_nowhere"),
    ("/to?url=intent://cake", "link.leads_nowhere"),
    ("/to?url=http://[broken/", "link.leads_nowhere"),
    ("/to?url=http://nobody.test/", "link.unreachable"),
    ("/to-nowhere", "link.status"),
    ("/odd-location", "link.missing"),
    ("/refresh", "link.refresh"),
    ("/refresh?wait=5&url=http://other.test/web/page", "link.redirect link.refresh"),
    ("/refresh-loop", "link.loop"),
    ("http://bit.ly/web/go/cake?url=/web/page", "link.shortener"),
    ("http://bit.ly/web/go/cake?url=http://shop.test/web/page", "link.redirect link.shortener"),
    # statuses
    ("/status/204", "link.status"),
    ("/status/206", "link.status"),
    ("/status/304", "link.status"),
    ("/status/400", "link.refused"),
    ("/status/402", "link.refused"),
    ("/status/404", "link.missing"),
    ("/status/410", "link.missing"),
    ("/status/429?retry_after=120", "link.busy"),
    ("/status/451", "link.refused"),
    ("/status/500", "link.server"),
    ("/status/502", "link.server"),
    ("/status/503?retry_after=3600", "link.server"),
    ("/status/520", "link.server"),
    ("/page?until=1789999999", "link.missing"),
    ("/nothing-of-this-name", "link.missing"),
    # pages that are none
    ("/empty", "link.empty"),
    ("/soft-404", "link.missing"),
    ("/frames", "link.frames"),
    ("/image.jpg?width=200&height=300", "link.type"),
    ("/image.jpg?width=200&height=300&format=webp", "link.type"),
    ("/mistyped-image?width=200&height=300", "link.type"),
    ("/mistyped-page", "link.type"),
    ("/download", "link.type"),
    ("/sign", "link.type"),
    # servers that misbehave
    ("/dropped", "link.unreachable"),
    ("/miscounted?how=more", "link.cut"),
    ("/miscounted?how=odd", "link.unreachable"),
    ("/headers?how=long&bytes=100000", "link.unreachable"),
    ("/headers?how=many&bytes=200000", "link.unreachable"),
    ("/headers?how=endless", "link.unreachable"),
    ("/headers?how=odd", "link.unreachable"),
    ("/headers?how=not-http", "link.unreachable"),
    ("/packed?how=br", "link.unreachable"),
    ("/bomb?bytes=30000000", "link.unread"),
    ("/late-head", "link.unread"),
    # addresses that end
    ("/signed/page?Expires=1790100000&Signature=0&Key-Pair-Id=K", "!link.expires"),
    ("/signed/page?Expires=1790400000&Signature=0&Key-Pair-Id=K", "link.expires"),
    ("/signed/page?Expires=1789000000&Signature=0&Key-Pair-Id=K", "!link.expires link.refused"),
]

NEVER_ASKED: list[tuple[str, str]] = [
    ("shop.test/web/page", "!link.whole"),
    ("//shop.test/web/page", "!link.whole"),
    ("shop.test:8080/page", "!link.whole"),
    ("localhost:8080", "!link.whole"),
    ("/web/page", "!link.whole"),
    ("#recipe", "!link.whole"),
    ("?page=1", "!link.whole"),
    ("https://", "!link.whole"),
    ("https:///page", "!link.whole"),
    ("https://[::1", "!link.whole"),
    ("https://shop.test:99999/", "!link.whole"),
    ("https://shop.test\\@other.test/", "!link.whole"),
    ("lemon cake", "!link.spaces !link.whole"),
    ("ftp://shop.test/page", "!link.scheme"),
    ("mailto:me@shop.test", "!link.scheme"),
    ("javascript:alert(1)", "!link.scheme"),
    ("data:text/html,hello", "!link.scheme"),
    ("htps://shop.test/page", "!link.scheme"),
    ("pinterest://pin/1", "!link.scheme"),
    (" http://shop.test/web/page", "!link.spaces"),
    ("http://shop.test/web/page\n", "!link.spaces"),
    ("http://shop.test/web/my page", "!link.spaces"),
    ("http://shop.test/web/pa\u200bge", "!link.spaces"),
    ("http://shop\u00ad.test/web/page", "!link.spaces"),
    ("http://shop.test/web/\u202epage", "!link.spaces"),
    ("java\nscript:alert(1)", "!link.scheme !link.spaces"),
    ("http://-shop.test/", "!link.host"),
    ("http://shop..test/", "!link.host"),
    ("http://" + "a" * 64 + ".test/", "!link.host"),
    ("http://shop.te%73t/", "!link.host"),
    ("http://*.shop.test/", "!link.host"),
    ("http://localhost/", "!link.private"),
    ("http://router/", "!link.private"),
    ("http://printer.local/", "!link.private"),
    ("http://wiki.internal./", "!link.private"),
    ("http://127.0.0.1/", "!link.private"),
    ("http://192.168.1.20/page", "!link.private"),
    ("http://[fe80::1]/", "!link.private"),
    ("http://[::ffff:10.0.0.1]/", "!link.private"),
    ("http://2130706433/", "!link.address"),
    ("http://0x7f.1/", "!link.address"),
    ("http://0177.0.0.1/", "!link.address"),
    ("http://8.8/", "!link.address"),
    ("http://１２７.0.0.1/", "!link.private"),
    ("http://shop.test:6667/", "!link.port"),
    ("http://169.254.169.254/latest/meta-data/", "!link.private"),
]

ONLY_READ: list[tuple[str, str]] = [
    ("https://8.8.8.8/page", "link.address"),
    ("https://[2606:4700::1111]/", "link.address"),
    ("https://shop.test:8443/page", "link.port"),
    ("https://me@shop.test/page", "link.user"),
    ("https://me:secret@shop.test/page", "link.user"),
    ("https://pinterest.com@other.test/", "link.user"),
    ("https://shop.test./page", "link.dot"),
    ("https://käse.test/laib", "link.letters"),
    ("https://xn--kse-qla.test/laib", ""),
    ("https://tinyurl.com/cake", "link.shortener"),
    ("https://www.Bit.ly/cake", "link.shortener"),
    ("https://amzn.to/cake", "link.shortener"),
    ("https://habit.ly/cake", ""),
    ("https://shop.test/" + "a" * 2040, "!link.length"),
    ("https://shop.test/ü?q=é", ""),
]


def told(findings: tuple[Finding, ...]) -> str:
    """The checks that are not ok, in order of the alphabet."""
    marks = {Level.BLOCKER: "!", Level.WARNING: ""}
    return " ".join(
        sorted(
            (marks[each.level] + each.check for each in findings if each.level is not Level.OK),
            key=lambda name: name.strip("!"),
        )
    )


async def judged(web: Web, link: str, limits: LookLimits | None = None) -> tuple[Finding, ...]:
    whole = f"http://shop.test/web{link}" if link.startswith("/") else link
    seen = await look(web.fetcher, whole, limits)
    assert LinkSeen.from_json(seen.to_json()) == seen
    return link_findings(whole, seen, now=NOW, due_at=DUE, title=TITLE)


@pytest.mark.parametrize("link", FINE)
def test_a_link_that_is_fine_gets_no_word_of_warning(link: str):
    findings = on_the_web(lambda web: judged(web, link))
    assert told(findings) == ""
    assert findings[0].check == "link"


@pytest.mark.parametrize(("link", "expected"), SEEN)
def test_what_a_visitor_would_meet_is_said(link: str, expected: str):
    async def story(web: Web) -> tuple[Finding, ...]:
        findings = await judged(web, link)
        assert {host for host, _ in web.dialler.dialled} <= {"127.0.0.1"}
        return findings

    assert told(on_the_web(story)) == expected


@pytest.mark.parametrize(("link", "expected"), [*NEVER_ASKED, *ONLY_READ])
def test_the_text_of_a_link_alone_says_much(link: str, expected: str):
    assert told(link_findings(link, None, now=NOW, due_at=DUE, title=TITLE)) == expected


def test_what_cannot_be_a_page_of_the_web_is_never_asked():
    async def story(web: Web) -> list[tuple[str, int]]:
        for link, _ in NEVER_ASKED:
            if ".test/web" not in link:
                await look(web.fetcher, link)
        return web.dialler.dialled

    assert on_the_web(story) == []


@pytest.mark.parametrize("link", ["/silent", "/slow?first_s=30", "/drip?every_s=30"])
def test_a_server_that_takes_its_time_gets_no_more_than_was_granted(link: str):
    findings = on_the_web(lambda web: judged(web, link, LookLimits(total_s=0.5)))
    assert told(findings) == "link.unreachable"


def test_bytes_beyond_the_length_are_no_part_of_the_page_or_make_it_unreadable():
    findings = on_the_web(lambda web: judged(web, "/miscounted?how=less&by=20"))
    assert told(findings) in ("", "link.unreachable")  # by whether they arrive together with the rest


def test_silence_between_two_bytes_ends_a_look_as_well():
    assert told(on_the_web(lambda web: judged(web, "/stall"), silence_s=2)) == "link.slow"


@pytest.mark.parametrize(
    "link",
    [
        "/endless",
        "/bomb?bytes=50000000",
        "/late-head?bytes=20000000",
        "/headers?how=endless",
        "/stall?what=image.jpg",
    ],
)
def test_no_page_costs_more_bytes_than_were_granted(link: str):
    async def story(web: Web) -> LinkSeen:
        return await look(web.fetcher, f"http://shop.test/web{link}", LookLimits(most_bytes=100_000))

    seen = on_the_web(story)
    assert seen.letters <= 100_000
    assert seen.bytes_read <= 100_000 + 16_384


def test_of_a_file_only_its_first_bytes_are_read():
    seen = on_the_web(lambda web: look(web.fetcher, "http://shop.test/web/image.jpg?width=4000&height=6000"))
    assert (seen.kind, seen.truncated) == ("JPEG", True)
    assert seen.bytes_read <= 16_384


def test_who_heals_it_and_how():
    def remedies(link: str) -> set[tuple[Cause | None, Remedy | None]]:
        found = on_the_web(lambda web: judged(web, link))
        return {(each.cause, each.remedy) for each in found if each.level is not Level.OK}

    assert remedies("/status/503") == {(Cause.LINK, Remedy.RETRY_LATER)}
    assert remedies("/status/404") == {(Cause.LINK, Remedy.FIX_INPUT)}
    assert remedies("/no-pin") == {(Cause.LINK, Remedy.FIX_INPUT)}


def test_every_finding_says_what_to_do_and_shows_its_evidence():
    async def story(web: Web) -> list[Finding]:
        return [each for link, _ in SEEN[::3] for each in await judged(web, link)]

    literal = [each for link, _ in [*NEVER_ASKED, *ONLY_READ] for each in link_findings(link, None, now=NOW)]
    for finding in [*on_the_web(story), *literal]:
        assert finding.title.endswith((".", "'")), finding
        if finding.level is not Level.OK:
            assert finding.fix, finding
            assert finding.cause is Cause.LINK
    warned = {name for _, expected in [*SEEN, *ONLY_READ] for name in expected.split()}
    assert warned >= RISKS


def test_no_password_of_a_redirect_is_shown():
    seen = on_the_web(
        lambda web: look(web.fetcher, "http://shop.test/web/to?url=http://me:secret@shop.test/")
    )
    assert seen.trouble is not None
    assert "secret" not in seen.final_url + seen.trouble.url + seen.trouble.words


def test_a_retry_after_is_kept():
    seen = on_the_web(lambda web: look(web.fetcher, "http://shop.test/web/status/429?retry_after=120"))
    assert (seen.status, seen.retry_after_s) == (429, 120)


@pytest.mark.parametrize(
    ("path", "kind", "asked"),
    [
        ("/self", TroubleKind.LOOP, 1),
        ("/loop", TroubleKind.LOOP, 4),
        ("/cookies", TroubleKind.LOOP, 1),
        ("/refresh-loop", TroubleKind.LOOP, 3),
        ("/deeper", TroubleKind.HOPS, 11),
        ("/hops?n=40", TroubleKind.HOPS, 11),
    ],
)
def test_a_circle_is_noticed_when_it_closes_and_a_spiral_is_given_up(
    path: str, kind: TroubleKind, asked: int
):
    async def story(web: Web) -> tuple[LinkSeen, int]:
        return await look(web.fetcher, f"http://shop.test/web{path}"), len(web.visits())

    seen, visits = on_the_web(story)
    assert seen.trouble is not None
    assert (seen.trouble.kind, visits, len(seen.hops)) == (kind, asked, asked)


def test_every_hop_is_told_with_its_status():
    seen = on_the_web(lambda web: look(web.fetcher, "http://shop.test/web/hops?n=2&status=301"))
    assert [(hop.status, hop.by) for hop in seen.hops] == [(301, ""), (301, "redirect"), (200, "redirect")]
    assert seen.final_url == "http://shop.test/web/page"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("of=utf-16&say=header", "Crème brûlée"),
        ("of=utf-16&say=nowhere", "Crème brûlée"),
        ("of=utf-8-sig&say=nowhere", "Crème brûlée"),
        ("of=windows-1252&say=header", "Crème brûlée"),
        ("of=windows-1252&say=meta", "Crème brûlée"),
        ("of=windows-1252&say=wrong", "Crème brûlée"),
        ("of=iso-8859-1&say=nowhere", "Crème brûlée"),
        ("of=shift_jis&say=meta", "レモンケーキ"),
        ("of=koi8-r&say=both", "Лимонный торт"),
    ],
)
def test_a_title_is_read_in_whatever_letters_it_is_written(query: str, title: str):
    seen = on_the_web(lambda web: look(web.fetcher, f"http://shop.test/web/charset?{query}"))
    assert (seen.title, seen.og_title) == (title, title)


def test_broken_markup_is_forgiven_as_browsers_do():
    seen = on_the_web(lambda web: look(web.fetcher, "http://shop.test/web/broken"))
    assert seen.og_title == TITLE


def test_hops_to_one_host_are_a_second_apart_and_waiting_is_no_time_of_the_look():
    async def story(web: Web) -> list[float]:
        seen = await look(web.fetcher, "http://shop.test/web/hops?n=3", LookLimits(total_s=10))
        assert seen.status == 200
        return web.waits

    assert on_the_web(story) == [1.0, 1.0, 1.0]
