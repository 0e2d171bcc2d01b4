"""The guarded fetcher against a small hostile server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from steadypin.domain.failures import classify
from steadypin.domain.words import Remedy
from steadypin.probe.fetch import Fetcher, FetchTrouble, Limits
from steadypin.probe.guard import Guard


async def size_of(chunks: AsyncIterable[bytes]) -> int:
    return sum([len(chunk) async for chunk in chunks])


@asynccontextmanager
async def hostile_server() -> AsyncIterator[tuple[str, list[web.Request]]]:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        match request.path:
            case "/file":
                return web.Response(body=b"x" * 100_000)
            case "/hops":
                left = int(request.query["left"])
                raise web.HTTPFound(f"/hops?left={left - 1}" if left else "/file")
            case "/inside":
                raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")
            case "/away":
                raise web.HTTPMovedPermanently("file:///etc/passwd")
            case "/cookie":
                response = web.HTTPFound("/cookie-asked")
                response.set_cookie("session", "1")
                raise response
            case "/cookie-asked":
                return web.Response(text=request.headers.get("Cookie", "none"))
            case "/busy":
                return web.Response(status=503)
            case "/silent":
                await asyncio.sleep(30)
            case "/cut":
                stream = web.StreamResponse(headers={"Content-Length": "1000"})
                await stream.prepare(request)
                await stream.write(b"xx")
                assert request.transport is not None
                request.transport.close()
                return stream
        raise web.HTTPNotFound

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


def fetch(
    path: str, limits: Limits | None = None, allow: tuple[str, ...] = ("127.0.0.1",)
) -> int | FetchTrouble:
    async def ask() -> int | FetchTrouble:
        async with hostile_server() as (base, _), Fetcher(Guard(allow), limits) as fetcher:
            return await fetcher.fetch(f"{base}{path}", size_of)

    return asyncio.run(ask())


def trouble(path: str, limits: Limits | None = None) -> FetchTrouble:
    found = fetch(path, limits)
    assert isinstance(found, FetchTrouble)
    assert found.native.endpoint == "media/source"
    return found


def test_the_bytes_reach_the_taker():
    assert fetch("/file") == 100_000
    assert fetch("/hops?left=4") == 100_000


@pytest.mark.parametrize(
    ("path", "rule", "remedy"),
    [
        ("/hops?left=9", "source-address-wrong", Remedy.FIX_INPUT),
        ("/inside", "source-address-wrong", Remedy.FIX_INPUT),
        ("/away", "source-address-wrong", Remedy.FIX_INPUT),
        ("/nothing-here", "source-missing", Remedy.FIX_INPUT),
        ("/busy", "source-busy", Remedy.RETRY_LATER),
        ("/silent", "source-no-answer", Remedy.RETRY_LATER),
        ("/cut", "source-no-answer", Remedy.RETRY_LATER),
    ],
)
def test_every_trouble_is_explained(path: str, rule: str, remedy: Remedy):
    failure = classify(trouble(path, Limits(total_s=0.4)).native)
    assert (failure.rule, failure.remedy) == (rule, remedy)


def test_a_redirect_into_the_private_network_is_not_followed():
    assert "169.254.169.254 is a private address" in trouble("/inside").sentence


def test_a_private_server_is_never_asked():
    async def ask() -> tuple[object, int]:
        async with hostile_server() as (base, seen), Fetcher(Guard()) as fetcher:
            return await fetcher.fetch(f"{base}/file", size_of), len(seen)

    found, asked = asyncio.run(ask())
    assert isinstance(found, FetchTrouble)
    assert asked == 0


def test_more_bytes_than_allowed_end_the_fetch():
    assert "too large" in trouble("/file", Limits(most_bytes=50_000)).sentence


def test_no_cookie_is_kept_between_hops():
    assert fetch("/cookie") == len("none")


def test_what_the_taker_raises_is_raised_and_no_trouble_of_the_fetch():
    async def full(chunks: AsyncIterable[bytes]) -> int:
        raise OSError("disk full")

    async def ask() -> object:
        async with hostile_server() as (base, _), Fetcher(Guard(["127.0.0.1"])) as fetcher:
            return await fetcher.fetch(f"{base}/file", full)

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(ask())


def test_a_host_is_asked_one_at_a_time():
    running, most = 0, 0

    async def slow(chunks: AsyncIterable[bytes]) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return 0

    async def ask() -> None:
        async with hostile_server() as (base, _), Fetcher(Guard(["127.0.0.1"])) as fetcher:
            await asyncio.gather(*(fetcher.fetch(f"{base}/file", slow) for _ in range(5)))

    asyncio.run(ask())
    assert most == 1
