"""A new secret key takes the place of the present one while everything runs, and a crash anywhere costs nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.errors import CannotStart, Conflict
from steadypin.domain.words import Stage
from steadypin.services import connecting, lane_work, rekeying
from steadypin.services.context import Context
from steadypin.storage import instance, resealing
from steadypin.storage.connections import read_grant
from steadypin.storage.keys import GivenKeys, KeyFile, read_keys, write_key
from steadypin.storage.schema import connections, grants
from steadypin.storage.seal import KEY_ID_BYTES, Seal, WrongKey, key_id
from tests.support.rig import KEY, Rig

NEW = bytes(range(1, 33))


@pytest.fixture
def file(home: Rig, tmp_path: Path) -> KeyFile:
    """The installation's own key file, from which it has its key."""
    made = KeyFile(tmp_path / "secret.key")
    made.path.write_text(write_key(KEY) + "\n")
    home.use(seal=Seal(*made.read(), source=made))
    return made


@pytest.fixture
def many(home: Rig, monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Some accounts, more than are sealed anew in one transaction."""
    monkeypatch.setattr(rekeying, "ROWS_AT_ONCE", 2)
    return [home.connect(), home.connect("second_shop"), home.connect(environment="sandbox")]


def tokens(ctx: Context, seal: Seal | None = None) -> dict[str, str]:
    """Every access token in the clear. Raises WrongKey."""
    with ctx.store.read() as tx:
        rows = tx.conn.execute(sa.select(grants, grants.c.connection_id.label("id"))).all()
    return {row.id: read_grant(row, seal or ctx.seal).access_token for row in rows}


def sealed_with(ctx: Context) -> set[bytes]:
    """The ids of all keys that something is sealed with."""
    with ctx.store.read() as tx:
        rows = tx.conn.execute(sa.select(grants.c.access_token, grants.c.refresh_token)).all()
        return {value[:KEY_ID_BYTES] for row in rows for value in row if value} | {instance.current_key(tx)}


def test_every_row_is_sealed_anew_and_the_former_key_is_kept_apart(home, file, many):
    before = tokens(home.ctx)
    done = rekeying.rotate(home.ctx, everywhere=True)
    (key,) = file.read()
    assert (done.finished, done.resealed, done.left, done.key) == (True, 3, 0, key_id(key).hex())
    assert key != KEY
    assert sealed_with(home.ctx) == {key_id(key)}
    assert tokens(home.ctx, Seal(key)) == before
    assert read_keys(file.former_path.read_text()) == (KEY,)
    with pytest.raises(WrongKey):
        tokens(home.ctx, Seal(KEY))


def test_every_sealed_column_is_found(home):
    found = {(table.name, column.name) for table, columns in resealing.SEALED.items() for column in columns}
    assert {("grants", "access_token"), ("grants", "refresh_token")} <= found
    assert all(len(table.primary_key.columns) == 1 for table in resealing.SEALED)


def test_rows_from_before_key_ids_are_sealed_anew(home, file, many):
    before = tokens(home.ctx)
    with home.store.engines.writer.begin() as conn:
        for row in conn.execute(sa.select(grants)).all():
            cut = {name: getattr(row, name)[KEY_ID_BYTES:] for name in ("access_token", "refresh_token")}
            conn.execute(sa.update(grants).where(grants.c.connection_id == row.connection_id).values(**cut))
        check = conn.execute(sa.text("SELECT key_check FROM instance")).scalar_one()
        conn.execute(sa.text("UPDATE instance SET key_check = :cut"), {"cut": bytes(check)[KEY_ID_BYTES:]})
    assert tokens(home.ctx) == before
    home.store.write(lambda tx: instance.check_key(tx, home.ctx.seal))
    rekeying.rotate(home.ctx, everywhere=True)
    assert sealed_with(home.ctx) == {key_id(file.read()[0])}
    assert tokens(home.ctx) == before


def test_pins_are_published_and_accounts_connected_all_the_while(home, file, many, monkeypatch):
    monkeypatch.setattr(rekeying, "_PATIENCE_S", 0.0)
    assert not rekeying.rotate(home.ctx, everywhere=True).finished
    shop = many[0]
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    home.connect("spring_shop")
    home.clock.advance(25 * 86400)
    home.drain()
    monkeypatch.undo()
    assert rekeying.rotate(home.ctx, everywhere=True).finished
    later = home.pin(shop, "Later")
    home.drain()
    assert home.stage(later) is Stage.PUBLISHED
    assert sealed_with(home.ctx) == {key_id(file.read()[0])}


def test_another_worker_with_the_key_file_seals_with_the_new_key_at_once(home, file, many, monkeypatch):
    other = replace(home.worker("w2"), ctx=replace(home.ctx, seal=Seal(KEY, source=file)))
    monkeypatch.setattr(rekeying, "_PATIENCE_S", 0.0)
    rekeying.rotate(home.ctx, everywhere=True)
    home.clock.advance(25 * 86400)
    home.drain(other)
    assert sealed_with(home.ctx) == {key_id(file.read()[0])}, "its renewals are under the new key"
    assert tokens(other.ctx) == tokens(home.ctx)


def test_a_worker_without_the_new_key_says_so_and_changes_nothing(home, file, many):
    alone = replace(home.worker("w2"), ctx=replace(home.ctx, seal=Seal(KEY)))
    rekeying.rotate(home.ctx, everywhere=True)
    before = tokens(home.ctx)
    pin = home.pin(many[0])
    (held,) = home.claim(alone)
    with pytest.raises(WrongKey):
        home.run(lane_work.work(alone, held))
    assert not rekeying.knows_key(alone.ctx)
    home.run(lane_work.give_back(alone.ctx, [held.lane]))
    home.drain()
    assert (tokens(home.ctx), home.stage(pin)) == (before, Stage.PUBLISHED)


def test_an_interrupted_rotation_goes_on_with_the_same_key(home, file, many, monkeypatch):
    real = resealing.reseal

    def dies(*given: Any, **more: Any) -> Any:
        raise OSError("killed")

    monkeypatch.setattr(resealing, "reseal", dies)
    with pytest.raises(OSError, match="killed"):
        rekeying.rotate(home.ctx, everywhere=True)
    begun = file.read()
    assert len(begun) == 2
    monkeypatch.setattr(resealing, "reseal", real)
    assert rekeying.rotate(home.ctx, everywhere=True).finished
    assert file.read() == begun[:1]


def test_keys_of_the_operator_are_never_changed(home, many, tmp_path):
    path = tmp_path / "secret.key.mounted"
    path.write_text(write_key(KEY))
    home.use(seal=Seal(KEY, source=GivenKeys(write_key(KEY), path)))
    with pytest.raises(Conflict, match="yours to change"):
        rekeying.rotate(home.ctx, everywhere=True)
    path.write_text(f"{write_key(NEW)},{write_key(KEY)}")
    done = rekeying.rotate(home.ctx, everywhere=True)
    assert (done.finished, done.former_file, done.key) == (True, None, key_id(NEW).hex())
    assert sealed_with(home.ctx) == {key_id(NEW)}
    assert path.read_text() == f"{write_key(NEW)},{write_key(KEY)}"
    with pytest.raises(Conflict, match="yours to change"):
        rekeying.rotate(home.ctx, everywhere=True)


def test_on_postgresql_the_new_key_is_made_ready_first(home, file, many):
    done = rekeying.rotate(home.ctx, everywhere=False)
    if home.store.dialect == "sqlite":
        assert done.finished, "no other machine can work on it"
        return
    assert (done.finished, done.waits, done.left) == (False, True, 3)
    assert sealed_with(home.ctx) == {key_id(KEY)}
    again = rekeying.rotate(home.ctx, everywhere=False)
    assert (again.waits, again.key) == (True, done.key)
    assert rekeying.rotate(home.ctx, everywhere=True).key == done.key


def test_two_rotations_at_once_are_one(home, file, many):
    with rekeying._alone(file), pytest.raises(Conflict, match="under way"):
        rekeying.rotate(home.ctx, everywhere=True)


def test_a_row_that_no_key_opens_is_kept_and_told(home, file, many):
    broken = many[1].id
    with home.store.engines.writer.begin() as conn:
        conn.execute(sa.update(grants).where(grants.c.connection_id == broken).values(access_token=b"x" * 60))
    done = rekeying.rotate(home.ctx, everywhere=True)
    assert (done.finished, done.unreadable, done.resealed) == (True, (broken,), 2)
    home.store.write(lambda tx: rekeying.tokens_unreadable(home.ctx, tx, broken))
    home.store.write(lambda tx: rekeying.tokens_unreadable(home.ctx, tx, many[0].id))
    assert "cannot be read" in (connecting.get(home.ctx, broken).broken_because or "")
    assert connecting.get(home.ctx, many[0].id).broken_because is None
    with home.store.read() as tx:
        kept = tx.conn.execute(sa.select(grants.c.access_token).where(grants.c.connection_id == broken))
        assert bytes(kept.scalar_one()) == b"x" * 60
    home.connect(many[1].username)
    with home.store.read() as tx:
        found = sa.select(connections.c.broken_because).where(connections.c.id == broken)
        assert tx.conn.execute(found).scalar_one() is None


def test_a_backup_from_before_is_opened_with_the_former_key_beside_the_new_one(home, file, many):
    with home.restored():
        rekeying.rotate(home.ctx, everywhere=True)
    (new,) = file.read()
    with pytest.raises(CannotStart, match=r"Put the former key back.*Nothing was changed"):
        home.store.write(lambda tx: instance.check_key(tx, Seal(new)))
    file.path.write_text(f"{write_key(new)}\n{write_key(KEY)}\n")
    home.use(seal=Seal(*file.read(), source=file))
    home.store.write(lambda tx: instance.check_key(tx, home.ctx.seal))
    assert home.ctx.seal.current == key_id(KEY)
    assert rekeying.rotate(home.ctx, everywhere=True).finished
    assert sealed_with(home.ctx) == {key_id(new)}
