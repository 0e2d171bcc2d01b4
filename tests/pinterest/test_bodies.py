"""The body of a create: it leaves only with enough lease, from a file that may fail, and makes room again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from steadypin.domain.media import Item
from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.pinterest import wire
from steadypin.pinterest.client import HttpPinterest
from steadypin.pinterest.wire import Body, Caller, ImageFile, LeaseTooShort, Request
from tests.pinterest.server import Line, Server
from tests.pinterest.stage import create, made, told, unreached


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

    def spoil() -> None:
        picture.unlink()
        if size is not None:
            picture.write_bytes(b"x" * size)

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        request = create(server.url, picture)
        spoil()
        lost = await unreached(pinterest, request, timeout_s=1.0)
        assert lost.left is (size is not None)

    told(reading, story)


def test_a_carousel_whose_second_file_is_gone_leaves_doubt_and_makes_room_again(picture: Path) -> None:
    async def reading(line: Line) -> None:
        await line.whole()

    file = ImageFile(picture, picture.stat().st_size, "image/png")
    gone = ImageFile(picture.with_name("gone.png"), file.size, "image/png")

    async def story(pinterest: HttpPinterest, server: Server) -> None:
        media = Media(MediaKind.CAROUSEL, items=(Item("med_1"), Item("med_2")))
        request = wire.create_pin(Caller(server.url, "pina_secret"), Content("17", media), [file, gone])
        assert (await unreached(pinterest, request, timeout_s=5.0)).left
        assert pinterest._gate._used == 0

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
            Torn(good.body.head, good.body.files),
        )
        for _ in range(3):
            assert (await unreached(pinterest, torn, timeout_s=1.0)).left
        assert (await pinterest.send(good, 2.0)).status == 201

    told(made, story, cap=100)
