"""Uploads over real sockets: streamed in, cut, stalled, refused early, and never held in memory."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from pinsim import Sim, serve
from tests.pinsim.films import film, opening
from tests.pinsim.stage import base64_source
from tests.pinsim.videos import FORM, MARK, form
from tests.support.processes import SimProcess, simulator

MIB = 1024 * 1024
LARGE = 300 * MIB


class Uploader:
    """spring_shop over HTTP, with a registered upload."""

    def __init__(self, url: str, web: aiohttp.ClientSession) -> None:
        self.url, self.web = url, web
        self.head: dict[str, str] = {}
        self.board = ""
        self.made: Any = None

    async def begin(self) -> None:
        account = (await self.control("POST", "/_sim/seed", {"tokens": True}))["accounts"][0]
        self.head = {"Authorization": f"Bearer {account['tokens']['access_token']}"}
        self.board = account["boards"][0]["id"]
        self.made = await self.call("POST", "/v5/media", {"media_type": "video"})

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.web.request(method, self.url + path, json=body) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        async with self.web.request(method, self.url + path, json=body, headers=self.head) as reply:
            return await reply.json()

    async def status(self) -> str:
        return str((await self.call("GET", f"/v5/media/{self.made['media_id']}"))["status"])

    def body(self, data: bytes, **changed: str) -> bytes:
        return form([*{**self.made["upload_parameters"], **changed}.items(), ("file", data)])

    async def send(self, data: bytes, **changed: str) -> tuple[int, bytes]:
        body = io.BytesIO(self.body(data, **changed))
        async with self.web.post(self.made["upload_url"], data=body, headers=FORM) as reply:
            return reply.status, await reply.read()

    async def last_line(self, delivery: str) -> Any:
        """The line of an upload that ended so, as soon as it is written."""
        while True:
            entries = (await self.control("GET", "/_sim/journal?operation=media/upload"))["entries"]
            if entries and entries[-1]["delivery"] == delivery:
                return entries[-1]
            await asyncio.sleep(0.01)


def over_http(story: Callable[[Uploader], Awaitable[None]]) -> None:
    async def run() -> None:
        async with serve(Sim()) as url, aiohttp.ClientSession() as web:
            uploader = Uploader(url, web)
            await uploader.begin()
            async with asyncio.timeout(60):
                await story(uploader)

    asyncio.run(run())


def test_a_video_goes_the_whole_way_to_a_live_pin():
    data = film(data=b"\x11" * 1_500_000)

    async def story(client: Uploader) -> None:
        fields = aiohttp.FormData()
        for name, value in client.made["upload_parameters"].items():
            fields.add_field(name, value)
        fields.add_field("file", io.BytesIO(data), filename="film.mp4", content_type="video/mp4")
        async with client.web.post(client.made["upload_url"], data=fields) as reply:
            assert (reply.status, await reply.read()) == (204, b"")
            assert reply.headers["Server"] == "AmazonS3"
        assert await client.status() == "processing"
        await client.control("POST", "/_sim/clock", {"advance_s": 60})
        assert await client.status() == "succeeded"
        cover = base64_source()
        source = {
            "source_type": "video_id",
            "media_id": client.made["media_id"],
            "cover_image_content_type": cover["content_type"],
            "cover_image_data": cover["data"],
        }
        pin = await client.call("POST", "/v5/pins", {"board_id": client.board, "media_source": source})
        assert pin["creative_type"] == "VIDEO"
        live = (await client.control("GET", "/_sim/pins"))["pins"]
        assert live[0]["media"][0]["digest"] == hashlib.sha256(data).hexdigest()

    over_http(story)


def test_a_connection_cut_midway_leaves_the_upload_registered():
    async def story(client: Uploader) -> None:
        await client.control(
            "POST", "/_sim/faults", {"on": "media/upload", "do": "made_then_500", "times": 1}
        )
        body = client.body(film(data=b"\0" * 400_000))
        parts = urlsplit(client.url)
        _, wire = await asyncio.open_connection(parts.hostname, parts.port)
        wire.write(_head(body) + body[:200_000])
        await wire.drain()
        wire.transport.abort()
        line = await client.last_line("cut")
        assert (line["status"], line["account"], line["fault"]) == (None, "spring_shop", None)
        assert line["body_bytes"] < len(body)
        assert await client.status() == "registered"
        assert [(await client.send(film()))[0] for _ in range(2)] == [500, 204]
        assert await client.status() == "processing"

    over_http(story)


def test_a_bucket_that_reads_slowly_takes_the_file_all_the_same():
    async def story(client: Uploader) -> None:
        await client.control("PUT", "/_sim/switches", {"upload_bytes_per_s": 1})
        sending = asyncio.create_task(client.send(film()))
        assert await client.status() == "registered"
        assert not sending.done()
        await client.control("PUT", "/_sim/switches", {"upload_bytes_per_s": 0})
        assert (await sending)[0] == 204
        assert await client.status() == "processing"

    over_http(story)


def test_a_client_that_stops_sending_is_told_so():
    async def story(client: Uploader) -> None:
        await client.control("PUT", "/_sim/switches", {"upload_idle_s": 0.05})
        body = client.body(film())
        parts = urlsplit(client.url)
        back, wire = await asyncio.open_connection(parts.hostname, parts.port)
        wire.write(_head(body) + body[:500])
        await wire.drain()
        answer = await back.readuntil(b"</Error>")
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"<Code>RequestTimeout</Code>" in answer
        wire.close()
        assert await client.status() == "registered"

    over_http(story)


def test_chunks_without_a_length_are_refused_with_411():
    async def story(client: Uploader) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield client.body(film())

        async with client.web.post(client.made["upload_url"], data=pieces(), headers=FORM) as reply:
            assert reply.status == 411
            assert b"MissingContentLength" in await reply.read()
        assert await client.status() == "registered"

    over_http(story)


@pytest.mark.parametrize(
    ("do", "error", "after"),
    [
        ("reset_midway", aiohttp.ClientConnectionError, "registered"),
        ("reset_before_send", aiohttp.ClientConnectionError, "registered"),
        ("made_then_reset", aiohttp.ClientConnectionError, "processing"),
    ],
)
def test_a_client_sees_the_trouble_and_the_bucket_goes_on(do: str, error: type[Exception], after: str):
    async def story(client: Uploader) -> None:
        await client.control("POST", "/_sim/faults", {"on": "media/upload", "do": do, "times": 1})
        data = film(data=b"\0" * 3_000_000)
        with pytest.raises(error):
            await client.send(data)
        assert await client.status() == after
        assert (await client.send(data))[0] == 204

    over_http(story)


def test_a_timeout_after_taking_leaves_the_file_there():
    async def story(client: Uploader) -> None:
        order = {"on": "media/upload", "do": "made_then_timeout", "times": 1}
        await client.control("POST", "/_sim/faults", order)
        sending = asyncio.create_task(client.send(film()))
        await client.last_line("hang")
        sending.cancel()
        assert await client.status() == "processing"

    over_http(story)


@pytest.mark.parametrize("wanted", ["after", "at_once"])
def test_a_refusal_reaches_a_client_that_still_sends(wanted: str):
    async def story(client: Uploader) -> None:
        await client.control("PUT", "/_sim/switches", {"upload_answers": wanted})
        status, answer = await client.send(b"\0" * 2_000_000, **{"x-amz-signature": "no"})
        assert status == 403
        assert b"SignatureDoesNotMatch" in answer

    over_http(story)


def test_a_large_video_does_not_stay_in_memory(tmp_path: Path):
    with simulator(tmp_path) as sim:
        account = sim.control("POST", "seed", {"tokens": True})["accounts"][0]
        first = _peak_mib(sim.process.pid)
        made = _registered(sim, account["tokens"]["access_token"])
        assert _streamed(made, LARGE) == 204
        grown = _peak_mib(sim.process.pid) - first
        known = sim.control("GET", "media")["media"][0]
    assert (known["bytes"], known["film"]["trouble"]) == (LARGE, "")
    assert grown < 60


def _registered(sim: SimProcess, token: str) -> Any:
    parts = urlsplit(sim.base_url)
    wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    wire.request("POST", "/v5/media", json.dumps({"media_type": "video"}), head)
    made = json.loads(wire.getresponse().read())
    wire.close()
    return made


def _streamed(made: Any, size: int) -> int:
    """Send a film of `size` bytes that exists nowhere as a whole; the status of the answer."""
    before, _, behind = form([*made["upload_parameters"].items(), ("file", b"@@")]).partition(b"@@")
    begin = opening(size)
    parts = urlsplit(made["upload_url"])
    wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
    wire.putrequest("POST", parts.path)
    wire.putheader("Content-Type", f"multipart/form-data; boundary={MARK}")
    wire.putheader("Content-Length", str(len(before) + size + len(behind)))
    wire.endheaders(before + begin)
    zeros, left = bytes(MIB), size - len(begin)
    while left:
        wire.send(zeros[: min(left, MIB)])
        left -= min(left, MIB)
    wire.send(behind)
    status = wire.getresponse().status
    wire.close()
    return status


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _head(body: bytes) -> bytes:
    return (
        f"POST /upload/ HTTP/1.1\r\nHost: pinsim\r\nContent-Type: {FORM['Content-Type']}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
