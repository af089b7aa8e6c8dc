"""Entries: one element of one feed is one row, never overwritten by another feed's."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, String, bindparam, case, delete, func, insert, select, type_coerce, update

from aggregator.store.models import ENTRY, ENTRY_CHANGE, ENTRY_KEY, ENTRY_MENTION, FEED
from aggregator.text import fold
from aggregator.values.entries import Entry, Identifiers, Kept, Reason, Said, Stored, Verdict
from aggregator.values.feeds import Judged, Polled
from aggregator.values.reports import EntryCounts

_T = TypeVar("_T")


def in_batches(items: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """`items` in pieces that fit into one statement's parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def known(connection: Connection, feed_id: int, guids: Sequence[str]) -> Mapping[str, tuple[int, str]]:
    """The numbers and content hashes of those of the feed's `guids` that are stored."""
    found: dict[str, tuple[int, str]] = {}
    for batch in in_batches(guids):
        rows = connection.execute(
            select(ENTRY.c.guid, ENTRY.c.id, ENTRY.c.content_hash).where(ENTRY.c.feed_id == feed_id, ENTRY.c.guid.in_(batch))
        )
        found |= {row.guid: (row.id, row.content_hash) for row in rows}
    return found


def save(connection: Connection, polled: Sequence[tuple[int, Polled]], *, now: datetime) -> list[EntryCounts]:
    """Store what is new or changed of these feeds, by their rows' numbers; how much of each. What a feed has without a date
    when it is read for the first time is history, not news."""
    new: list[_New] = []
    counts = []
    for feed_id, one in polled:
        unknown = [judged for judged in one.judged if judged.entry.guid not in one.known]
        renamed = _renamed(connection, feed_id, unknown, one.present) if unknown and one.before else {}
        rows = {**one.known, **renamed}
        fresh = [judged for judged in unknown if judged.entry.guid not in renamed]
        for judged in one.judged:
            if judged.entry.guid in rows:
                _change(connection, rows[judged.entry.guid], judged, now=now)
        undated_at = None if _is_flood(fresh, one) else one.before
        new += [_New(feed_id, judged, judged.entry.published_at or undated_at) for judged in fresh]
        admitted = sum(judged.verdict.admitted for judged in fresh)
        updated = len(one.judged) - len(fresh)
        counts.append(EntryCounts(one.seen, len(fresh), updated, admitted, len(fresh) - admitted))
    _insert(connection, new, now=now)
    return counts


class _New(NamedTuple):
    """An entry that no row holds yet."""

    feed_id: int
    judged: Judged
    dated_at: datetime | None


def _renamed(connection: Connection, feed_id: int, unknown: Sequence[Judged], present: frozenset[str]) -> dict[str, int]:
    """Entries to which the feed gives another guid: they share a key, or title and date, with a row of the same feed whose
    guid the document no longer holds. A feed that renews all its guids so floods nothing."""
    by_key = {key: judged.entry.guid for judged in reversed(unknown) for key in reversed(judged.keys)}
    by_title = {_title_and_date(judged.entry.title, judged.entry.published_at): judged.entry.guid for judged in unknown}
    renamed: dict[str, int] = {}

    def take(guid: str | None, row: Any) -> None:
        if guid is not None and row.guid not in present and row.id not in renamed.values():
            renamed.setdefault(guid, row.id)

    for batch in in_batches(list(by_key)):
        for row in connection.execute(
            select(ENTRY_KEY.c.key, ENTRY.c.id, ENTRY.c.guid)
            .join(ENTRY, ENTRY.c.id == ENTRY_KEY.c.entry_id)
            .where(ENTRY.c.feed_id == feed_id, ENTRY_KEY.c.key.in_(batch))
            .order_by(ENTRY.c.id)
        ):
            take(by_key[row.key], row)
    for batch in in_batches([title for title, _ in by_title]):
        titled = connection.execute(
            select(ENTRY.c.id, ENTRY.c.guid, ENTRY.c.title, ENTRY.c.published_at)
            .where(ENTRY.c.feed_id == feed_id, ENTRY.c.folded_title.in_(batch))
            .order_by(ENTRY.c.id)
        )
        for old in titled:
            take(by_title.get(_title_and_date(old.title, old.published_at)), old)
    return renamed


def _title_and_date(title: str, published_at: datetime | None) -> tuple[str, datetime | None]:
    return fold(title)[:200], published_at


def _is_flood(new: Sequence[Judged], polled: Polled) -> bool:
    """Whether a feed sends its archive again: most of the document is unknown and has no date. It is history then."""
    undated = sum(judged.entry.published_at is None for judged in new)
    return undated > 10 and 2 * undated > len(polled.present)


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


def _insert_names(connection: Connection, named: Sequence[tuple[int, Judged]]) -> None:
    keys = [{"key": key, "entry_id": number} for number, judged in named for key in dict.fromkeys(judged.keys)]
    mentions = [{"mention": mention, "entry_id": number} for number, judged in named for mention in judged.entry.mentions]
    # An empty list would insert one row of defaults.
    if keys:
        connection.execute(insert(ENTRY_KEY), keys)
    if mentions:
        connection.execute(insert(ENTRY_MENTION), mentions)


def _change(connection: Connection, entry_id: int, judged: Judged, *, now: datetime) -> None:
    """The newer content in the older place, the older kept beside it. The first date and the first sight stay, so that
    nothing is announced again; so does what staff decided."""
    old = connection.execute(select(ENTRY.c.title, ENTRY.c.url, ENTRY.c.published_at).where(ENTRY.c.id == entry_id)).one()
    content = _content(judged)
    if old.published_at is None and judged.entry.published_at is not None:
        content |= {"published_at": judged.entry.published_at}
    if judged.standing == "hidden":
        content |= {"standing": judged.standing}
    if (old.title, old.url) != (judged.entry.title, judged.entry.url) or old.published_at != judged.entry.published_at:
        connection.execute(insert(ENTRY_CHANGE).values(entry_id=entry_id, changed_at=now, **old._mapping))
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry_id).values(content))
    connection.execute(delete(ENTRY_KEY).where(ENTRY_KEY.c.entry_id == entry_id))
    connection.execute(delete(ENTRY_MENTION).where(ENTRY_MENTION.c.entry_id == entry_id))
    _insert_names(connection, [(entry_id, judged)])


def _content(judged: Judged) -> dict[str, Any]:
    entry = judged.entry
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "folded_title": fold(entry.title)[:200],
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


def decided(connection: Connection, rules: str, deciding: Sequence[str], *, but: Collection[str]) -> Iterator[Said]:
    """What the rules of that digest decided, one of `deciding` first; nothing of the feeds `but`, which are addresses."""
    body = case((func.length(ENTRY.c.text) > func.length(ENTRY.c.summary), ENTRY.c.text), else_=ENTRY.c.summary)
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.title, body, type_coerce(ENTRY.c.categories, String), FEED.c.url)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.rules == rules, func.json_extract(ENTRY.c.reasons, "$[0].rule").in_(deciding))
    )
    for number, title, text, categories, feed in rows.yield_per(2000):
        if feed not in but:
            yield Said(number, title, text, tuple(json.loads(categories)) if categories != "[]" else ())


def kept(connection: Connection, numbers: Sequence[int]) -> Iterator[list[Kept]]:
    """These entries, in batches."""
    for batch in in_batches(numbers):
        found = connection.execute(
            select(ENTRY, FEED.c.url.label("feed_url"))
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(ENTRY.c.id.in_(batch))
            .order_by(ENTRY.c.id)
        ).all()
        keys: dict[int, list[str]] = {row.id: [] for row in found}
        of_these = ENTRY_KEY.c.entry_id.in_(batch)
        for row in connection.execute(
            select(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key).where(of_these).order_by(ENTRY_KEY.c.key)
        ):
            keys[row.entry_id].append(row.key)
        yield [_kept(row, tuple(keys[row.id])) for row in found]


def _kept(row: Any, keys: tuple[str, ...]) -> Kept:
    named = dict(key.split(":", 1) for key in keys)
    own = Identifiers(named.get("doi"), named.get("pmid"), named.get("pmcid"), named.get("nct"))
    entry = replace(_entry(row), identifiers=own)
    return Kept(row.id, row.feed_url, entry, keys, _stored_verdict(row))


def judge_again(connection: Connection, verdicts: Sequence[tuple[int, Verdict]]) -> None:
    """Replace the verdicts of these entries; what staff decided about them stays."""
    if verdicts:
        statement = update(ENTRY).where(ENTRY.c.id == bindparam("number"))
        connection.execute(statement, [{"number": number, **_verdict(verdict)} for number, verdict in verdicts])


def find(connection: Connection, number: int | None, keys: Sequence[str]) -> list[Stored]:
    """Entries by their number, or by identity keys."""
    sharing = select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(keys))
    rows = connection.execute(
        select(ENTRY, FEED.c.is_listed)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.id == number if number is not None else ENTRY.c.id.in_(sharing))
        .order_by(ENTRY.c.id)
    )
    return [
        Stored(
            number=row.id,
            entry=_entry(row),
            verdict=_stored_verdict(row),
            story_reason=row.story_reason,
            standing=row.standing,
            dated_at=row.dated_at,
            shown_at=row.shown_at,
            is_feed_listed=row.is_listed,
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
        source=row.source,
        language=row.language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        content_hash=row.content_hash,
    )


def _stored_verdict(row: Any) -> Verdict:
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    return Verdict(row.admitted, row.score, tuple(row.topics), row.evidence, reasons, row.notice, row.rules)
