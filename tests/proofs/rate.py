"""A saturated account runs at Pinterest's allowed rate without drawing a 429, and an App under Trial access keeps to its day.

Both parts run on virtual time against pinsim, which counts calls in its own windows and refuses what goes over.
"""

from __future__ import annotations

import base64
import json
import random
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pinsim import Request as SimRequest
from steadypin.domain.connections import Connection
from steadypin.domain.pacing.day import Limits
from steadypin.domain.words import Stage
from steadypin.services import compose, lane_work
from steadypin.storage import pins
from steadypin.storage.database import Tx
from tests.support.rig import Rig, picture_bytes

WRITES_A_MINUTE = 100
CALLS_A_DAY, WRITES_A_DAY = 1_000, 300
DAY_S = 86_400
NO_LIMITS = Limits(10_000, 0, None, UTC, repace_s=0)
THEIRS = "By another program"
TRAVELS = {
    "at once": (0.0, 0.0),
    "in 400 ms": (0.4, 0.4),
    "in 50 to 400 ms": (0.05, 0.4),
}


def prove() -> bool:
    """Ten minutes of saturation under Standard limits, and three days under Trial limits with four workers."""
    held = [saturated(10, windows, travel) for windows in ("fixed", "sliding") for travel in TRAVELS]
    held += [shared(10)]
    held += [trial(3, day) for day in ("utc", "rolling")]
    return all(held)


def saturated(minutes: int, windows: str, travel: str, url: str = "") -> bool:
    """One account with more due Pins than its quota allows: how much of it is used, and how often it is refused."""
    with _home(url) as home:
        _limits(home, limit_windows=windows)
        shop = home.connect()
        home.clock.advance(60)  # the boards were read; a minute later every window is fresh
        dice = random.Random(7)
        home.pinterest.travel_s = partial(_travel, dice, *TRAVELS[travel])
        _fill(home, [shop], (minutes + 1) * WRITES_A_MINUTE)
        creates = _publish(home, minutes * 60, dice)
    used = len([entry for entry in creates if entry["status"] == 201])
    refused = len(creates) - used
    allowed = minutes * WRITES_A_MINUTE
    print(
        f"saturated, {windows} windows, replies {travel}: {used} of {allowed} allowed writes used "
        f"({used / allowed:.1%}), {refused} times 429"
    )
    return used >= 0.97 * allowed and refused == 0


def shared(minutes: int) -> bool:
    """The same while somebody else uses half of the account's quota: what the replies say has to be enough."""
    with _home("") as home:
        _limits(home, limit_windows="fixed")
        shop = home.connect()
        home.clock.advance(60)
        dice = random.Random(7)
        home.pinterest.travel_s = partial(_travel, dice, 0.05, 0.4)
        _fill(home, [shop], (minutes + 1) * WRITES_A_MINUTE)
        taken = _Neighbour(home, shop)
        creates = _publish(home, minutes * 60, dice, taken)
    used = len([entry for entry in creates if entry["status"] == 201])
    refused = len(creates) - used
    left = minutes * WRITES_A_MINUTE - taken.count
    print(
        f"saturated, another program takes {taken.count} writes of the same quota: {used} of the {left} left used "
        f"({used / left:.1%}), {refused} times 429"
    )
    return (
        used >= 0.9 * left and refused <= minutes
    )  # nobody can foresee what another program takes meanwhile


def trial(days: int, day: str, url: str = "", accounts: int = 10) -> bool:
    """Many accounts of one App under Trial access, four workers: never more than 300 writes or 1,000 calls a day."""
    with _home(url) as home:
        _limits(home, access="trial", trial_refuses="nothing", trial_day=day)
        people = [{"username": f"shop_{n}", "boards": [{"name": "Cakes"}]} for n in range(accounts)]
        home.sim_control("POST", "/_sim/seed", {"accounts": people, "add": True})
        shops = [home.connect(f"shop_{n}") for n in range(accounts)]
        _fill(home, shops, (days + 1) * WRITES_A_DAY)
        workers = [home.worker(f"w{n}") for n in range(4)]
        begin = home.clock.now()
        turn = 0
        while home.clock.now() < begin + timedelta(days=days):
            worker = workers[turn % len(workers)]
            turn += 1
            if not _one_round(home, worker):
                _sleep(home, begin + timedelta(days=days))
        journal = _journal(home)
        with home.store.read() as tx:
            waiting = pins.list_page(tx, limit=10_000, stage=Stage.SCHEDULED)
        silent = [pin for pin in waiting if not pin.deferred_because]
    calls = [entry["time"] for entry in journal]
    writes = [entry["time"] for entry in journal if entry["method"] == "POST"]
    refused = len([entry for entry in journal if entry["status"] == 429])
    most_calls, most_writes = _most_in_a_day(calls), _most_in_a_day(writes)
    print(
        f"trial, days {day}: {len(writes)} writes in {days} days; in no 24 hours more than {most_writes} writes "
        f"and {most_calls} calls; {refused} times 429; {len(silent)} waiting Pins that do not say why"
    )
    enough = len(writes) >= 0.9 * days * WRITES_A_DAY
    return most_calls <= CALLS_A_DAY and most_writes <= WRITES_A_DAY and not refused and not silent and enough


class _Neighbour:
    """Another program that writes for the same account through the same App, every now and then."""

    def __init__(self, home: Rig, shop: Connection) -> None:
        self._home = home
        token = home.sim_control("POST", "/_sim/tokens", {"account": "spring_shop"})["access_token"]
        image = {"source_type": "image_base64", "content_type": "image/png"}
        image["data"] = base64.b64encode(picture_bytes("green")).decode()
        body = {"board_id": home.board(shop, 1), "title": THEIRS, "media_source": image}
        self._request = SimRequest(
            "POST", "/v5/pins", (), {"Authorization": f"Bearer {token}"}, json.dumps(body).encode()
        )
        self._next_at = home.clock.now()
        self.count = 0

    def act(self) -> None:
        while self._next_at <= self._home.clock.now():
            self.count += self._home.run(self._home.sim.answer(self._request)).status == 201
            self._next_at += timedelta(seconds=1.2)


@contextmanager
def _home(url: str) -> Iterator[Rig]:
    with tempfile.TemporaryDirectory() as folder:
        home = Rig(url or f"sqlite:///{folder}/rate.db", Path(folder))
        try:
            home.use(limits=NO_LIMITS)
            yield home
        finally:
            home.close()


def _limits(home: Rig, **switches: Any) -> None:
    home.sim_control("PUT", "/_sim/switches", {"quota_times": 1, "enforce_limits": True, **switches})


def _travel(dice: random.Random, least: float, most: float) -> tuple[float, float]:
    whole = dice.uniform(least, most)
    there = whole * dice.random()
    return there, whole - there


def _fill(home: Rig, shops: list[Connection], count: int) -> None:
    shown, now = home.media(), home.clock.now()
    boards = {shop.id: home.board(shop) for shop in shops}

    def work(tx: Tx) -> None:
        for n in range(count):
            shop = shops[n % len(shops)]
            new = compose.NewPin(shop.id, boards[shop.id], shown, title=f"Pin {n}", due_at=now)
            compose.insert(home.ctx, tx, new)

    home.store.write(work)


def _publish(
    home: Rig, seconds: float, dice: random.Random, neighbour: _Neighbour | None = None
) -> list[dict[str, Any]]:
    """Work for so long; the creates that reached Pinterest by then."""
    home.sim_control("DELETE", "/_sim/journal")
    ends = home.clock.now() + timedelta(seconds=seconds)
    while home.clock.now() < ends:
        if neighbour is not None:
            neighbour.act()
        if not _one_round(home, home.wired):
            _sleep(home, ends, dice.uniform(0.0, 0.02))
    return [
        entry
        for entry in _journal(home)
        if entry["method"] == "POST"
        and entry["time"] < ends.timestamp()
        and entry["body"].get("title") != THEIRS
    ]


def _one_round(home: Rig, worker: Any) -> bool:
    """Serve the Lanes that are due now, each until it rests."""
    claimed = home.claim(worker)
    for held in claimed:
        home.run(lane_work.work(worker, held))
    return bool(claimed)


def _sleep(home: Rig, ends: datetime, late_s: float = 0.0) -> None:
    """Until the next Lane is due, and a little longer, as a loop wakes up."""
    now, due = lane_work.next_wake(home.ctx)
    until = min(due or ends, ends)
    home.clock.advance(max((until - now).total_seconds(), 0.001) + late_s)


def _journal(home: Rig) -> list[dict[str, Any]]:
    found = home.sim_control("GET", "/_sim/journal")["entries"]
    return [entry for entry in found if "oauth" not in entry["path"]]


def _most_in_a_day(moments: list[float]) -> int:
    """The most of these in any 24 hours, wherever they begin."""
    ordered = sorted(moments)
    return max((n - bisect_left(ordered, at - DAY_S + 1e-6) + 1 for n, at in enumerate(ordered)), default=0)
