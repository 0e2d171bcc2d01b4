"""Renews the locks: `make lock`. They name versions and hashes, and no address of any index.

requirements.txt is what runs; requirements-dev.txt is that and the tools. Both hold for every platform and for every
Python from 3.11 on. package-lock.json is what the pages load. Locked versions stay as long as pyproject.toml and
package.json allow; `make lock ARGS=--upgrade` takes the newest.
"""

import subprocess
import sys
from pathlib import Path

from tools import assets

ROOT = Path(__file__).resolve().parents[1]
COMPILE = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"]
FORM = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
NO_ADDRESSES = ["--no-emit-index-url", "--no-emit-find-links"]


def main(options: list[str]) -> None:
    run([*COMPILE, *FORM, *NO_ADDRESSES, *options, "--output-file", "requirements.txt"])
    both = ["--extra", "dev", "--constraint", "requirements.txt"]
    run([*COMPILE, *FORM, *NO_ADDRESSES, *options, *both, "--output-file", "requirements-dev.txt"])
    verb = "update" if "--upgrade" in options else "install"
    run([*assets.npm(), verb, "--package-lock-only", "--ignore-scripts", *assets.QUIETLY])


def run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"the locks could not be renewed; what failed: {' '.join(command)}")


if __name__ == "__main__":
    main(sys.argv[1:])
