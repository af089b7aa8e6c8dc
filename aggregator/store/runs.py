"""Runs: every refresh is recorded, with what each feed gave."""

from __future__ import annotations

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


def end(connection: Connection, run: int, report: RunReport, *, now: datetime) -> None:
    """Record how it ended."""
    values = {"ended_at": now, "outcome": report.outcome.value, "report": report.as_dict()}
    connection.execute(update(RUN).where(RUN.c.id == run).values(values))


def record_poll(connection: Connection, run: int, feed_id: int, outcome: str, reason: str, counts: EntryCounts) -> None:
    """Record what one feed gave in one run."""
    connection.execute(
        insert(POLL).values(
            run_id=run, feed_id=feed_id, outcome=outcome, reason=reason,
            seen=counts.seen, new=counts.new, updated=counts.updated, admitted=counts.admitted,
        )
    )  # fmt: skip


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
