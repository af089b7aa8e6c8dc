"""How a feed and an entry stand, in one plain sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.values.entries import Stored
from aggregator.values.health import FeedFacts
from aggregator.watch.alerts import is_silent

_SILENT = timedelta(days=120)


def trouble(feed: FeedFacts, *, now: datetime) -> str:
    """What is wrong with a feed and what to do; an empty string where nothing is."""
    if feed.last_error:
        times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
        never = "never worked yet; " if feed.last_ok_at is None else ""
        return f"{never}{feed.last_error} ({times})"
    if feed.last_ok_at is None:
        return "was never asked yet"
    if feed.moved_to:
        return f'says that it moved to {feed.moved_to}: look there, then take it with `feeds accept "{feed.name}"`'
    newest = feed.newest_entry_at
    if newest is not None and (now - newest > _SILENT or is_silent(feed, now=now)):
        return f"answers, but its newest entry is of {newest:%d %B %Y}: is it still kept up?"
    return ""


def whereabouts(one: Stored) -> str:
    """Why a stored entry is, or is not, on the front page."""
    if not one.verdict.admitted:
        return "It is not shown: the filter rejected it."
    if one.standing:
        return {"hidden": "It is not shown: staff hid it.", "waiting": "It is not shown yet: it waits for staff."}[
            one.standing
        ]
    if one.verdict.notice:
        return f"It is not shown: it is a notice ({one.verdict.notice}), which belongs to a paper and is no news."
    if not one.is_feed_listed:
        return "It is not shown: its feed is switched off or gone from feeds.yaml."
    if one.dated_at is None:
        return "It is not shown: it has no date that can be read, and was there when its feed was first read."
    if one.shown_at is not None:
        return f"It has been on the front page since {one.shown_at:%d %B %Y}, until newer stories take its place."
    return (
        "It was not on the front page yet: newer stories, or another article of its story from the same source, stood there."
    )
