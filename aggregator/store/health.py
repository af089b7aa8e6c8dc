"""Facts from the store about the health of feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Integer, case, cast, func, select

from aggregator.instants import AHEAD, is_believed
from aggregator.store import decisions
from aggregator.store.models import ENTRY, FEED, POLL, RUN
from aggregator.values.entries import HELD
from aggregator.values.enums import PollOutcome
from aggregator.values.health import FeedFacts, usual_gap
from aggregator.values.reports import RunOutcome

_RECENT = timedelta(days=90)
# Far enough back for the gaps of a feed that has something new each month.
_HISTORY = timedelta(days=800)
_READ = (PollOutcome.PARSED, PollOutcome.NOT_MODIFIED)
_BAR = 30
# A date further ahead is a mistake, and does not show that a feed is alive.
_AHEAD = timedelta(days=2)


def last_fresh_at(connection: Connection, *, now: datetime) -> datetime | None:
    """When a refresh last read most feeds; if none has, when the first was tried. Nothing later than `now` counts (see
    instants.py)."""
    ends = now + AHEAD
    fresh = select(func.max(RUN.c.ended_at)).where(RUN.c.outcome == RunOutcome.FRESH.value, RUN.c.ended_at <= ends)
    tried = select(func.min(RUN.c.started_at)).where(RUN.c.started_at <= ends)
    return connection.execute(fresh).scalar() or connection.execute(tried).scalar()


def last_admitted_at(connection: Connection, *, now: datetime) -> datetime | None:
    """When the newest entry that was admitted was first seen. Nothing later than `now` counts."""
    seen = select(func.max(ENTRY.c.first_seen_at)).where(ENTRY.c.admitted, ENTRY.c.first_seen_at <= now + AHEAD)
    return connection.execute(seen).scalar()


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
    read_at = {row.id: row.last_ok_at for row in rows}
    if any(at is not None and not is_believed(at, now) for at in read_at.values()):
        read_at |= _read_at(connection, [number for number, at in read_at.items() if at and not is_believed(at, now)], now)
    return [
        FeedFacts(
            row.name, row.url, read_at[row.id], row.last_error, row.failures, row.moved_to, row.newest, row.entries or 0,
            row.admitted or 0, row.shown or 0, row.recent or 0, row.recent_admitted or 0, row.recent_shown or 0,
            gaps.get(row.id), held.get(row.id, 0), bars.get(row.id, " " * _BAR),
        )
        for row in rows
    ]  # fmt: skip


def _read_at(connection: Connection, feeds: Sequence[int], now: datetime) -> dict[int, datetime | None]:
    """When these feeds were last read by a run whose time is believed, as far as runs are recorded."""
    rows = connection.execute(
        select(POLL.c.feed_id, func.max(RUN.c.started_at))
        .join(RUN, RUN.c.id == POLL.c.run_id)
        .where(
            POLL.c.feed_id.in_(feeds),
            POLL.c.outcome.in_((PollOutcome.PARSED, PollOutcome.NOT_MODIFIED)),
            RUN.c.started_at <= now + AHEAD,
        )
        .group_by(POLL.c.feed_id)
    )
    return dict.fromkeys(feeds) | {row[0]: row[1] for row in rows}


def _gaps(connection: Connection, now: datetime) -> dict[int, timedelta]:
    """The usual gap between days with something new, by feed."""
    day = func.date(ENTRY.c.published_at)
    lately = ENTRY.c.published_at.between(now - _HISTORY, now + _AHEAD)
    rows = connection.execute(select(ENTRY.c.feed_id, day).where(lately).distinct())
    days: defaultdict[int, list[date]] = defaultdict(list)
    for feed_id, written in rows:
        days[feed_id].append(date.fromisoformat(str(written)))
    return {feed_id: gap for feed_id, feed_days in days.items() if (gap := usual_gap(feed_days)) is not None}


def _bars(connection: Connection, now: datetime) -> dict[int, str]:
    """The last 30 days of each feed, oldest first: `+` read, `-` failed, a blank if it was not asked."""
    since = now - timedelta(days=_BAR)
    rows = connection.execute(
        select(POLL.c.feed_id, RUN.c.started_at, POLL.c.outcome)
        .join(RUN, RUN.c.id == POLL.c.run_id)
        .where(RUN.c.started_at > since)
        .order_by(RUN.c.id)
    )
    bars: defaultdict[int, list[str]] = defaultdict(lambda: [" "] * _BAR)
    for feed_id, began_at, outcome in rows:
        position = _BAR - 1 - (now - began_at).days
        if 0 <= position < _BAR and outcome != PollOutcome.SKIPPED:
            bars[feed_id][position] = "-" if outcome == PollOutcome.FAILED else "+"
    return {feed_id: "".join(bar) for feed_id, bar in bars.items()}


def _held(connection: Connection) -> dict[int, int]:
    """How many entries of a feed wait because none of their batch was on topic."""
    waiting = select(ENTRY.c.feed_id, ENTRY.c.reasons).where(ENTRY.c.standing == decisions.WAITING)
    held: defaultdict[int, int] = defaultdict(int)
    for feed_id, reasons in connection.execute(waiting):
        held[feed_id] += any(reason["rule"] == HELD for reason in reasons[:2])
    return {feed_id: number for feed_id, number in held.items() if number}
