"""Stories: the entries that are still ungrouped, their grouping, and the stories that an edition may choose from."""

from __future__ import annotations

import hashlib
import marshal
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, true, update

from aggregator.store import notices
from aggregator.store.entries import in_batches, keys_of
from aggregator.store.models import ENTRY, ENTRY_KEY, ENTRY_MENTION, FEED, PUBLISHER, STORY, TOPICS, WORD
from aggregator.store.story_decisions import keep_apart, pinned, put_together
from aggregator.values.stories import Article, Candidates, Grouping, GroupingEntry, GroupingInput, Story, WordCounts

_SOURCE = PUBLISHER.label("source")
_MEMBER = (ENTRY.c.id, ENTRY.c.title, ENTRY.c.folded_title, ENTRY.c.summary, _SOURCE, ENTRY.c.url, ENTRY.c.doi,
           ENTRY.c.evidence, ENTRY.c.authors, ENTRY.c.dated_at, ENTRY.c.first_seen_at, ENTRY.c.story_id)  # fmt: skip
_ARTICLE = (ENTRY.c.id, ENTRY.c.story_id, ENTRY.c.title, ENTRY.c.url, _SOURCE, ENTRY.c.summary, ENTRY.c.language,
            ENTRY.c.dated_at, ENTRY.c.published_at, ENTRY.c.first_seen_at, ENTRY.c.evidence, TOPICS,
            ENTRY.c.doi, FEED.c.weight, FEED.c.url.label("feed_url"), FEED.c.type)  # fmt: skip
# How far back a story is looked for by likeness; by a key, a mention or the title it may be of any age.
_RECENT = timedelta(days=15)
_MOST_RECENT = 5000
# Entries that staff neither hide nor hold. Nearly every row matches; without `likely()` SQLite picks the index on
# `standing`, which is 60 times slower at 300,000 rows.
_STANDS = func.likely(ENTRY.c.standing == "")


def window(connection: Connection, *, most: int = 1000) -> GroupingInput:
    """Admitted entries without a story, whichever run brought them, oldest first, at most `most`; every grouped entry of any
    age that shares a key, a mention or the title with one of them; and the grouped entries of the 15 days before."""
    ungrouped = connection.execute(
        _members()
        .where(ENTRY.c.admitted, ENTRY.c.story_id.is_(None), ENTRY.c.notice.is_(None))
        .order_by(ENTRY.c.id)
        .limit(most)
    ).all()
    if not ungrouped:
        return GroupingInput((), (), WordCounts())
    numbers = [row.id for row in ungrouped]
    keys, mentions = keys_of(connection, numbers), _mentions(connection, numbers)
    related: dict[int, Any] = {}
    for batch in in_batches(sorted({key for names in (*keys.values(), *mentions.values()) for key in names})):
        sharing = select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch))
        related |= _grouped(connection, ENTRY.c.id.in_(sharing))
    for titles in in_batches(sorted({row.folded_title for row in ungrouped})):
        related |= _grouped(connection, ENTRY.c.folded_title.in_(titles))
    days = [row.dated_at or row.first_seen_at for row in ungrouped]
    related |= _grouped(connection, ENTRY.c.dated_at.between(min(days) - _RECENT, max(days)), most=_MOST_RECENT)
    keys |= keys_of(connection, list(related))
    together, apart = pinned(connection)
    return GroupingInput(
        ungrouped=tuple(_member(row, keys, mentions) for row in ungrouped),
        candidates=tuple(_member(row, keys, mentions) for row in related.values()),
        words=WordCounts(),
        together=together,
        apart=apart,
        placed=placed(connection, [*together, *apart]),
    )


def placed(connection: Connection, entries: Sequence[int]) -> dict[int, int]:
    """The stories of those of these entries that have one."""
    placed: dict[int, int] = {}
    for batch in in_batches(entries):
        rows = connection.execute(
            select(ENTRY.c.id, ENTRY.c.story_id).where(ENTRY.c.id.in_(batch), ENTRY.c.story_id.is_not(None))
        )
        placed |= {row.id: row.story_id for row in rows}
    return placed


def everything(connection: Connection) -> GroupingInput:
    """All admitted entries, as if they were ungrouped; their `story` is the one that they have."""
    rows = connection.execute(_members().where(ENTRY.c.admitted, ENTRY.c.notice.is_(None)).order_by(ENTRY.c.id)).all()
    numbers = [row.id for row in rows]
    keys, mentions = keys_of(connection, numbers), _mentions(connection, numbers)
    together, apart = pinned(connection)
    members = tuple(_member(row, keys, mentions) for row in rows)
    return GroupingInput(members, (), WordCounts(), together, apart)


def recent(connection: Connection, since: datetime, *, most: int = 3000) -> GroupingInput:
    """The entries of stories dated `since` then that staff neither hide nor hold, newest first, as candidates; and which
    entries staff keep apart."""
    rows = connection.execute(
        _members()
        .where(ENTRY.c.admitted, ENTRY.c.dated_at >= since, ENTRY.c.story_id.is_not(None), ENTRY.c.notice.is_(None), _STANDS)
        .order_by(ENTRY.c.dated_at.desc(), ENTRY.c.id)
        .limit(most)
    ).all()
    keys = keys_of(connection, [row.id for row in rows])
    _, apart = pinned(connection)
    return GroupingInput((), tuple(_member(row, keys, {}) for row in rows), WordCounts(), apart=apart)


def words(connection: Connection, wanted: Iterable[str]) -> WordCounts:
    """The number of our own titles, and of those that have each of these words."""
    counts: dict[str, int] = {}
    for batch in in_batches(["", *sorted(wanted)]):
        rows = connection.execute(select(WORD.c.word, WORD.c.documents).where(WORD.c.word.in_(batch)))
        counts |= {row.word: row.documents for row in rows}
    return WordCounts(counts.pop("", 0), counts)


def count_words(connection: Connection, titles: Sequence[set[str]]) -> None:
    """Count the words of new titles."""
    counts = Counter(word for title in titles for word in (*title, ""))
    for batch in in_batches(sorted(counts)):
        counted = set(connection.execute(select(WORD.c.word).where(WORD.c.word.in_(batch))).scalars())
        for word in batch:
            if word in counted:
                statement = update(WORD).where(WORD.c.word == word).values(documents=WORD.c.documents + counts[word])
                connection.execute(statement)
        new = [{"word": word, "documents": counts[word]} for word in batch if word not in counted]
        if new:
            connection.execute(insert(WORD), new)


def _members() -> Select[Any]:
    return select(*_MEMBER).join(FEED, FEED.c.id == ENTRY.c.feed_id)


def _grouped(connection: Connection, wanted: Any, *, most: int | None = None) -> dict[int, Any]:
    which = _members().where(wanted, ENTRY.c.story_id.is_not(None), ENTRY.c.admitted)
    rows = connection.execute(which.order_by(ENTRY.c.dated_at.desc()).limit(most))
    return {row.id: row for row in rows}


def _mentions(connection: Connection, entries: Sequence[int]) -> dict[int, tuple[str, ...]]:
    mentions: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for batch in in_batches(entries):
        rows = connection.execute(
            select(ENTRY_MENTION.c.entry_id, ENTRY_MENTION.c.mention).where(ENTRY_MENTION.c.entry_id.in_(batch))
        )
        for row in rows:
            mentions[row.entry_id] += (row.mention,)
    return dict(mentions)


def split(connection: Connection, entry: int, *, actor: str = "", now: datetime) -> list[int]:
    """Take an entry out of its story for good; the other entries of that story, which it is kept apart from."""
    story = story_of(connection, entry)
    others = [other for other in entries_of(connection, story) if other != entry] if story is not None else []
    if not others:
        return []
    keep_apart(connection, entry, others, actor=actor, now=now)
    fresh = _begin(connection, now=now)
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(story_id=fresh, story_reason="staff split it off"))
    return others


def merge(connection: Connection, entry: int, other: int, *, actor: str = "", now: datetime) -> int:
    """Merge the stories of two entries for good; the number of the older story, which is kept."""
    stories = [
        connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == number)).scalar_one() for number in (entry, other)
    ]
    kept, dropped = min(stories), max(stories)
    members = entries_of(connection, stories[0]), entries_of(connection, stories[1])
    put_together(connection, entry, other, members, actor=actor, now=now)
    if kept != dropped:
        _move(connection, dropped, kept)
        reason = "staff put them together"
        connection.execute(
            update(ENTRY).where(ENTRY.c.id == (other if stories[1] == dropped else entry)).values(story_reason=reason)
        )
    return int(kept)


def _move(connection: Connection, story: int, to: int) -> None:
    connection.execute(update(ENTRY).where(ENTRY.c.story_id == story).values(story_id=to))
    _delete(connection, STORY.c.id == story)


def _begin(connection: Connection, *, now: datetime) -> int:
    """Begin a story; its number. The story before it is deleted if it was kept for its number only (see `_delete`)."""
    number = int(connection.execute(insert(STORY).values(begun_at=now).returning(STORY.c.id)).scalar_one())
    before = select(func.max(STORY.c.id)).where(STORY.c.id < number).scalar_subquery()
    is_empty = ~select(ENTRY.c.id).where(ENTRY.c.story_id == STORY.c.id).exists()
    connection.execute(delete(STORY).where(STORY.c.id == before, is_empty))
    return number


def _delete(connection: Connection, which: Any) -> None:
    """Delete stories, except the newest: its number would be reused, and its page's address would mean another story."""
    newest = select(func.max(STORY.c.id)).scalar_subquery()
    connection.execute(delete(STORY).where(which, STORY.c.id != newest))


def place(connection: Connection, stories: Mapping[int, int], reasons: Mapping[int, str], *, now: datetime) -> None:
    """Assign entries to these stories; entries with the same negative number begin a new story together."""
    fresh: dict[int, int] = {}
    for entry, story in stories.items():
        if story < 0 and story not in fresh:
            fresh[story] = _begin(connection, now=now)
        values = {"story_id": fresh.get(story, story), "story_reason": reasons.get(entry, "")}
        connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(values))
    empty = select(STORY.c.id).where(STORY.c.id.not_in(select(ENTRY.c.story_id).where(ENTRY.c.story_id.is_not(None))))
    _delete(connection, STORY.c.id.in_(empty))


def entries_of(connection: Connection, story: int) -> list[int]:
    """The numbers of a story's entries, oldest first."""
    query = select(ENTRY.c.id).where(ENTRY.c.story_id == story).order_by(ENTRY.c.id)
    return list(connection.execute(query).scalars())


def mates(connection: Connection, numbers: Sequence[int]) -> dict[int, list[int]]:
    """The numbers of the entries of each of these stories, oldest first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for batch in in_batches(sorted(set(numbers))):
        rows = select(ENTRY.c.id, ENTRY.c.story_id).where(ENTRY.c.story_id.in_(batch)).order_by(ENTRY.c.id)
        for row in connection.execute(rows):
            found[row.story_id].append(row.id)
    return dict(found)


def story_of(connection: Connection, entry: int) -> int | None:
    """The story of an entry."""
    story: int | None = connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == entry)).scalar_one()
    return story


def _member(row: Any, keys: dict[int, tuple[str, ...]], mentions: dict[int, tuple[str, ...]]) -> GroupingEntry:
    own = keys.get(row.id, ())
    return GroupingEntry(
        entry=row.id,
        title=row.title,
        summary=row.summary,
        source=row.source,
        url=row.url,
        at=row.dated_at or row.first_seen_at,
        keys=own,
        authors=tuple(row.authors),
        mentions=mentions.get(row.id, ()),
        is_preprint=row.evidence == "preprint",
        story=row.story_id,
    )


def keep(connection: Connection, groupings: Iterable[Grouping], *, now: datetime) -> int:
    """Store the decisions, in their order; the number of stories that were begun. An entry that already has a story takes
    the whole story along."""
    begun = 0
    for grouping in groupings:
        old = story_of(connection, grouping.entry)
        story = story_of(connection, grouping.joins) if grouping.joins is not None else None
        if old is not None:
            if story is not None and story != old:
                _move(connection, old, story)
            continue
        if story is None:
            story = _begin(connection, now=now)
            begun += 1
        connection.execute(
            update(ENTRY).where(ENTRY.c.id == grouping.entry).values(story_id=story, story_reason=grouping.reason)
        )
    return begun


def candidates(connection: Connection, *, most: int = 200, of_a_feed: int = 10) -> Candidates:
    """Stories of listed feeds, with all their articles: those of each feed's newest entries, newest first, then the rest, so
    that no feed pushes out the others. Entries without a date are history and left out."""
    turn = func.row_number().over(partition_by=ENTRY.c.feed_id, order_by=(ENTRY.c.dated_at.desc(), ENTRY.c.id))
    dated = (
        select(ENTRY.c.id, ENTRY.c.story_id, ENTRY.c.dated_at, (turn > of_a_feed).label("is_rest"))
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(
            ENTRY.c.admitted,
            ENTRY.c.dated_at.is_not(None),
            ENTRY.c.story_id.is_not(None),
            FEED.c.is_listed,
            _STANDS,
        )
        .subquery()
    )
    in_turn = select(dated.c.story_id).order_by(dated.c.is_rest, dated.c.dated_at.desc(), dated.c.id).limit(most * 5)
    wanted = list(dict.fromkeys(connection.execute(in_turn).scalars()))[:most]
    return Candidates(_stories(connection, wanted, or_(FEED.c.is_listed, ENTRY.c.doi.is_not(None))))


def between(connection: Connection, since: datetime, until: datetime) -> tuple[Story, ...]:
    """The stories of listed feeds that have an article dated from `since` to before `until`, by number."""
    dated = (
        select(ENTRY.c.story_id)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(
            ENTRY.c.admitted,
            ENTRY.c.dated_at >= since,
            ENTRY.c.dated_at < until,
            ENTRY.c.story_id.is_not(None),
            FEED.c.is_listed,
            _STANDS,
        )
    )
    wanted = sorted(set(connection.execute(dated).scalars()))
    return _stories(connection, wanted, or_(FEED.c.is_listed, ENTRY.c.doi.is_not(None)))


def withdrawn(connection: Connection, *, since: datetime) -> tuple[Story, ...]:
    """Stories of the archive, however old, of which a study was retracted or doubted `since` then, by number."""
    doubted = sorted(connection.execute(notices.stories_doubted(since)).scalars())
    stories = _stories(connection, doubted, true())
    return tuple(story for story in stories if any(article.dated_at is not None for article in story.articles))


def archive(connection: Connection, wanted: Sequence[int]) -> tuple[Story, ...]:
    """These stories with all their articles, in order; those of feeds that are no longer listed too."""
    return _stories(connection, wanted, true())


def archive_digests(connection: Connection) -> tuple[dict[int, str], str]:
    """A digest of all that `archive` gives of each dated story, by the story's number, and one of all that it gives of
    feeds: equal if nothing has changed. Texts are not read, only their hashes."""
    rows_of: defaultdict[int, list[Any]] = defaultdict(list)
    dated = set()
    # By the index of admitted entries, one in thirty: half the time of a full scan.
    for row in _raw(
        connection,
        "SELECT story_id, dated_at, id, content_hash, standing, published_at, first_seen_at, feed_id, evidence, "
        "coalesce(staff_topics, topics), source, language FROM entry WHERE admitted = 1 AND story_id IS NOT NULL "
        "ORDER BY story_id, id",
    ):
        rows_of[row[0]].append(row)
        if row[1] is not None:
            dated.add(row[0])
    for row in _raw(
        connection,
        "SELECT paper.story_id, of_id, entry_id, entry.notice, entry.url, entry.dated_at, entry.first_seen_at, "
        "entry.standing FROM notice JOIN entry ON entry.id = entry_id JOIN entry AS paper ON paper.id = of_id "
        "WHERE paper.story_id IS NOT NULL ORDER BY of_id, entry_id",
    ):
        rows_of[row[0]].append(row)
    feeds = _raw(connection, "SELECT id, name, url, type, weight FROM feed ORDER BY id")
    return {story: _digest(rows) for story, rows in rows_of.items() if story in dated}, _digest(feeds)


def _raw(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """Rows with SQLite's own values: without conversion they take a third of the time."""
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    return list(cursor.fetchall())


def _digest(rows: list[Any]) -> str:
    # Version 2 of marshal's format depends on nothing but the values; it is five times as fast as their text.
    return hashlib.blake2b(marshal.dumps(rows, 2), digest_size=12).hexdigest()


def _stories(connection: Connection, wanted: Sequence[int], which: Any) -> tuple[Story, ...]:
    """These stories, in their order, with those of their articles that may be shown."""
    articles: defaultdict[int, list[Article]] = defaultdict(list)
    for batch in in_batches(wanted):
        rows = connection.execute(
            select(*_ARTICLE)
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(ENTRY.c.story_id.in_(batch), ENTRY.c.admitted, _STANDS, which)
            .order_by(ENTRY.c.id)
        )
        for row in rows:
            articles[row.story_id].append(_article(row))
    noticed = notices.by_paper(connection, [article.entry for members in articles.values() for article in members])
    return tuple(
        Story(
            story,
            tuple(articles[story]),
            tuple(notice for article in articles[story] for notice in noticed.get(article.entry, ())),
        )
        for story in wanted
        if articles[story]
    )


def mark_shown(connection: Connection, shown: Sequence[int], *, now: datetime) -> None:
    """Record when these entries were first shown on the front page."""
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
        feed=row.feed_url,
        is_found=row.type == "search",
    )


def newest_date(connection: Connection) -> datetime | None:
    """The latest date of any admitted entry."""
    return connection.execute(select(func.max(ENTRY.c.dated_at)).where(ENTRY.c.admitted)).scalar()
