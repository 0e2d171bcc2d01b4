"""Migrations: what they make is what the code expects, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from steadypin.domain.errors import CannotStart
from steadypin.storage import migrations
from steadypin.storage.engines import Engines, open_engines
from steadypin.storage.schema import metadata

FOLDER = Path(migrations.__file__).parent


@pytest.fixture
def engines(url: str) -> Iterator[Engines]:
    made = open_engines(url)
    yield made
    made.close()


def run(engines: Engines, statement: str) -> None:
    with engines.writer.begin() as conn:
        conn.execute(sa.text(statement))


def test_the_upgraded_tables_are_those_of_the_code(engines: Engines) -> None:
    assert migrations.upgrade(engines)
    with engines.writer.connect() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_head_in_the_code_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    assert revisions[0].revision == migrations.HEAD
    assert [each.revision for each in revisions] == sorted(
        (each.revision for each in revisions), reverse=True
    )
    assert len(revisions) == len(list((FOLDER / "versions").glob("[0-9]*.py")))


def test_a_current_database_is_left_alone(engines: Engines) -> None:
    assert migrations.current(engines) is None
    assert migrations.upgrade(engines)
    assert not migrations.upgrade(engines)
    assert migrations.current(engines) == migrations.HEAD
    migrations.require_current(engines)


def test_an_empty_database_of_many_is_not_migrated_unasked(engines: Engines) -> None:
    with pytest.raises(CannotStart, match="steadypin migrate"):
        migrations.require_current(engines)
    assert migrations.current(engines) is None


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(engines: Engines) -> None:
    migrations.upgrade(engines)
    run(engines, "UPDATE alembic_version SET version_num = '9999'")
    for start in (migrations.upgrade, migrations.require_current):
        with pytest.raises(CannotStart, match="newer Steadypin"):
            start(engines)
    assert migrations.current(engines) == "9999"


def test_a_database_of_an_older_version_is_told_how_to_go_on(engines: Engines) -> None:
    migrations.upgrade(engines)
    run(engines, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(CannotStart, match="older Steadypin"):
        migrations.require_current(engines)


@pytest.mark.parametrize("table", ["twins", "replays", "duties"])
def test_a_database_that_lacks_a_table_is_refused_by_its_name(engines: Engines, table: str) -> None:
    migrations.upgrade(engines)
    run(engines, f"DROP TABLE {table}")
    for start in (migrations.upgrade, migrations.require_current):
        with pytest.raises(CannotStart, match=f"lacks {table}.*Restore a backup"):
            start(engines)


def test_a_migration_that_fails_leaves_nothing_half_made(engines: Engines) -> None:
    run(engines, "CREATE TABLE pins (x INTEGER)")  # somebody else's table is in the way
    with pytest.raises(CannotStart):
        migrations.upgrade(engines)
    with engines.writer.connect() as conn:
        assert sa.inspect(conn).get_table_names() == ["pins"]


@pytest.mark.parametrize("url", ["not an address", "mysql://me@host/db"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(CannotStart, match="STEADYPIN_DATABASE_URL"):
        open_engines(url)
