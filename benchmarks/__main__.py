"""`make bench`: every benchmark, each several times; a table of medians, and benchmarks/results/<name>.json."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import links, publishing

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement, how often it is repeated, and what it is to reach (`figure` -> words)."""

    name: str
    run: Callable[[], dict[str, Any]]
    runs: int
    targets: dict[str, str]


LATE = {"p50_ms": "≤ 15", "p99_ms": "≤ 100", "idle_cpu_percent": "< 1", "idle_rss_mb": "< 150"}
BENCHMARKS = (
    Benchmark("cold-start", publishing.cold_start, 5, {"seconds": "≤ 2"}),
    Benchmark("publish-sqlite", lambda: publishing.throughput("sqlite"), 3, {"pins_per_s": "≥ 600"}),
    Benchmark("publish-postgresql", lambda: publishing.throughput("postgresql"), 3, {"pins_per_s": "≥ 600"}),
    Benchmark("two-workers", publishing.two_workers, 3, {"ratio": "≥ 1.8"}),
    Benchmark("preflight-links", links.preflight, 3, {"per_host_and_s": "≤ 1", "most_in_flight": "≤ 20"}),
    Benchmark("due-sqlite", lambda: publishing.latency("sqlite"), 1, LATE),
    Benchmark("due-postgresql", lambda: publishing.latency("postgresql"), 1, LATE),
)


def main(wanted: list[str]) -> int:
    """Run all benchmarks, or those named."""
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    strange = [name for name in wanted if name not in known]
    if strange:
        print(f"There is no benchmark {strange[0]}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    print(f"{'benchmark':20} {'figure':18} {'median':>10} {'least':>10} {'most':>10}  target")
    for benchmark in [known[name] for name in wanted] or BENCHMARKS:
        runs = [benchmark.run() for _ in range(benchmark.runs)]
        _write(benchmark, runs)
        for figure in runs[0]:
            values = [run[figure] for run in runs]
            print(
                f"{benchmark.name:20} {figure:18} {statistics.median(values):10.2f} {min(values):10.2f} "
                f"{max(values):10.2f}  {benchmark.targets.get(figure, '')}",
                flush=True,
            )
    return 0


def _write(benchmark: Benchmark, runs: list[dict[str, Any]]) -> None:
    found = {
        "name": benchmark.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "targets": benchmark.targets,
        "runs": runs,
    }
    (RESULTS / f"{benchmark.name}.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
