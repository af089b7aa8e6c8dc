"""Stories: what is still ungrouped, what was decided, what an edition may choose from."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, true, update

from aggregator.store.decisions import own_key
from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, ENTRY_KEY, ENTRY_MENTION, FEED, NOTICE, STORY, STORY_DECISION, WORD
from aggregator.values.stories import Article, Candidates, Grouping, Member, Notice, Story, Window, WordCounts

TOGETHER, APART = "together", "apart"

_MEMBER = (ENTRY.c.id, ENTRY.c.title, ENTRY.c.folded_title, ENTRY.c.summary, ENTRY.c.source, ENTRY.c.url, ENTRY.c.doi,
           ENTRY.c.evidence, ENTRY.c.authors, ENTRY.c.dated_at, ENTRY.c.first_seen_at, ENTRY.c.story_id)  # fmt: skip
_ARTICLE = (ENTRY.c.id, ENTRY.c.story_id, ENTRY.c.title, ENTRY.c.url, ENTRY.c.source, ENTRY.c.summary, ENTRY.c.language,
            ENTRY.c.dated_at, ENTRY.c.published_at, ENTRY.c.first_seen_at, ENTRY.c.evidence, ENTRY.c.topics,
            ENTRY.c.doi)  # fmt: skip
# How far back a story is looked for by likeness; by a key, a mention or the title, any age.
_RECENT = timedelta(days=15)
_MOST_RECENT = 5000


def window(connection: Connection, *, most: int = 1000) -> Window:
    """Admitted entries without a story, whichever run brought them, oldest first, at most `most`; every grouped entry of any
    age that shares a key, a mention or the title with one of them; and those of the days before."""
    ungrouped = connection.execute(
        select(*_MEMBER)
        .where(ENTRY.c.admitted, ENTRY.c.story_id.is_(None), ENTRY.c.notice.is_(None))
        .order_by(ENTRY.c.id)
        .limit(most)
    ).all()
    if not ungrouped:
        return Window((), (), WordCounts())
    numbers = [row.id for row in ungrouped]
    keys, mentions = _keys(connection, numbers), _mentions(connection, numbers)
    related: dict[int, Any] = {}
    for batch in in_batches(sorted({key for names in (*keys.values(), *mentions.values()) for key in names})):
        sharing = select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch))
        related |= _grouped(connection, ENTRY.c.id.in_(sharing))
    for titles in in_batches(sorted({row.folded_title for row in ungrouped})):
        related |= _grouped(connection, ENTRY.c.folded_title.in_(titles))
    days = [row.dated_at or row.first_seen_at for row in ungrouped]
    related |= _grouped(connection, ENTRY.c.dated_at.between(min(days) - _RECENT, max(days)), most=_MOST_RECENT)
    keys |= _keys(connection, list(related))
    together, apart = _pinned(connection)
    return Window(
        ungrouped=tuple(_member(row, keys, mentions) for row in ungrouped),
        candidates=tuple(_member(row, keys, mentions) for row in related.values()),
        words=WordCounts(),
        together=together,
        apart=apart,
    )


def everything(connection: Connection) -> Window:
    """All admitted entries, as if none had a story yet; their `story` is the one that they have."""
    rows = connection.execute(select(*_MEMBER).where(ENTRY.c.admitted, ENTRY.c.notice.is_(None)).order_by(ENTRY.c.id)).all()
    numbers = [row.id for row in rows]
    keys, mentions = _keys(connection, numbers), _mentions(connection, numbers)
    together, apart = _pinned(connection)
    members = tuple(_member(row, keys, mentions) for row in rows)
    return Window(members, (), WordCounts(), together, apart)


def words(connection: Connection, wanted: Iterable[str]) -> WordCounts:
    """How often these words stand in our own titles."""
    counts: dict[str, int] = {}
    for batch in in_batches(["", *sorted(wanted)]):
        rows = connection.execute(select(WORD.c.word, WORD.c.documents).where(WORD.c.word.in_(batch)))
        counts |= {row.word: row.documents for row in rows}
    return WordCounts(counts.pop("", 0), counts)


def count_words(connection: Connection, titles: Sequence[set[str]]) -> None:
    """Count the words of new titles."""
    counts = Counter(word for title in titles for word in (*title, ""))
    for batch in in_batches(sorted(counts)):
        known = set(connection.execute(select(WORD.c.word).where(WORD.c.word.in_(batch))).scalars())
        for word in batch:
            if word in known:
                statement = update(WORD).where(WORD.c.word == word).values(documents=WORD.c.documents + counts[word])
                connection.execute(statement)
        new = [{"word": word, "documents": counts[word]} for word in batch if word not in known]
        if new:
            connection.execute(insert(WORD), new)


def _grouped(connection: Connection, wanted: Any, *, most: int | None = None) -> dict[int, Any]:
    columns = select(*_MEMBER).where(wanted, ENTRY.c.story_id.is_not(None), ENTRY.c.admitted)
    rows = connection.execute(columns.order_by(ENTRY.c.dated_at.desc()).limit(most))
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


def _mentions(connection: Connection, entries: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for batch in in_batches(entries):
        rows = connection.execute(
            select(ENTRY_MENTION.c.entry_id, ENTRY_MENTION.c.mention).where(ENTRY_MENTION.c.entry_id.in_(batch))
        )
        for row in rows:
            found[row.entry_id] += (row.mention,)
    return dict(found)


_Pairs = dict[int, frozenset[int]]


def _pinned(connection: Connection) -> tuple[_Pairs, _Pairs]:
    """Which entries staff put together, and which apart, each way round."""
    rows = connection.execute(select(STORY_DECISION)).all()
    numbers = _numbers(connection, {name for row in rows for name in (row.one, row.other)})
    pairs: dict[str, _Pairs] = {TOGETHER: {}, APART: {}}
    for row in rows:
        for one in numbers.get(row.one, ()):
            for other in numbers.get(row.other, ()):
                found = pairs[row.decision]
                found[one] = found.get(one, frozenset()) | {other}
                found[other] = found.get(other, frozenset()) | {one}
    return pairs[TOGETHER], pairs[APART]


def _numbers(connection: Connection, names: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name in names:
        feed_url, _, guid = name.removeprefix("guid:").partition(" ")
        rows = connection.execute(
            select(ENTRY.c.id).join(FEED, FEED.c.id == ENTRY.c.feed_id).where(FEED.c.url == feed_url, ENTRY.c.guid == guid)
        )
        found[name] = list(rows.scalars())
    return found


def _name(connection: Connection, entry: int) -> str:
    row = connection.execute(
        select(FEED.c.url, ENTRY.c.guid).join(FEED, FEED.c.id == ENTRY.c.feed_id).where(ENTRY.c.id == entry)
    ).one()
    return own_key(row.url, row.guid)


def split(connection: Connection, entry: int, *, now: datetime) -> list[int]:
    """Take an entry out of its story for good; the entries that it is kept apart from from now on."""
    story = connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == entry)).scalar_one()
    others = list(connection.execute(select(ENTRY.c.id).where(ENTRY.c.story_id == story, ENTRY.c.id != entry)).scalars())
    if story is None or not others:
        return []
    own = _name(connection, entry)
    for other in others:
        _decide(connection, APART, own, _name(connection, other), now=now)
    fresh = connection.execute(insert(STORY).values(begun_at=now).returning(STORY.c.id)).scalar_one()
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(story_id=fresh, story_reason="staff split it off"))
    return others


def merge(connection: Connection, entry: int, other: int, *, now: datetime) -> int:
    """Make the stories of two entries one for good; its number, the older one's."""
    stories = [connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == one)).scalar_one() for one in (entry, other)]
    kept, gone = min(stories), max(stories)
    _decide(connection, TOGETHER, _name(connection, entry), _name(connection, other), now=now)
    if kept != gone:
        _move(connection, gone, kept)
        reason = "staff put them together"
        connection.execute(
            update(ENTRY).where(ENTRY.c.id == (other if stories[1] == gone else entry)).values(story_reason=reason)
        )
    return int(kept)


def _decide(connection: Connection, decision: str, one: str, other: str, *, now: datetime) -> None:
    """The newest decision about two entries is the one that counts."""
    about = or_(
        and_(STORY_DECISION.c.one == one, STORY_DECISION.c.other == other),
        and_(STORY_DECISION.c.one == other, STORY_DECISION.c.other == one),
    )
    connection.execute(delete(STORY_DECISION).where(about))
    connection.execute(insert(STORY_DECISION).values(decision=decision, one=one, other=other, decided_at=now))


def _move(connection: Connection, story: int, to: int) -> None:
    connection.execute(update(ENTRY).where(ENTRY.c.story_id == story).values(story_id=to))
    connection.execute(delete(STORY).where(STORY.c.id == story))


def place(connection: Connection, stories: Mapping[int, int | None], reasons: Mapping[int, str], *, now: datetime) -> None:
    """Give entries these stories; entries with one and the same negative number begin a new one together."""
    fresh: dict[int, int] = {}
    for entry, story in stories.items():
        if story is not None and story < 0 and story not in fresh:
            fresh[story] = connection.execute(insert(STORY).values(begun_at=now).returning(STORY.c.id)).scalar_one()
        number = fresh.get(story, story) if story is not None else None
        values = {"story_id": number, "story_reason": reasons.get(entry, "")}
        connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(values))
    empty = select(STORY.c.id).where(STORY.c.id.not_in(select(ENTRY.c.story_id).where(ENTRY.c.story_id.is_not(None))))
    connection.execute(delete(STORY).where(STORY.c.id.in_(empty)))


def entries_of(connection: Connection, story: int) -> list[int]:
    """The numbers of a story's entries, oldest first."""
    found = select(ENTRY.c.id).where(ENTRY.c.story_id == story).order_by(ENTRY.c.id)
    return list(connection.execute(found).scalars())


def story_of(connection: Connection, entry: int) -> int | None:
    """The story of an entry."""
    story: int | None = connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == entry)).scalar_one()
    return story


def _member(row: Any, keys: dict[int, tuple[str, ...]], mentions: dict[int, tuple[str, ...]]) -> Member:
    own = keys.get(row.id, ())
    return Member(
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
    """Store the decisions, in their order; the number of stories that were begun. An entry that has a story already takes
    that story along."""
    begun = 0
    for grouping in groupings:
        old = story_of(connection, grouping.entry)
        story = story_of(connection, grouping.joins) if grouping.joins is not None else None
        if old is not None:
            if story is not None and story != old:
                _move(connection, old, story)
            continue
        if story is None:
            story = connection.execute(insert(STORY).values(begun_at=now).returning(STORY.c.id)).scalar_one()
            begun += 1
        connection.execute(
            update(ENTRY).where(ENTRY.c.id == grouping.entry).values(story_id=story, story_reason=grouping.reason)
        )
    return begun


# Nothing that staff hide or hold. Nearly all entries are so: SQLite, where it is not told, finds them by the index of
# those that are not (sixty times as long in a store of 300,000).
_STANDS = func.likely(ENTRY.c.standing == "")


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
            _STANDS,
        )
        .order_by(ENTRY.c.dated_at.desc(), ENTRY.c.id)
        .limit(most * 5)
    ).scalars()
    wanted = list(dict.fromkeys(newest))[:most]
    return Candidates(_told(connection, wanted, or_(FEED.c.is_listed, ENTRY.c.doi.is_not(None))))


def archive(connection: Connection) -> tuple[Story, ...]:
    """Every story that has a date, with all its articles; those of feeds that are no longer listed too."""
    dated = select(ENTRY.c.story_id).where(ENTRY.c.admitted, ENTRY.c.dated_at.is_not(None), ENTRY.c.story_id.is_not(None))
    return _told(connection, list(connection.execute(dated.distinct().order_by(ENTRY.c.story_id)).scalars()), true())


def archive_digest(connection: Connection) -> str:
    """A digest of all that `archive` gives: equal where nothing of it has changed. No text is read: its hash tells it."""
    digest = hashlib.blake2b(digest_size=16)
    for told in (
        "SELECT id, story_id, content_hash, standing, published_at, dated_at, first_seen_at, feed_id, evidence, topics, "
        # By the index of what is admitted, one in thirty: half the time of a look at everything.
        "source, language FROM entry WHERE admitted = 1 AND story_id IS NOT NULL ORDER BY story_id, id",
        "SELECT of_id, entry_id, notice, url, dated_at, first_seen_at FROM notice JOIN entry ON entry.id = entry_id "
        "ORDER BY of_id, entry_id",
        "SELECT id, name, url, weight FROM feed ORDER BY id",
    ):
        # As SQLite has them: nothing is made of the values.
        rows = connection.exec_driver_sql(told)
        while found := rows.fetchmany(10_000):
            digest.update(repr([tuple(row) for row in found]).encode())
    return digest.hexdigest()


def _told(connection: Connection, wanted: Sequence[int], which: Any) -> tuple[Story, ...]:
    """These stories, in their order, with those of their articles that may be shown."""
    articles: defaultdict[int, list[Article]] = defaultdict(list)
    for batch in in_batches(wanted):
        rows = connection.execute(
            select(*_ARTICLE, FEED.c.weight)
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(ENTRY.c.story_id.in_(batch), ENTRY.c.admitted, _STANDS, which)
            .order_by(ENTRY.c.id)
        )
        for row in rows:
            articles[row.story_id].append(_article(row))
    notices = _notices(connection, [article.entry for found in articles.values() for article in found])
    return tuple(
        Story(
            story,
            tuple(articles[story]),
            tuple(notice for article in articles[story] for notice in notices.get(article.entry, ())),
        )
        for story in wanted
        if articles[story]
    )


def _notices(connection: Connection, entries: Sequence[int]) -> dict[int, list[Notice]]:
    found: defaultdict[int, list[Notice]] = defaultdict(list)
    for batch in in_batches(entries):
        rows = connection.execute(
            select(NOTICE.c.of_id, ENTRY.c.notice, ENTRY.c.dated_at, ENTRY.c.first_seen_at, ENTRY.c.url)
            .join(ENTRY, ENTRY.c.id == NOTICE.c.entry_id)
            .where(NOTICE.c.of_id.in_(batch), ENTRY.c.notice.is_not(None))
            .order_by(ENTRY.c.id)
        )
        for row in rows:
            found[row.of_id].append(Notice(row.of_id, row.notice, (row.dated_at or row.first_seen_at).date(), row.url))
    return found


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
