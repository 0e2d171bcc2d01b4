"""Secrets at rest: bound to key and row, and a key file that is made once."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.storage.seal import Seal, WrongKey, key_file, new_key, read_key

KEY = bytes(range(32))
SEAL = Seal(KEY)
PLACE = ("grants", "access_token", "con_1")


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=4))
def test_what_was_sealed_is_opened_at_its_place(secret: str, place: list[str]) -> None:
    assert SEAL.open(SEAL.close(secret, *place), *place) == secret


@pytest.mark.parametrize(
    "place",
    [("grants", "access_token", "con_2"), ("grants", "refresh_token", "con_1"), ("grants", "access_token"), (),
     ("grants", "access_tokencon_1"), ("grants", "access_", "tokencon_1")],
)  # fmt: skip
def test_a_value_moved_to_another_place_is_not_opened(place: tuple[str, ...]) -> None:
    with pytest.raises(WrongKey):
        SEAL.open(SEAL.close("pina_secret", *PLACE), *place)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(WrongKey):
        Seal(bytes(32)).open(SEAL.close("pina_secret", *PLACE), *PLACE)


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 27])
def test_damaged_values_are_not_opened(cut: int) -> None:
    sealed = SEAL.close("pina_secret", *PLACE)
    for damaged in (sealed[:cut], sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(WrongKey):
            SEAL.open(damaged, *PLACE)


def test_the_same_secret_never_looks_the_same_and_never_shows() -> None:
    one, other = SEAL.close("pina_secret", *PLACE), SEAL.close("pina_secret", *PLACE)
    assert one != other
    assert b"pina" not in one


def test_no_way_of_printing_a_seal_shows_its_key() -> None:
    for shown in (repr(SEAL), str(SEAL), repr(vars(SEAL)), repr(WrongKey("x"))):
        assert KEY.hex() not in shown
        assert repr(KEY) not in shown


def test_a_key_is_read_as_it_was_written() -> None:
    assert len(read_key(new_key())) == 32
    assert read_key(f" {new_key()}=\n")
    assert new_key() != new_key()


@pytest.mark.parametrize("text", ["", "abc", "x" * 42, "x" * 44, "ä" * 43, "\ufffd" * 43, "!" * 43])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="43 characters") as refused:
        read_key(text)
    assert not text or text not in str(refused.value)


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    mask = os.umask(0)
    try:
        key = key_file(path)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert key_file(path) == key
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"\xff\xfe"])
def test_a_file_that_holds_no_key_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="43 characters"):
        key_file(path)
    assert path.read_bytes() == content


def test_many_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait(10)
        keys.append(key_file(tmp_path / "secret.key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_full_disk_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("steadypin.storage.seal.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            key_file(tmp_path / "secret.key")
    assert list(tmp_path.iterdir()) == []
    assert len(key_file(tmp_path / "secret.key")) == 32
