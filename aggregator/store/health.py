"""What the store can say of its feeds' health."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Integer, case, cast, func, select

from aggregator.store import decisions
from aggregator.store.models import ENTRY, FEED, POLL, RUN
from aggregator.values.health import FeedFacts, usual_gap
from aggregator.values.reports import RunOutcome

_RECENT = timedelta(days=90)
# Far enough back for the gaps of a feed that has something new each month.
_HISTORY = timedelta(days=800)
_BAR = 30
# A date further ahead is a mistake, and says nothing about how alive a feed is.
_AHEAD = timedelta(days=2)


def last_fresh_at(connection: Connection) -> datetime | None:
    """When a refresh last read most feeds; before the first one, when the first was tried."""
    fresh = select(func.max(RUN.c.ended_at)).where(RUN.c.outcome == RunOutcome.FRESH.value)
    return connection.execute(fresh).scalar() or connection.execute(select(func.min(RUN.c.started_at))).scalar()


def last_admitted_at(connection: Connection) -> datetime | None:
    """When the newest entry that was admitted was first seen."""
    return connection.execute(select(func.max(ENTRY.c.first_seen_at)).where(ENTRY.c.admitted)).scalar()


def feed_facts(connection: Connection, *, now: datetime) -> list[FeedFacts]:
    """Every listed feed with its counts, by name."""
    is_recent = cast(ENTRY.c.first_seen_at >= now - _RECENT, Integer)
    is_admitted = cast(ENTRY.c.admitted, Integer)
    is_shown = case((ENTRY.c.shown_at.is_not(None), 1), else_=0)
    counts = (
        select(
            ENTRY.c.feed_id,
            func.max(case((ENTRY.c.published_at <= now + _AHEAD, ENTRY.c.published_at))).label("newest"),
            func.count().label("entries"),
            func.sum(is_admitted).label("admitted"),
            func.sum(is_shown).label("shown"),
            func.sum(is_recent).label("recent"),
            func.sum(is_recent * is_admitted).label("recent_admitted"),
            func.sum(is_recent * is_shown).label("recent_shown"),
        )
        .group_by(ENTRY.c.feed_id)
        .subquery()
    )
    rows = connection.execute(
        select(FEED, *[column for column in counts.c if column.name != "feed_id"])
        .outerjoin(counts, counts.c.feed_id == FEED.c.id)
        .where(FEED.c.is_listed)
        .order_by(FEED.c.name)
    ).all()
    gaps, bars, held = _gaps(connection, now), _bars(connection, now), _held(connection)
    return [
        FeedFacts(
            row.name, row.url, row.last_ok_at, row.last_error, row.failures, row.moved_to, row.newest, row.entries or 0,
            row.admitted or 0, row.shown or 0, row.recent or 0, row.recent_admitted or 0, row.recent_shown or 0,
            gaps.get(row.id), held.get(row.id, 0), bars.get(row.id, " " * _BAR),
        )
        for row in rows
    ]  # fmt: skip


def _gaps(connection: Connection, now: datetime) -> dict[int, timedelta]:
    """The usual gap between days with something new, by feed."""
    day = func.date(ENTRY.c.published_at)
    rows = connection.execute(select(ENTRY.c.feed_id, day).where(ENTRY.c.published_at >= now - _HISTORY).distinct())
    days: defaultdict[int, list[date]] = defaultdict(list)
    for feed_id, one in rows:
        days[feed_id].append(date.fromisoformat(str(one)))
    return {feed_id: gap for feed_id, found in days.items() if (gap := usual_gap(found)) is not None}


def _bars(connection: Connection, now: datetime) -> dict[int, str]:
    """The last days of each feed, oldest first: `+` read, `-` not, a blank where it was not asked."""
    since = now - timedelta(days=_BAR)
    rows = connection.execute(
        select(POLL.c.feed_id, RUN.c.started_at, POLL.c.outcome)
        .join(RUN, RUN.c.id == POLL.c.run_id)
        .where(RUN.c.started_at > since)
        .order_by(RUN.c.id)
    )
    bars: defaultdict[int, list[str]] = defaultdict(lambda: [" "] * _BAR)
    for feed_id, began_at, outcome in rows:
        place = _BAR - 1 - (now - began_at).days
        if 0 <= place < _BAR and outcome != "Skipped":
            bars[feed_id][place] = "-" if outcome == "FetchFailed" else "+"
    return {feed_id: "".join(bar) for feed_id, bar in bars.items()}


def _held(connection: Connection) -> dict[int, int]:
    """How many entries of a feed wait because none of their batch was on topic."""
    waiting = select(ENTRY.c.feed_id, ENTRY.c.reasons).where(ENTRY.c.standing == decisions.WAITING)
    held: defaultdict[int, int] = defaultdict(int)
    for feed_id, reasons in connection.execute(waiting):
        held[feed_id] += any("held for staff" in str(reason) for reason in reasons[:2])
    return {feed_id: number for feed_id, number in held.items() if number}
