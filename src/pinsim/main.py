"""The command: run a simulator until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import signal
import sys
from collections.abc import Sequence

from pinsim.server import serve
from pinsim.sim import Sim

CANNOT_START = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    wanted = _parser().parse_args(argv)
    try:
        asyncio.run(_run(Sim(seed=wanted.seed), wanted.host, wanted.port))
    except OSError as error:
        sys.stderr.write(f"pinsim cannot listen on {wanted.host}:{wanted.port}: {_reason(error)}.\n")
        return CANNOT_START
    except KeyboardInterrupt:
        pass
    return 0


async def _run(sim: Sim, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with serve(sim, host, port) as base_url:
        sys.stdout.write(f"pinsim is at {base_url} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        await stop.wait()


def _reason(error: OSError) -> str:
    return "the port is taken" if error.errno == errno.EADDRINUSE else str(error.strerror or error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pinsim", description="A Pinterest simulator.")
    parser.add_argument("--port", type=int, default=8085, help="0 takes a free one (default: 8085)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--seed", type=int, default=1, help="decides every id and token (default: 1)")
    return parser
