"""The media store: a file is there whole, under the digest of its bytes, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steadypin.domain.errors import StoreTrouble
from steadypin.storage.media_files import MediaFiles, TooLarge


async def stream(*chunks: bytes, error: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if error is not None:
        raise error


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.binary(max_size=50), max_size=5))
def test_bytes_are_found_again_by_their_digest(tmp_path: Path, chunks: list[bytes]) -> None:
    store = MediaFiles(tmp_path / "media")
    whole = b"".join(chunks)
    digest, size = asyncio.run(store.take(stream(*chunks), 1000))
    assert (digest, size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert store.path(digest).read_bytes() == whole
    assert b"".join(store.read(digest, 7)) == whole


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = MediaFiles(tmp_path)
    for _ in range(3):
        asyncio.run(store.take(stream(b"a", b"b"), 10))
    assert len(files_in(tmp_path)) == 1


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    store = MediaFiles(tmp_path)
    path = store.path(hashlib.sha256(b"ab").hexdigest())

    async def slowly() -> AsyncIterator[bytes]:
        yield b"a"
        assert not path.exists()
        yield b"b"
        assert not path.exists()

    asyncio.run(store.take(slowly(), 10))
    assert files_in(tmp_path) == [path]


def test_exactly_the_limit_is_taken_and_one_byte_more_leaves_nothing(tmp_path: Path) -> None:
    store = MediaFiles(tmp_path)
    assert asyncio.run(store.take(stream(b"x" * 10), 10))[1] == 10
    with pytest.raises(TooLarge):
        asyncio.run(store.take(stream(b"y" * 10, b"y"), 10))
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), RuntimeError("the client left"), KeyboardInterrupt()]
)
def test_an_interrupted_stream_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    async def taking() -> None:
        with pytest.raises(type(error)):
            await MediaFiles(tmp_path).take(stream(b"a", error=error), 10)

    asyncio.run(taking())
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(104, "Connection reset by peer")])
def test_trouble_with_the_source_is_not_blamed_on_the_store(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(type(error)):
        asyncio.run(MediaFiles(tmp_path).take(stream(b"a", error=error), 10))
    assert files_in(tmp_path) == []


def test_a_full_disk_leaves_nothing_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("steadypin.storage.media_files.os.fsync", full)
    with pytest.raises(StoreTrouble, match=r"No space left on device.*Free some space"):
        asyncio.run(MediaFiles(tmp_path).take(stream(b"a"), 10))
    assert files_in(tmp_path) == []


def test_a_folder_that_is_a_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"")
    with pytest.raises(StoreTrouble, match="write permission"):
        asyncio.run(MediaFiles(tmp_path / "media").take(stream(b"a"), 10))


def test_bytes_that_are_not_there_are_an_error_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(MediaFiles(tmp_path).read("0" * 64, 10))
