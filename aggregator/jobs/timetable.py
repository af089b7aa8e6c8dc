"""When the next refresh is due, by the schedule in feeds.yaml and the runs in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from socket import gethostname
from typing import TypeAlias

from aggregator.jobs.workspace import Workspace
from aggregator.monitoring.schedule import Attempt, Due, due, jitter, next_slot
from aggregator.store import runs
from aggregator.store.database import Database

# What is due now, as whoever started the scheduler is handed it.
DueRefresh: TypeAlias = Due

# More attempts than a day can have.
_LOOKED_AT = 12


def due_now(workspace: Workspace, *, now: datetime) -> Due | None:
    """What is to be done now; on a store that was never filled, everything."""
    if not workspace.database_path.exists():
        return Due("nothing was ever read")
    with workspace.open_database() as database:
        return due(
            attempts(database), workspace.settings.schedule.refresh_at, workspace.settings.site.zone, now, later(workspace)
        )


def next_at(workspace: Workspace, *, now: datetime) -> datetime:
    """When the built-in scheduler refreshes next, if nothing fails meanwhile."""
    return next_slot(workspace.settings.schedule.refresh_at, workspace.settings.site.zone, now, later(workspace))


def attempts(database: Database) -> list[Attempt]:
    """The last refreshes of all feeds, newest first; one of a single feed is none."""
    with database.read() as connection:
        last = runs.last(connection, _LOOKED_AT)
    return [
        Attempt(run.started_at, run.ended_at, run.outcome)
        for run in last
        if run.report is None or run.report.get("scope", "all") != "one"
    ]


def later(workspace: Workspace) -> timedelta:
    """How much later than the schedule says this installation refreshes."""
    return jitter(f"{gethostname()} {workspace.data}")
