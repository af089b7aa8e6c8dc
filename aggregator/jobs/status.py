"""How it goes: the last runs and every feed's health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.jobs.alarm import look
from aggregator.jobs.house import House
from aggregator.jobs.timetable import next_at
from aggregator.store import decisions, notices, runs
from aggregator.store.database import Database
from aggregator.store.notices import Unresolved
from aggregator.store.runs import Run
from aggregator.urls import shown_address
from aggregator.values.health import FeedFacts
from aggregator.watch.alerts import conditions
from aggregator.watch.health import trouble


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed: its facts, and what is wrong in a sentence (empty where nothing is)."""

    facts: FeedFacts
    trouble: str


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, newest first; when the built-in scheduler runs next; what needs a person, the most pressing first; the
    feeds by name; how many entries wait for staff; notices whose paper is not stored."""

    runs: tuple[Run, ...]
    next_at: datetime
    needs: tuple[str, ...]
    feeds: tuple[FeedHealth, ...]
    waiting: int
    notices: tuple[Unresolved, ...] = ()


def status(house: House, database: Database, *, now: datetime) -> Status:
    """What the store and the machine can tell."""
    with database.read() as connection:
        last, waiting = runs.last(connection, 5), decisions.waiting(connection)
        open_notices = notices.unresolved(connection)
    facts, feeds = look(house, now=now)
    needs = tuple(one.text for one in conditions(facts, feeds, now=now))
    return Status(tuple(last), next_at(house, now=now), needs, _health(feeds, now), len(waiting), tuple(open_notices))


def _health(feeds: Sequence[FeedFacts], now: datetime) -> tuple[FeedHealth, ...]:
    shown = [replace(one, url=shown_address(one.url), moved_to=shown_address(one.moved_to or "") or None) for one in feeds]
    return tuple(FeedHealth(one, trouble(one, now=now)) for one in shown)
