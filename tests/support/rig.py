"""An installation on a simulated Pinterest, in one process, with one virtual clock for everybody."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from PIL import Image

from pinsim import Request as SimRequest
from pinsim import Sim
from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.connections import Connection
from steadypin.domain.pacing.budgets import STANDARD, Budget, Pace
from steadypin.domain.pacing.day import Limits
from steadypin.domain.pins import Media, MediaKind, Pin
from steadypin.domain.verdicts import Policy
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Hosts
from steadypin.services import compose, connecting, lane_work
from steadypin.services.context import App, Context, Wired
from steadypin.services.holding import Held
from steadypin.storage import instance, lanes, media, migrations, schema
from steadypin.storage.database import Tx
from steadypin.storage.engines import open_engines
from steadypin.storage.media import KeptMedia
from steadypin.storage.media_files import MediaFiles
from steadypin.storage.seal import Seal
from tests.support import snapshots
from tests.support.batches import BatchingStore
from tests.support.clock import VirtualClock
from tests.support.sim import Crash, SimPinterest

T = TypeVar("T")
KEY = bytes(range(32))
REDIRECT = "http://127.0.0.1:8080/oauth/callback"


QUOTA_TIMES = 1_000_000
"""Tests do not wait for quotas unless they are about them: set the switch `quota_times` to 1 before connecting."""


def forget_quotas(tx: Tx, connection_id: str) -> None:
    """As if Pinterest had said already that it gives a million times as much."""
    plenty = {key: Budget(replace(quota, limit=quota.limit * QUOTA_TIMES)) for key, quota in STANDARD.items()}
    tx.conn.execute(
        sa.update(schema.lanes)
        .where(schema.lanes.c.connection_id == connection_id, schema.lanes.c.pace.is_(None))
        .values(pace=Pace(plenty).to_json())
    )


def make_store(url: str, clock: VirtualClock | None) -> BatchingStore:
    """A store with its tables made; with `clock` its database clock is that one."""
    engines = open_engines(url)
    migrations.upgrade(engines)
    return BatchingStore(engines, clock.now if clock is not None else None)


class Rig:
    """One installation. `worker_context` gives further workers on the same database."""

    def __init__(self, url: str, folder: Path, policy: Policy | None = None, seed: int = 1) -> None:
        self._runner = asyncio.Runner()
        self.clock = VirtualClock()
        self.sim = Sim(seed, self.clock.epoch)
        self.sim.switches.quota_times = QUOTA_TIMES
        self.pinterest = SimPinterest(self.sim, self.clock)
        self.url, self.folder = url, folder
        self._ids = count(1)
        self._policy = policy or Policy(resume_after_s=0)
        self.store = make_store(url, self.clock)
        self.seal = Seal(KEY)
        self.store.write(lambda tx: instance.check_key(tx, self.seal))
        self.wired = self.worker("w1")
        self.ctx = self.wired.ctx

    def worker(self, name: str) -> Wired:
        """Another worker on the same database."""
        ctx = Context(
            store=self.store,
            files=MediaFiles(self.folder / "media"),
            seal=self.seal,
            hosts=Hosts(
                "http://pinsim.test/v5", "http://pinsim.test/sandbox/v5", "http://pinsim.test/oauth/"
            ),
            app=App(self.sim_app["id"], self.sim_app["secret"], REDIRECT),
            clock=self.clock,
            policy=self._policy,
            lease=timedelta(seconds=30),
            worker=name,
            new_id=self._new_id,
            jitter=lambda: 0.0,
            limits=Limits(daily_cap=10_000, spacing_s=0, quiet=None, tz=UTC, repace_s=0),
        )
        return Wired(ctx, self.pinterest)

    def _new_id(self, prefix: str, now: datetime) -> str:
        return f"{prefix}_{next(self._ids):026d}"

    @property
    def sim_app(self) -> dict[str, str]:
        """Id and secret of the simulated app, with our redirect address registered."""
        app = self.sim.world.apps["1500001"]
        if REDIRECT not in app.redirect_uris:
            app.redirect_uris.append(REDIRECT)
        return {"id": app.id, "secret": app.secret}

    def use(self, **changes: Any) -> None:
        """Go on with a changed Context."""
        self.ctx = replace(self.ctx, **changes)
        self.wired = replace(self.wired, ctx=self.ctx)

    def close(self) -> None:
        """Close the database."""
        self.store.close()
        self._runner.close()

    # accounts and media

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self._runner.run(work)

    def by_hand(self, username: str, board_id: str, title: str) -> None:
        """Somebody pins on Pinterest's own page: a create that Steadypin does not know of."""
        token = self.sim_control("POST", "/_sim/tokens", {"account": username})["access_token"]
        picture = base64.b64encode(picture_bytes("green")).decode()
        body = {
            "board_id": board_id,
            "title": title,
            "media_source": {"source_type": "image_base64", "content_type": "image/png", "data": picture},
        }
        faults = self.sim_control("GET", "/_sim/faults")["faults"]
        self.sim_control("DELETE", "/_sim/faults")
        sent = SimRequest(
            "POST", "/v5/pins", (), {"Authorization": f"Bearer {token}"}, json.dumps(body).encode()
        )
        assert self.run(self.sim.answer(sent)).status == 201
        for fault in faults:
            if fault["times"] is not None and fault["times"] > fault.get("struck", 0):
                again = {
                    "on": fault["on"],
                    "do": fault["do"],
                    "times": fault["times"] - fault.get("struck", 0),
                }
                self.sim_control("POST", "/_sim/faults", again)

    def connect(
        self, username: str = "spring_shop", *, drain: bool = True, environment: str = "production"
    ) -> Connection:
        """Connect an account through the real consent page, and read its boards."""
        self.sim_control("PUT", "/_sim/switches", {"auto_consent": username})
        begun = connecting.authorize(self.ctx, environment)
        query = parse_qs(urlsplit(begun.url).query)
        answer = self.run(
            self.sim.answer(SimRequest("GET", "/oauth/", [(name, found[0]) for name, found in query.items()]))
        )
        back = parse_qs(urlsplit(answer.header("Location")).query)
        connection = self.run(connecting.finish(self.wired, back["state"][0], back["code"][0]))
        if self.sim.switches.quota_times == QUOTA_TIMES:
            self.store.write(lambda tx: forget_quotas(tx, connection.id))
        if drain:
            self.drain()
        return connection

    def board(self, connection: Connection, n: int = 0) -> str:
        """The id of one of the account's boards."""
        return connecting.boards_of(self.ctx, connection.id)[n].id

    def media(self, colour: str = "orange") -> Media:
        """A small kept image."""

        async def pieces() -> Any:
            yield picture_bytes(colour)

        digest, size = self.run(self.ctx.files.take(pieces(), 10**7))
        kept = KeptMedia(
            self._new_id("med", self.clock.now()), digest, "image/png", size, 200, 300, None, self.clock.now()
        )
        return Media(MediaKind.IMAGE, media_id=self.store.write(lambda tx: media.add(tx, kept)).id)

    def pin(
        self,
        connection: Connection,
        title: str = "Lemon cake",
        due_in: float = 0.0,
        confirmed: Sequence[str] = (),
        **content: Any,
    ) -> Pin:
        """A scheduled Pin."""
        fields: dict[str, Any] = {"link": f"https://shop.example/{title.replace(' ', '-')}", **content}
        fields.setdefault("board_id", self.board(connection))
        fields.setdefault("media", self.media())
        due_at = self.clock.now() + timedelta(seconds=due_in)
        new = compose.NewPin(connection.id, title=title, due_at=due_at, **fields)
        return compose.create(self.ctx, new, confirmed)

    # running

    def claim(self, wired: Wired | None = None, most: int = 10) -> list[Held]:
        """Claim what is due."""
        ctx = (wired or self.wired).ctx
        before = self.clock.boot()
        found = ctx.store.write(lambda tx: lane_work.claim(ctx, tx, most))
        return [Held(lane, ctx, before + ctx.lease.total_seconds()) for lane in found]

    def drain(self, wired: Wired | None = None) -> int:
        """Run every Lane that has something due until nothing is; answers how many Lanes ran. A crash is caught."""
        wired = wired or self.wired
        ran = 0
        while held := self.claim(wired):
            for one in held:
                ran += 1
                try:
                    self.run(lane_work.work(wired, one))
                except Crash:
                    continue
        return ran

    def advance(self, seconds: float) -> None:
        """Let time pass, then do what is due."""
        self.clock.advance(seconds)
        self.drain()

    def run_out(self, seconds: float, step: float = 30.0) -> None:
        """Let much time pass in steps, working at each."""
        for _ in range(int(seconds / step)):
            self.advance(step)

    def stop_readings(self) -> None:
        """Accounts and boards are read no more unless somebody asks, so that nothing calls Pinterest between two moments."""
        waiting = sa.update(schema.errands).where(schema.errands.c.kind == "sync_boards")
        self.store.write(lambda tx: tx.conn.execute(waiting.values(act_at=None)))
        far = self.clock.now() + timedelta(days=999)
        read = sa.update(schema.connections).values(checked_at=far, check_at=None)
        self.store.write(lambda tx: tx.conn.execute(read))

    def restart(self) -> None:
        """As one process that owns an SQLite file does at its start: old leases are void."""
        self.store.write(lanes.void_all)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """What happens inside is lost: the database is put back to what it was before."""
        rows = snapshots.take(self.store)
        yield
        snapshots.put_back(self.store, rows)

    # looking

    def get(self, pin: Pin) -> Pin:
        """The Pin as it stands."""
        return compose.get(self.ctx, pin.id)

    def stage(self, pin: Pin) -> Stage:
        """Its Stage."""
        return self.get(pin).stage

    def kinds(self, pin: Pin) -> list[list[OutcomeKind]]:
        """The outcome kinds of every Attempt."""
        return [[outcome.kind for outcome in known] for _, known in compose.history(self.ctx, pin.id)]

    def live(self, title: str | None = None) -> list[dict[str, Any]]:
        """What is really on Pinterest."""
        found = self.sim_control("GET", "/_sim/pins")
        items = found["pins"] if isinstance(found, dict) else found
        return [item for item in items if title is None or item["title"] == title]

    def creates(self) -> list[dict[str, Any]]:
        """Every create that reached Pinterest."""
        found = self.sim_control("GET", "/_sim/journal")
        items = found["entries"] if isinstance(found, dict) else found
        return [item for item in items if item["method"] == "POST" and item["path"].endswith("/v5/pins")]

    def fault(self, do: str, on: str = "pins/create", **more: Any) -> None:
        """Order a fault."""
        self.sim_control("POST", "/_sim/faults", {"on": on, "do": do, "times": 1, **more})

    def sim_control(self, method: str, path: str, body: Any = None) -> Any:
        """Talk to the simulator's control side."""
        sent = json.dumps(body).encode() if body is not None else b""
        answer = self.run(self.sim.answer(SimRequest(method, path, (), {}, sent)))
        assert answer.status < 400, answer.body
        return answer.json()


def picture_bytes(colour: str) -> bytes:
    """A small PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (200, 300), colour).save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def rig(url: str, folder: Path, **more: Any) -> Iterator[Rig]:
    """A Rig that is closed afterwards."""
    made = Rig(url, folder, **more)
    try:
        yield made
    finally:
        made.close()
