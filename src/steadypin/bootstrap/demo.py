"""The whole way of a Pin without a Pinterest account: the simulator and the service in one process, on loopback."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp

from pinsim import Sim
from pinsim import serve as serve_sim
from steadypin.bootstrap.assembly import CALLBACK_PATH
from steadypin.bootstrap.service import Ready, listen, running
from steadypin.domain.errors import CannotStart
from steadypin.settings import Settings, load

APP_ID = "1500001"
ACCOUNT = "spring_shop"
_CAMPAIGN = "spring-campaign.csv"


@dataclass(frozen=True, slots=True)
class DemoInstallation:
    """A running pair of simulator and service."""

    socket: Path
    sim_url: str
    ready: Ready
    _loop: asyncio.AbstractEventLoop

    def consent(self, url: str, account: str = ACCOUNT) -> None:
        """What a person does in a browser: open the consent page, choose the account, give access, be sent back."""
        asyncio.run_coroutine_threadsafe(_consent(url, account), self._loop).result(timeout=30)

    def live_pins(self) -> list[dict[str, Any]]:
        """What the simulated Pinterest really holds."""
        return asyncio.run_coroutine_threadsafe(_live(self.sim_url), self._loop).result(timeout=30)


@contextmanager
def demo_installation(bind: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[DemoInstallation]:
    """Both servers, in a thread of their own, with a data folder that goes away at the end; port 0 takes a free one.

    Raises CannotStart.
    """
    ready: Future[DemoInstallation] = Future()
    stop = asyncio.Event()

    async def run() -> None:
        try:
            async with _demo(bind) as (settings, base, sim_url):
                loop = asyncio.get_running_loop()
                ready.set_result(DemoInstallation(settings.socket_path, sim_url, base, loop))
                await stop.wait()
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    found = ready.result()
    try:
        yield found
    finally:
        found._loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=15)


def campaign() -> Path:
    """The sample campaign, beside the sources or inside the installed package. Raises CannotStart."""
    package = Path(__file__).parents[1]
    for folder in (package / "examples", package.parents[1] / "examples"):
        if (folder / _CAMPAIGN).exists():
            return folder / _CAMPAIGN
    raise CannotStart(
        "The sample campaign is not installed. Install Steadypin again, or run the demo from its sources."
    )


@asynccontextmanager
async def _demo(bind: tuple[str, int]) -> AsyncIterator[tuple[Settings, Ready, str]]:
    listener = listen(bind)
    host, port = listener.getsockname()[:2]
    base_url = f"http://{host}:{port}"
    sim = Sim()
    app = sim.world.apps[APP_ID]
    app.redirect_uris.append(base_url + CALLBACK_PATH)
    with tempfile.TemporaryDirectory(prefix="steadypin-demo-") as folder:
        async with serve_sim(sim) as sim_url:
            settings = load(
                {
                    "STEADYPIN_DATA_DIR": folder,
                    "STEADYPIN_BASE_URL": base_url,
                    "STEADYPIN_BIND": f"{host}:{port}",
                    "STEADYPIN_PINTEREST_APP_ID": APP_ID,
                    "STEADYPIN_PINTEREST_APP_SECRET": app.secret,
                    "STEADYPIN_PINTEREST_API_URL": f"{sim_url}/v5",
                    "STEADYPIN_PINTEREST_SANDBOX_URL": f"{sim_url}/sandbox/v5",
                    "STEADYPIN_PINTEREST_CONSENT_URL": f"{sim_url}/oauth/",
                    "STEADYPIN_LOG_LEVEL": "warning",
                }
            )
            async with running(settings, listener) as base:
                yield settings, base, sim_url


async def _live(sim_url: str) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{sim_url}/_sim/pins") as reply:
        found: list[dict[str, Any]] = (await reply.json())["pins"]
        return found


async def _consent(url: str, account: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as page:
            form = _Form()
            form.feed(await page.text())
            action = urljoin(str(page.url), form.action)
        fields = [
            *form.hidden,
            *(("allow", scope) for scope in form.ticked),
            ("account", account),
            ("decision", "give"),
        ]
        async with session.post(action, data=fields) as landed:
            if landed.status != 200:
                raise CannotStart(f"The simulated consent ended with HTTP {landed.status}.")


class _Form(HTMLParser):
    """The fields of the consent page as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.hidden: list[tuple[str, str]] = []
        self.ticked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms and their inputs."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found.get("action", "")
        elif tag == "input" and found.get("type") == "hidden":
            self.hidden.append((found["name"], found["value"]))
        elif tag == "input" and found.get("type") == "checkbox" and "checked" in found:
            self.ticked.append(found["value"])
