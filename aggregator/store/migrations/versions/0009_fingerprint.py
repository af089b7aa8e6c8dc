"""What was called a salt is a fingerprint of the parser and the feed's settings."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Rename a column; SQLite does it in place."""
    op.alter_column("feed", "salt", new_column_name="fingerprint")
