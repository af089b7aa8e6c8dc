"""Who decided, and how many stored entries a decision reached; and which state of the store the page shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add what is recorded from now on; of earlier decisions it is not known."""
    for table in ("decision", "story_decision", "filter_change"):
        op.add_column(table, sa.Column("actor", sa.String(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("reached", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
    )
