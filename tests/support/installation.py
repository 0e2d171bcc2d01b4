"""A whole installation of real processes: the simulator, `steadypin serve`, and commands beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.support import leaks
from tests.support.processes import PROGRAM, Process, SimProcess, free_port, simulator

APP_ID = "77"


@dataclass(frozen=True)
class Installation:
    """What runs, and how commands reach it."""

    folder: Path
    sim: SimProcess
    serve: Process
    environ: dict[str, str]
    base_url: str
    setup_link: str
    _numbers: count[int]

    def begin(self, *words: str) -> Process:
        """A command that runs on."""
        log = self.folder / f"command-{next(self._numbers)}.log"
        return Process([PROGRAM, *words], log, self.environ)

    def run(self, *words: str) -> tuple[int, str]:
        """A command to its end: exit code and all that it printed."""
        process = self.begin(*words)
        code = process.wait()
        leaks.note(f"steadypin {words[0]}", process.printed())
        return code, process.printed()

    def answer(self, *words: str) -> Any:
        """The JSON of a command that does well."""
        code, printed = self.run(*words, "--json")
        assert code == 0, printed
        return json.loads(printed)


@contextmanager
def installation(folder: Path, access: str = "standard") -> Iterator[Installation]:
    """Serve with an App of that access, whose redirect address is registered; the default cast may connect."""
    base_url = f"http://127.0.0.1:{free_port()}"
    secret = f"pinsim-secret-of-{APP_ID}"
    app = {"id": APP_ID, "secret": secret, "name": "Steadypin", "access": access}
    with simulator(folder) as sim:
        redirect = f"{base_url}/oauth/callback"
        sim.control("POST", "seed", {"app": {**app, "redirect_uris": [redirect]}, "add": True})
        ours = {
            "DATA_DIR": str(folder / "data"),
            "BIND": base_url.removeprefix("http://"),
            "BASE_URL": base_url,
            "PINTEREST_APP_ID": APP_ID,
            "PINTEREST_APP_SECRET": secret,
            "PINTEREST_API_URL": f"{sim.base_url}/v5",
            "PINTEREST_SANDBOX_URL": f"{sim.base_url}/sandbox/v5",
            "PINTEREST_CONSENT_URL": f"{sim.base_url}/oauth/",
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("STEADYPIN_")}
        environ = others | {f"STEADYPIN_{name}": value for name, value in ours.items()}
        serve = Process([PROGRAM, "serve"], folder / "serve.log", environ)
        try:
            link = serve.wait_for(r"Sign in once with (http\S+)").group(1)
            yield Installation(folder, sim, serve, environ, base_url, link, count(1))
        finally:
            serve.end()
