"""Reconnect links, what a consent is bound to, and what went on after a reconnect."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add columns and tables."""
    for name in ("scopes", "browser", "expects", "link_id"):
        op.add_column("authorizations", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "reconnect_links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_reconnect_links_connection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconnect_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_reconnect_links_digest")),
    )
    op.create_index("ix_reconnect_links_connection_id", "reconnect_links", ["connection_id"])
    op.create_table(
        "resumes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_resumes_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resumes")),
    )
    op.create_index("ix_resumes_connection_id", "resumes", ["connection_id", "at"])
    op.create_table(
        "resumed_pins",
        sa.Column("resume_id", sa.Text(), nullable=False),
        sa.Column("pin_id", sa.Text(), nullable=False),
        sa.Column("goes_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("was", JSON, nullable=False),
        sa.ForeignKeyConstraint(["resume_id"], ["resumes.id"], name=op.f("fk_resumed_pins_resume_id")),
        sa.ForeignKeyConstraint(["pin_id"], ["pins.id"], name=op.f("fk_resumed_pins_pin_id")),
        sa.PrimaryKeyConstraint("resume_id", "pin_id", name=op.f("pk_resumed_pins")),
    )
