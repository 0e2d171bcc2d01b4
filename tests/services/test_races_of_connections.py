"""Two at once: an undo and a send, two consents of one account, a disconnect and a check. Either order is a whole story."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from pinsim import Request as SimRequest
from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict
from steadypin.domain.words import Stage
from steadypin.services import choosing, connecting, incidents, lane_work, resuming, watching
from steadypin.storage import errands, schema
from steadypin.storage.database import Tx
from tests.support.rig import Rig

TIMES = 6


def act(home: Rig, do: str, **more: Any) -> None:
    home.sim_control("POST", "/_sim/act", {"do": do, "account": "spring_shop", **more})


def consent(home: Rig) -> tuple[str, str]:
    """A state and the code that came back for it, not finished yet."""
    home.sim_control("PUT", "/_sim/switches", {"auto_consent": "spring_shop"})
    query = parse_qs(urlsplit(connecting.authorize(home.ctx).url).query)
    asked = [(name, found[0]) for name, found in query.items()]
    answer = home.run(home.sim.answer(SimRequest("GET", "/oauth/", asked)))
    back = parse_qs(urlsplit(answer.header("Location")).query)
    return back["state"][0], back["code"][0]


def test_an_undo_and_a_send_never_both_happen(home: Rig, shop: Connection) -> None:
    seen = set()
    for n in range(TIMES):
        pin = home.pin(shop, f"Cake {n}")
        connecting.disconnect(home.ctx, shop.id)
        home.drain()
        home.connect(drain=False)
        home.store.write(lambda tx: tx.conn.execute(sa.update(schema.errands).values(act_at=None)))
        (held,) = home.claim()
        together = Barrier(2)

        def choose(tx: Tx, lane: Any = held.lane) -> object:
            return choosing.choose(home.ctx, tx, lane)

        def send(together: Barrier = together, work: Any = choose) -> object:
            together.wait()
            return home.store.write(work)

        def undo(together: Barrier = together) -> int:
            together.wait()
            try:
                return resuming.undo(home.ctx, shop.id).put_back
            except Conflict:
                return 0

        with ThreadPoolExecutor(2) as threads:
            sending, undoing = threads.submit(send), threads.submit(undo)
            sending.result()
            put_back = undoing.result()
        stage = home.stage(pin)
        assert stage is (Stage.HELD if put_back else Stage.SENDING)
        seen.add(stage)
        home.restart()
        home.run_out(1200, 300)
        assert len(home.live(f"Cake {n}")) <= 1
    assert seen <= {Stage.HELD, Stage.SENDING}


def test_two_consents_of_one_account_that_come_back_at_once_make_one_connection(home: Rig) -> None:
    for _ in range(TIMES):
        first, second = consent(home), consent(home)

        async def both(
            one: tuple[str, str] = first, other: tuple[str, str] = second
        ) -> tuple[Connection, Connection]:
            return await asyncio.gather(
                connecting.finish(home.wired, *one), connecting.finish(home.wired, *other)
            )

        found = home.run(both())
        assert found[0].id == found[1].id
        home.drain()
        assert len(connecting.listing(home.ctx)) == 1
        assert connecting.listing(home.ctx)[0].broken is None


def test_a_disconnect_during_a_check_leaves_nothing_open_and_nobody_waiting(
    home: Rig, shop: Connection
) -> None:
    for _ in range(TIMES):
        act(home, "revoke_app")
        asked = watching.check(home.ctx, shop.id)
        (held,) = home.claim()
        together = Barrier(2)

        def work(together: Barrier = together, held: Any = held) -> None:
            together.wait()
            home.run(lane_work.work(home.wired, held))

        def end(together: Barrier = together) -> None:
            together.wait()
            connecting.disconnect(home.ctx, shop.id)

        with ThreadPoolExecutor(2) as threads:
            ending = threads.submit(end)
            work()
            ending.result()
        home.drain()
        assert connecting.get(home.ctx, shop.id).disconnected_at is not None
        assert incidents.listing(home.ctx, open_only=True) == []
        with home.store.read() as tx:
            found = errands.get(tx, asked)
        assert found is not None
        assert found.result is not None
        home.connect()
