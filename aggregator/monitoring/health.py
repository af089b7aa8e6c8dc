"""What is wrong with a feed, in one plain sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from aggregator.monitoring.alerts import check_the_move, is_silent
from aggregator.text import day_of
from aggregator.values.health import FeedFacts

_SILENT = timedelta(days=120)


def trouble(feed: FeedFacts, *, now: datetime, zone: tzinfo = UTC) -> str:
    """What is wrong with a feed and what to do; an empty string if nothing is. Days are those of `zone`."""
    if feed.last_error:
        times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
        never = "has never worked; " if feed.last_ok_at is None else ""
        return f"{never}{feed.last_error} ({times})"
    if feed.last_ok_at is None:
        return "has not been read yet"
    if feed.moved_to:
        return f"says that it moved to {feed.moved_to}. {check_the_move(feed.name)}"
    newest = feed.newest_entry_at
    if newest is not None and (now - newest > _SILENT or is_silent(feed, now=now)):
        return f"answers, but its newest entry is of {day_of(newest, zone)}: is it still maintained?"
    return ""
