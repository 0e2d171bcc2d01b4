"""Installs from Debian what Python packages cannot bring: `python3 -m tools.debian chromium`.

Root gets it installed. Anyone else is told the one command that would, and the exit code is 1.
"""

import os
import shutil
import subprocess
import sys
from typing import NoReturn

PROGRAMS = {"chromium": ("chromium", "for the tests of the pages")}
"""Name → (Debian package, what it is for) of the programs that can be asked for on the command line."""

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=600", "-qq")  # another install may be under way


def main(names: list[str]) -> None:
    for name in names:
        if name not in PROGRAMS:
            sys.exit(f"python3 -m tools.debian knows {', '.join(PROGRAMS)}, not {name!r}")
        if not shutil.which(name):
            install(*PROGRAMS[name])


def install(package: str, purpose: str) -> None:
    """Installs `package`, or ends the program with what to do instead."""
    if not shutil.which("apt-get"):
        sys.exit(f"{package} is needed {purpose}; install it with this system's package manager")
    if os.geteuid() != 0:
        sys.exit(f"{package} is needed {purpose}; install it with: sudo apt-get install {package}")
    print(f"Installing {package} from Debian ({purpose}) …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # An unreachable source must not stop an install that the other sources can serve, so only the second one counts.
    subprocess.run([*APT, "update"], env=environment, capture_output=True, check=False)
    command = [*APT, "install", "--yes", "--no-install-recommends", package]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _give_up(package, done.stdout + done.stderr)


def _give_up(package: str, output: str) -> NoReturn:
    print(output.strip(), file=sys.stderr)
    sys.exit(f"Debian's {package} could not be installed; the lines above are apt-get's")


if __name__ == "__main__":
    main(sys.argv[1:])
