"""How it goes: the last runs and every feed's health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.store import decisions, notices, runs
from aggregator.store.database import Database
from aggregator.store.notices import Unresolved
from aggregator.store.runs import Run
from aggregator.urls import shown_address
from aggregator.watch.health import trouble


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed: when it was last good, what it offered, and what is wrong in a sentence (empty where nothing is)."""

    name: str
    url: str
    last_ok_at: datetime | None
    newest_entry_at: datetime | None
    entries: int
    admitted: int
    shown: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, newest first, the feeds by name, and how many entries wait for staff, and
    notices whose paper is not stored."""

    runs: tuple[Run, ...]
    feeds: tuple[FeedHealth, ...]
    waiting: int
    notices: tuple[Unresolved, ...] = ()


def status(database: Database, *, now: datetime) -> Status:
    """What the store can tell."""
    with database.read() as connection:
        last, facts, waiting = runs.last(connection, 5), runs.feed_facts(connection), decisions.waiting(connection)
        open_notices = notices.unresolved(connection)
    feeds = tuple(
        FeedHealth(
            fact.name, shown_address(fact.url), fact.last_ok_at, fact.newest_entry_at, fact.entries, fact.admitted,
            fact.shown,
            trouble(
                name=fact.name, last_ok_at=fact.last_ok_at, last_error=fact.last_error, failures=fact.failures,
                newest_entry_at=fact.newest_entry_at, moved_to=shown_address(fact.moved_to or ""), now=now,
            ),
        )
        for fact in facts
    )  # fmt: skip
    return Status(tuple(last), feeds, len(waiting), tuple(open_notices))
