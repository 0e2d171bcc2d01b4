"""The installation that the proof `kill` puts under load: accounts, boards and due Pins, put into the database directly."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from steadypin.bootstrap.assembly import opened
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection, Grant
from steadypin.domain.pins import Media, MediaKind
from steadypin.services import compose
from steadypin.services.context import Context
from steadypin.settings import load
from steadypin.storage import boards, connections, lanes, media
from steadypin.storage.database import Tx
from steadypin.storage.media import KeptMedia
from tests.support.processes import SimProcess, free_port
from tests.support.rig import picture_bytes

APP = {"id": "77", "secret": "the-secret-of-77", "name": "Proof", "access": "standard"}
BOARDS = ("Spring recipes", "Garden ideas", "Home office")
DOUBTFUL = ("made_then_500", "made_then_timeout", "not_made_timeout", "made_then_reset")
TIMEOUT_S, LEASE_S, LOOK_MARGIN_S = 1.5, 5.0, 1.0
LOOKS_S = (0, 2, 5)


def environment(folder: Path, sim: SimProcess, database_url: str = "") -> dict[str, str]:
    """What the processes get: short waits, the simulator for Pinterest, a free port."""
    ours = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "BIND": f"127.0.0.1:{free_port()}",
        "PINTEREST_APP_ID": APP["id"],
        "PINTEREST_APP_SECRET": APP["secret"],
        "PINTEREST_API_URL": f"{sim.base_url}/v5",
        "PINTEREST_SANDBOX_URL": f"{sim.base_url}/sandbox/v5",
        "PINTEREST_CONSENT_URL": f"{sim.base_url}/oauth/",
        "PUBLISH_TIMEOUT_S": f"{TIMEOUT_S:g}",
        "LANE_LEASE_S": f"{LEASE_S:g}",
        "LOOK_MARGIN_S": f"{LOOK_MARGIN_S:g}",
        "LOOKS_S": ",".join(map(str, LOOKS_S)),
        "DAILY_CAP": "10000",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("STEADYPIN_")}
    return others | {f"STEADYPIN_{name}": value for name, value in ours.items()}


def order_faults(sim: SimProcess, doubtful: float, slow: float, delay_s: float) -> None:
    """A share of the creates gets a doubtful reply, in equal parts of each sort; of the others, a share is slow."""
    orders: list[dict[str, Any]] = []
    for n, do in enumerate(DOUBTFUL):
        # A fault is asked only when those before it let the request pass, so its chance is a share of what is left.
        each = doubtful / len(DOUBTFUL)
        orders.append({"on": "pins/create", "do": do, "chance": each / (1 - n * each)})
    orders.append({"on": "pins/create", "do": "slow", "delay_s": delay_s, "chance": slow})
    sim.control("POST", "faults", orders)


def furnish(environ: dict[str, str], sim: SimProcess, accounts: int, pins: int, spread_s: float) -> None:
    """Accounts that are connected, and Pins that come due one after the other over so many seconds from now."""
    people = [
        {"username": f"shop_{n:02}", "boards": [{"name": name} for name in BOARDS]} for n in range(accounts)
    ]
    sim.control("PUT", "switches", {"quota_times": 1_000_000})
    seed = {"app": APP, "accounts": people, "tokens": True}
    planted = sim.control("POST", "seed", seed)["accounts"]
    with opened(load(environ)) as ctx:
        shown = _keep_picture(ctx)
        places: list[tuple[str, str]] = []
        for person in planted:
            places += ctx.store.write(partial(connect, ctx, person))
        begin = datetime.now(UTC) + timedelta(seconds=1)
        # Every account in turn, a different board of it each time.
        turns = islice(cycle(places[i :: len(BOARDS)] for i in range(len(BOARDS))), pins)
        order = [place for turn in turns for place in turn][:pins]

        def fill(tx: Tx) -> None:
            for n, (connection_id, board_id) in enumerate(order):
                new = compose.NewPin(
                    connection_id,
                    board_id,
                    shown,
                    title=f"Pin {n}",
                    description=f"The {n}th of {pins}",
                    link=f"https://shop.example/{n}",
                    due_at=begin + timedelta(seconds=spread_s * n / pins),
                )
                compose.insert(ctx, tx, new)

        ctx.store.write(fill)


def _keep_picture(ctx: Context) -> Media:
    async def pieces() -> AsyncIterator[bytes]:
        yield picture_bytes("orange")

    digest, size = asyncio.run(ctx.files.take(pieces(), 10**7))
    now = datetime.now(UTC)
    kept = KeptMedia(ctx.new_id("med", now), digest, "image/png", size, 200, 300, None, now)
    return Media(MediaKind.IMAGE, media_id=ctx.store.write(lambda tx: media.add(tx, kept)).id)


def connect(ctx: Context, person: dict[str, Any], tx: Tx) -> list[tuple[str, str]]:
    """One account as if it had been connected a moment ago; answers its boards as (connection, board)."""
    tokens = person["tokens"]
    grant = Grant(
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        scopes=frozenset(tokens["scope"].split(",")),
        access_expires_at=datetime.fromtimestamp(tokens["expires_at"], UTC),
        refresh_expires_at=datetime.fromtimestamp(tokens["refresh_token_expires_at"], UTC),
        refreshed_at=tx.now,
    )
    connection = Connection(
        id=ctx.new_id("con", tx.now),
        environment="production",
        account_id=person["id"],
        username=person["username"],
        account_type=person["account_type"],
        scopes=grant.scopes,
        access_expires_at=grant.access_expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        created_at=tx.now,
    )
    connections.insert(tx, connection, grant, ctx.seal)
    lanes.open_lane(tx, connection.id)
    seen = [
        Board(board["id"], board["name"], board["privacy"], person["username"], 0)
        for board in person["boards"]
    ]
    boards.replace_all(tx, connection.id, seen)
    return [(connection.id, board.id) for board in seen]
