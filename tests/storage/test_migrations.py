"""Migrations: what they make is what the code expects, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from steadypin.domain.errors import CannotStart
from steadypin.storage import migrations, schema
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


def test_an_old_database_keeps_its_rows(engines: Engines) -> None:
    """Made by the first version, with an account that has a token and a Pin that waits."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engines.writer.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
    zero = "x'00'" if engines.dialect == "sqlite" else "'\\x00'"
    run(engines, f"INSERT INTO instance (id, key_check, created_at) VALUES (1, {zero}, 1)")
    run(
        engines,
        "INSERT INTO connections (id, environment, account_id, username, account_type, created_at) "
        "VALUES ('con_1', 'production', '7', 'spring_shop', 'BUSINESS', 1)",
    )
    run(
        engines,
        "INSERT INTO grants (connection_id, version, access_token, scopes, access_expires_at, refreshed_at, tries) "
        f"VALUES ('con_1', 3, {zero}, 'pins:read', 5, 4, 0)",
    )
    run(engines, "INSERT INTO lanes (connection_id, lease_until, fence) VALUES ('con_1', 0, 9)")
    run(
        engines,
        "INSERT INTO pins (id, connection_id, board_id, title, media, version, stage, step, act_at, tries, looks, "
        "created_at, updated_at) VALUES ('pin_1', 'con_1', '17', 'Lemon cake', '{}', 1, 'scheduled', 1, 6, 0, 0, 1, 1)",
    )
    assert migrations.upgrade(engines)
    with engines.reader.connect() as conn:
        kept = conn.execute(
            sa.text(
                "SELECT c.username, g.version, l.fence, l.pace, p.title FROM connections c "
                "JOIN grants g ON g.connection_id = c.id JOIN lanes l ON l.connection_id = c.id "
                "JOIN pins p ON p.connection_id = c.id"
            )
        ).one()
    assert tuple(kept) == ("spring_shop", 3, 9, None, "Lemon cake")


def test_accounts_of_an_old_database_are_read_soon_and_not_all_at_once(engines: Engines) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engines.writer.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0003")
    due = [None, 1, 9 * 10**15]
    for n in range(30):
        run(
            engines,
            "INSERT INTO connections (id, environment, account_id, username, account_type, broken_because, created_at) "
            f"VALUES ('con_{n}', 'production', '{n}', 'shop_{n}', 'BUSINESS', {'NULL' if n else chr(39) + 'x' + chr(39)}, 1)",
        )
        run(
            engines,
            "INSERT INTO lanes (connection_id, next_due_at, lease_until, fence) "
            f"VALUES ('con_{n}', {due[n % 3] or 'NULL'}, 0, 9)",
        )
    run(
        engines,
        "INSERT INTO incidents (id, kind, environment, cause, rule, title, opened_at, probe_at, probes) "
        "VALUES ('inc_1', 'platform', 'production', 'platform', 'r', 't', 1, 1, 0)",
    )
    before = datetime.now(UTC)
    assert migrations.upgrade(engines)
    columns = (schema.connections.c.id, schema.connections.c.check_at, schema.connections.c.checked_at)
    with engines.reader.connect() as conn:
        query = sa.select(*columns, schema.connections.c.check_tries, schema.lanes.c.next_due_at).join(
            schema.lanes, schema.lanes.c.connection_id == schema.connections.c.id
        )
        rows = {row.id: row for row in conn.execute(query)}
        (incident,) = conn.execute(sa.select(schema.incidents)).all()
    assert (incident.id, incident.connection_id) == ("inc_1", None)
    broken = rows.pop("con_0")
    assert broken.check_at is None
    last = datetime.now(UTC) + timedelta(hours=6)
    for row in rows.values():
        assert before - timedelta(seconds=1) <= row.check_at <= last
        assert row.next_due_at <= row.check_at
        assert (row.checked_at, row.check_tries) == (None, 0)
    assert len({row.check_at for row in rows.values()}) == len(rows)
    hours = {int((row.check_at - before).total_seconds() // 3600) for row in rows.values()}
    assert len(hours) >= 4, "spread over the hours"
