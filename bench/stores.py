"""Stores of any age that are the same at every run: most of it is history, 2,000 entries are of the last two weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import delete, insert, select, update

from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.relevance.judge import judge, make_rules
from aggregator.store import entries, feeds, stories
from aggregator.store.database import Database, open_database
from aggregator.store.models import ENTRY, STORY
from aggregator.stories.terms import address_terms, terms
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.feeds import Document, FeedState, FeedUpdate, JudgedEntry
from aggregator.values.settings import Feed, FilterRules
from bench.feeds import feed

_FEED = Feed(name="Bench", url="https://bench.example.org/feed")
_RECENT = 2000
_YEARS = 10
_SYLLABLES = "ba den kor mi lund ver stro hal pe gri tas wen qua ol fer zin dor mak ey rin".split()
_PATTERNS = (
    "{} says Bell's palsy left half the face paralysed before the {} show",
    "Facial nerve clinic opens in {} with help from {}",
    "{} study finds {} helps people whose smile has gone",
    "Jury in {} awards {} millions over a cut nerve",
    "{} mayor back at work after Ramsay Hunt syndrome, says {}",
    "Walk along {} harbour raises thousands for {} trust",
    "{} wins grant to grow nerve grafts with {}",
    "Why {} tapes one eye shut at night: a letter from {}",
    "Regulator clears {} for hemifacial spasm, {} shares rise",
    "{} hospital recalls eye ointment made by {}",
    "Girl smiles for the first time after surgery in {}, {} reports",
    "Parotid tumours: what {} surgeons learned from {}",
)


def _name(random: Random) -> str:
    return "".join(random.choices(_SYLLABLES, k=4)).capitalize()


def judged(numbers: range, *, now: datetime, days: float) -> Iterator[JudgedEntry]:
    """Admitted entries spread over the last `days`."""
    for number in numbers:
        random = Random(number)
        title = random.choice(_PATTERNS).format(_name(random), _name(random))
        url = f"https://news{number % 50}.example.org/{number}"
        summary = f"{_name(random)} of {_name(random)} told {_name(random)} about it."
        at = now - timedelta(days=days * random.random())
        entry = Entry(url, url, title, summary, source=f"News {number % 50}", published_at=at, content_hash="x")
        yield JudgedEntry(entry, entry.keys, Verdict(admitted=True, score=5.0))


def save(database: Database, found: Iterator[JudgedEntry], *, now: datetime) -> None:
    """Store entries, not grouped."""
    polled = FeedUpdate(FeedState(_FEED.url), judged=tuple(found))
    with database.write() as connection:
        feeds.list_feeds(connection, [_FEED])
        entries.save(connection, [(feeds.numbers(connection)[_FEED.url], polled)], now=now)


def read(path: Path, size: int, *, now: datetime) -> None:
    """A store of entries with texts of the usual length, thirty of each feed, which today's rules judged."""
    rules, spec = make_rules(vocabulary(), FilterRules()), FeedSpec(_FEED.url, "")
    found: list[JudgedEntry] = []
    for number in range(size // 30):
        document = parse(ParseTask(feed(number), "application/xml", _FEED.url, spec, now))
        assert isinstance(document, Document)
        for entry in document.entries:
            # Some stand in several feeds, and are stored once for each.
            one, keys = replace(entry, guid=f"{number} {entry.guid}"), entry.keys
            found.append(JudgedEntry(one, keys, judge(one, keys, _FEED, rules)))
    database = open_database(path, back_up=lambda _: None)
    save(database, iter(found), now=now)
    database.close()


def lived_in(path: Path, size: int, *, now: datetime) -> None:
    """The same, but as life is: one entry in thirty is on topic."""
    database = aged(path, size, now=now)
    with database.write() as connection:
        connection.execute(update(ENTRY).where(ENTRY.c.id % 30 != 0).values(admitted=False, story_id=None))
        connection.execute(delete(STORY).where(STORY.c.id % 30 != 0))
    database.close()


def aged(path: Path, size: int, *, now: datetime) -> Database:
    """A store of `size` entries of ten years, every one its own story."""
    database = open_database(path, back_up=lambda _: None)
    recent = min(_RECENT, size)
    save(database, judged(range(size - recent), now=now - timedelta(days=15), days=365 * _YEARS), now=now)
    save(database, judged(range(size - recent, size), now=now, days=14), now=now)
    with database.write() as connection:
        rows = connection.execute(select(ENTRY.c.id, ENTRY.c.title, ENTRY.c.url)).all()
        connection.execute(insert(STORY), [{"id": row.id, "begun_at": now} for row in rows])
        connection.execute(update(ENTRY).values(story_id=ENTRY.c.id))
        stories.count_words(connection, [{*terms(row.title), *address_terms(row.url)} for row in rows])
    return database
