"""Entries: one element of one feed is one row, never overwritten by another feed's."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, String, bindparam, case, delete, func, insert, select, type_coerce, update

from aggregator.keys import identifiers_of
from aggregator.store.models import ENTRY, ENTRY_CHANGE, ENTRY_KEY, ENTRY_MENTION, FEED, PUBLISHER
from aggregator.store.renamed import follow_guid
from aggregator.text import fold
from aggregator.values.entries import Entry, FilterText, FoundEntry, Reason, StoredEntry, Verdict
from aggregator.values.feeds import FeedUpdate, JudgedEntry
from aggregator.values.reports import EntryCounts

_T = TypeVar("_T")


def in_batches(items: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """`items` in pieces that fit into one statement's parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def folded_title(title: str) -> str:
    """A title as the column `folded_title` has it, to find those that are the same but for case, accents and punctuation."""
    return fold(title)[:200]


def known(connection: Connection, feed_id: int, guids: Sequence[str]) -> Mapping[str, tuple[int, str]]:
    """The numbers and content hashes of those of the feed's `guids` that are stored."""
    found: dict[str, tuple[int, str]] = {}
    for batch in in_batches(guids):
        rows = connection.execute(
            select(ENTRY.c.guid, ENTRY.c.id, ENTRY.c.content_hash).where(ENTRY.c.feed_id == feed_id, ENTRY.c.guid.in_(batch))
        )
        found |= {row.guid: (row.id, row.content_hash) for row in rows}
    return found


def save(connection: Connection, polled: Sequence[tuple[int, FeedUpdate]], *, now: datetime) -> list[EntryCounts]:
    """Store what is new or changed of these feeds, by their rows' numbers; how much of each. What a feed has without a date
    gets the feed's `undated_at`."""
    new: list[_New] = []
    counts = []
    for feed_id, one in polled:
        for judged in one.judged:
            if judged.entry.guid in one.known:
                _change(connection, one.known[judged.entry.guid], judged, now=now)
        fresh = [judged for judged in one.judged if judged.entry.guid not in one.known]
        new += [_New(feed_id, judged, judged.entry.published_at or one.undated_at) for judged in fresh]
        admitted = sum(judged.verdict.admitted for judged in fresh)
        updated = len(one.judged) - len(fresh)
        counts.append(EntryCounts(one.seen, len(fresh), updated, admitted, len(fresh) - admitted))
    _insert(connection, new, now=now)
    return counts


class _New(NamedTuple):
    """An entry that no row holds yet."""

    feed_id: int
    judged: JudgedEntry
    dated_at: datetime | None


def renamed(
    connection: Connection, feed_id: int, unknown: Sequence[tuple[Entry, tuple[str, ...]]], present: Collection[str]
) -> dict[str, int]:
    """The rows, by the new guids, of those `unknown` entries (each with its keys) to which the feed gives another guid: they
    share a key, or title and date, with a row of the same feed whose guid the document no longer has (`present` are those
    that it has). Of several such rows the one that is most like it, then the newest. A feed that renews all its guids so
    floods nothing."""
    new = {entry.guid: entry for entry, _ in unknown}
    by_key = {key: entry.guid for entry, keys in reversed(unknown) for key in reversed(keys)}
    by_title = {_title_and_date(entry): entry.guid for entry, _ in unknown}
    pairs = [(by_key[row.key], row, 1) for row in _with_keys(connection, feed_id, list(by_key))]
    titled = _with_titles(connection, feed_id, [title for title, _ in by_title])
    pairs += [(by_title[title], row, 0) for row in titled if (title := _title_and_date(row)) in by_title]
    rows: dict[str, int] = {}

    def likeness(pair: tuple[str, Any, int]) -> tuple[int, int]:
        guid, row, has_key = pair
        entry = new[guid]
        return (row.url == entry.url) + (_title_and_date(row) == _title_and_date(entry)) + has_key, row.id

    for guid, row, _ in sorted(pairs, key=likeness, reverse=True):
        if row.guid not in present and row.id not in rows.values():
            rows.setdefault(guid, row.id)
    return rows


def _with_keys(connection: Connection, feed_id: int, keys: Sequence[str]) -> Iterator[Any]:
    for batch in in_batches(keys):
        yield from connection.execute(
            select(ENTRY_KEY.c.key, ENTRY.c.id, ENTRY.c.guid, ENTRY.c.url, ENTRY.c.title, ENTRY.c.published_at)
            .join(ENTRY, ENTRY.c.id == ENTRY_KEY.c.entry_id)
            .where(_of_feed(feed_id), ENTRY_KEY.c.key.in_(batch))
        )


def _with_titles(connection: Connection, feed_id: int, titles: Sequence[str]) -> Iterator[Any]:
    for batch in in_batches(titles):
        yield from connection.execute(
            select(ENTRY.c.id, ENTRY.c.guid, ENTRY.c.url, ENTRY.c.title, ENTRY.c.published_at).where(
                _of_feed(feed_id), ENTRY.c.folded_title.in_(batch)
            )
        )


def _of_feed(feed_id: int) -> ColumnElement[bool]:
    """Where the feed alone tells SQLite which index to use, it reads all of its rows; `+ 0` leaves it the other one."""
    return ENTRY.c.feed_id + 0 == feed_id


def _title_and_date(one: Any) -> tuple[str, datetime | None]:
    """Of an entry or of its row."""
    return folded_title(one.title), one.published_at


def _insert(connection: Connection, new: Sequence[_New], *, now: datetime) -> None:
    if not new:
        return
    # The next numbers, as SQLite itself would give them: nobody else writes meanwhile, and so all rows are one statement.
    first = (connection.execute(select(func.max(ENTRY.c.id))).scalar_one() or 0) + 1
    rows = [
        _content(one.judged)
        | {
            "id": number,
            "feed_id": one.feed_id,
            "published_at": one.judged.entry.published_at,
            "first_seen_at": now,
            "dated_at": one.dated_at,
            "story_reason": "",
            "standing": one.judged.standing,
        }
        for number, one in enumerate(new, first)
    ]
    # Core, not model objects: 13 µs a row instead of 89 (measured).
    connection.execute(insert(ENTRY), rows)
    _insert_names(connection, [(number, one.judged) for number, one in enumerate(new, first)])


def _insert_names(connection: Connection, named: Sequence[tuple[int, JudgedEntry]]) -> None:
    keys = [{"key": key, "entry_id": number} for number, judged in named for key in dict.fromkeys(judged.keys)]
    mentions = [{"mention": mention, "entry_id": number} for number, judged in named for mention in judged.entry.mentions]
    # An empty list would insert one row of defaults.
    if keys:
        connection.execute(insert(ENTRY_KEY), keys)
    if mentions:
        connection.execute(insert(ENTRY_MENTION), mentions)


def _change(connection: Connection, entry_id: int, judged: JudgedEntry, *, now: datetime) -> None:
    """The newer content in the older place, the older kept beside it. The first date and the first sight stay, so that
    nothing is announced again; so does what staff decided."""
    columns = (ENTRY.c.title, ENTRY.c.url, ENTRY.c.published_at, ENTRY.c.guid, ENTRY.c.feed_id, ENTRY.c.admitted)
    old = connection.execute(select(*columns).where(ENTRY.c.id == entry_id)).one()
    content = _content(judged)
    if old.published_at is None and judged.entry.published_at is not None:
        content |= {"published_at": judged.entry.published_at}
    if judged.standing == "hidden" or (judged.verdict.is_doubtful and judged.standing and not old.admitted):
        content |= {"standing": judged.standing}
    if (old.title, old.url) != (judged.entry.title, judged.entry.url) or old.published_at != judged.entry.published_at:
        before = {"title": old.title, "url": old.url, "published_at": old.published_at}
        connection.execute(insert(ENTRY_CHANGE).values(entry_id=entry_id, changed_at=now, **before))
    if old.guid != judged.entry.guid:
        feed_url = connection.execute(select(FEED.c.url).where(FEED.c.id == old.feed_id)).scalar_one()
        follow_guid(connection, feed_url, old.guid, judged.entry.guid)
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry_id).values(content))
    connection.execute(delete(ENTRY_KEY).where(ENTRY_KEY.c.entry_id == entry_id))
    connection.execute(delete(ENTRY_MENTION).where(ENTRY_MENTION.c.entry_id == entry_id))
    _insert_names(connection, [(entry_id, judged)])


def _content(judged: JudgedEntry) -> dict[str, Any]:
    entry = judged.entry
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "folded_title": folded_title(entry.title),
        "summary": entry.summary,
        "text": entry.text,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "source": entry.source,
        "language": entry.language,
        "doi": entry.identifiers.doi,
        "updated_at": entry.updated_at,
        "content_hash": entry.content_hash,
        **_verdict(judged.verdict),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "admitted": verdict.admitted,
        "score": verdict.score,
        "topics": list(verdict.topics),
        "evidence": verdict.evidence,
        # By hand: `asdict` takes ten times as long, for every entry of every feed.
        "reasons": [{"rule": one.rule, "words": one.words, "where": one.where} for one in verdict.reasons],
        "notice": verdict.notice,
        "rules": verdict.rules,
    }


def count(connection: Connection) -> int:
    """How many entries are stored."""
    return connection.execute(select(func.count()).select_from(ENTRY)).scalar_one()


def history(connection: Connection, feed_id: int) -> tuple[int, int]:
    """How many of the feed's entries are stored, and how many of them have a score of their own."""
    scoring = func.count().filter(ENTRY.c.score > 0)
    row = connection.execute(select(func.count(), scoring).where(ENTRY.c.feed_id == feed_id)).one()
    return row[0], row[1]


def numbers(connection: Connection) -> list[int]:
    """The numbers of everything that is stored, oldest first."""
    return list(connection.execute(select(ENTRY.c.id).order_by(ENTRY.c.id)).scalars())


def named(connection: Connection, keys: Sequence[str]) -> list[int]:
    """The numbers of what has one of these identity keys."""
    statements = (select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch)) for batch in in_batches(keys))
    return [number for statement in statements for number in connection.execute(statement).scalars()]


def decided(connection: Connection, rules: str, deciding: Sequence[str], *, but: Collection[str]) -> Iterator[FilterText]:
    """Entries judged under the digest `rules` whose first reason is in `deciding`, without those of the feeds `but`
    (addresses)."""
    body = case((func.length(ENTRY.c.text) > func.length(ENTRY.c.summary), ENTRY.c.text), else_=ENTRY.c.summary)
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.title, body, type_coerce(ENTRY.c.categories, String), FEED.c.url)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.rules == rules, func.json_extract(ENTRY.c.reasons, "$[0].rule").in_(deciding))
    )
    for number, title, text, categories, feed in rows.yield_per(2000):
        if feed not in but:
            yield FilterText(number, title, text, tuple(json.loads(categories)) if categories != "[]" else ())


def keys_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The identity keys of these entries, in alphabetical order, of those that have any."""
    keys: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for batch in in_batches(numbers):
        rows = connection.execute(
            select(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key)
            .where(ENTRY_KEY.c.entry_id.in_(batch))
            .order_by(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key)
        )
        for row in rows:
            keys[row.entry_id] += (row.key,)
    return dict(keys)


def kept(connection: Connection, numbers: Sequence[int]) -> Iterator[list[StoredEntry]]:
    """These entries, in batches."""
    for batch in in_batches(numbers):
        found = connection.execute(
            select(ENTRY, FEED.c.url.label("feed_url"), PUBLISHER.label("publisher"))
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(ENTRY.c.id.in_(batch))
            .order_by(ENTRY.c.id)
        ).all()
        keys = keys_of(connection, batch)
        yield [_kept(row, keys.get(row.id, ())) for row in found]


def _kept(row: Any, keys: tuple[str, ...]) -> StoredEntry:
    entry = replace(_entry(row), identifiers=identifiers_of(keys))
    return StoredEntry(row.id, row.feed_url, entry, keys, _stored_verdict(row))


def update_verdicts(connection: Connection, verdicts: Sequence[tuple[int, Verdict]]) -> None:
    """Replace the verdicts of these entries; what staff decided about them stays."""
    if verdicts:
        statement = update(ENTRY).where(ENTRY.c.id == bindparam("number"))
        connection.execute(statement, [{"number": number, **_verdict(verdict)} for number, verdict in verdicts])


def turn(connection: Connection, numbers: Sequence[int], before: str, after: str) -> None:
    """Give those of these entries whose standing is `before` the standing `after`."""
    for batch in in_batches(numbers):
        chosen = ENTRY.c.id.in_(batch), ENTRY.c.standing == before
        connection.execute(update(ENTRY).where(*chosen).values(standing=after))


def set_topics(connection: Connection, numbers: Sequence[int], topics: Sequence[str] | None) -> None:
    """Give these entries the topics that staff chose, or the filter's again (None)."""
    for batch in in_batches(numbers):
        connection.execute(
            update(ENTRY).where(ENTRY.c.id.in_(batch)).values(staff_topics=None if topics is None else list(topics))
        )


def find(connection: Connection, number: int | None, keys: Sequence[str]) -> list[FoundEntry]:
    """Entries by their number, or by identity keys."""
    sharing = select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(keys))
    return _stored_where(connection, ENTRY.c.id == number if number is not None else ENTRY.c.id.in_(sharing))


def numbered(connection: Connection, numbers: Sequence[int]) -> list[FoundEntry]:
    """The entries with these numbers, in this order."""
    found = {one.number: one for batch in in_batches(numbers) for one in _stored_where(connection, ENTRY.c.id.in_(batch))}
    return [found[number] for number in numbers if number in found]


def _stored_where(connection: Connection, condition: ColumnElement[bool]) -> list[FoundEntry]:
    rows = connection.execute(
        select(ENTRY, FEED.c.is_listed, FEED.c.name.label("feed_name"), PUBLISHER.label("publisher"))
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(condition)
        .order_by(ENTRY.c.id)
    )
    return [
        FoundEntry(
            number=row.id,
            entry=_entry(row),
            verdict=_stored_verdict(row),
            story_reason=row.story_reason,
            standing=row.standing,
            dated_at=row.dated_at,
            shown_at=row.shown_at,
            is_feed_listed=row.is_listed,
            staff_topics=None if row.staff_topics is None else tuple(row.staff_topics),
            feed=row.feed_name,
            story=row.story_id,
        )
        for row in rows
    ]


def _entry(row: Any) -> Entry:
    return Entry(
        guid=row.guid,
        url=row.url,
        title=row.title,
        summary=row.summary,
        text=row.text,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        source=row.publisher,
        language=row.language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        content_hash=row.content_hash,
    )


def _stored_verdict(row: Any) -> Verdict:
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    return Verdict(row.admitted, row.score, tuple(row.topics), row.evidence, reasons, row.notice, row.rules)
