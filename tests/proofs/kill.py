"""Real processes killed and stopped at random moments under load; afterwards Pinterest and the database must agree.

- SQLite: `steadypin serve` dies by SIGKILL again and again while Pins publish, and is started again at once.
- PostgreSQL: of two `steadypin worker`, one dies or stands still past its leases (SIGSTOP, later SIGCONT).

`kill_home` makes the installation, `kill_judge` compares. Correctness decides; times are printed only.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from steadypin.domain.words import Stage
from steadypin.storage.engines import Engines, open_engines
from steadypin.storage.schema import lanes, pins
from tests.proofs import kill_home, kill_judge
from tests.proofs.kill_judge import Judgement
from tests.support.processes import PROGRAM, Process, SimProcess, simulator

POSTGRES = "STEADYPIN_TEST_POSTGRES_URL"
_SETTLES_WITHIN_S = 180.0
_SENDS_WITHIN_S = 5.0
_POLL_S = 0.02
_SERVES, _WORKS = "Steadypin is at", "The worker runs"


@dataclass(frozen=True, slots=True)
class Load:
    """How much, how often, and the seed of every random moment. `gap_s` lies between readiness and the next event."""

    pins: int
    events: int
    spread_s: float
    gap_s: tuple[float, float]
    accounts: int = 20
    doubtful: float = 0.10
    seed: int = 1
    late_201: bool = True  # whether a run without one proves too little; a short one meets it by luck


ON_SQLITE = Load(pins=2000, events=55, spread_s=240, gap_s=(0.5, 4.0))
ON_POSTGRES = Load(pins=2000, events=56, spread_s=420, gap_s=(0.3, 2.0))


@dataclass(slots=True)
class Times:
    """Seconds, of which the middle and the longest are shown."""

    found: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.found:
            return "none"
        return f"p50 {statistics.median(self.found):.2f} s, longest {max(self.found):.2f} s, of {len(self.found)}"


def run_on_sqlite(load: Load, folder: Path) -> Judgement:
    """One `serve`, killed and started again."""
    dice = random.Random(load.seed)
    with ExitStack() as stack:
        sim = stack.enter_context(simulator(folder, load.seed))
        environ = kill_home.environment(folder, sim)
        kill_home.furnish(environ, sim, load.accounts, load.pins, load.spread_s)
        kill_home.order_faults(sim, load.doubtful, slow=0.6, delay_s=0.3)
        engines = stack.enter_context(closing(open_engines(f"sqlite:///{folder / 'data' / 'steadypin.db'}")))

        def start() -> Process:
            return Process([PROGRAM, "serve"], folder / "serve.log", environ)

        serve, kills, starts = start(), list[float](), list[float]()
        stack.callback(lambda: serve.end())
        unready = 0
        for _ in range(load.events):
            if dice.random() < 0.1:
                unready += 1
                time.sleep(dice.uniform(0.1, 1.0))
            else:
                serve.wait_for(_SERVES)
                starts.append(time.time() - serve.started_at)
                time.sleep(dice.uniform(*load.gap_s))
            kills.append(serve.kill())
            serve = start()
        serve.wait_for(_SERVES)
        _settle(engines, load, lambda: None)
        assert serve.end() == 0, serve.printed()
        judgement = _judged(engines, sim, load)
        journal = sim.control("GET", "journal")["entries"]
        return _with(
            judgement,
            {
                "kills": len(kills),
                "of them while starting": unready,
                "of them with work ahead": sum(at < journal[-1]["time"] for at in kills),
                "from the start to ready": Times(starts),
                "from the kill to the next request": Times(_first_after(kills, journal)),
            },
        )


def run_on_postgres(load: Load, folder: Path, url: str) -> Judgement:
    """Two workers; in turn one is killed and started again, or stopped until its leases are over and woken."""
    dice = random.Random(load.seed)
    with ExitStack() as stack:
        sim = stack.enter_context(simulator(folder, load.seed))
        environ = kill_home.environment(folder, sim, url)
        migrate = Process([PROGRAM, "migrate"], folder / "migrate.log", environ)
        migrate.wait_for("The database was brought to this version")
        migrate.end()
        kill_home.furnish(environ, sim, load.accounts, load.pins, load.spread_s)
        kill_home.order_faults(sim, load.doubtful, slow=0.9, delay_s=1.0)
        engines = stack.enter_context(closing(open_engines(url)))

        def start(n: int) -> Process:
            return Process([PROGRAM, "worker"], folder / f"worker-{n}.log", environ)

        workers = [start(0), start(1)]
        stack.callback(lambda: [worker.end() for worker in workers])
        watch = _Lanes(engines)
        events: list[float] = []
        for event in range(load.events):
            for worker in workers:
                worker.wait_for(_WORKS)
            watch.sleep(dice.uniform(*load.gap_s))
            n = dice.randrange(2)
            if event % 2:
                watch.until_sending(workers[n])
                workers[n].stop()
                events.append(time.time())
                watch.left_by(workers[n], watch.after_stop)
                watch.sleep(kill_home.LEASE_S + dice.uniform(0.5, 2.5))
                workers[n].go_on()
            else:
                events.append(workers[n].kill())
                watch.left_by(workers[n], watch.after_kill)
                workers[n] = start(n)
        for worker in workers:
            worker.wait_for(_WORKS)
        _settle(engines, load, watch.look)
        codes = [worker.end() for worker in workers]
        assert codes == [0, 0], [worker.printed() for worker in workers]
        judgement = _judged(engines, sim, load)
        judgement.wrong.extend(
            f"'{name}' is 0: nobody was stopped in the middle of a create, or what came back was lost"
            for name in (kill_judge.LATE, kill_judge.LATE_201)
            if load.late_201 and not judgement.figures[name]
        )
        journal = sim.control("GET", "journal")["entries"]
        return _with(
            judgement,
            {
                "kills": (load.events + 1) // 2,
                "pauses past the lease": load.events // 2,
                "of both with work ahead": sum(at < journal[-1]["time"] for at in events),
                "from the kill until another holds the Lane": watch.after_kill,
                "from the stop until another holds the Lane": watch.after_stop,
            },
        )


class _Lanes:
    """Watches the Lanes of workers that were killed or stopped until somebody else has claimed them."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._left: list[tuple[str, int, float, Times]] = []
        self.after_kill, self.after_stop = Times(), Times()

    def left_by(self, worker: Process, times: Times) -> None:
        """From now on watch what it holds."""
        with self._engines.reader.connect() as conn:
            held = conn.execute(sa.select(lanes).where(lanes.c.worker.contains(f"-{worker.pid}-"))).all()
        self._left += [(row.connection_id, row.fence, time.time(), times) for row in held]

    def until_sending(self, worker: Process) -> None:
        """Wait, not for ever, until it has a create in flight."""
        in_flight = (
            sa.select(sa.func.count())
            .select_from(lanes.join(pins, pins.c.connection_id == lanes.c.connection_id))
            .where(lanes.c.worker.contains(f"-{worker.pid}-"), pins.c.stage == Stage.SENDING.value)
        )
        give_up_at = time.monotonic() + _SENDS_WITHIN_S
        while time.monotonic() < give_up_at:
            with self._engines.reader.connect() as conn:
                if conn.execute(in_flight).scalar_one():
                    return
            self.sleep(_POLL_S)

    def look(self) -> None:
        """Note which of them have passed on."""
        if not self._left:
            return
        with self._engines.reader.connect() as conn:
            fences = dict(conn.execute(sa.select(lanes.c.connection_id, lanes.c.fence)).all())
        for left in list(self._left):
            connection_id, fence, since, times = left
            if fences[connection_id] != fence:
                times.found.append(time.time() - since)
                self._left.remove(left)

    def sleep(self, seconds: float) -> None:
        """Watch for so long."""
        ends_at = time.monotonic() + seconds
        while (rest := ends_at - time.monotonic()) > 0:
            self.look()
            time.sleep(min(rest, _POLL_S))


def _settle(engines: Engines, load: Load, meanwhile: Callable[[], None]) -> None:
    """Wait until every Pin is at rest; what is not by then is told by the judge."""
    give_up_at = time.monotonic() + load.spread_s + _SETTLES_WITHIN_S
    while kill_judge.unfinished(engines) and time.monotonic() < give_up_at:
        for _ in range(10):
            meanwhile()
            time.sleep(_POLL_S)


def _judged(engines: Engines, sim: SimProcess, load: Load) -> Judgement:
    live = sim.control("GET", "pins")["pins"]
    return kill_judge.judge(engines, live, sim.control("GET", "journal")["entries"], load.pins)


def _with(judgement: Judgement, more: dict[str, object]) -> Judgement:
    return Judgement({**more, **judgement.figures}, judgement.wrong)


def _first_after(kills: Sequence[float], journal: Sequence[dict[str, Any]]) -> list[float]:
    """For each kill that was followed by a request before the next kill: how long that took."""
    found = []
    for at, until in zip(kills, [*kills[1:], float("inf")], strict=True):
        # What the dead process had sent may still be on its way for a moment; nobody else starts so fast.
        times = [entry["time"] for entry in journal if at + 0.3 < entry["time"] < until]
        found += [min(times) - at] if times else []
    return found


@contextmanager
def fresh_database(server: str, name: str) -> Any:
    """An empty database on that server, dropped afterwards."""
    engine = sa.create_engine(
        sa.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as conn:
            conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            conn.execute(sa.text(f"CREATE DATABASE {name}"))
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as conn:
            conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()


def prove() -> bool:
    """Both parts in full."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that our processes end with us
    server = os.environ.get(POSTGRES)
    if not server:
        print(f"{POSTGRES} is not set; `make prove P=kill` sets it.")
        return False
    print(f"SQLite: serve under {ON_SQLITE.pins} Pins, {ON_SQLITE.events} kills", flush=True)
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        first = run_on_sqlite(ON_SQLITE, Path(folder))
    print(kill_judge.shown(first))
    print(f"PostgreSQL: two workers under {ON_POSTGRES.pins} Pins, {ON_POSTGRES.events} events", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="kill-") as folder,
        fresh_database(server, "steadypin_kill") as url,
    ):
        second = run_on_postgres(ON_POSTGRES, Path(folder), url)
    print(kill_judge.shown(second))
    return not first.wrong and not second.wrong
