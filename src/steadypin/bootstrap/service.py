"""What runs: API and pages, Lanes and duties, in one event loop; and how all of it stops."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from steadypin.api import OwnerDoor, create_api
from steadypin.bootstrap import logs
from steadypin.bootstrap.assembly import Parts, assembled
from steadypin.domain.errors import CannotStart
from steadypin.services import access, heartbeat
from steadypin.settings import Settings
from steadypin.web import add_pages
from steadypin.worker import duties
from steadypin.worker.lanes import LaneLoop


@dataclass(frozen=True, slots=True)
class Ready:
    """The service answers: its address, and a single-use link that opens the pages."""

    base_url: str
    setup_link: str = field(repr=False)


def serve(settings: Settings, ready: Callable[[Ready], None] | None = None) -> None:
    """API, pages and worker in one process, until SIGINT or SIGTERM. Raises CannotStart."""
    logs.configure(settings)
    asyncio.run(_serve(settings, ready))


def worker(settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Lanes and duties only, for further machines on one PostgreSQL. Raises CannotStart."""
    if settings.database_url.startswith("sqlite"):
        raise CannotStart(
            "A separate worker needs PostgreSQL: an SQLite file belongs to one process, and `steadypin serve` works on it "
            "already. Set STEADYPIN_DATABASE_URL to a postgresql:// address."
        )
    logs.configure(settings)
    asyncio.run(_work_alone(settings, ready))


@contextmanager
def hosted(settings: Settings) -> Iterator[Path]:
    """The API in this process, on a socket of its own, without a worker: for commands when no server runs.

    Yields the socket's path. Raises CannotStart.
    """
    logs.only_faults()
    with tempfile.TemporaryDirectory(prefix="steadypin-") as folder:
        path = Path(folder) / "s"
        ready: Future[asyncio.AbstractEventLoop] = Future()
        stop = asyncio.Event()
        thread = threading.Thread(target=lambda: asyncio.run(_host(settings, path, ready, stop)), daemon=True)
        thread.start()
        loop = ready.result()
        try:
            yield path
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(timeout=10)


async def _host(
    settings: Settings, path: Path, ready: Future[asyncio.AbstractEventLoop], stop: asyncio.Event
) -> None:
    try:
        async with assembled(settings) as parts, _door(_app(settings, parts), path):
            ready.set_result(asyncio.get_running_loop())
            await stop.wait()
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _serve(settings: Settings, ready: Callable[[Ready], None] | None) -> None:
    stop = asyncio.Event()
    with signals(stop):
        listener = listen(settings.bind)
        async with running(settings, listener) as base:
            if ready is not None:
                ready(base)
            await stop.wait()


@asynccontextmanager
async def running(settings: Settings, listener: socket.socket) -> AsyncIterator[Ready]:
    """The whole service while the block lasts; `listener` is a bound TCP socket."""
    async with assembled(settings) as parts:
        app = _app(settings, parts)
        async with _door(app, settings.socket_path), _http(app, listener), working(settings, parts):
            link = f"{settings.base_url.rstrip('/')}/setup/{access.new_setup_link(parts.ctx)}"
            yield Ready(settings.base_url, link)


async def _work_alone(settings: Settings, ready: Callable[[], None] | None) -> None:
    stop = asyncio.Event()
    with signals(stop):
        async with assembled(settings) as parts, working(settings, parts):
            if ready is not None:
                ready()
            await stop.wait()


@asynccontextmanager
async def working(settings: Settings, parts: Parts) -> AsyncIterator[None]:
    """Lanes and duties while the block lasts; at its end they finish, or hand back, within ten seconds."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    lanes = LaneLoop(parts.wired, settings.worker_lanes)
    chores = duties.loop(parts.wired, parts.fetcher)
    links = duties.links_loop(parts.wired, parts.look_at, parts.network)

    def wake() -> None:
        loop.call_soon_threadsafe(lanes.wake)
        loop.call_soon_threadsafe(chores.wake)
        loop.call_soon_threadsafe(links.wake)

    parts.ctx.store.on_wake = wake
    await asyncio.to_thread(heartbeat.start, parts.ctx)
    tasks = [
        asyncio.create_task(lanes.run(stop)),
        asyncio.create_task(chores.run(stop)),
        asyncio.create_task(links.run(stop)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        parts.ctx.store.on_wake = None


def _app(settings: Settings, parts: Parts) -> Any:
    app = create_api(parts.wired, settings.base_url)
    add_pages(app, parts.wired, settings.base_url)
    return app


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us, as several run in one loop."""

    @contextmanager
    def capturesignals(self) -> Iterator[None]:
        """Nothing."""
        yield


@asynccontextmanager
async def _http(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _door(app: Any, path: Path) -> AsyncIterator[None]:
    """The owner's door: a Unix socket with mode 0600, where being able to open it is the proof."""
    listener = _listen_unix(path)
    try:
        async with _http(OwnerDoor(app), listener):
            yield
    finally:
        _remove(path)


def _listen_unix(path: Path) -> socket.socket:
    _remove(path)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        raise CannotStart(
            f"The command socket {path} cannot be made ({error.strerror or error}). Set STEADYPIN_DATA_DIR to a folder with "
            "a shorter path that can be written."
        ) from error
    finally:
        os.umask(mask)
    return listener


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def listen(bind: tuple[str, int]) -> socket.socket:
    host, port = bind
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({error.strerror}). Another program may have it: stop that one, or set "
            "STEADYPIN_BIND to another port."
        ) from error
    return listener


@contextmanager
def signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
