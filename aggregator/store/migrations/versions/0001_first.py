"""The first schema: feeds, entries with their keys and mentions, stories, runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UTCDateTime(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    _feeds_and_runs()
    _entries()
    op.create_table(
        "poll",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id", name="fk_poll_run_id_run"), nullable=False),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id", name="fk_poll_feed_id_feed"), nullable=False),
        _text("outcome"),
        _text("reason"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("seen", "new", "updated", "admitted")),
        sa.PrimaryKeyConstraint("run_id", "feed_id", name="pk_poll"),
    )
    op.create_index("ix_poll_feed_id", "poll", ["feed_id"])


def _feeds_and_runs() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("url", "name", "type")),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("title", "salt")),
        *(_text(name, nullable=True) for name in ("etag", "last_modified", "body_hash")),
        *(_at(name) for name in ("not_before", "last_asked_at", "last_ok_at", "last_body_at")),
        sa.Column("failures", sa.Integer(), nullable=False),
        *(_text(name, nullable=True) for name in ("last_error", "moved_to")),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("url", name="uq_feed_url"),
    )
    op.create_table(
        "story",
        sa.Column("id", sa.Integer(), nullable=False),
        _at("begun_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        _at("started_at", nullable=False),
        _at("ended_at"),
        _text("outcome", nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )


def _entries() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id", name="fk_entry_feed_id_feed"), nullable=False),
        *(_text(name) for name in ("guid", "url", "title", "folded_title", "summary", "text")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("authors", "categories")),
        _text("source"),
        *(_text(name, nullable=True) for name in ("language", "doi")),
        _at("published_at"),
        _at("updated_at"),
        _at("first_seen_at", nullable=False),
        _at("dated_at"),
        _text("content_hash"),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        _text("evidence"),
        sa.Column("reasons", sa.JSON(), nullable=False),
        _text("notice", nullable=True),
        sa.Column("story_id", sa.Integer(), sa.ForeignKey("story.id", name="fk_entry_story_id_story"), nullable=True),
        _text("story_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("feed_id", "guid", name="uq_entry_feed_id_guid"),
    )
    op.create_index("ix_entry_admitted_dated_at", "entry", ["admitted", "dated_at"])
    op.create_index("ix_entry_admitted_story_id", "entry", ["admitted", "story_id"])
    op.create_index("ix_entry_folded_title", "entry", ["folded_title"])
    op.create_index("ix_entry_story_id", "entry", ["story_id"])
    for table, column in (("entry_key", "key"), ("entry_mention", "mention")):
        op.create_table(
            table,
            _text(column),
            sa.Column(
                "entry_id", sa.Integer(), sa.ForeignKey("entry.id", name=f"fk_{table}_entry_id_entry"), nullable=False
            ),
            sa.PrimaryKeyConstraint(column, "entry_id", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_entry_id", table, ["entry_id"])
