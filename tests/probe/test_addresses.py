"""Looking at files behind web addresses: ranges, servers without them, and servers that lie."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from steadypin.domain.failures import classify
from steadypin.domain.media_facts import VideoFacts
from steadypin.domain.native import native_from_exception
from steadypin.probe.fetch import Fetcher, Limits
from steadypin.probe.guard import Guard
from steadypin.services.media_look import Look, look_at_address
from tests.probe.corpus import noise, picture
from tests.probe.movies import fragmented, movie

LARGE = 3_000_000


@dataclass
class Host:
    """A web server with one file, which misbehaves in one way; it counts what it gave."""

    content: bytes
    how: str = ""
    content_type: str = "video/mp4"
    requests: list[str] = field(default_factory=list)
    given: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        self.requests.append(asked)
        if self.how == "moved" and request.path != "/there":
            raise web.HTTPFound("/there")
        whole = self.content
        if self.how == "changes":
            whole = whole + b"x" * len(self.requests)
        if self.how == "other version":
            return self._part(request, whole, asked, {"ETag": f'"{len(self.requests)}"'})
        if self.how == "no parts" or not asked:
            return await self._stream(request, whole)
        if self.how == "parts once" and len(self.requests) > 1:
            return await self._stream(request, whole)
        if self.how == "busy later" and len(self.requests) > 1:
            raise web.HTTPServiceUnavailable
        if self.how == "stalls" and len(self.requests) > 1:
            await asyncio.sleep(30)
        return self._part(request, whole, asked, {})

    def _part(self, request: web.Request, whole: bytes, asked: str, more: dict[str, str]) -> web.Response:
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        assert found
        first, last = int(found[1]), int(found[2])
        total = {"announces more": len(whole) + 500_000, "announces less": len(whole) - 500}.get(
            self.how, len(whole)
        )
        if first >= len(whole):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{total}"})
        data = whole[first : last + 1]
        if self.how == "other part":
            first += 7
        range_ = f"bytes {first}-{first + len(data) - 1}/{'*' if self.how == 'no total' else total}"
        self.given += len(data)
        headers = {"Content-Range": range_, "Content-Type": self.content_type, **more}
        return web.Response(status=206, body=data, headers=headers)

    async def _stream(self, request: web.Request, whole: bytes) -> web.StreamResponse:
        headers = {"Content-Type": self.content_type}
        if self.how != "chunked":
            headers["Content-Length"] = str(len(whole) + (1000 if self.how == "cut" else 0))
        reply = web.StreamResponse(headers=headers)
        await reply.prepare(request)
        stop = len(whole) * 99 // 100 if self.how == "stalls at the end" else len(whole)
        for at in range(0, stop, 65536):
            await reply.write(whole[at : min(at + 65536, stop)])
            self.given += 65536
        if self.how == "stalls at the end":
            await asyncio.sleep(30)
        if self.how == "cut":
            assert request.transport is not None
            request.transport.close()
        return reply


@asynccontextmanager
async def served(host: Host) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", host.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def look(host: Host, name: str = "film.mp4", limits: Limits | None = None, allow: str = "127.0.0.1") -> Look:
    async def ask() -> Look:
        async with served(host) as base, Fetcher(Guard((allow,)), limits) as fetcher:
            return await look_at_address(fetcher, f"{base}/{name}")

    return asyncio.run(ask())


def said(found: Look) -> dict[str, str]:
    return {each.check: each.level.value for each in found.findings}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("tables", [0, 60_000])
def test_a_video_is_looked_at_by_a_few_small_ranges(first: bool, tables: int):
    host = Host(movie(first=first, tables=tables, media=LARGE))
    found = look(host)
    assert said(found) == {"video": "ok"}
    assert isinstance(found.facts, VideoFacts)
    assert (found.facts.duration_s, found.facts.size) == (10, len(host.content))
    assert len(host.requests) <= 6
    assert host.given <= 200_000
    assert all(each.startswith("bytes=") for each in host.requests)


def test_a_fragmented_video_without_an_index_is_not_read_to_its_end():
    host = Host(fragmented(pieces=400))
    found = look(host)
    assert said(found)["video.fragmented"] == "warning"
    assert host.given <= 600_000
    assert len(host.requests) <= 25


def test_redirects_are_followed_once_and_then_asked_where_they_led():
    host = Host(movie(first=False, media=LARGE), how="moved")
    assert said(look(host)) == {"video": "ok"}


@pytest.mark.parametrize(
    ("how", "first", "expected"),
    [
        ("no parts", True, {"video": "ok"}),
        ("no parts", False, {"video.unseen": "warning"}),
        ("parts once", False, {"video.unseen": "warning"}),
        ("changes", False, {"video.changed": "blocker"}),
        ("other version", False, {"video.changed": "blocker"}),
        ("other part", True, {"media.address": "blocker"}),
        ("announces more", True, {"media.address": "blocker"}),
        ("announces more", False, {"media.address": "blocker"}),
        ("announces less", True, {"video.whole": "blocker"}),
        ("announces less", False, {"video.whole": "blocker"}),
        ("no total", True, {"video.unseen": "warning"}),
        ("busy later", False, {"media.address": "blocker"}),
    ],
)
def test_servers_that_give_less_than_they_should(how: str, first: bool, expected: dict[str, str]):
    size = 10_000 if how == "announces more" and first else 150_000
    host = Host(movie(first=first, media=size), how)
    found = look(host)
    assert said(found) == expected
    assert all(each.level == "ok" or each.fix for each in found.findings)
    assert host.given < 400_000


@pytest.mark.parametrize("content", [movie(first=False, media=LARGE), noise("PNG")])
def test_an_address_that_stalls_is_given_up_in_time(content: bytes):
    host = Host(content, "stalls" if content[4:8] == b"ftyp" else "stalls at the end")
    found = look(host, limits=Limits(total_s=1, silence_s=0.5))
    assert said(found) == {"media.address": "blocker"}
    assert found.findings[0].remedy == "retry_later"


def test_a_refused_connection_is_no_trouble_with_encryption():
    async def ask() -> Look:
        async with served(Host(b"")) as base:
            pass
        async with Fetcher(Guard(("127.0.0.1",))) as fetcher:
            return await look_at_address(fetcher, f"{base}/film.mp4")

    native = asyncio.run(ask()).findings[0].evidence["native"]
    assert isinstance(native, dict)
    words = re.sub(
        r"127\.0\.0\.1", "203.0.113.9", native["message"]
    )  # an address that is private means another thing
    assert classify(native_from_exception("media/source", native["exception"], words)).remedy == "retry_later"


def test_an_image_is_fetched_whole_and_judged():
    found = look(Host(picture(), content_type="image/jpeg"), "photo.jpg")
    assert said(found) == {"image": "ok"}
    assert found.media == "image"


@pytest.mark.parametrize("content_type", ["image/jpeg", "video/mp4"])
def test_a_page_that_says_to_be_media_is_told(content_type: str):
    found = look(Host(b"<!doctype html><title>Log in</title>", content_type=content_type), "photo.jpg")
    assert said(found) == {"image.format": "blocker"}
    assert "web page" in found.findings[0].title
    assert content_type in found.findings[0].title


def test_a_wrong_content_type_is_told_and_stops_nothing():
    found = look(Host(picture(), content_type="text/plain; charset=utf-8"), "photo.jpg")
    assert said(found) == {"image": "ok", "image.name": "ok"}


def test_an_image_that_is_too_large_is_not_fetched_to_its_end():
    host = Host(picture() + b"\0" * 40_000_000, content_type="image/jpeg")
    found = look(host, "photo.jpg")
    assert said(found) == {"image.bytes": "blocker"}
    assert host.given < 36_000_000


def test_an_empty_file_and_a_cut_one_are_told():
    assert said(look(Host(b""), "photo.jpg")) == {"image.empty": "blocker"}
    assert said(look(Host(noise("PNG"), "cut"), "photo.jpg")) == {"media.address": "blocker"}


def test_a_private_address_is_not_looked_at():
    found = look(Host(movie()), allow="10.0.0.1")
    assert said(found) == {"media.address": "blocker"}
    assert "private address" in found.findings[0].title
    assert found.facts is None
