"""Bad input, by the real command line: one sentence with what to do, the contract's exit code, nothing lost."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from steadypin import bootstrap
from steadypin.settings import load
from steadypin.storage import migrations
from steadypin.storage.filelock import FileLock
from steadypin.storage.keys import new_key
from tests.support.commands import (
    Ran,
    everything,
    installed,
    refused_as_json,
    steadypin,
    with_small_files,
    without_roots_powers,
)

USAGE, CANNOT_START, REFUSED = 2, 3, 4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    installed(made)
    return made


@contextmanager
def losing_nothing(home: Path) -> Iterator[None]:
    """Every row is the same afterwards, and Steadypin works on it."""
    before = everything(home)
    yield
    assert everything(home) == before
    ran = steadypin(home, "pins", "list", "--json")
    assert ran.code == 0, ran
    assert {pin["title"] for pin in json.loads(ran.out)["items"]} == {"Live", "Ahead"}


def cannot_start(ran: Ran, *fragments: str) -> None:
    assert ran.code == CANNOT_START, ran
    assert ran.out == ""
    ran.says(*fragments)


def picture(folder: Path, size: int = 300) -> Path:
    path = folder / "picture.png"
    Image.frombytes("RGB", (size, size), os.urandom(3 * size * size)).save(path)
    return path


# what a person writes


@pytest.fixture
def hosted(home: Path) -> Iterator[Path]:
    """The same, with the API running (but no worker), so that each command takes only a moment."""
    with bootstrap.hosted(load({"STEADYPIN_DATA_DIR": str(home)})) as door:
        (home / "steadypin.sock").symlink_to(door)
        yield home


def test_what_cannot_be_a_pin_is_refused_with_what_to_write_instead(hosted: Path, tmp_path: Path) -> None:
    good, empty, text = picture(tmp_path), tmp_path / "empty.png", tmp_path / "text.png"
    empty.touch()
    text.write_text("no picture")
    board = json.loads(steadypin(hosted, "boards", "list", "--json").out)["items"][0]["name"]
    before = everything(hosted)
    for wrong, said in (
        (("--board", "Nowhere", "--image", good), ("no board named 'Nowhere'", board)),
        (("--board", board, "--image", empty), ("empty",)),
        (("--board", board, "--image", text), ("JPEG",)),
        (("--board", board, "--image", tmp_path / "missing.png"), ("missing.png", "Correct the path")),
        (("--board", board, "--image", tmp_path), (str(tmp_path), "Correct the path")),
        (
            ("--board", board, "--image", good, "--at", "2026-05-01T09:00"),
            ("no offset", "2026-05-01T09:00:00+00:00"),
        ),
        (("--board", board, "--image", good, "--at", "soon"), ("2026-05-01T09:00:00+02:00",)),
        (("--board", board, "--image", good, "--description", "x" * 1700), ("Shorten it by 900",)),
        (("--board", board, "--image", good, "--link", "shop"), ("https://example.com/page",)),
        (("--board", board, "--media", "med_none"), ("There is no media",)),
    ):
        ran = steadypin(hosted, "pins", "create", *map(str, wrong))
        assert ran.code == REFUSED, ran
        ran.says(*said)
    after = everything(hosted)
    assert (
        len(after.pop("media")) == len(before.pop("media")) + 1
    )  # the good picture was kept for the next try
    assert after == before


def test_what_is_not_there_is_refused(hosted: Path) -> None:
    before = everything(hosted)
    for words, said in (
        (("pins", "show", "pin_none"), "There is no Pin pin_none"),
        (("pins", "retry", "../pins"), "There is no Pin"),
        (("import", "no-such-file.csv"), "no-such-file.csv"),
    ):
        ran = steadypin(hosted, *words)
        assert ran.code == REFUSED, ran
        ran.says(said)
    assert everything(hosted) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pins", "list", "--stage", "flying"), ("--stage", "flying", "scheduled")),
        (("pins", "list", "--limit", "many"), ("--limit", "integer")),
        (("pins", "create"), ("--board",)),
        (("publish",), ("publish",)),
        (("serve", "--port", "5"), ("--port",)),
    ],
)
def test_wrong_words_on_the_command_line_are_a_matter_of_usage(
    tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    ran = steadypin(tmp_path / "home", *words)
    assert ran.code == USAGE, ran
    assert "--help" in ran.says(*said)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BIND": "nonsense"}, ("STEADYPIN_BIND", "127.0.0.1:8080")),
        ({"LANE_LEASE_S": "soon"}, ("STEADYPIN_LANE_LEASE_S", "number of seconds")),
        ({"DATABASE_URL": "mysql://me@host/db"}, ("STEADYPIN_DATABASE_URL", "postgresql://")),
        ({"DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/db"}, ("PostgreSQL does not answer",)),
        ({"SECRET_KEY_FILE": "/nowhere/key"}, ("STEADYPIN_SECRET_KEY_FILE", "Correct the path")),
        ({"DATA_DIRECTORY": "/x"}, ("STEADYPIN_DATA_DIR", "Did you mean")),
    ],
)
def test_a_bad_setting_stops_the_start(
    tmp_path: Path, settings: dict[str, Any], said: tuple[str, ...]
) -> None:
    ran = steadypin(tmp_path / "home", "serve", **settings)
    cannot_start(ran, *said)
    assert "secret@" not in ran.err


# what happened to the installation


def test_a_corrupt_database_is_told_and_left_as_it_is(home: Path) -> None:
    path = home / "steadypin.db"
    whole = path.read_bytes()
    for spoiled, command in (
        (b"rubbish" * 1000, "serve"),
        (whole[:5000], "serve"),
        (whole[:100] + os.urandom(8000) + whole[8100:], "migrate"),
    ):
        path.write_bytes(spoiled)
        ran = steadypin(home, command)
        assert ran.code == CANNOT_START, ran
        assert "estore a backup" in ran.says()
        assert path.read_bytes() == spoiled
        for name in ("steadypin.db-wal", "steadypin.db-shm"):
            (home / name).unlink(missing_ok=True)
    path.write_bytes(whole)
    with losing_nothing(home):
        pass


def spoil(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "steadypin.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_database_of_a_newer_version_and_one_that_lacks_a_table_are_refused(home: Path) -> None:
    with losing_nothing(home):
        spoil(home, "UPDATE alembic_version SET version_num = '9999'")
        cannot_start(steadypin(home, "serve"), "newer Steadypin", "Install that version")
        assert "newer Steadypin" in refused_as_json(home, CANNOT_START, "pins", "list")
        spoil(home, f"UPDATE alembic_version SET version_num = '{migrations.HEAD}'")
        spoil(home, "ALTER TABLE twins RENAME TO moved")
        cannot_start(steadypin(home, "serve"), "lacks twins", "Restore a backup")
        spoil(home, "ALTER TABLE moved RENAME TO twins")


def test_a_wrong_or_missing_secret_key_changes_nothing(home: Path) -> None:
    key = home / "secret.key"
    kept = key.read_bytes()
    with losing_nothing(home):
        cannot_start(steadypin(home, "serve", SECRET_KEY=new_key()), "not the one", "Put the former key back")
        assert "Put the former key back" in refused_as_json(
            home, CANNOT_START, "pins", "list", SECRET_KEY=new_key()
        )
        cannot_start(steadypin(home, "serve", SECRET_KEY="short"), "43 characters", "STEADYPIN_SECRET_KEY")
        key.unlink()
        cannot_start(steadypin(home, "serve"), "is missing", "Put the file back")
        assert not key.exists()
        key.write_text("")
        cannot_start(steadypin(home, "serve"), "43 characters")
        assert key.read_text() == ""
        key.write_bytes(kept)


def test_a_folder_that_cannot_be_written_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cannot_start(steadypin(tmp_path / "file", "serve"), str(tmp_path / "file"), "STEADYPIN_DATA_DIR")
    below = tmp_path / "file" / "below"
    assert str(below) in refused_as_json(below, CANNOT_START, "pins", "list")
    with losing_nothing(home):
        home.chmod(0o500)
        cannot_start(steadypin(home, "serve", before=without_roots_powers), str(home), "write permission")
        home.chmod(0o700)
        (home / "steadypin.db").chmod(0o400)
        cannot_start(steadypin(home, "pins", "list", before=without_roots_powers), "write permission")
        (home / "steadypin.db").chmod(0o600)


def test_a_taken_port_and_a_taken_database_are_told(home: Path) -> None:
    with losing_nothing(home):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            cannot_start(steadypin(home, "serve", BIND=f"127.0.0.1:{port}"), f"Port {port}", "STEADYPIN_BIND")
        lock = FileLock(home / "steadypin.db.lock")
        cannot_start(steadypin(home, "serve"), "Another Steadypin", "Stop it first")
        lock.release()


def test_a_data_folder_too_deep_for_a_socket_is_told(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    installed(deep)
    with losing_nothing(deep):  # commands work there all the same
        cannot_start(steadypin(deep, "serve"), "shorter path", "STEADYPIN_DATA_DIR")


def test_what_is_no_backup_is_not_restored(home: Path, tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"rubbish" * 1000)
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE notes (x)")
    with losing_nothing(home):
        for name in ("rubbish", "other"):
            cannot_start(steadypin(home, "restore", str(tmp_path / name)), name)
        cannot_start(steadypin(home, "backup", str(home / "steadypin.db")), "never overwrites")


# no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB where the system lets us have one; a folder where no file can grow past 600 kB elsewhere."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=3m", "steadypin-test", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    yield place
    if mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def limits(place: Path) -> dict[str, Any]:
    return {} if place.is_mount() else {"before": with_small_files}


def test_no_room_while_writing_loses_nothing_and_heals_by_itself(small_disk: Path, tmp_path: Path) -> None:
    home = small_disk / "home"
    installed(home)
    large = picture(tmp_path, 1000)
    board = json.loads(steadypin(home, "boards", "list", "--json").out)["items"][0]["name"]
    with losing_nothing(home):
        ran = steadypin(home, "pins", "create", "--board", board, "--image", str(large), **limits(small_disk))
        cannot_start(ran, "Free some space")
    assert not list((home / "media").glob(".partial-*"))


def test_no_room_at_the_first_start_leaves_a_folder_that_starts_later(small_disk: Path) -> None:
    home, ballast = small_disk / "home", small_disk / "ballast"
    for left in (0, 40_000, 250_000):
        if small_disk.is_mount():
            free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
            ballast.write_bytes(bytes(free - left))
            ran = steadypin(home, "pins", "list")
        else:
            ran = steadypin(home, "pins", "list", before=lambda: with_small_files(20_000))
        assert ran.code == CANNOT_START, ran
        ran.says("space") if small_disk.is_mount() else ran.says("disk")
        ballast.unlink(missing_ok=True)
    assert steadypin(home, "pins", "list").code == 0
