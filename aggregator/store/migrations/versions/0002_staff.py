"""What staff decide (hidden, accepted), what an entry was before it changed, and when it was first shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; what was stored stays as it is."""
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("standing", sa.String(), nullable=False, server_default=""))
        entry.add_column(sa.Column("shown_at", UTCDateTime(), nullable=True))
    op.create_table(
        "decision",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_decision"),
    )
    op.create_table(
        "entry_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "entry_id", sa.Integer(), sa.ForeignKey("entry.id", name="fk_entry_change_entry_id_entry"), nullable=False
        ),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_entry_change"),
    )
    op.create_index("ix_entry_change_entry_id", "entry_change", ["entry_id"])
    op.create_index("ix_entry_standing", "entry", ["standing"])
