"""How many image Pins one worker publishes in a second, and how late after their time they are sent."""

from __future__ import annotations

import json
import os
import statistics
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.place import Place, place
from benchmarks.seeding import add_pins, connect, published

DELAY_S = 0.2


def throughput(
    database: str, connections: int = 300, each: int = 20, workers: int = 1, lanes: int = 400
) -> dict[str, Any]:
    """All Pins due at once; the clock runs from the first arrival at the replier to the last."""
    with place(database) as here:
        url = here.replier(DELAY_S)
        here.environ["STEADYPIN_WORKER_LANES"] = str(lanes)
        connect(here.settings, connections)
        total = connections * each
        add_pins(
            here.settings, connections, first=0, count=total, due=datetime.now(UTC) - timedelta(seconds=1)
        )
        children = [here.serve() for _ in range(workers)]
        _wait(here, total)
        cpu = sum(_cpu_s(child.pid) for child in children)
        arrivals = sorted(arrived for arrived, _ in _journal(url))
        assert len(arrivals) == total, (len(arrivals), total)
        elapsed = arrivals[-1] - arrivals[0] + DELAY_S
        return {"pins_per_s": total / elapsed, "cpu_ms_per_pin": cpu / total * 1000}


def two_workers() -> dict[str, Any]:
    """Two workers on PostgreSQL against one, 100 Lanes each, so that the replies' 200 ms are the bound."""
    one = throughput("postgresql", each=10, workers=1, lanes=100)["pins_per_s"]
    two = throughput("postgresql", each=10, workers=2, lanes=100)["pins_per_s"]
    return {"one_pins_per_s": one, "two_pins_per_s": two, "ratio": two / one}


def latency(
    database: str, scheduled: int = 1_000_000, connections: int = 2000, due: int = 400
) -> dict[str, Any]:
    """`due` Pins at 20 a second amid `scheduled` others: from the due time to the arrival at the replier, in ms.

    Idle cost is measured first, with nothing due.
    """
    with place(database) as here:
        url = here.replier(0.0)
        connect(here.settings, connections)
        far = datetime.now(UTC) + timedelta(days=20)
        add_pins(
            here.settings,
            connections,
            first=0,
            count=scheduled,
            due=far,
            apart=timedelta(seconds=1),
            title="far",
        )
        idle = _idle(here)
        begin = datetime.now(UTC) + timedelta(seconds=12)
        add_pins(
            here.settings,
            connections,
            first=scheduled,
            count=due,
            due=begin,
            apart=timedelta(milliseconds=50),
        )
        here.serve()
        _wait(here, due)
        late = sorted(
            (arrived * 1e6 - int(title.split()[1])) / 1000
            for arrived, title in _journal(url)
            if title.startswith("due")
        )
        assert len(late) == due
        return {
            "p50_ms": statistics.median(late),
            "p99_ms": late[int(len(late) * 0.99) - 1],
            "max_ms": late[-1],
        } | idle


def _idle(here: Place, seconds: float = 20.0) -> dict[str, Any]:
    child = here.serve()
    time.sleep(3)
    before = _cpu_s(child.pid)
    time.sleep(seconds)
    found = {
        "idle_cpu_percent": (_cpu_s(child.pid) - before) / seconds * 100,
        "idle_rss_mb": _rss_mb(child.pid),
    }
    child.terminate()
    child.wait(timeout=30)
    return found


def cold_start() -> dict[str, Any]:
    """From the start of the process to its first word that it is ready, in seconds."""
    with place("sqlite") as here:
        here.serve().terminate()
        here.children[-1].wait(timeout=30)
        before = time.perf_counter()
        here.serve()
        return {"seconds": time.perf_counter() - before}


def _wait(here: Place, total: int, patience_s: float = 300.0) -> None:
    deadline = time.monotonic() + patience_s
    while published(here.settings) < total:
        assert time.monotonic() < deadline, f"{published(here.settings)} of {total} after {patience_s} s"
        time.sleep(0.25)


def _journal(url: str) -> list[tuple[float, str]]:
    with urllib.request.urlopen(f"{url}/journal") as reply:
        found: list[tuple[float, str]] = json.load(reply)
        return found


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Rss:"))
