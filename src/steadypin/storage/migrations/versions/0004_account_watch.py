"""Why a Connection is broken, who looks after it, when its account is read; incidents of one Connection."""

import zlib
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
FIRST_READS = timedelta(hours=6)
"""Every account that is there already is read for the first time within so long, each at its own moment."""


def upgrade() -> None:
    """Add columns and an index; let the accounts be read."""
    for name in ("broken_cause", "broken_remedy", "broken_rule", "broken_fix", "owner_name", "owner_contact"):
        op.add_column("connections", sa.Column(name, sa.Text(), nullable=True))
    for name in ("checked_at", "check_at"):
        op.add_column("connections", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("connections", sa.Column("check_tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("connections", sa.Column("check_refused", sa.Integer(), nullable=True))
    op.add_column("connections", sa.Column("check_trouble", JSON, nullable=True))
    for name in ("connection_id", "fix", "by_itself"):
        op.add_column("incidents", sa.Column(name, sa.Text(), nullable=True))
    op.drop_index("ix_incidents_open", table_name="incidents")
    for name, columns, whose in (
        ("ix_incidents_open", ["environment", "kind"], "IS NULL"),
        ("ix_incidents_open_connection", ["connection_id", "cause"], "IS NOT NULL"),
    ):
        which = sa.text(f"closed_at IS NULL AND connection_id {whose}")
        op.create_index(name, "incidents", columns, unique=True, sqlite_where=which, postgresql_where=which)
    _plan_first_reads()


def _plan_first_reads() -> None:
    conn = op.get_bind()
    names = conn.execute(
        sa.text("SELECT id FROM connections WHERE disconnected_at IS NULL AND broken_because IS NULL")
    ).scalars()
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    span = FIRST_READS // timedelta(microseconds=1)
    each = [{"id": name, "at": now + span * zlib.crc32(name.encode()) // 2**32} for name in names]
    if each:
        conn.execute(sa.text("UPDATE connections SET check_at = :at WHERE id = :id"), each)
        conn.execute(
            sa.text(
                "UPDATE lanes SET next_due_at = :at "
                "WHERE connection_id = :id AND (next_due_at IS NULL OR next_due_at > :at)"
            ),
            each,
        )
