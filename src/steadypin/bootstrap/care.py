"""Looking after an installation: migrations, backups, and the doctor."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from steadypin.bootstrap.assembly import opened
from steadypin.domain.errors import CannotStart, Refusal
from steadypin.domain.pacing.trial import CALLS_A_DAY, WRITES_A_DAY
from steadypin.services import app_facts, connecting, incidents, pacing, restoring
from steadypin.settings import Settings
from steadypin.storage import migrations
from steadypin.storage.engines import open_engines
from steadypin.storage.filelock import FileLock

_PAUSED = "A backup was put in place, but not yet marked. Run `steadypin restore` again."


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of the doctor. `level` is ok, warning or blocker; `fix` is empty when it is ok."""

    name: str
    level: str
    said: str
    fix: str = ""


def migrate(settings: Settings) -> bool:
    """Bring the database to this version; True when something changed. Raises CannotStart."""
    engines = open_engines(settings.database_url)
    try:
        return migrations.upgrade(engines)
    finally:
        engines.close()


def backup(settings: Settings, path: Path) -> None:
    """A consistent copy of the SQLite database, also while the service runs. The key and the media are not in it.

    Raises CannotStart.
    """
    source = _sqlite_file(settings)
    if not source.exists():
        raise CannotStart(f"There is no database at {source} yet, so there is nothing to copy.")
    if path.exists():
        raise CannotStart(f"{path} exists already. Choose another name; a backup never overwrites.")
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as database:
            database.execute("VACUUM INTO ?", (str(path),))
        path.chmod(0o600)
    except (sqlite3.Error, OSError) as error:
        path.unlink(missing_ok=True)
        raise CannotStart(
            f"The backup could not be written: {error}. Check the folder and the free space."
        ) from error


def restore(settings: Settings, path: Path) -> int:
    """Put a backup in place of the database. Everything starts paused, and what was due since is confirmed first.

    The former database stays beside it under the name `….before-restore`. Answers how many Pins have to be confirmed.
    Raises CannotStart.
    """
    target = _sqlite_file(settings)
    _check_backup(path)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = FileLock(target.with_name(target.name + ".lock"))
    except BlockingIOError:
        raise CannotStart("Steadypin is running on this database. Stop it before you restore.") from None
    partial = target.with_name(f"{target.name}.restoring")
    try:
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            copy.execute(
                "UPDATE instance SET paused_at = ?, paused_because = ?", (time.time_ns() // 1000, _PAUSED)
            )
            copy.commit()
        for name in (target.name, f"{target.name}-wal", f"{target.name}-shm"):
            former = target.with_name(name)
            if former.exists():
                former.replace(
                    target.with_name(name.replace(target.name, f"{target.name}.before-restore", 1))
                )
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise CannotStart(
            f"The backup could not be put in place: {error}. Check the folder {target.parent} and its free space."
        ) from error
    finally:
        for left in target.parent.glob(f"{partial.name}*"):
            left.unlink()
        lock.release()
    return mark_restored(settings)


def mark_restored(settings: Settings) -> int:
    """The same for rows that were put back by other means, such as pg_restore: pause, and open the doubts.

    Raises CannotStart.
    """
    with opened(settings) as ctx:
        return restoring.after_restore(ctx)


def checks(settings: Settings) -> list[Check]:
    """What stands between this installation and its first published Pin, in the order in which it breaks."""
    found = []
    try:
        with opened(settings) as ctx:
            found.append(Check("database", "ok", "The database answers, and the secret key fits it."))
            listed = connecting.listing(ctx)
            troubles = incidents.listing(ctx, open_only=True)
            known = app_facts.facts(ctx)
            now = ctx.clock.now()
    except Refusal as refusal:
        return [
            Check(
                "database", "blocker", str(refusal), "Do what the sentence says, then run the doctor again."
            )
        ]
    if settings.app_id and settings.app_secret:
        found.append(Check("app", "ok", f"The Pinterest app {settings.app_id} is set."))
    else:
        found.append(
            Check(
                "app",
                "blocker",
                "No Pinterest app is set.",
                "Put its id and secret into STEADYPIN_PINTEREST_APP_ID and STEADYPIN_PINTEREST_APP_SECRET.",
            )
        )
    told = known.access
    block = (told.block.until, told.block.because) if told.block else None
    tier = "not approved" if known.not_approved else told.tier or "unknown"
    found += access_checks(tier, known.how_known, block)
    found += [Check("incident", "warning", f"{each.incident.title}.", each.fix) for each in troubles]
    if not listed:
        found.append(Check("connections", "warning", "No account is connected.", "Run `steadypin connect`."))
    for connection in listed:
        status = connection.status(now)
        well = status.value in {"connected", "paused"}
        found.append(
            Check(
                f"connection {connection.username}",
                "ok" if well else "warning" if status.value == "expiring" else "blocker",
                f"{connection.username} is {status.value}. {connection.ends_because or ''}".strip(),
                "" if well else f"Run `steadypin connect` and choose {connection.username}.",
            )
        )
    return found


def access_checks(tier: str, how_known: str, block: tuple[datetime, str] | None) -> list[Check]:
    """The App's access and how it is known, and until when and why Pinterest lets it do nothing, if so."""
    if tier == "unknown":
        said = "Which access Pinterest has granted the App is not known yet. Its next replies show it."
        found = [Check("access", "ok", said)]
    elif tier == "not approved":
        fix = "Open the App at developers.pinterest.com: ask for Trial access, or answer Pinterest's review."
        found = [Check("access", "blocker", f"The App is not approved. {how_known}", fix)]
    elif tier == pacing.TRIAL:
        day = f"{WRITES_A_DAY} writes and {CALLS_A_DAY:,} calls a day for all accounts together"
        said = f"The App has Trial access: {day}. Under it Pinterest refuses to publish Pins. {how_known}"
        fix = "Ask for Standard access at developers.pinterest.com; `steadypin app` says how it stands, and what to do."
        found = [Check("access", "warning", said, fix)]
    else:
        found = [Check("access", "ok", f"The App has Standard access. {how_known}")]
    if block is not None:
        until, because = block
        said = f"Nothing is sent for any account until {until.astimezone():%Y-%m-%d %H:%M %z}, because: {because}."
        found.append(Check("app block", "warning", said, "Nothing to do: it goes on by itself then."))
    return found


def _sqlite_file(settings: Settings) -> Path:
    engines = open_engines(settings.database_url)
    engines.close()
    if engines.path is None:
        raise CannotStart(
            "This database is PostgreSQL. Use pg_dump and pg_restore, then `steadypin restore --mark`."
        )
    return engines.path


def _check_backup(path: Path) -> None:
    if not path.exists():
        raise CannotStart(f"There is no backup at {path}.")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
            revision = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise CannotStart(f"{path} is not a Steadypin backup ({error}).") from error
    if answer != "ok":
        raise CannotStart(f"The backup {path} is damaged ({answer}). Use another one.")
    if revision is None or revision[0] > migrations.HEAD:
        raise CannotStart(migrations.newer_database())
