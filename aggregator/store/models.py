"""The tables. `table=True` classes validate nothing when they are made, so rows are written from checked values only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Table, UniqueConstraint, case, func
from sqlmodel import Field, SQLModel

# Names for every constraint, so that a migration can address them on any database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class FeedRow(SQLModel, table=True):
    """A polled address, and its state after the last poll."""

    __tablename__ = "feed"

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(unique=True)
    name: str
    type: str
    weight: float = 1.0
    is_listed: bool = True
    title: str = ""
    fingerprint: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    not_before: datetime | None = None
    last_asked_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_body_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    moved_to: str | None = None


class FeedPartsRow(SQLModel, table=True):
    """The index of a feed's last document, by which the new entries of the next are recognised. Apart from the feed's row,
    which is written daily."""

    __tablename__ = "feed_parts"

    feed_id: int = Field(foreign_key="feed.id", primary_key=True)
    parts: str


class StoryRow(SQLModel, table=True):
    """A story: little more than a number, which its entries refer to."""

    __tablename__ = "story"

    id: int | None = Field(default=None, primary_key=True)
    begun_at: datetime


class EntryRow(SQLModel, table=True):
    """One element of a feed, admitted or not, with the verdict as it was given."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("feed_id", "guid"),
        Index("ix_entry_admitted_dated_at", "admitted", "dated_at"),
        Index("ix_entry_admitted_story_id", "admitted", "story_id"),
        Index("ix_entry_health", "feed_id", "published_at", "first_seen_at", "admitted", "shown_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    guid: str
    url: str
    title: str
    folded_title: str = Field(index=True)
    summary: str
    text: str
    authors: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    categories: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    source: str
    language: str | None = None
    doi: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    first_seen_at: datetime
    dated_at: datetime | None = None
    content_hash: str
    admitted: bool
    score: float
    topics: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    evidence: str
    reasons: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    notice: str | None = Field(default=None, index=True)
    rules: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    story_id: int | None = Field(default=None, foreign_key="story.id", index=True)
    story_reason: str = ""
    standing: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    shown_at: datetime | None = None
    staff_topics: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class EntryKeyRow(SQLModel, table=True):
    """A key that identifies the entry's article."""

    __tablename__ = "entry_key"

    key: str = Field(primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)


class EntryMentionRow(SQLModel, table=True):
    """An identifier in the entry's running text: it relates, it does not identify."""

    __tablename__ = "entry_mention"

    mention: str = Field(primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)


class EntryChangeRow(SQLModel, table=True):
    """The values of an entry before it changed."""

    __tablename__ = "entry_change"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    changed_at: datetime
    title: str
    url: str
    published_at: datetime | None = None


class DecisionRow(SQLModel, table=True):
    """A decision of staff about an article, under each key by which the article may come again."""

    __tablename__ = "decision"

    key: str = Field(primary_key=True)
    decision: str
    title: str
    decided_at: datetime
    actor: str = ""
    reached: int = 0


class FilterChangeRow(SQLModel, table=True):
    """A change of the filter's section in feeds.yaml, with the section's text before and afterwards."""

    __tablename__ = "filter_change"

    id: int | None = Field(default=None, primary_key=True)
    changed_at: datetime
    before: str
    after: str
    rules: str
    actor: str = ""
    reached: int = 0


class WordRow(SQLModel, table=True):
    """The number of our own titles that have a word; the empty word counts the titles."""

    __tablename__ = "word"

    word: str = Field(primary_key=True)
    documents: int


class StoryDecisionRow(SQLModel, table=True):
    """A decision of staff about two entries: that they belong together, or apart."""

    __tablename__ = "story_decision"

    id: int | None = Field(default=None, primary_key=True)
    decision: str
    one: str
    other: str
    decided_at: datetime
    actor: str = ""
    reached: int = 0


class NoticeRow(SQLModel, table=True):
    """Which stored paper a notice is about."""

    __tablename__ = "notice"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    of_id: int = Field(foreign_key="entry.id", index=True)


class PurgedRow(SQLModel, table=True):
    """A rejected entry that was deleted after its time: the hash of its guid, so that it does not return as new."""

    __tablename__ = "purged"

    feed_id: int = Field(foreign_key="feed.id", primary_key=True)
    guid_hash: str = Field(primary_key=True)


class RunRow(SQLModel, table=True):
    """One refresh."""

    __tablename__ = "run"

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    report: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class PollRow(SQLModel, table=True):
    """The outcome of polling one feed in one run."""

    __tablename__ = "poll"

    run_id: int = Field(foreign_key="run.id", primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", primary_key=True, index=True)
    outcome: str
    reason: str = ""
    seen: int = 0
    new: int = 0
    updated: int = 0
    admitted: int = 0


class PublicationRow(SQLModel, table=True):
    """The number of decisions so far, and how many of them the page shows. One row."""

    __tablename__ = "publication"

    id: int | None = Field(default=None, primary_key=True)
    wanted: int
    made: int


class ActRow(SQLModel, table=True):
    """What somebody on staff did, and the difference that it made: rows by table and key, as they were and became."""

    __tablename__ = "act"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    verb: str
    about: str
    reached: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    undone_by: int | None = None


class FrontRow(SQLModel, table=True):
    """A story on the front page as it was last made, and its leading entry. No foreign keys: a page may be older than what
    was deleted since."""

    __tablename__ = "front"

    position: int | None = Field(default=None, primary_key=True)
    story_id: int
    entry_id: int


class IssueRow(SQLModel, table=True):
    """An issue of the newsletter: what it tells, and how far staff are with it. Who gets it stands in subscribers.db."""

    __tablename__ = "issue"

    number: int | None = Field(default=None, primary_key=True)
    period: str
    first_on: date
    last_on: date
    state: str
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str = ""
    made_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


FEED = _table("feed")
FEED_PARTS = _table("feed_parts")
STORY = _table("story")
ENTRY = _table("entry")
ENTRY_KEY = _table("entry_key")
ENTRY_MENTION = _table("entry_mention")
ENTRY_CHANGE = _table("entry_change")
DECISION = _table("decision")
FILTER_CHANGE = _table("filter_change")
WORD = _table("word")
STORY_DECISION = _table("story_decision")
NOTICE = _table("notice")
PURGED = _table("purged")
RUN = _table("run")
POLL = _table("poll")
ACT = _table("act")
FRONT = _table("front")
ISSUE = _table("issue")

# The publisher of an entry, wherever it is shown or compared: the entry's own source only if its feed is a search, else the
# feed's name. Computed when it is read, so that it follows the type and the name that staff give a feed.
PUBLISHER = case((FEED.c.type == "search", ENTRY.c.source), else_=FEED.c.name)
# The topics of an entry, wherever it is shown: those that staff gave it, else the filter's.
TOPICS = func.coalesce(ENTRY.c.staff_topics, ENTRY.c.topics, type_=JSON).label("topics")
PUBLICATION = _table("publication")
