"""A month of Pins in which boards go, links die, websites are blocked and tokens end: nothing fails at its time that could
have been known an hour before, and no healthy Pin is held or called at risk.

One process on a virtual clock against the simulator. Links lead to pinsim's web over real sockets on loopback, through
the guarded fetcher; only the spacing between requests to one host passes on the virtual clock.

What nobody could know is counted apart: what happens later than LATEST before a Pin's time, a website that Pinterest has
refused nobody yet, and scopes taken away of which Pinterest says nothing until a create needs them.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pinsim import serve
from steadypin.domain.connections import Connection
from steadypin.domain.lookahead import ASK_AHEAD, reasons
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Stage
from steadypin.probe.fetch import Fetcher
from steadypin.probe.guard import Guard
from steadypin.probe.hosts import Hosts
from steadypin.probe.links import look
from steadypin.services import alerting, duty_work, incidents, link_looking, look_ahead
from steadypin.storage import duties, lanes, schema
from steadypin.storage.pins import read_pin
from tests.support.hostile_web import Dialler, Names
from tests.support.rig import Rig, rig

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATEST = ASK_AHEAD + timedelta(minutes=10)
"""What happens nearer to a Pin's time than this cannot be found an hour before it."""
SHORTEST_STEP = timedelta(minutes=1)
BOARDS = 4
ENDS = ("healthy", "board deleted", "board secret", "token revoked", "session ended", "scope lost", "link dead", "site blocked")  # fmt: skip
CAUSES = {
    "board deleted": {Cause.BOARD},
    "board secret": {Cause.BOARD},
    "token revoked": {Cause.TOKEN},
    "session ended": {Cause.TOKEN},
    "scope lost": {Cause.SCOPE},
    "link dead": {Cause.LINK},
    "site blocked": {Cause.LINK},
}
SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Campaign:
    """How many Pins over how many accounts and days; each account has one kind of trouble, some have none."""

    pins: int = 500
    accounts: int = 16
    days: int = 30
    seed: int = 1


@dataclass(slots=True)
class Fate:
    """What the simulator does to a Pin, or None, and what Steadypin said of it: when first, and why."""

    pin: Pin
    what: str
    from_when: datetime | None
    told_at: datetime | None = None
    cause: Cause | None = None
    at_its_time: bool = False

    @property
    def due(self) -> datetime:
        """When it is due."""
        assert self.pin.due_at is not None
        return self.pin.due_at

    @property
    def fails(self) -> bool:
        """Whether it cannot go well at its time."""
        return self.from_when is not None and self.from_when <= self.due


@dataclass(slots=True)
class Judged:
    """Figures to print, and every sentence about what did not hold."""

    figures: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Town:
    """The installation, its accounts, and everything that will happen to them."""

    def __init__(self, campaign: Campaign, home: Rig, look_at: link_looking.LookAt) -> None:
        self.campaign, self.home = campaign, home
        self.dice = random.Random(campaign.seed)
        self.began = home.clock.now()
        self.handlers: dict[str, duty_work.Handler] = {
            look_ahead.KIND: look_ahead.handle,
            link_looking.KIND: link_looking.handler(look_at, _Online(), look_ahead.look_at_all),
            alerting.KIND: alerting.handler(home.ctx.alerts),
            **incidents.HANDLERS,
        }
        self.happens: list[tuple[datetime, dict[str, Any]]] = []
        self.fates: dict[str, Fate] = {}
        self.first_refused: dict[str, datetime] = {}
        names = [f"shop_{n:02}" for n in range(campaign.accounts)]
        boards = [{"name": f"Board {n}"} for n in range(BOARDS)]
        accounts = [{"username": name, "boards": boards} for name in names]
        home.sim_control("POST", "/_sim/seed", {"add": True, "accounts": accounts})
        home.sim_control("PUT", "/_sim/switches", {"journal_keep": 1000})
        self.shops = [home.connect(name) for name in names]

    def plan(self) -> None:
        """Every Pin and every misfortune; the Pins of one account are due at random moments."""
        media = self.home.media()
        each = self.campaign.pins // len(self.shops)
        for n, shop in enumerate(self.shops):
            what = ENDS[n % len(ENDS)]
            when = self.began + DAY * self.dice.uniform(0.2, 0.7) * self.campaign.days
            boards = [self.home.board(shop, index) for index in range(BOARDS)]
            self._order(what, when, shop, boards[0])
            for index in range(each):
                due = self.dice.uniform(3600, self.campaign.days * 86400.0)
                board = boards[index % BOARDS]
                hit = what != "healthy" and (not what.startswith("board") or board == boards[0])
                link = self._link(n, index, when if what == "link dead" else None)
                pin = self.home.pin(shop, f"Cake {n} {index}", due, media=media, board_id=board, link=link)
                self.fates[pin.id] = Fate(pin, what if hit else "healthy", when if hit else None)
        self.happens.sort(key=lambda happening: happening[0])

    def _link(self, shop: int, index: int, until: datetime | None) -> str:
        """Every third Pin of an account shares its link."""
        ends = f"&until={int(until.timestamp())}&then=410" if until is not None else ""
        return f"http://site{shop:02}.test/web/page?n={index // 3}{ends}"

    def _order(self, what: str, when: datetime, shop: Connection, board: str) -> None:
        acts: dict[str, dict[str, Any]] = {
            "board deleted": {"do": "delete_board", "board": board, "account": shop.username},
            "board secret": {
                "do": "set_privacy",
                "board": board,
                "account": shop.username,
                "privacy": "SECRET",
            },
            "token revoked": {"do": "revoke_app", "account": shop.username},
            "session ended": {"do": "end_session", "account": shop.username},
            "scope lost": {"lose": shop.username},
            "site blocked": {"block": f"site{self.shops.index(shop):02}.test"},
        }
        if what in acts:
            self.happens.append((when, acts[what]))

    # time passes

    def run(self) -> None:
        """Until a day after the last Pin."""
        ends = self.began + self.campaign.days * DAY + timedelta(hours=4)
        while self.home.clock.now() < ends:
            now = self.home.clock.now()
            step = max(min(self._ahead(), ends) - now, SHORTEST_STEP)
            self.home.clock.advance(step.total_seconds())
            self._note_those_whose_time_came(now)
            while self.happens and self.happens[0][0] <= self.home.clock.now():
                self._happen(self.happens.pop(0)[1])
            self._work()
            self._note()

    def _ahead(self) -> datetime:
        with self.home.store.read() as tx:
            found = [lanes.next_wake(tx), duties.next_due_at(tx, self.handlers)]
        return min([moment for moment in found if moment is not None] + [now for now, _ in self.happens[:1]])

    def _happen(self, act: dict[str, Any]) -> None:
        if "block" in act:
            blocked = self.home.sim.switches.blocked_domains
            self.home.sim_control("PUT", "/_sim/switches", {"blocked_domains": [*blocked, act["block"]]})
        elif "lose" in act:
            self._lose_a_scope(act["lose"])
        else:
            self.home.sim_control("POST", "/_sim/act", act)

    def _lose_a_scope(self, username: str) -> None:
        """Of every token of the account; pinsim knows no such act, as Pinterest shows none."""
        world = self.home.sim.world
        for tokens in (world.grants._access, world.grants._refresh):
            for value, token in tokens.items():
                account = world.production.accounts.get(token.grant.person)
                if account is not None and account.username == username:
                    tokens[value] = replace(token, scopes=token.scopes - {"pins:write"})

    def _work(self) -> None:
        home = self.home
        for _ in range(3):
            home.drain()
            while claimed := home.store.write(lambda tx: duty_work.claim(home.ctx, tx, 100, self.handlers)):
                for duty in claimed:
                    home.run(duty_work.work(home.ctx, duty, self.handlers))

    # what was said

    def _note_those_whose_time_came(self, before: datetime) -> None:
        """What was said of a Pin when its time came, before anything was done about it."""
        for fate in self.fates.values():
            if before < fate.due <= self.home.clock.now():
                fate.at_its_time = fate.told_at is not None

    def _note(self) -> None:
        now, said = self.home.clock.now(), self._said()
        for pin_id, fate in self.fates.items():
            if fate.due <= now:
                continue
            if pin_id not in said:
                fate.told_at = fate.cause = None  # it has healed, or was never said
            elif fate.told_at is None:
                fate.told_at, fate.cause = now, said[pin_id]

    def _said(self) -> dict[str, Cause | None]:
        said: dict[str, Cause | None] = {
            each.pin.id: reasons(each.findings, each.pin.due_at, self.home.clock.now())[0].cause
            for each in look_ahead.risks(self.home.ctx)
        }
        for pin in _held(self.home):
            said[pin.id] = pin.trouble.cause if pin.trouble is not None else None
        return said

    # what must hold

    def judge(self) -> Judged:
        """Compare what happened with what was said."""
        judged, apart = Judged(), Counter[str]()
        refused_at = self._first_failures()
        failing, missed, told = [], list[str](), 0
        for fate in self.fates.values():
            if not fate.fails:
                continue
            known_from = fate.from_when
            if fate.what in ("site blocked", "scope lost"):
                known_from = refused_at.get((fate.pin.connection_id, fate.what))
            if known_from is None or known_from > fate.due - LATEST:
                apart[fate.what] += 1
                continue
            failing.append(fate)
            in_time = fate.told_at is not None and fate.told_at <= fate.due - HOUR
            if in_time and fate.cause in CAUSES[fate.what]:
                told += 1
            else:
                missed.append(
                    f"{fate.what} {fate.from_when}, due {fate.due}: {fate.cause} since {fate.told_at}"
                )
        healthy = [fate for fate in self.fates.values() if not fate.fails]
        alarmed = [fate for fate in healthy if fate.at_its_time]
        unpublished = [fate for fate in healthy if self.home.stage(fate.pin) is not Stage.PUBLISHED]
        visits = [each for each in self.home.sim.journal.since(0) if each["operation"] == "web"]
        judged.figures |= {
            "Pins": len(self.fates),
            "that could be known to fail": len(failing),
            "of them at risk an hour before, with the right cause": told,
            "that nobody could know": dict(apart),
            "by what": dict(Counter(fate.what for fate in failing)),
            "healthy": len(healthy),
            "healthy ones at risk or held at their time": len(alarmed),
            "visits to links in the last 1,000 requests": len(visits),
        }
        judged.figures |= {f"missed {n + 1}": sentence for n, sentence in enumerate(missed[:10])}
        judged.figures["share"] = round(told / len(failing), 4) if failing else None
        if not failing or told < SHARE * len(failing):
            judged.wrong.append(f"only {told} of {len(failing)} failing Pins were at risk an hour before")
        if alarmed:
            judged.wrong.append(f"healthy, and at risk: {[(fate.what, fate.cause) for fate in alarmed[:3]]}")
        if unpublished:
            stages = Counter(self.home.stage(fate.pin).value for fate in unpublished)
            judged.wrong.append(f"healthy, and not live: {dict(stages)}")
        return judged

    def _first_failures(self) -> dict[tuple[str, str], datetime]:
        """When Pinterest first refused a Pin of an account whose trouble only a create shows."""
        first: dict[tuple[str, str], datetime] = {}
        for fate in self.fates.values():
            if fate.fails and fate.what in ("site blocked", "scope lost"):
                key = (fate.pin.connection_id, fate.what)
                first[key] = min(fate.due, first.get(key, fate.due))
        return first


class _Online:
    """The machine of the proof has a network."""

    async def is_there(self) -> bool:
        return True


def _held(home: Rig) -> list[Pin]:
    query = sa.select(schema.pins).where(schema.pins.c.stage == Stage.HELD.value)
    with home.store.read() as tx:
        return [read_pin(row) for row in tx.conn.execute(query)]


def run(campaign: Campaign, url: str, folder: Path) -> Judged:
    """One campaign on an empty database."""
    with rig(url, folder) as home:
        stack = AsyncExitStack()

        async def open_web() -> Fetcher:
            base = await stack.enter_async_context(serve(home.sim))
            names = {f"site{n:02}.test": [["127.0.0.1"]] for n in range(campaign.accounts)}
            hosts = Hosts(clock=home.clock.boot, wait=_waiting(home))
            resolver = Names(names, int(base.rpartition(":")[2]))
            fetcher = Fetcher(Guard(tuple(names)), hosts=hosts, resolver=resolver, socket_factory=Dialler())
            return await stack.enter_async_context(fetcher)

        fetcher = home.run(open_web())
        try:
            town = Town(campaign, home, partial(look, fetcher))
            town.plan()
            town.run()
            return town.judge()
        finally:
            home.run(stack.aclose())


def _waiting(home: Rig) -> Any:
    async def wait(seconds: float) -> None:
        home.clock.advance(seconds)
        await asyncio.sleep(0)

    return wait


def prove() -> bool:
    """In full, on SQLite."""
    campaign, began = Campaign(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="steadypin-lookahead-") as name:
        judged = run(campaign, f"sqlite:///{name}/proof.db", Path(name))
    print(f"{campaign.days} days, {campaign.accounts} accounts, {time.monotonic() - began:.0f} s")
    for what, figure in judged.figures.items():
        print(f"  {what}: {figure}")
    for sentence in judged.wrong:
        print(f"  WRONG: {sentence}")
    return not judged.wrong


__all__ = ["Campaign", "Judged", "prove", "run"]
