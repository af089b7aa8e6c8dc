"""What staff may join: reports, and the papers that they are probably about."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.jobs.regroup import weighed
from aggregator.jobs.workspace import Workspace
from aggregator.store import stories
from aggregator.store.database import Database
from aggregator.stories.probable_study import probable_studies
from aggregator.stories.terms import Weights
from aggregator.values.stories import ProbableStudy

# A pair that staff do not join is no longer offered after this.
_OFFERED = timedelta(days=30)


def offered(database: Database, *, now: datetime) -> tuple[ProbableStudy, ...]:
    """The reports of the last 30 days that are probably about a paper of the last 30 days in another story, newest first."""
    with database.read() as connection:
        window = weighed(connection, stories.recent(connection, now - _OFFERED))
    return probable_studies(window, Weights(window.words))


def offered_in(workspace: Workspace, *, now: datetime) -> tuple[ProbableStudy, ...]:
    """What is `offered` in the workspace's store."""
    with workspace.open_database() as database:
        return offered(database, now=now)
