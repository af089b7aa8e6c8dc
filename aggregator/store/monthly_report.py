"""The counts of a month."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import Connection, Integer, case, cast, func, select

from aggregator.store.models import ENTRY, FEED, POLL, PUBLISHER, RUN
from aggregator.values.enums import PollOutcome
from aggregator.values.monthly_report import Month, SourceMonth
from aggregator.values.reports import RunOutcome

# The fewest entries for which a publisher is listed, and the most publishers that are.
_OFTEN = 2
_MOST = 15


def month(connection: Connection, begins_on: date, begin: datetime, end: datetime) -> Month:
    """The month from `begin` up to `end`, two instants."""
    counted, polled = _counted(connection, begin, end), _polled(connection, begin, end)
    sources = [
        SourceMonth(feed.name, feed.is_listed, *counted.get(feed.id, _NOTHING), *polled.get(feed.id, (0, 0)))
        for feed in connection.execute(select(FEED.c.id, FEED.c.name, FEED.c.is_listed))
        if feed.is_listed or feed.id in counted or feed.id in polled
    ]
    sources.sort(key=lambda source: (-source.shown, -source.admitted, -source.offered, source.name))
    began = select(RUN.c.outcome).where(RUN.c.started_at >= begin, RUN.c.started_at < end)
    outcomes = connection.execute(began).scalars().all()
    fresh = sum(outcome == RunOutcome.FRESH.value for outcome in outcomes)
    return Month(begins_on, tuple(sources), _publishers(connection, begin, end), len(outcomes), fresh)


_NOTHING = (0, 0, 0, 0)


def _counted(connection: Connection, begin: datetime, end: datetime) -> dict[int, tuple[int, int, int, int]]:
    """By feed: offered, admitted, shown, duplicates."""
    first = select(ENTRY.c.story_id, func.min(ENTRY.c.id).label("first")).group_by(ENTRY.c.story_id).subquery()
    rows = connection.execute(
        select(
            ENTRY.c.feed_id,
            func.count(),
            func.sum(cast(ENTRY.c.admitted, Integer)),
            func.sum(case((ENTRY.c.shown_at.is_not(None), 1), else_=0)),
            func.sum(case((ENTRY.c.admitted & (ENTRY.c.id != first.c.first), 1), else_=0)),
        )
        .outerjoin(first, first.c.story_id == ENTRY.c.story_id)
        .where(ENTRY.c.first_seen_at >= begin, ENTRY.c.first_seen_at < end)
        .group_by(ENTRY.c.feed_id)
    )
    return {feed_id: (offered, admitted, shown, later) for feed_id, offered, admitted, shown, later in rows}


def _polled(connection: Connection, begin: datetime, end: datetime) -> dict[int, tuple[int, int]]:
    """By feed: attempts to read it, and those that failed."""
    rows = connection.execute(
        select(POLL.c.feed_id, func.count(), func.sum(case((POLL.c.outcome == PollOutcome.FAILED, 1), else_=0)))
        .join(RUN, RUN.c.id == POLL.c.run_id)
        .where(RUN.c.started_at >= begin, RUN.c.started_at < end, POLL.c.outcome != PollOutcome.SKIPPED)
        .group_by(POLL.c.feed_id)
    )
    return {feed_id: (polls, failures) for feed_id, polls, failures in rows}


def _publishers(connection: Connection, begin: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    """The publishers of admitted entries that have no feed in our list, with their numbers of entries, highest first."""
    ours = {word.casefold() for row in connection.execute(select(FEED.c.name, FEED.c.title)) for word in row if word}
    rows = connection.execute(
        select(PUBLISHER)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.admitted, ENTRY.c.first_seen_at >= begin, ENTRY.c.first_seen_at < end)
    )
    counts = Counter(source for (source,) in rows if source and source.casefold() not in ours)
    return tuple((name, count) for name, count in counts.most_common(_MOST) if count >= _OFTEN)
