"""Which rules decided about an entry, and what staff changed in the filter's section of feeds.yaml."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a column and a table; what was stored stays as it is, judged by rules that nobody noted."""
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("rules", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_entry_rules", "entry", ["rules"])
    op.create_table(
        "filter_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filter_change"),
    )
