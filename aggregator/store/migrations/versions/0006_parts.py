"""What is known of the documents that feeds sent, to tell new entries without reading the old ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add a table; what was stored stays as it is."""
    op.create_table(
        "feed_parts",
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id", name="fk_feed_parts_feed_id_feed"), nullable=False),
        sa.Column("parts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", name="pk_feed_parts"),
    )
