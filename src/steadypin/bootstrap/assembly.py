"""From Settings to the things that run. Everything that can be wrong with an installation is said here, in a sentence."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from steadypin.domain.errors import CannotStart
from steadypin.domain.verdicts import Policy
from steadypin.pinterest.client import HttpPinterest
from steadypin.pinterest.wire import Hosts
from steadypin.probe.fetch import Fetcher
from steadypin.probe.guard import Guard
from steadypin.probe.links import look
from steadypin.probe.outside import Reached
from steadypin.services import pacing
from steadypin.services.context import App, Context, Wired, sortable_id
from steadypin.services.link_looking import LookAt
from steadypin.settings import RECORD_MARGIN_S, Settings
from steadypin.storage import instance, lanes, migrations
from steadypin.storage.database import Store
from steadypin.storage.engines import Engines, open_engines
from steadypin.storage.filelock import FileLock
from steadypin.storage.keys import GivenKeys, KeyFile
from steadypin.storage.media_files import MediaFiles
from steadypin.storage.seal import Seal
from steadypin.storage.troubles import explain_trouble

CALLBACK_PATH = "/oauth/callback"


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Seconds since the machine started, sleep included."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def wait(self, seconds: float) -> None:
        """Let a moment pass."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Parts:
    """An installation that can act."""

    ctx: Context
    wired: Wired
    fetcher: Fetcher
    look_at: LookAt
    network: Reached


@contextmanager
def opened(settings: Settings) -> Iterator[Context]:
    """The database of an installation, its key checked; alone on an SQLite file. Raises CannotStart."""
    _make_folder(settings.data_dir)
    engines = open_engines(settings.database_url)
    lock = _own(engines)
    try:
        if engines.dialect == "sqlite":
            _private(engines.path)
            migrations.upgrade(engines)
        else:
            migrations.require_current(engines)
        store = Store(engines)
        try:
            with store.read() as tx:
                sealed = instance.is_sealed(tx)
            seal = _seal(settings, sealed)
            store.write(lambda tx: instance.check_key(tx, seal))
            if lock is not None:
                store.write(lanes.void_all)
            yield _context(settings, store, seal)
        finally:
            store.close()
    except DBAPIError as error:
        raise CannotStart(explain_trouble(error)) from error
    finally:
        engines.close()
        if lock is not None:
            lock.release()


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Parts]:
    """The same with the wire to Pinterest and the fetcher, inside the event loop. Raises CannotStart."""
    with opened(settings) as ctx:
        async with (
            HttpPinterest(ctx.clock, settings.bytes_in_flight) as pinterest,
            Fetcher(Guard(settings.fetch_allow)) as fetcher,
        ):
            network = Reached(settings.api_url)
            yield Parts(ctx, Wired(ctx, pinterest), fetcher, partial(look, fetcher), network)


def _context(settings: Settings, store: Store, seal: Seal) -> Context:
    policy = Policy(
        timeout_s=settings.publish_timeout_s,
        record_margin_s=RECORD_MARGIN_S,
        look_margin_s=settings.look_margin_s,
        looks_s=settings.looks_s,
        twin_looks_s=settings.twin_looks_s,
        late_grace_s=settings.late_grace_s,
    )
    return Context(
        store=store,
        files=MediaFiles(settings.data_dir / "media"),
        seal=seal,
        hosts=Hosts(settings.api_url, settings.sandbox_url, settings.consent_url),
        app=App(settings.app_id, settings.app_secret, settings.base_url.rstrip("/") + CALLBACK_PATH),
        clock=SystemClock(),
        policy=policy,
        lease=timedelta(seconds=settings.lane_lease_s),
        worker=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}",
        new_id=sortable_id,
        jitter=random.random,
        limits=pacing.common_limits(
            settings.daily_cap, settings.least_spacing_s, settings.quiet_hours, settings.time_zone
        ),
        access_tier=None if settings.access_tier == "auto" else settings.access_tier,
        link_marker=settings.link_marker,
        may_be_private=Guard(settings.fetch_allow).allows,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be made ({error.strerror}). Give this user write permission, or set "
            "STEADYPIN_DATA_DIR to a folder that can be written."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotStart(
            f"The data folder {folder} cannot be written. Give this user write permission, or set STEADYPIN_DATA_DIR."
        )


def _private(path: Path | None) -> None:
    """Make the file, readable for its owner alone, before SQLite would with the user's usual mode."""
    if path is not None:
        with suppress(OSError):  # opening the database says better what is wrong
            path.touch(mode=0o600)


def _own(engines: Engines) -> FileLock | None:
    if engines.path is None:
        return None
    try:
        return FileLock(engines.path.with_name(engines.path.name + ".lock"))
    except BlockingIOError:
        raise CannotStart(
            f"Another Steadypin uses {engines.path} already. Stop it first, or set STEADYPIN_DATABASE_URL to another file."
        ) from None
    except OSError as error:
        raise CannotStart(
            f"The database folder {engines.path.parent} cannot be used ({error.strerror}). Check that it exists and can be "
            "written."
        ) from error


def _seal(settings: Settings, sealed: bool) -> Seal:
    source = _key_source(settings)
    try:
        if isinstance(source, KeyFile):
            if sealed and not source.path.exists():
                raise CannotStart(
                    f"The secret key {source.path} is missing, so the stored tokens cannot be read. Put the file back "
                    "from your backup, or set STEADYPIN_SECRET_KEY. Nothing was changed."
                )
            source.make()
        return Seal(*source.read(), source=source)
    except ValueError as error:
        raise CannotStart(f"{error} Correct STEADYPIN_SECRET_KEY or the file secret.key.") from None
    except OSError as error:
        raise CannotStart(f"The secret key file cannot be read or made ({error.strerror}).") from error


def _key_source(settings: Settings) -> GivenKeys | KeyFile:
    if settings.secret_key is None:
        return KeyFile(settings.data_dir / "secret.key")
    named = settings.sources["STEADYPIN_SECRET_KEY"]
    return GivenKeys(settings.secret_key, None if named == "environment" else Path(named).expanduser())
