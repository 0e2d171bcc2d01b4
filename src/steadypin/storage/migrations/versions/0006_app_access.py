"""Since when the App has its Access, and what showed it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add a column and a table."""
    op.add_column("instance", sa.Column("access_since", sa.BigInteger(), nullable=True))
    op.create_table(
        "app_evidence",
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("native", JSON, nullable=True),
        sa.PrimaryKeyConstraint("sign", name="pk_app_evidence"),
    )
