"""Pins in every Stage, and what a refusal says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, InputRefused
from steadypin.domain.pins import Media, MediaKind, Pin
from steadypin.domain.words import Stage
from steadypin.services import choosing, compose
from steadypin.services.compose import NewPin
from steadypin.services.sending import Send
from tests.support.rig import Rig

URL = Media(MediaKind.IMAGE, url="https://shop.example/cake.png")


def new(home: Rig, shop: Connection, **fields: Any) -> NewPin:
    given = {
        "board_id": home.board(shop),
        "media": home.media(),
        "title": "Lemon cake",
        "due_at": home.clock.now(),
        **fields,
    }
    return NewPin(shop.id, **given)


def refused(work: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(InputRefused) as raised:
        work()
    return {error.field: error.message for error in raised.value.errors}


def conflict(work: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as raised:
        work()
    sentence = str(raised.value)
    assert sentence.count(". ") >= 1 or ";" in sentence, f"says what is, but not what to do: {sentence}"
    return sentence


def sending(home: Rig, shop: Connection) -> Pin:
    pin = home.pin(shop)
    (held,) = home.claim()
    assert isinstance(home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane)), Send)
    return pin


def confirming(home: Rig, shop: Connection) -> Pin:
    home.fault("500")
    pin = home.pin(shop)
    home.drain()
    return pin


def held_in_doubt(home: Rig, shop: Connection) -> Pin:
    home.sim_control("PUT", "/_sim/switches", {"rewrite_titles": True})
    home.fault("made_then_500")
    pin = home.pin(shop)
    home.drain()
    home.run_out(900)
    return pin


def in_stage(home: Rig, shop: Connection, stage: Stage) -> Pin:
    match stage:
        case Stage.DRAFT:
            return compose.create(home.ctx, new(home, shop, due_at=None))
        case Stage.PREPARING:
            return compose.create(home.ctx, new(home, shop, media=URL))
        case Stage.SENDING:
            return sending(home, shop)
        case Stage.CANCELLED:
            return compose.cancel(home.ctx, home.pin(shop).id)
        case _:
            pin = home.pin(shop)
            home.drain()
            return pin
