"""An index that holds all that a feed's health is made of: the table itself is ten times as large."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add an index; what was stored stays as it is."""
    op.create_index(
        "ix_entry_health", "entry", ["feed_id", "published_at", "first_seen_at", "admitted", "shown_at"], unique=False
    )
