"""Looks at what is behind a web address: a video by ranges, so that its gigabytes stay where they are; all else whole.

look_at(fetcher, url) -> Probe | VideoProbe | FetchTrouble
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from steadypin.domain.media_checks import CHANGED, image_findings
from steadypin.domain.media_facts import MOVIES, VIDEOS, ImageLimits, VideoFacts
from steadypin.domain.media_names import claimed_kind, contradicts, name_in_url
from steadypin.domain.native import native_from_exception
from steadypin.domain.video_checks import video_findings
from steadypin.probe.fetch import Fetcher, FetchTrouble, Piece
from steadypin.probe.images import Probe, image_facts, probe_image
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.reading import FAR, Reading, TooCostly, Window, cost_of_an_address
from steadypin.probe.videos import VideoProbe, read_movie

T = TypeVar("T")

HEAD = 64 * 1024
_TOTAL_S = 90.0
_NO_PARTS = "the server does not give parts of the file, and its description does not stand at the start"


class _Trouble(Exception):
    """Carries a trouble out of a reading."""

    def __init__(self, trouble: FetchTrouble) -> None:
        super().__init__(trouble.native.message)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class _Address:
    """A file on the web, as its first piece showed it."""

    fetcher: Fetcher
    first: Piece

    async def read(self, offset: int, size: int) -> bytes:
        """A piece. Raises _Trouble, TooCostly."""
        if offset + size <= len(self.first.data):
            return self.first.data[offset : offset + size]
        if not self.first.ranged:
            raise TooCostly(_NO_PARTS)
        piece = await self.fetcher.piece(self.first.url, offset, size)
        if isinstance(piece, FetchTrouble):
            raise _Trouble(piece)
        if not piece.ranged:
            raise TooCostly(_NO_PARTS)
        _require_whole(piece, size)
        if (piece.total, piece.version) != (self.first.total, self.first.version):
            raise _Changed
        return piece.data


def _require_whole(piece: Piece, size: int) -> None:
    """Raises _Trouble when fewer bytes came than the server announced."""
    if piece.total is not None and len(piece.data) < min(size, max(piece.total - piece.offset, 0)):
        native = native_from_exception(
            "media/source", "ShortReply", "the connection closed before all bytes came"
        )
        said = f"The server announced a file of {piece.total} bytes, and gave fewer than that."
        raise _Trouble(FetchTrouble(native, said))


class _Changed(Exception):
    """The file is another one than a moment ago."""


async def look_at(
    fetcher: Fetcher, url: str, limits: ImageLimits | None = None
) -> Probe | VideoProbe | FetchTrouble:
    """Look at the file behind an address; never raises for what is there. Bounded in time, bytes and requests."""
    try:
        async with asyncio.timeout(_TOTAL_S):
            first = await fetcher.piece(url, 0, HEAD)
            if isinstance(first, FetchTrouble):
                return first
            kind = kind_of(first.data[:HEAD_BYTES])
            if first.ranged:
                _require_whole(first, HEAD)
            if kind in VIDEOS:
                return await _video(fetcher, first, kind, _claim(url, first, kind))
            return await _image(fetcher, url, first, _claim(url, first, kind), limits or ImageLimits())
    except _Trouble as stopped:
        return stopped.trouble
    except TimeoutError:
        said = f"timed out after {_TOTAL_S:g} s"
        return FetchTrouble(native_from_exception("media/source", "TimeoutError", said))


def _claim(url: str, first: Piece, kind: str) -> str:
    """What contradicts the bytes, if anything does; else the content type, else the name."""
    claims = [each for each in (first.content_type, name_in_url(url)) if claimed_kind(each)]
    return next((each for each in claims if contradicts(each, kind)), claims[0] if claims else "")


async def _video(fetcher: Fetcher, first: Piece, kind: str, claimed: str) -> VideoProbe:
    if first.total is None:
        said = "the server does not say how large the file is"
        facts = VideoFacts(kind, len(first.data), MOVIES.get(kind, ""), claimed=claimed, unseen=said)
        return VideoProbe(facts, video_findings(facts))
    facts = VideoFacts(kind, first.total, MOVIES.get(kind, ""), claimed=claimed)
    if kind in MOVIES:
        try:
            reading = read_movie(Window(first.total, FAR, first.data), kind, claimed)
            facts = await _drive(reading, _Address(fetcher, first))
        except _Changed:
            facts = replace(facts, damage=CHANGED)
    return VideoProbe(facts, video_findings(facts))


async def _drive(reader: Reading[T], address: _Address) -> T:
    cost = cost_of_an_address()
    try:
        want = next(reader)
        while True:
            try:
                cost.spend(want)
                data = await address.read(want.offset, want.size)
            except TooCostly as refusal:
                want = reader.throw(refusal)
                continue
            want = reader.send(data)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        reader.close()


async def _image(
    fetcher: Fetcher, url: str, first: Piece, claimed: str, limits: ImageLimits
) -> Probe | FetchTrouble:
    with tempfile.TemporaryDirectory(prefix="steadypin-") as folder:
        path = Path(folder) / "look"
        size = await fetcher.fetch(url, lambda chunks: _keep(chunks, path, limits.most_bytes))
        if isinstance(size, FetchTrouble):
            return size
        if size <= limits.most_bytes:
            return await asyncio.to_thread(probe_image, path, claimed, limits)
        cut = await asyncio.to_thread(image_facts, path, claimed, limits)
        facts = replace(cut, size=max(size, first.total or 0), damage="")
        return Probe(facts, image_findings(facts, limits))


async def _keep(chunks: AsyncIterable[bytes], path: Path, most: int) -> int:
    """Write down the file, up to one byte more than may be; answers how much came."""
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            file.write(chunk)
            if size > most:
                break
    return size
