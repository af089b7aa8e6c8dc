"""Runs: every refresh is recorded, with what each feed gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from aggregator.store.models import POLL, RUN
from aggregator.values.reports import EntryCounts, RunOutcome, RunReport


@dataclass(frozen=True, slots=True)
class Run:
    """One refresh as it was recorded; `outcome` is None for one that was killed or is at work."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    report: dict[str, Any] | None


def start(connection: Connection, *, now: datetime) -> int:
    """Record that a refresh began."""
    return int(connection.execute(insert(RUN).values(started_at=now).returning(RUN.c.id)).scalar_one())


def has_asked(connection: Connection, run: int, report: RunReport) -> None:
    """Record what asking the feeds came to, before it is known how the run ends."""
    connection.execute(update(RUN).where(RUN.c.id == run).values(report=report.as_dict()))


def end(connection: Connection, run: int, report: RunReport, *, now: datetime) -> None:
    """Record how it ended."""
    values = {"ended_at": now, "outcome": report.outcome.value, "report": report.as_dict()}
    connection.execute(update(RUN).where(RUN.c.id == run).values(values))


@dataclass(frozen=True, slots=True)
class Poll:
    """What one feed gave in one run."""

    feed: int
    outcome: str
    reason: str = ""
    counts: EntryCounts = EntryCounts()


def record_polls(connection: Connection, run: int, polls: Sequence[Poll]) -> None:
    """Record what these feeds gave."""
    rows = [
        {
            "run_id": run, "feed_id": poll.feed, "outcome": poll.outcome, "reason": poll.reason, "seen": poll.counts.seen,
            "new": poll.counts.new, "updated": poll.counts.updated, "admitted": poll.counts.admitted,
        }
        for poll in polls
    ]  # fmt: skip
    if rows:
        connection.execute(insert(POLL), rows)


def last(connection: Connection, count: int) -> list[Run]:
    """The newest runs, newest first."""
    rows = connection.execute(select(RUN).order_by(RUN.c.id.desc()).limit(count))
    return [Run(row.id, row.started_at, row.ended_at, row.outcome, row.report) for row in rows]


def last_good_at(connection: Connection) -> datetime | None:
    """When a refresh last read what there was to read."""
    good = (RunOutcome.FRESH.value, RunOutcome.DEGRADED.value)
    return connection.execute(
        select(RUN.c.ended_at).where(RUN.c.outcome.in_(good)).order_by(RUN.c.id.desc()).limit(1)
    ).scalar()
