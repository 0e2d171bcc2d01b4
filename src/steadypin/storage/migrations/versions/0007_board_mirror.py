"""More about boards, their sections, moves of Pins between boards; and the next reading of the boards of each account."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
WAITING = sa.text("pinterest_pin_id IS NULL AND deleted_at IS NULL")


def upgrade() -> None:
    """Add columns, tables and an index, and spread the first readings over six hours."""
    op.add_column("connections", sa.Column("boards_synced_at", sa.BigInteger(), nullable=True))
    for column in (
        sa.Column("gone_because", sa.Text(), nullable=True),
        sa.Column("owned_by_another", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("collaborator_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("follower_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("pins_modified_at", sa.BigInteger(), nullable=True),
        sa.Column("refused", JSON, nullable=True),
        sa.Column("holds", sa.Text(), nullable=True),
        sa.Column("sections_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("boards", column)
    op.create_index(
        "ix_boards_holds",
        "boards",
        ["connection_id"],
        sqlite_where=sa.text("holds IS NOT NULL"),
        postgresql_where=sa.text("holds IS NOT NULL"),
    )
    op.create_table(
        "sections",
        sa.Column("connection_id", sa.Text(), sa.ForeignKey("connections.id", name="fk_sections_connection_id"), nullable=False),
        sa.Column("board_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "board_id", "id", name="pk_sections"),
    )  # fmt: skip
    op.create_table(
        "remaps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), sa.ForeignKey("connections.id", name="fk_remaps_connection_id"), nullable=False),
        sa.Column("from_board_id", sa.Text(), nullable=False),
        sa.Column("to_board_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_remaps"),
    )  # fmt: skip
    op.create_index("ix_remaps_connection_id", "remaps", ["connection_id", "at"])
    op.create_table(
        "remap_pins",
        sa.Column("remap_id", sa.Text(), sa.ForeignKey("remaps.id", name="fk_remap_pins_remap_id"), nullable=False),
        sa.Column("pin_id", sa.Text(), sa.ForeignKey("pins.id", name="fk_remap_pins_pin_id"), nullable=False),
        sa.Column("section_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("remap_id", "pin_id", name="pk_remap_pins"),
    )  # fmt: skip
    op.create_index(
        "ix_pins_waiting",
        "pins",
        ["connection_id", "board_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.execute("UPDATE boards SET holds = 'board-gone' WHERE gone_at IS NOT NULL")  # told already
    _ask_for_first_readings()


def _ask_for_first_readings() -> None:
    connection = op.get_bind()
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    within = int(timedelta(hours=6).total_seconds() * 1_000_000)
    ids = connection.execute(sa.text("SELECT id FROM connections WHERE disconnected_at IS NULL")).scalars()
    for name in ids.all():
        at = now + within * crc32(name.encode()) // 2**32
        connection.execute(
            sa.text(
                "INSERT INTO errands (id, connection_id, kind, payload, asked_at, act_at) "
                "VALUES (:id, :name, 'sync_boards', '{}', :now, :at)"
            ),
            {"id": f"boards_{name}", "name": name, "now": now, "at": at},
        )
        connection.execute(
            sa.text(
                "UPDATE lanes SET next_due_at = :at WHERE connection_id = :name "
                "AND (next_due_at IS NULL OR next_due_at > :at)"
            ),
            {"name": name, "at": at},
        )
