"""What the look-ahead found about Pins that are not live yet, the pages of their links, and sites that were refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add tables; Pins that are ahead are looked at as soon as the service runs."""
    op.create_table(
        "preflights",
        sa.Column("pin_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("findings", JSON, nullable=True),
        sa.Column("confirmed", sa.Text(), nullable=True),
        sa.Column("link_key", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_preflights_connection_id"),
        sa.ForeignKeyConstraint(["pin_id"], ["pins.id"], name="fk_preflights_pin_id"),
        sa.PrimaryKeyConstraint("pin_id", name="pk_preflights"),
    )
    ahead, risky = sa.text("next_at IS NOT NULL"), sa.text("at_risk")
    op.create_index(
        "ix_preflights_next",
        "preflights",
        ["connection_id", "next_at"],
        sqlite_where=ahead,
        postgresql_where=ahead,
    )
    op.create_index(
        "ix_preflights_at_risk", "preflights", ["connection_id"], sqlite_where=risky, postgresql_where=risky
    )
    op.create_index("ix_preflights_link", "preflights", ["link_key"])
    op.create_index("ix_preflights_site", "preflights", ["site"])
    op.create_table(
        "link_looks",
        sa.Column("link_key", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", JSON, nullable=True),
        sa.PrimaryKeyConstraint("link_key", name="pk_link_looks"),
    )
    op.create_table(
        "refused_sites",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("native", JSON, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", name="pk_refused_sites"),
    )
    op.create_index("ix_pins_due", "pins", ["connection_id", "due_at"])
    op.execute(
        "INSERT INTO preflights (pin_id, connection_id, version, next_at, at_risk) "
        "SELECT id, connection_id, version, updated_at, false FROM pins "
        "WHERE stage IN ('draft', 'scheduled', 'preparing', 'held') AND deleted_at IS NULL AND due_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO duties (kind, key, due_at, lease_until, fence, tries) "
        "SELECT 'look_ahead', connection_id, min(next_at), 0, 0, 0 FROM preflights GROUP BY connection_id"
    )
