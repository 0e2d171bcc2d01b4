"""The shell: real sockets, real deliveries, real fetching."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from pinsim import Sim, serve
from pinsim.main import CANNOT_START, main
from tests.pinsim.stage import base64_source, picture


class Client:
    """spring_shop over HTTP."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url, self.http = url, http
        self.token = self.board = ""

    async def seed(self) -> None:
        account = (await self.control("POST", "/_sim/seed", {"tokens": True}))["accounts"][0]
        self.token, self.board = account["tokens"]["access_token"], account["boards"][0]["id"]

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.http.request(method, self.url + path, json=body) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def create(self, wait_s: float = 5.0, **fields: Any) -> tuple[int, Any]:
        body = {"board_id": self.board, "media_source": base64_source(), **fields}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = io.BytesIO(json.dumps(body).encode())
        wait = aiohttp.ClientTimeout(total=wait_s)
        async with self.http.post(self.url + "/v5/pins", data=data, headers=headers, timeout=wait) as reply:
            return reply.status, await reply.json()

    async def live(self) -> list[Any]:
        found: list[Any] = (await self.control("GET", "/_sim/pins"))["pins"]
        return found


def over_http(story: Callable[[Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with serve(Sim()) as url, aiohttp.ClientSession() as http:
            client = Client(url, http)
            await client.seed()
            await story(client)

    asyncio.run(run())


@asynccontextmanager
async def image_host(replies: dict[str, dict[str, Any]]) -> AsyncIterator[str]:
    """A web server with these pages, each told by the arguments of its reply."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(**replies.get(request.path, {"status": 404}))

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def test_a_pin_is_published_over_http_and_its_picture_is_served():
    async def story(client: Client) -> None:
        status, pin = await client.create(title="Soup")
        assert status == 201
        async with client.http.get(pin["media"]["images"]["600x"]["url"]) as reply:
            assert await reply.read() == picture()
            assert reply.headers["Content-Type"] == "image/png"
        async with client.http.get(client.url + "/") as reply:
            assert "Soup" in await reply.text()

    over_http(story)


def test_a_delete_is_answered_204_without_a_body():
    async def story(client: Client) -> None:
        _, pin = await client.create()
        headers = {"Authorization": f"Bearer {client.token}"}
        async with client.http.delete(f"{client.url}/v5/pins/{pin['id']}", headers=headers) as reply:
            assert (reply.status, await reply.read()) == (204, b"")
            assert "x-ratelimit-limit" in reply.headers

    over_http(story)


@pytest.mark.parametrize(
    ("do", "error", "made"),
    [
        ("made_then_timeout", TimeoutError, 1),
        ("not_made_timeout", TimeoutError, 0),
        ("made_then_reset", aiohttp.ClientConnectionError, 1),
        ("not_made_reset", aiohttp.ClientConnectionError, 0),
        ("reset_before_send", aiohttp.ClientConnectionError, 0),
    ],
)
def test_a_client_sees_the_trouble_and_the_server_goes_on(do: str, error: type[Exception], made: int):
    async def story(client: Client) -> None:
        await client.control("POST", "/_sim/faults", {"on": "pins/create", "do": do, "times": 1})
        with pytest.raises(error):
            await client.create(wait_s=0.3)
        assert len(await client.live()) == made
        assert (await client.create())[0] == 201
        entries = (await client.control("GET", "/_sim/journal"))["entries"]
        assert [entry["fault"] for entry in entries] == [do, None]

    over_http(story)


def test_a_reset_before_sending_reads_no_body():
    async def story(client: Client) -> None:
        await client.control("POST", "/_sim/faults", {"on": "pins/create", "do": "reset_before_send"})
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.create(title="x" * 5_000_000)
        entry = (await client.control("GET", "/_sim/journal"))["entries"][-1]
        assert (entry["delivery"], entry["body_bytes"]) == ("reset_before", 0)

    over_http(story)


def test_a_slow_answer_is_slow_but_true():
    async def story(client: Client) -> None:
        await client.control(
            "POST", "/_sim/faults", {"on": "pins/create", "do": "slow", "delay_s": 0.3, "times": 1}
        )
        begun = asyncio.get_running_loop().time()
        assert (await client.create())[0] == 201
        assert asyncio.get_running_loop().time() - begun >= 0.3

    over_http(story)


def test_an_image_url_is_really_fetched_and_looked_at():
    replies: dict[str, dict[str, Any]] = {
        "/good.jpg": {"body": picture("JPEG", (400, 600))},
        "/disguised.jpg": {"body": picture("WEBP"), "content_type": "image/jpeg"},
        "/tiny.png": {"body": picture(size=(20, 20))},
        "/page": {"text": "<html>log in</html>", "content_type": "text/html"},
        "/moved": {"status": 302, "headers": {"Location": "/good.jpg"}},
        "/loop": {"status": 302, "headers": {"Location": "/loop"}},
    }
    expected = {
        "/moved": (201, None),
        "/disguised.jpg": (400, 1),
        "/tiny.png": (403, 233),
        "/page": (403, 235),
        "/missing.png": (400, 1),
        "/loop": (400, 1),
    }

    async def story(client: Client) -> None:
        async with image_host(replies) as web_url:
            for path, (status, code) in expected.items():
                source = {"source_type": "image_url", "url": web_url + path}
                found, body = await client.create(media_source=source)
                assert (found, body.get("code")) == (status, code), path
        source = {"source_type": "image_url", "url": web_url + "/good.jpg"}
        status, body = await client.create(media_source=source)
        assert status == 400
        assert "could not fetch the image" in body["message"]
        assert [pin["media"][0]["width"] for pin in await client.live()] == [400]

    over_http(story)


def test_a_carousel_by_urls_is_fetched_slide_by_slide():
    replies = {
        "/a.png": {"body": picture(colour="red")},
        "/b.png": {"body": picture(colour="blue")},
    }

    async def story(client: Client) -> None:
        async with image_host(replies) as web_url:
            items = [{"url": web_url + "/a.png", "link": "https://a.example/"}, {"url": web_url + "/b.png"}]
            status, pin = await client.create(
                media_source={"source_type": "multiple_image_urls", "items": items}
            )
        assert status == 201
        assert len({item["images"]["600x"]["url"] for item in pin["media"]["items"]}) == 2

    over_http(story)


def test_a_large_body_is_taken_while_others_are_answered():
    async def story(client: Client) -> None:
        noise = Image.frombytes("RGB", (1800, 1800), os.urandom(1800 * 1800 * 3))
        file = io.BytesIO()
        noise.save(file, "PNG", compress_level=0)
        large = asyncio.create_task(client.create(wait_s=30, media_source=base64_source(file.getvalue())))
        assert (await client.create())[0] == 201
        assert (await large)[0] == 201

    over_http(story)


def test_a_taken_port_is_one_sentence_and_exit_code_3(capsys: pytest.CaptureFixture[str]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == CANNOT_START == 3
    shown = capsys.readouterr().err
    assert shown == f"pinsim cannot listen on 127.0.0.1:{port}: the port is taken.\n"
