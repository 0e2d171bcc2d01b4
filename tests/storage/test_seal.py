"""Secrets at rest: bound to key and row, and a key file that is made once."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.storage.keys import GivenKeys, KeyFile, new_key, read_key, read_keys, write_key
from steadypin.storage.seal import KEY_ID_BYTES, Seal, WrongKey, key_id

KEY = bytes(range(32))
NEW = bytes(range(1, 33))
SEAL = Seal(KEY)
PLACE = ("grants", "access_token", "con_1")


def made(path: Path) -> bytes:
    """The key of a file that is made when it is not there."""
    file = KeyFile(path)
    file.make()
    (key,) = file.read()
    return key


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


def test_one_of_several_keys_seals_and_each_opens() -> None:
    former, ring = SEAL.close("pina_secret", *PLACE), Seal(NEW, KEY)
    assert ring.open(former, *PLACE) == "pina_secret"
    sealed = ring.close("pina_secret", *PLACE)
    assert sealed.startswith(key_id(NEW))
    with pytest.raises(WrongKey):
        SEAL.open(sealed, *PLACE)
    assert ring.use(key_id(KEY))
    assert SEAL.open(ring.close("pina_secret", *PLACE), *PLACE) == "pina_secret"
    assert not ring.use(b"unknown!")
    assert ring.current == key_id(KEY)


def test_a_value_from_before_key_ids_is_opened_with_any_key() -> None:
    old = SEAL.close("pina_secret", *PLACE)[KEY_ID_BYTES:]
    assert SEAL.open(old, *PLACE) == "pina_secret"
    assert Seal(NEW, KEY).opened(old, *PLACE) == (key_id(KEY), "pina_secret")


def test_a_key_that_is_put_into_the_file_is_found_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(write_key(KEY))
    seal, sealed = Seal(KEY, source=GivenKeys("", path)), Seal(NEW).close("pina_secret", *PLACE)
    with pytest.raises(WrongKey):
        seal.open(sealed, *PLACE)
    path.write_text("half a k")
    with pytest.raises(WrongKey):
        seal.open(sealed, *PLACE)
    path.write_text(f"{write_key(NEW)},\n{write_key(KEY)}\n")
    assert seal.open(sealed, *PLACE) == "pina_secret"
    assert seal.current == key_id(KEY), "which key seals is not decided by a file"
    path.unlink()
    assert seal.use(key_id(NEW)), "no key is ever forgotten"


def test_keys_stand_in_a_line_or_below_each_other() -> None:
    a, b = write_key(KEY), write_key(NEW)
    for text in (f"{b},{a}", f"{b}\n{a}\n", f" {b} , {a},{b}"):
        assert read_keys(text) == (NEW, KEY)
    for text in ("", ",", f"{a},abc"):
        with pytest.raises(ValueError, match="43 characters"):
            read_keys(text)


def test_a_key_file_takes_a_new_key_and_gives_up_the_former(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secret.key")
    file.make()
    (first,) = file.read()
    second = file.put_in_front()
    assert file.read() == (second, first)
    file.retire([second])
    third = file.put_in_front()
    file.retire([third])
    file.retire([third])
    assert file.read() == (third,)
    assert read_keys(file.former_path.read_text()) == (second, first)
    for path in (file.path, file.former_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["secret.key", "secret.key.former"]


def test_a_key_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    file = KeyFile(tmp_path / "secret.key")
    file.path.symlink_to(tmp_path / "vault" / "secret.key.real")
    (tmp_path / "vault" / "secret.key.real").write_text(write_key(KEY))
    new = file.put_in_front()
    assert file.path.is_symlink()
    assert file.read() == (new, KEY)


def test_no_way_of_printing_where_keys_come_from_shows_them() -> None:
    assert write_key(KEY) not in repr(GivenKeys(write_key(KEY)))


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
        key = made(path)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert made(path) == key
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"\xff\xfe"])
def test_a_file_that_holds_no_key_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="43 characters"):
        made(path)
    assert path.read_bytes() == content


def test_many_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait(10)
        keys.append(made(tmp_path / "secret.key"))

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
        patch.setattr("steadypin.storage.keys.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            made(tmp_path / "secret.key")
    assert list(tmp_path.iterdir()) == []
    assert len(made(tmp_path / "secret.key")) == 32
