"""What needs a person, and who was told. Pure: facts in, conditions out; what was known before and `now` are handed in.

One message for each *new* condition, not for each day: a condition has a key, is told once when it has lasted long
enough, and once more when it is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.values.health import FeedFacts, HouseFacts

_BROKEN = timedelta(days=3)
_MOVED = timedelta(days=2)
_NOTHING = timedelta(days=7)
_UNREAD = timedelta(hours=26)
_LEAST_DISK = 500_000_000
# Silent for so many of its usual gaps; a week at least, and only where enough gaps are known to speak of a usual one.
_GAPS = 4
_LEAST_SILENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that needs a person: told when it has been so for `patience`."""

    key: str
    text: str
    over: str = ""
    patience: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Known:
    """A condition as it was seen before: since when, and whether it was told."""

    since: datetime
    text: str
    over: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told now: new conditions, and what is over."""

    begun: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.over)


def conditions(house: HouseFacts, feeds: Sequence[FeedFacts], *, now: datetime) -> list[Condition]:
    """All that needs a person now, the most pressing first."""
    found = [Condition("store", house.store_fault, "The store is sound again.")] if house.store_fault else []
    if house.problems:
        text = "feeds.yaml is broken; the last good copy is in use. " + " ".join(house.problems)
        found.append(Condition("feeds.yaml", text, "feeds.yaml is in order again."))
    if house.free_disk is not None and house.free_disk < _LEAST_DISK:
        text = f"Only {house.free_disk // 1_000_000} MB are left on the disk of the data folder."
        found.append(Condition("disk", text, "There is room on the disk again."))
    if house.failure:
        found.append(Condition("failed", f"The refresh failed: {house.failure}", "The refresh works again."))
    elif house.last_fresh_at is not None and now - house.last_fresh_at > _UNREAD:
        since = f"{house.last_fresh_at:%d %B, %H:%M} UTC"
        text = f"Most feeds could not be read since {since}. Is this machine's network all right?"
        found.append(Condition("unread", text, "Most feeds can be read again."))
    elif house.last_admitted_at is not None and now - house.last_admitted_at > _NOTHING:
        text = f"Nothing new was admitted since {house.last_admitted_at:%d %B %Y}, though the feeds are read."
        found.append(Condition("nothing", text, "New entries are admitted again."))
    return found + [one for feed in feeds for one in _of_feed(feed, now=now)]


def _of_feed(feed: FeedFacts, *, now: datetime) -> Iterable[Condition]:
    name = f"“{feed.name}”"
    if feed.held:
        text = f"{name}: {feed.held} new entries wait, none about our topic. Was its site sold? `review list` shows them."
        yield Condition(f"held {feed.url}", text)
    if feed.failures and feed.last_ok_at is not None:
        if now - feed.last_ok_at > _BROKEN:
            text = f"{name} could not be read since {feed.last_ok_at:%d %B %Y}: it {feed.last_error}."
            yield Condition(f"broken {feed.url}", text, f"{name} can be read again.")
        return
    if feed.moved_to:
        text = f'{name} says that it moved to {feed.moved_to}. Look there, then: feeds accept "{feed.name}"'
        yield Condition(f"moved {feed.url} {feed.moved_to}", text, patience=_MOVED)
    if is_silent(feed, now=now) and feed.newest_entry_at is not None and feed.usual_gap is not None:
        days = max(1, round(feed.usual_gap / timedelta(days=1)))
        usual = "every day" if days == 1 else f"every {days} days"
        text = f"{name} has been silent since {feed.newest_entry_at:%d %B %Y}; it usually has something new {usual}."
        yield Condition(f"silent {feed.url}", text, f"{name} has something new again.")


def is_silent(feed: FeedFacts, *, now: datetime) -> bool:
    """Whether a feed answers and has had nothing new for four times its own usual gap."""
    if feed.usual_gap is None or feed.newest_entry_at is None:
        return False
    return now - feed.newest_entry_at > max(_GAPS * feed.usual_gap, _LEAST_SILENCE)


def compare(known: Mapping[str, Known], found: Sequence[Condition], *, now: datetime) -> tuple[dict[str, Known], News]:
    """What is known afterwards, with everything told, and what is to be told."""
    after: dict[str, Known] = {}
    begun = []
    for one in found:
        before = known.get(one.key) or Known(now, one.text, one.over)
        before = replace(before, text=one.text, over=one.over)
        if not before.is_told and now - before.since >= one.patience:
            begun.append(one.text)
            before = replace(before, is_told=True)
        after[one.key] = before
    over = [one.over for key, one in known.items() if key not in after and one.is_told and one.over]
    return after, News(tuple(begun), tuple(over))
