"""How often words stand in our titles, what staff decided about stories, and which paper a notice is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add tables; what was stored stays as it is."""
    op.create_table(
        "word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_word"),
    )
    op.create_table(
        "story_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story_decision"),
    )
    op.create_table(
        "notice",
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.id", name="fk_notice_entry_id_entry"), nullable=False),
        sa.Column("of_id", sa.Integer(), sa.ForeignKey("entry.id", name="fk_notice_of_id_entry"), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_notice"),
    )
    op.create_index("ix_notice_of_id", "notice", ["of_id"])
    op.create_index("ix_entry_notice", "entry", ["notice"])
