"""The command line: a client of the REST API, and the commands that start and keep the service."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code (docs/cli.md)."""
    from steadypin.cli.app import run

    sys.exit(run(sys.argv[1:] if argv is None else list(argv)))
