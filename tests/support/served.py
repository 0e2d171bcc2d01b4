"""The API of a rig behind a socket, so that the real commands reach it over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from steadypin.api import OwnerDoor, create_api
from tests.support.patience import until
from tests.support.rig import Rig

BASE = "http://127.0.0.1:8080"


@contextmanager
def served(home: Rig, folder: Path) -> Iterator[None]:
    """While the block lasts, a command with this data folder finds the installation running."""
    app = OwnerDoor(create_api(home.wired, BASE))
    config = uvicorn.Config(app, uds=str(folder / "steadypin.sock"), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
