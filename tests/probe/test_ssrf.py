"""No address leads the fetcher into a private network, however it is written and whoever names it.

Sockets are made by a dialler that writes down who was wanted and lets nobody but loopback be reached; where loopback is not
allowed to the fetcher, it must not even be wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from ipaddress import ip_address
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steadypin.domain.addresses import is_public
from steadypin.domain.link_seen import LinkSeen, TroubleKind
from steadypin.probe.fetch import Fetcher, FetchTrouble
from steadypin.probe.guard import Guard
from steadypin.probe.hosts import Hosts
from steadypin.probe.links import look
from tests.support.hostile_web import Dialler, Names, Web, on_the_web

OPEN = "93.184.216.34"
OPEN_6 = "2606:4700::1111"

NEVER_DIALLED = [
    # plain
    "http://127.0.0.1/", "http://127.0.0.1:80/", "http://127.255.255.254/", "http://0.0.0.0/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/",
    "http://168.63.129.16/", "http://192.0.0.192/", "http://255.255.255.255/", "http://224.0.0.1/", "http://198.18.0.1/",
    # decimal, octal, hexadecimal, short, mixed
    "http://2130706433/", "http://4294967295/", "http://3232235521/", "http://2852039166/", "http://017700000001/",
    "http://0177.0.0.1/", "http://0177.0.0.01/", "http://00000177.0.0.1/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://0x7f.0x0.0x0.0x1/", "http://0X7F.1/", "http://127.1/", "http://127.0.1/", "http://10.1/", "http://0/",
    "http://0x/", "http://127.0.0.1./", "http://0x7f.1./", "http://127.0.0.0x1/", "http://8.8/", "http://134744072/",
    "http://1.2.3.4.5/", "http://256.0.0.1/", "http://127.0.0.1.0x1/", "http://%31%32%37.0.0.1/", "http://127%2e0%2e0%2e1/",
    # IPv6 in its forms
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[::ffff:0:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::192.168.0.1]/", "http://[64:ff9b:1::10.0.0.1]/", "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/",
    "http://[2001::1]/", "http://[2001:db8::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[::1%25lo]/", "http://[fec0::1]/", "http://[ff02::1]/",
    "http://[::1", "http://::1/", "http://[127.0.0.1]/", "http://[v1.::1]/",
    # digits and dots of other scripts
    "http://１２７.0.0.1/", "http://127。0。0。1/", "http://127．0．0．1/", "http://①②⑦.⓪.⓪.①/", "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/",
    "http://١٢٧.٠.٠.١/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://ｌｏｃａｌｈｏｓｔ/",
    # names
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://me.localhost/", "http://inside.test/",
    "http://inside.test./", "http://inside-6.test/", "http://metadata.test/", "http://mapped.test/", "http://all.test/",
    # who is the host?
    "http://open.test@127.0.0.1/", "http://127.0.0.1@open.test/", "http://open.test:pw@127.0.0.1:80/", "http://@127.0.0.1/",
    "http://open.test%40127.0.0.1/", "http://127.0.0.1\\@open.test/", "http://open.test\\@127.0.0.1/",
    "http://127.0.0.1#@open.test/", "http://127.0.0.1?@open.test/", "http://127.0.0.1%23@open.test/",
    "http://127.0.0.1\\.open.test/",  "http:\\\\127.0.0.1\\", "http:/127.0.0.1/",
    "http:127.0.0.1/", "////127.0.0.1/", "http:////127.0.0.1/", "http://127.0.0.1;open.test/", "http://127.0.0.1,open.test/",
    # letters that nobody sees
    " http://127.0.0.1/", "http://127.0.0.1\t/", "http://127.0.0.1\n/", "http://127.\t0.0.1/", "ht\ntp://127.0.0.1/",
    "http://127.0.0.1%00.open.test/", "http://127.0.0.1\x00.open.test/", "http://127.0.0.1%0d%0a/", "http://\u200b127.0.0.1/",
    "http://127\u00ad.0.0.1/", "http://local\u00adhost/", "http://127.0.0.1 /", "http://127.0.0.1%20/",
    # other schemes and ports
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://open.test/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/",
    "ldap://open.test/", "data:text/html,hello", "javascript:alert(1)", "jar:http://127.0.0.1!/", "unix:///run/docker.sock",
    "ws://open.test/", "//127.0.0.1/", "http://open.test:0/", "http://open.test:22/", "http://open.test:25/", "http://open.test:6667/",
    "http://open.test:99999/", "http://open.test:-1/", "https://127.0.0.1:8443/", "",
]  # fmt: skip

DIALLED = [
    ("http://open.test/", (OPEN, 80)),
    ("https://open.test/", (OPEN, 443)),
    ("http://open.test:8080/", (OPEN, 8080)),
    ("http://OPEN.test./", (OPEN, 80)),
    (f"http://{OPEN}/", (OPEN, 80)),
    (f"http://[{OPEN_6}]/", (OPEN_6, 80)),
    ("http://[::ffff:93.184.216.34]/", ("::ffff:5db8:d822", 80)),
    ("http://half.test/", (OPEN, 80)),
    ("http://open.test/#@127.0.0.1/", (OPEN, 80)),
    ("http://open.test#@127.0.0.1@/", (OPEN, 80)),
    ("http://open.test/?url=http://127.0.0.1/", (OPEN, 80)),
    ("http://open.test/\\@127.0.0.1/", (OPEN, 80)),
    ("http://open-6.test/", (OPEN_6, 80)),
]


def names() -> Names:
    return Names(
        {
            "open.test": [[OPEN]],
            "open-6.test": [[OPEN_6]],
            "half.test": [["10.0.0.1", OPEN, "::1"]],
            "inside.test": [["10.0.0.1"]],
            "inside-6.test": [["fd00::1", "fe80::1%2"]],
            "metadata.test": [["169.254.169.254"]],
            "mapped.test": [["::ffff:127.0.0.1"]],
            "all.test": [["0.0.0.0"]],
            "localhost": [["127.0.0.1", "::1"]],
            "me.localhost": [["127.0.0.1"]],
            "rebind.test": [[OPEN], ["127.0.0.1"]],
        }
    )


async def no_wait(seconds: float) -> None:
    return None


def asked(
    url: str, times: int = 1, resolver: Names | None = None
) -> tuple[list[LinkSeen], list[tuple[str, int]]]:
    """What became of looking so often, and who was dialled."""

    async def ask() -> list[LinkSeen]:
        hosts = Hosts(wait=no_wait)
        async with Fetcher(
            Guard(), hosts=hosts, resolver=resolver or names(), socket_factory=dialler
        ) as fetcher:
            return [await look(fetcher, url) for _ in range(times)]

    dialler = Dialler()
    return asyncio.run(ask()), dialler.dialled


@pytest.mark.parametrize("url", NEVER_DIALLED)
def test_nobody_is_dialled_for_it(url: str):
    (seen,), dialled = asked(url)
    assert dialled == []
    assert seen.trouble is not None


@pytest.mark.parametrize("url", NEVER_DIALLED)
def test_nobody_is_dialled_for_it_when_a_file_is_wanted(url: str):
    async def size(chunks: AsyncIterable[bytes]) -> int:
        return sum([len(chunk) async for chunk in chunks])

    async def ask() -> int | FetchTrouble:
        async with Fetcher(Guard(), resolver=names(), socket_factory=dialler) as fetcher:
            return await fetcher.fetch(url, size)

    dialler = Dialler()
    found = asyncio.run(ask())
    assert isinstance(found, FetchTrouble)
    assert dialler.dialled == []


@pytest.mark.parametrize(("url", "whom"), DIALLED)
def test_of_public_places_the_one_that_was_checked_is_dialled(url: str, whom: tuple[str, int]):
    (seen,), dialled = asked(url)
    assert [(str(ip_address(host)), port) for host, port in dialled] == [(str(ip_address(whom[0])), whom[1])]
    assert seen.trouble is not None
    assert seen.trouble.kind is TroubleKind.UNREACHED


def test_a_name_that_changes_its_mind_is_checked_each_time_and_dialled_as_checked():
    resolver = names()
    seen, dialled = asked("http://rebind.test/", times=3, resolver=resolver)
    assert dialled == [(OPEN, 80)]
    assert resolver.asked == ["rebind.test"] * 3
    kinds = [each.trouble.kind for each in seen if each.trouble is not None]
    assert kinds == [TroubleKind.UNREACHED, TroubleKind.PRIVATE_NAME, TroubleKind.PRIVATE_NAME]


@pytest.mark.parametrize("hop", range(1, 6))
@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "//169.254.169.254/latest/",
        "http://[::ffff:7f00:1]/",
        "http://0x7f.1/",
        "http://inside.test/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_is_checked_at_every_hop(hop: int, target: str):
    path = target
    for _ in range(hop):
        path = f"/web/to?url={quote(path, safe='')}"

    async def story(web: Web) -> None:
        seen = await look(web.fetcher, f"http://shop.test{path}")
        assert seen.trouble is not None
        assert len(web.visits()) == hop == len(web.dialler.dialled)
        assert {host for host, _ in web.dialler.dialled} == {"127.0.0.1"}

    on_the_web(story)


def test_a_page_that_moves_on_by_itself_is_checked_as_a_redirect_is():
    async def story(web: Web) -> None:
        seen = await look(web.fetcher, "http://shop.test/web/refresh?url=http://169.254.169.254/")
        assert seen.trouble is not None
        assert seen.trouble.kind is TroubleKind.PRIVATE
        assert len(web.dialler.dialled) == 1

    on_the_web(story)


_PIECES = st.sampled_from(
    ["http:", "https:", "//", "/", "\\", "@", "#", "?", ":", "[", "]", ".", "%", "127", "0x7f", "0", "1", "::", "ffff", "localhost",
     "open.test", "inside.test", "2130706433", "10.0.0.1", "127.0.0.1", "１", "。", "\t", "\n", " ", "\u00ad", "xn--", "%00", ":22", "é"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=9).map("".join), st.booleans())
@settings(max_examples=300, deadline=None)
def test_whatever_is_dialled_is_public(rest: str, is_whole: bool):
    _, dialled = asked(f"http://{rest}" if is_whole else rest)
    assert all(is_public(ip_address(host)) for host, _ in dialled)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_a_look_fail(text: str):
    asked(text)
