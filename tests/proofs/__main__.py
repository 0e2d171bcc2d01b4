"""`python -m tests.proofs [NAME]`: runs one proof, or lists them all."""

from __future__ import annotations

import importlib
import logging
import sys

import structlog

PROOFS = {
    "machine": "random faults, crashes, clocks, lags, edits, cancels, reconnects and restores: one live Pin for each row",
    "rate": "a saturated account uses its allowed rate without a 429; an App under Trial access keeps to its day",
    "kill": "real processes killed and paused at random moments under load, on SQLite and on PostgreSQL",
    "year": "a year of refreshes with outages and dropped workers, and kills over a refresh: no Connection lost",
    "lookahead": "a month of 500 Pins: what could be known to fail is said an hour before, and nothing healthy is held",
    "incident": "an hour of trouble at Pinterest, of our own network and of the App: nothing lost, nobody blamed",
}


def main(arguments: list[str]) -> int:
    if not arguments:
        for name, what in PROOFS.items():
            print(f"make prove P={name:10} {what}")
        return 0
    (name,) = arguments
    if name not in PROOFS:
        print(f"There is no proof {name}. There are: {', '.join(PROOFS)}.", file=sys.stderr)
        return 2
    # A proof prints its figures; the thousand alerts that its faults cause would bury them.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    held = importlib.import_module(f"tests.proofs.{name}").prove()
    print("held" if held else "fell short")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
