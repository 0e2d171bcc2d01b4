"""The shell around the wire, on real sockets: one request is one request, and `left` never claims too little."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.domain.verdicts import InDoubt, NothingMade
from steadypin.pinterest import wire
from steadypin.pinterest.client import HttpPinterest
from steadypin.pinterest.wire import Body, Caller, LeaseTooShort, Reply, Request, Unreached, prove_create
from tests.pinterest.server import Line, Server, playing
from tests.support.clock import START, VirtualClock

CONTENT = Content("17", Media(MediaKind.IMAGE, "med_1"), None, "Lemon cake")
Story = Callable[[HttpPinterest, Server], Awaitable[None]]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


def create(url: str, picture: Path, size: int | None = None) -> Request:
    return wire.create_pin(
        Caller(url, "pina_secret"), CONTENT, picture, size or picture.stat().st_size, "image/png"
    )


def told(script: Callable[[Line], Awaitable[None]], story: Story, cap: int = 10**9) -> None:
    async def run() -> None:
        async with playing(script) as server, HttpPinterest(VirtualClock(), cap) as pinterest:
            await story(pinterest, server)

    asyncio.run(run())


async def unreached(pinterest: HttpPinterest, request: Request, timeout_s: float = 5.0) -> Unreached:
    with pytest.raises(Unreached) as raised:
        await pinterest.send(request, timeout_s)
    return raised.value


async def made(line: Line) -> None:
    while True:
        await line.whole()
        await line.answer(201, b'{"id": "123"}', X_Pinterest_Rid="rid-1", Set_Cookie="a=b")


def test_a_create_arrives_whole_and_its_reply_comes_back_whole(picture: Path) -> None:
    async def story(pinterest: HttpPinterest, server: Server) -> None:
        reply = await pinterest.send(create(server.url, picture), 5.0, lambda: True)
        assert reply == Reply(201, reply.headers, b'{"id": "123"}', START)
        assert reply.headers["x-pinterest-rid"] == "rid-1"
        (arrived,) = server.requests
        assert arrived.method == "POST"
        assert arrived.header("Authorization") == "Bearer pina_secret"
        assert arrived.header("Transfer-Encoding") is None
        assert arrived.header("Content-Length") == str(len(arrived.body))
        assert json.loads(arrived.body)["title"] == "Lemon cake"

    told(made, story)


def test_connections_are_kept_and_cookies_are_not(picture: Path) -> None:
    async def story(pinterest: HttpPinterest, server: Server) -> None:
        for _ in range(3):
            await pinterest.send(create(server.url, picture), 5.0)
        assert server.connections == 1
        assert all(arrived.header("Cookie") is None for arrived in server.requests)

    told(made, story)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(picture: Path, status: int) -> None:
    async def script(line: Line) -> None:
        await line.whole()
        await line.answer(status, Location="/elsewhere")

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        reply = await pinterest.send(create(server.url, picture), 5.0)
        assert reply.status == status
        assert isinstance(prove_create(reply), InDoubt)
        assert len(server.requests) == 1

    told(script, story)


@pytest.mark.parametrize("kept", [False, True], ids=["a fresh connection", "a kept connection"])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_create_that_got_no_reply_is_not_sent_again(picture: Path, reset: bool, kept: bool) -> None:
    async def script(line: Line) -> None:
        if kept:
            await line.whole()
            await line.answer(200)
        await line.whole()
        if reset:
            line.reset()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        if kept:
            await pinterest.send(wire.get_account(Caller(server.url, "pina_secret")), 5.0)
        lost = await unreached(pinterest, create(server.url, picture))
        assert lost.left
        assert isinstance(prove_create(lost), InDoubt)
        await asyncio.sleep(0.1)
        assert [arrived.method for arrived in server.requests].count("POST") == 1

    told(script, story)


@pytest.mark.parametrize("read", [0, 1, 100_000])
def test_left_is_true_whenever_a_byte_of_the_body_arrived(picture: Path, read: int) -> None:
    async def script(line: Line) -> None:
        arrived = await line.head()
        await line.body(arrived, most=read)
        line.reset()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        lost = await unreached(pinterest, create(server.url, picture))
        assert lost.left or not server.requests[0].body

    told(script, story)


def test_a_refused_connection_proves_that_nothing_was_made(picture: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens

        async def story(pinterest: HttpPinterest, server: Server) -> None:
            lost = await unreached(pinterest, create(f"http://127.0.0.1:{taken.getsockname()[1]}", picture))
            assert not lost.left
            assert isinstance(prove_create(lost), NothingMade)

        told(made, story)


@pytest.mark.parametrize(
    "url", ["http://steadypin.invalid", "http://127.0.0.1:1", "http://[::ffff:127.0.0.1]:1"]
)
def test_a_host_that_cannot_be_reached_proves_that_nothing_was_made(picture: Path, url: str) -> None:
    async def story(pinterest: HttpPinterest, server: Server) -> None:
        assert not (await unreached(pinterest, create(url, picture))).left

    told(made, story)


def test_a_failed_handshake_proves_that_nothing_was_made(picture: Path) -> None:
    async def plain(line: Line) -> None:
        await line.answer(400)

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        lost = await unreached(pinterest, create(server.url.replace("http", "https"), picture))
        assert not lost.left

    told(plain, story)


def test_a_server_that_never_answers_is_given_up_in_time(picture: Path) -> None:
    async def silent(line: Line) -> None:
        await line.whole()
        await line.rest()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        began = time.monotonic()
        lost = await unreached(pinterest, create(server.url, picture), timeout_s=0.3)
        assert time.monotonic() - began < 3
        assert (lost.exception, lost.left) == ("TimeoutError", True)

    told(silent, story)


def test_a_reply_that_trickles_is_given_up_in_time(picture: Path) -> None:
    async def trickle(line: Line) -> None:
        await line.whole()
        line.writer.write(b"HTTP/1.1 201 x\r\nContent-Length: 1000\r\n\r\n")
        while True:
            line.writer.write(b" ")
            await line.writer.drain()
            await asyncio.sleep(0.05)

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        began = time.monotonic()
        assert (await unreached(pinterest, create(server.url, picture), timeout_s=0.4)).left
        assert time.monotonic() - began < 3

    told(trickle, story)


def test_half_a_reply_is_no_reply(picture: Path) -> None:
    async def half(line: Line) -> None:
        await line.whole()
        line.writer.write(b'HTTP/1.1 201 x\r\nContent-Length: 13\r\n\r\n{"id": "12')
        await line.writer.drain()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        assert (await unreached(pinterest, create(server.url, picture))).left

    told(half, story)


def test_a_packed_reply_is_unpacked() -> None:
    async def packed(line: Line) -> None:
        await line.whole()
        await line.answer(200, gzip.compress(b'{"items": []}'), Content_Encoding="gzip")

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        reply = await pinterest.send(wire.list_boards(Caller(server.url, "t"), None), 5.0)
        assert reply.json() == {"items": []}

    told(packed, story)


def test_a_lease_that_is_too_short_lets_no_byte_of_the_body_leave(picture: Path) -> None:
    rest = bytearray()

    async def script(line: Line) -> None:
        await line.head()
        rest.extend(await line.rest())

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        with pytest.raises(LeaseTooShort):
            await pinterest.send(create(server.url, picture), 5.0, lambda: False)
        await asyncio.sleep(0.1)
        assert not rest
        assert all(not arrived.body for arrived in server.requests)

    told(script, story)


def test_the_lease_is_asked_after_waiting_for_room_and_right_before_the_body(picture: Path) -> None:
    go = asyncio.Event()
    asked: list[str] = []

    async def slow(line: Line) -> None:
        while True:
            await line.whole()
            await go.wait()
            await line.answer(201, b'{"id": "1"}')

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        first = asyncio.create_task(pinterest.send(create(server.url, picture), 5.0, lambda: True))
        second = asyncio.create_task(
            pinterest.send(create(server.url, picture), 5.0, lambda: not asked.append("asked"))  # type: ignore[func-returns-value]
        )
        await asyncio.sleep(0.2)
        assert not asked
        assert len(server.requests) == 1
        go.set()
        await asyncio.gather(first, second)
        assert asked == ["asked"]

    told(slow, story, cap=picture.stat().st_size)


@pytest.mark.parametrize("size", [None, 10], ids=["gone", "shorter than announced"])
def test_a_file_that_cannot_be_read_is_no_exception_out_of_the_blue(picture: Path, size: int | None) -> None:
    async def reading(line: Line) -> None:
        await line.whole()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        request = create(server.url, picture)
        if size is None:
            picture.unlink()
        else:
            picture.write_bytes(b"x" * size)
        lost = await unreached(pinterest, request, timeout_s=1.0)
        assert lost.left is (size is not None)

    told(reading, story)


def test_a_cancelled_send_makes_room_again(picture: Path) -> None:
    async def silent(line: Line) -> None:
        await line.whole()
        if len(line._server.requests) > 1:
            await line.answer(201, b'{"id": "1"}')
        await line.rest()

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        stuck = asyncio.create_task(pinterest.send(create(server.url, picture), 5.0))
        await asyncio.sleep(0.2)
        stuck.cancel()
        await asyncio.wait({stuck})
        assert (await pinterest.send(create(server.url, picture), 2.0)).status == 201

    told(silent, story, cap=100)


def test_a_broken_body_makes_room_again(tmp_path: Path, picture: Path) -> None:
    class Torn(Body):
        def pieces(self) -> Iterator[bytes]:
            yield self.head
            raise OSError("the disk failed")

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        good = create(server.url, picture)
        assert good.body is not None
        torn = Request(
            good.operation,
            good.url,
            good.headers,
            Torn(good.body.head, picture, good.body.file_size, good.body.tail),
        )
        for _ in range(3):
            assert (await unreached(pinterest, torn, timeout_s=1.0)).left
        assert (await pinterest.send(good, 2.0)).status == 201

    told(made, story, cap=100)
