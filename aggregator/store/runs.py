"""Runs: a record of every refresh, with the outcome of each feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from aggregator.instants import AHEAD, is_believed, today_by
from aggregator.store.models import ENTRY, POLL, RUN
from aggregator.values.enums import PollOutcome
from aggregator.values.reports import EntryCounts, Run, RunOutcome, RunReport


def start(connection: Connection, *, now: datetime) -> int:
    """Record that a refresh began; the run's number."""
    return int(connection.execute(insert(RUN).values(started_at=now).returning(RUN.c.id)).scalar_one())


def has_asked(connection: Connection, run: int, report: RunReport) -> None:
    """Record the report on polling the feeds, before it is known how the run ends."""
    connection.execute(update(RUN).where(RUN.c.id == run).values(report=report.as_dict()))


def end(connection: Connection, run: int, report: RunReport, *, now: datetime) -> None:
    """Record how a run ended."""
    values = {"ended_at": now, "outcome": report.outcome.value, "report": report.as_dict()}
    connection.execute(update(RUN).where(RUN.c.id == run).values(values))


def fail(connection: Connection, run: int, reason: str, *, now: datetime) -> None:
    """Record that a run failed, and why; the report on polling the feeds stays recorded."""
    polled = connection.execute(select(RUN.c.report).where(RUN.c.id == run)).scalar() or {}
    report = RunReport.failed(reason).as_dict()
    kept = {name: value for name, value in polled.items() if name not in ("outcome", "reason")}
    values = {"ended_at": now, "outcome": RunOutcome.FAILED.value, "report": report | kept}
    connection.execute(update(RUN).where(RUN.c.id == run).values(values))


@dataclass(frozen=True, slots=True)
class Poll:
    """The outcome of polling one feed in one run."""

    feed: int
    outcome: PollOutcome
    reason: str = ""
    counts: EntryCounts = EntryCounts()


def record_polls(connection: Connection, run: int, polls: Sequence[Poll]) -> None:
    """Record the outcomes of these feeds."""
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


def last_good_at(connection: Connection, *, now: datetime) -> datetime | None:
    """When a refresh last ended fresh or degraded. A time later than `now` does not count (see instants.py)."""
    good = (RunOutcome.FRESH.value, RunOutcome.DEGRADED.value)
    return connection.execute(
        select(RUN.c.ended_at)
        .where(RUN.c.outcome.in_(good), RUN.c.ended_at <= now + AHEAD)
        .order_by(RUN.c.id.desc())
        .limit(1)
    ).scalar()


def last_ahead(connection: Connection, *, now: datetime) -> datetime | None:
    """The time of the newest of the last runs that lies after `now`, if one does: the clock was or is wrong."""
    return next((at for at in _begun(connection) if not is_believed(at, now)), None)


def _begun(connection: Connection) -> Sequence[datetime]:
    return connection.execute(select(RUN.c.started_at).order_by(RUN.c.id.desc()).limit(_LOOKED_AT)).scalars().all()


def believed_now(connection: Connection, *, now: datetime) -> datetime:
    """`now`, or a later instant if the clock is behind what the feeds published (see instants.py). Computed only if a
    run lies ahead."""
    begun = _begun(connection)
    if all(is_believed(at, now) for at in begun):
        return now
    newest = select(func.max(ENTRY.c.published_at, type_=ENTRY.c.published_at.type)).group_by(ENTRY.c.feed_id)
    published = [at for at in connection.execute(newest).scalars() if at is not None]
    return today_by(published, begun, now)


# The number of runs among which a wrong clock is looked for.
_LOOKED_AT = 50
