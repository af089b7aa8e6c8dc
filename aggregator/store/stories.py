"""Stories: what is still ungrouped, what was decided, what an edition may choose from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, ENTRY_KEY, FEED, STORY
from aggregator.values.stories import Article, Candidates, Grouping, Member, Story, Window

_MEMBER = (ENTRY.c.id, ENTRY.c.title, ENTRY.c.folded_title, ENTRY.c.summary, ENTRY.c.source, ENTRY.c.url,
           ENTRY.c.authors, ENTRY.c.dated_at, ENTRY.c.first_seen_at, ENTRY.c.story_id)  # fmt: skip


def window(connection: Connection, *, most: int = 1000) -> Window:
    """Admitted entries without a story, whichever run brought them, oldest first, at most `most`; and every grouped entry
    of any age that shares a key or the title with one of them."""
    ungrouped = connection.execute(
        select(*_MEMBER)
        .where(ENTRY.c.admitted, ENTRY.c.story_id.is_(None), ENTRY.c.notice.is_(None))
        .order_by(ENTRY.c.id)
        .limit(most)
    ).all()
    keys = _keys(connection, [row.id for row in ungrouped])
    related: dict[int, Any] = {}
    for batch in in_batches(sorted({key for names in keys.values() for key in names})):
        sharing = select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch))
        related |= _grouped(connection, ENTRY.c.id.in_(sharing))
    for titles in in_batches(sorted({row.folded_title for row in ungrouped})):
        related |= _grouped(connection, ENTRY.c.folded_title.in_(titles))
    keys |= _keys(connection, list(related))
    return Window(tuple(_member(row, keys) for row in ungrouped), tuple(_member(row, keys) for row in related.values()))


def _grouped(connection: Connection, wanted: Any) -> dict[int, Any]:
    rows = connection.execute(select(*_MEMBER).where(wanted, ENTRY.c.story_id.is_not(None)))
    return {row.id: row for row in rows}


def _keys(connection: Connection, entries: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for batch in in_batches(entries):
        rows = connection.execute(
            select(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key)
            .where(ENTRY_KEY.c.entry_id.in_(batch))
            .order_by(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key)
        )
        for row in rows:
            found[row.entry_id] += (row.key,)
    return dict(found)


def _member(row: Any, keys: dict[int, tuple[str, ...]]) -> Member:
    return Member(
        entry=row.id,
        title=row.title,
        summary=row.summary,
        source=row.source,
        url=row.url,
        at=row.dated_at or row.first_seen_at,
        keys=keys.get(row.id, ()),
        authors=tuple(row.authors),
        story=row.story_id,
    )


def keep(connection: Connection, groupings: Iterable[Grouping], *, now: datetime) -> int:
    """Store the decisions, in their order; the number of stories that were begun."""
    begun = 0
    for grouping in groupings:
        story = None
        if grouping.joins is not None:
            story = connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == grouping.joins)).scalar_one()
        if story is None:
            story = connection.execute(insert(STORY).values(begun_at=now).returning(STORY.c.id)).scalar_one()
            begun += 1
        connection.execute(
            update(ENTRY).where(ENTRY.c.id == grouping.entry).values(story_id=story, story_reason=grouping.reason)
        )
    return begun


def candidates(connection: Connection, *, most: int = 200) -> Candidates:
    """The newest stories of listed feeds, with all their articles. What nobody can date is history and not among them."""
    newest = connection.execute(
        select(ENTRY.c.story_id)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(
            ENTRY.c.admitted,
            ENTRY.c.dated_at.is_not(None),
            ENTRY.c.story_id.is_not(None),
            FEED.c.is_listed,
            ENTRY.c.standing == "",
        )
        .order_by(ENTRY.c.dated_at.desc(), ENTRY.c.id)
        .limit(most * 5)
    ).scalars()
    wanted = list(dict.fromkeys(newest))[:most]
    articles: defaultdict[int, list[Article]] = defaultdict(list)
    for batch in in_batches(wanted):
        rows = connection.execute(
            select(ENTRY, FEED.c.weight, FEED.c.type)
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(
                ENTRY.c.story_id.in_(batch),
                ENTRY.c.admitted,
                or_(FEED.c.is_listed, ENTRY.c.doi.is_not(None)),
                ENTRY.c.standing == "",
            )
            .order_by(ENTRY.c.id)
        )
        for row in rows:
            articles[row.story_id].append(_article(row))
    return Candidates(tuple(Story(story, tuple(articles[story])) for story in wanted if articles[story]))


def mark_shown(connection: Connection, shown: Sequence[int], *, now: datetime) -> None:
    """Remember of these entries that they stood on the front page, and since when."""
    for batch in in_batches(shown):
        connection.execute(update(ENTRY).where(ENTRY.c.id.in_(batch), ENTRY.c.shown_at.is_(None)).values(shown_at=now))


def _article(row: Any) -> Article:
    return Article(
        entry=row.id,
        title=row.title,
        url=row.url,
        source=row.source,
        summary=row.summary,
        language=row.language,
        dated_at=row.dated_at,
        is_dated=row.published_at is not None,
        first_seen_at=row.first_seen_at,
        evidence=row.evidence,
        topics=tuple(row.topics),
        weight=row.weight,
        doi=row.doi,
    )
