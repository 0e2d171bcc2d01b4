"""Bringing a database to this version's tables; Alembic keeps the order."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from steadypin.domain.errors import CannotStart
from steadypin.storage.engines import Engines
from steadypin.storage.schema import metadata
from steadypin.storage.troubles import explain_trouble

HEAD = "0009"
"""The newest revision in `versions/`; a test compares it with the folder, so that a start needs no Alembic."""


def current(engines: Engines) -> str | None:
    """The revision of the database, None for an empty one. Raises CannotStart."""
    try:
        with engines.writer.connect() as conn:
            there = set(sa.inspect(conn).get_table_names())
            if "alembic_version" not in there:
                return None
            revision: str | None = conn.execute(
                sa.text("SELECT version_num FROM alembic_version")
            ).scalar_one_or_none()
    except DBAPIError as error:
        raise CannotStart(explain_trouble(error)) from error
    missing = sorted(metadata.tables.keys() - there)
    if revision == HEAD and missing:
        raise CannotStart(
            f"The database lacks {', '.join(missing)}: it was changed outside of Steadypin. Restore a backup. Nothing was "
            "changed."
        )
    return revision


def upgrade(engines: Engines) -> bool:
    """Make the tables current; True when something changed. Raises CannotStart, also for a newer database."""
    revision = current(engines)
    if revision == HEAD:
        return False
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise CannotStart(newer_database())
    try:
        with engines.writer.begin() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise CannotStart(explain_trouble(error)) from error
    return True


def require_current(engines: Engines) -> None:
    """For PostgreSQL, where several processes share a database: say what to do instead of migrating unasked."""
    revision = current(engines)
    if revision == HEAD:
        return
    if revision is None:
        raise CannotStart("The database is empty. Make its tables once with `steadypin migrate`.")
    if revision > HEAD:
        raise CannotStart(newer_database())
    raise CannotStart(
        "The database has the tables of an older Steadypin. Stop all workers, then run `steadypin migrate`."
    )


def newer_database() -> str:
    """The sentence for a database that this version does not know."""
    return (
        "The database was made by a newer Steadypin than this one. Install that version again, or restore a backup "
        "from before the update. Nothing was changed."
    )
