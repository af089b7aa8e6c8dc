"""What was purged, so that it does not return as new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a table; what was stored stays as it is."""
    op.create_table(
        "purged",
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id", name="fk_purged_feed_id_feed"), nullable=False),
        sa.Column("guid_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "guid_hash", name="pk_purged"),
    )
