"""What a refresh leaves on record, the pair before the present one, and which alerts were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add columns."""
    for name in ("asked_at", "cut_at", "ended_at", "former_access_expires_at"):
        op.add_column("grants", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("former_access_token", "former_refresh_token"):
        op.add_column("grants", sa.Column(name, sa.LargeBinary(), nullable=True))
    op.add_column("grants", sa.Column("refresh_trouble", JSON, nullable=True))
    op.add_column("grants", sa.Column("told_days", sa.Integer(), nullable=True))
