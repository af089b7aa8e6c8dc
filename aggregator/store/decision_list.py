"""The decisions of staff as a list to read, from the tables of decisions: one row for each act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from aggregator.keys import feed_and_guid
from aggregator.store.decisions import ACCEPT, HIDE
from aggregator.store.models import DECISION, ENTRY, ENTRY_KEY, FEED, STORY_DECISION
from aggregator.store.story_decisions import APART, TOGETHER

_DECISION = DECISION.c.decision, DECISION.c.title, DECISION.c.decided_at, DECISION.c.actor, DECISION.c.reached
_WORDS = {HIDE: "hidden", ACCEPT: "accepted", APART: "split", TOGETHER: "merged"}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of staff: `what` in a word, the entry's number if it is stored, its title, and the title that it was split
    from or merged with (`other`); who decided (`cli:anna`), and how many stored entries that `reached`."""

    at: datetime
    what: str
    number: int | None
    title: str
    other: str = ""
    actor: str = ""
    reached: int = 0


def taken(connection: Connection) -> list[Decision]:
    """All that staff decided about entries and stories, the newest first."""
    decisions = [*_about_entries(connection), *_about_stories(connection)]
    return sorted(decisions, key=lambda decision: (decision.at, decision.number or 0), reverse=True)


def _about_entries(connection: Connection) -> Iterable[Decision]:
    """A decision is stored under each key of its article: one row for all of them."""
    rows = connection.execute(
        select(*_DECISION, func.min(ENTRY_KEY.c.entry_id).label("number"))
        .outerjoin(ENTRY_KEY, ENTRY_KEY.c.key == DECISION.c.key)
        .group_by(*_DECISION)
    ).all()
    for row in rows:
        number = row.number if row.number is not None else _titled(connection, row.title)
        what = _WORDS.get(row.decision, row.decision)
        yield Decision(row.decided_at, what, number, row.title, actor=row.actor, reached=row.reached)


def _titled(connection: Connection, title: str) -> int | None:
    return connection.execute(select(func.min(ENTRY.c.id)).where(ENTRY.c.title == title)).scalar()


def _about_stories(connection: Connection) -> Iterable[Decision]:
    """A split is stored for each of the other entries: one row for all of them."""
    rows = connection.execute(select(STORY_DECISION).order_by(STORY_DECISION.c.id)).all()
    seen = set()
    for row in rows:
        act = (row.decision, row.one, row.decided_at)
        if act not in seen:
            seen.add(act)
            number, title = _entry(connection, row.one)
            what, other = _WORDS.get(row.decision, row.decision), _entry(connection, row.other)[1]
            yield Decision(row.decided_at, what, number, title, other, row.actor, row.reached)


def _entry(connection: Connection, name: str) -> tuple[int | None, str]:
    """The number and title of an entry, by its guid key; no number, and the guid in words, if it is no longer stored."""
    feed_url, guid = feed_and_guid(name)
    row = connection.execute(
        select(ENTRY.c.id, ENTRY.c.title)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(FEED.c.url == feed_url, ENTRY.c.guid == guid)
    ).first()
    return (row.id, row.title) if row else (None, f"an entry that is no longer stored ({guid})")
