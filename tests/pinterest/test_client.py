"""The shell around the wire, on real sockets: one request is one request, and `left` never claims too little."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from pathlib import Path

import pytest

from steadypin.domain.verdicts import InDoubt, NothingMade
from steadypin.pinterest import wire
from steadypin.pinterest.client import HttpPinterest
from steadypin.pinterest.wire import Caller, Reply, prove_create
from tests.pinterest.server import Line, Server
from tests.pinterest.stage import create, made, told, unreached
from tests.support.clock import START


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
