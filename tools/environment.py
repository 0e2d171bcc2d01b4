"""Makes .venv hold what requirements-dev.txt names, hash by hash, and this project: `python3 -m tools.environment`.

Uses uv where it is on the PATH, else pip. Does nothing when the environment is up to date already. A change of the
requirements updates it in place; another Python, or a set-up that broke off, starts it afresh.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import debian

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "stamp"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
INPUTS = (REQUIREMENTS, ROOT / "pyproject.toml", ROOT / "hatch_build.py")
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Steadypin needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Name another one with: make PYTHON=…"
        )
    with REQUIREMENTS.open() as lock:  # two makes at once take turns
        fcntl.flock(lock, fcntl.LOCK_EX)
        set_up()


def set_up() -> None:
    python, requirements = f"{sys.version} {sys.base_prefix} {VENV}", digest(INPUTS)
    stamp = STAMP.read_text().splitlines() if STAMP.exists() else []
    if stamp != [python, requirements]:
        print("Setting up .venv …", flush=True)
        if stamp[:1] != [python]:
            STAMP.unlink(missing_ok=True)
            create()
        install()
    STAMP.write_text(f"{python}\n{requirements}\n")


def digest(files: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def create() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    if shutil.which("uv"):
        run(["uv", "venv", "--quiet", "--python", sys.executable, str(VENV)])
        return
    if not importlib.util.find_spec("ensurepip"):
        debian.install("python3-venv", "to make a virtual environment")
    run([sys.executable, "-m", "venv", str(VENV)])


def install() -> None:
    if shutil.which("uv"):
        pip = ["uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--requirement", str(REQUIREMENTS)])
    # What builds the project is among the requirements, so that it is checked by its hash too.
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"}, check=False)
    if done.returncode != 0:
        sys.exit(f"the set-up of .venv stopped at: {' '.join(command)}")


if __name__ == "__main__":
    main()
