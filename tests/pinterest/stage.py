"""A story between our client and a server that follows a script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.pinterest import wire
from steadypin.pinterest.client import HttpPinterest
from steadypin.pinterest.wire import Caller, ImageFile, Request, Unreached
from tests.pinterest.server import Line, Server, playing
from tests.support.clock import VirtualClock

CONTENT = Content("17", Media(MediaKind.IMAGE, "med_1"), None, "Lemon cake")
Story = Callable[[HttpPinterest, Server], Awaitable[None]]


def create(url: str, picture: Path, size: int | None = None) -> Request:
    return wire.create_pin(
        Caller(url, "pina_secret"),
        CONTENT,
        [ImageFile(picture, size or picture.stat().st_size, "image/png")],
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
