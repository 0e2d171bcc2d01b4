"""The app behind a real socket, for real browsers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from steadypin.api import create_api
from steadypin.services import access
from steadypin.services.context import Wired
from steadypin.web import add_pages


@contextmanager
def serving(wired: Wired) -> Iterator[str]:
    """Serve API and pages of an installation on a free loopback port; gives the base address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        base_url = f"http://127.0.0.1:{door.getsockname()[1]}"
        app = create_api(wired, base_url)
        add_pages(app, wired, base_url)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield base_url
        finally:
            server.should_exit = True
            thread.join()


def setup_address(wired: Wired, base_url: str) -> str:
    """A fresh set-up link."""
    return f"{base_url}/setup/{access.new_setup_link(wired.ctx)}"
