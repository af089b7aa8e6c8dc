"""When the next refresh is due, by the schedule in feeds.yaml and the runs in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from socket import gethostname

from aggregator.jobs.house import House
from aggregator.store import runs
from aggregator.store.database import Database
from aggregator.watch.clock import Attempt, Due, due, next_slot, spread

# More attempts than a day can have.
_LOOKED_AT = 12


def due_now(house: House, *, now: datetime) -> Due | None:
    """What is to be done now; on a store that was never filled, everything."""
    if not house.database_path.exists():
        return Due("nothing was ever read")
    database = house.open_database()
    try:
        return due(attempts(database), house.settings.schedule.refresh_at, house.settings.site.zone, now, later(house))
    finally:
        database.close()


def next_at(house: House, *, now: datetime) -> datetime:
    """When the built-in scheduler refreshes next, if nothing fails meanwhile."""
    return next_slot(house.settings.schedule.refresh_at, house.settings.site.zone, now, later(house))


def attempts(database: Database) -> list[Attempt]:
    """The last refreshes of all feeds, newest first; one of a single feed is none."""
    with database.read() as connection:
        last = runs.last(connection, _LOOKED_AT)
    return [
        Attempt(run.started_at, run.ended_at, run.outcome)
        for run in last
        if run.report is None or run.report.get("scope", "all") != "one"
    ]


def later(house: House) -> timedelta:
    """How much later than the schedule says this installation refreshes."""
    return spread(f"{gethostname()} {house.data}")
