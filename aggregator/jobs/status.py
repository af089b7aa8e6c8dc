"""How it goes: the last runs and every feed's health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from aggregator.jobs.alerts import collect_facts
from aggregator.jobs.studies import offered
from aggregator.jobs.timetable import next_at
from aggregator.jobs.workspace import Workspace, open_stored, refuse_lost_store, store_in
from aggregator.monitoring.alerts import conditions
from aggregator.monitoring.health import trouble
from aggregator.store import decisions, notices, runs
from aggregator.store.database import Database
from aggregator.store.notices import Unresolved
from aggregator.urls import shown_address
from aggregator.values.environment import Environment
from aggregator.values.health import FeedFacts
from aggregator.values.reports import Run


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed: its facts, and what is wrong in a sentence (empty where nothing is)."""

    facts: FeedFacts
    trouble: str


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, newest first; when the built-in scheduler runs next; what needs a person, the most pressing first; the
    feeds by name; how many entries wait for staff; notices whose paper is not stored; how many reports are probably about a
    stored paper."""

    runs: tuple[Run, ...]
    next_at: datetime
    needs: tuple[str, ...]
    feeds: tuple[FeedHealth, ...]
    waiting: int
    notices: tuple[Unresolved, ...] = ()
    studies: int = 0


def status(workspace: Workspace, database: Database, *, now: datetime) -> Status:
    """What the store and the machine can tell."""
    with database.read() as connection:
        last, waiting = runs.last(connection, 5), decisions.waiting(connection)
        open_notices = notices.unresolved(connection)
    zone = workspace.settings.site.zone
    facts, feeds = collect_facts(workspace, now=now)
    needs = tuple(one.text for one in conditions(facts, feeds, now=now, zone=zone))
    return Status(
        tuple(last),
        next_at(workspace, now=now),
        needs,
        _health(feeds, now, zone),
        len(waiting),
        tuple(open_notices),
        len(offered(database, now=now)),
    )


def _health(feeds: Sequence[FeedFacts], now: datetime, zone: tzinfo) -> tuple[FeedHealth, ...]:
    shown = [replace(one, url=shown_address(one.url), moved_to=shown_address(one.moved_to or "") or None) for one in feeds]
    return tuple(FeedHealth(one, trouble(one, now=now, zone=zone)) for one in shown)


def last_good_refresh(environment: Environment, zone: tzinfo, *, now: datetime) -> datetime | None:
    """When a refresh last read what there was to read; None where none ever did. StoreError where the store is gone; times
    are in `zone`."""
    refuse_lost_store(environment.data, zone)
    if not store_in(environment.data).exists():
        return None
    with open_stored(environment.data, zone) as database, database.read() as connection:
        return runs.last_good_at(connection, now=now)
