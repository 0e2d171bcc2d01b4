"""Disconnecting: every copy of the tokens is destroyed, and nothing else is lost."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.connections import Connection, ConnectionStatus
from steadypin.domain.errors import NotThere
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.pinterest.wire import Reply, Request
from steadypin.services import connecting, lane_work
from steadypin.storage import connections
from steadypin.storage.connections import read_grant
from steadypin.storage.resealing import SEALED
from steadypin.storage.schema import grants
from tests.support.rig import Rig


def row(home: Rig, shop: Connection) -> Any:
    with home.store.read() as tx:
        return tx.conn.execute(sa.select(grants).where(grants.c.connection_id == shop.id)).one()


def ends_during(operation: str, home: Rig, shop: Connection, patch: pytest.MonkeyPatch) -> None:
    """It is disconnected while Pinterest has that request, before the reply is known here."""
    real = home.pinterest.send

    async def meanwhile(request: Request, *more: Any) -> Reply:
        reply = await real(request, *more)
        if request.operation.id == operation:
            await home.store.write_async(lambda tx: connections.mark_disconnected(tx, shop.id))
        return reply

    patch.setattr(home.pinterest, "send", meanwhile)


def ended(home: Rig, shop: Connection) -> Connection:
    return connecting.disconnect(home.ctx, shop.id)


def test_every_copy_of_the_tokens_is_destroyed(home: Rig, shop: Connection) -> None:
    home.clock.advance(25 * 86400)
    home.drain()
    assert row(home, shop).access_token
    ended(home, shop)
    assert [getattr(row(home, shop), column.name) or None for column in SEALED[grants]] == [None] * len(
        SEALED[grants]
    )
    assert row(home, shop).refresh_at is None


def test_doing_it_twice_changes_nothing(home: Rig, shop: Connection) -> None:
    first, version = ended(home, shop), row(home, shop).version
    home.clock.advance(60)
    assert ended(home, shop) == first
    assert row(home, shop).version == version
    assert first.status(home.clock.now()) is ConnectionStatus.DISCONNECTED
    with pytest.raises(NotThere):
        connecting.disconnect(home.ctx, "con_none")


def test_a_renewal_under_way_brings_no_token_back(
    home: Rig, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.clock.advance(25 * 86400)
    ends_during("oauth/token", home, shop, monkeypatch)
    home.drain()
    assert not row(home, shop).access_token
    assert connecting.get(home.ctx, shop.id).disconnected_at is not None


def test_its_pins_are_held_as_they_come_due_and_go_on_by_a_reconnect(home: Rig, shop: Connection) -> None:
    due, ahead = home.pin(shop, "Due"), home.pin(shop, "Ahead", due_in=7200)
    ended(home, shop)
    home.drain()
    trouble = home.get(due).trouble
    assert trouble is not None
    assert (home.stage(due), trouble.cause, trouble.remedy) == (Stage.HELD, Cause.TOKEN, Remedy.RECONNECT)
    assert trouble.title == "The connection to spring_shop is disconnected"
    assert home.stage(ahead) is Stage.SCHEDULED
    assert home.creates() == []
    home.clock.advance(3600)
    assert home.connect().id == shop.id
    home.run_out(7200)
    assert (home.stage(due), home.stage(ahead)) == (Stage.PUBLISHED, Stage.PUBLISHED)
    assert len(home.creates()) == 2


def test_one_that_is_later_than_the_grace_waits_for_a_word(home: Rig, shop: Connection) -> None:
    pin = home.pin(shop)
    ended(home, shop)
    home.drain()
    home.clock.advance(2 * 86400)
    home.connect()
    home.run_out(600)
    assert (home.stage(pin), home.creates()) == (Stage.HELD, [])


def test_a_pin_in_doubt_stays_in_doubt_and_is_looked_for_after_the_reconnect(
    home: Rig, shop: Connection
) -> None:
    home.fault("made_then_500")
    pin = home.pin(shop)
    home.drain()
    assert home.stage(pin) is Stage.CONFIRMING
    ended(home, shop)
    home.run_out(3600, 300)
    assert home.get(pin).in_doubt
    home.connect()
    home.run_out(1200)
    assert (home.stage(pin), len(home.creates())) == (Stage.PUBLISHED, 1)


def test_a_create_under_way_is_still_recorded(
    home: Rig, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = home.pin(shop)
    ends_during("pins/create", home, shop, monkeypatch)
    home.drain()
    assert home.stage(pin) is Stage.PUBLISHED
    assert home.kinds(pin) == [[OutcomeKind.MADE]]


def test_a_refused_create_under_way_is_held_and_breaks_nothing_more(
    home: Rig, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = home.pin(shop)
    (held,) = home.claim()
    home.fault("401")
    ends_during("pins/create", home, shop, monkeypatch)
    home.run(lane_work.work(home.wired, held))
    found = home.get(pin)
    assert found.stage is Stage.HELD
    assert found.trouble is not None
    assert found.trouble.remedy is Remedy.RECONNECT
    assert connecting.get(home.ctx, shop.id).broken_because is None


def test_a_reconnect_seals_a_new_pair(home: Rig, shop: Connection) -> None:
    before = row(home, shop).version
    ended(home, shop)
    home.connect()
    with home.store.read() as tx:
        found = tx.conn.execute(sa.select(grants, grants.c.connection_id.label("id"))).one()
    assert read_grant(found, home.ctx.seal).access_token.startswith("pina_")
    assert found.version == before + 2
