"""Conditions that need a person, and which of them were reported. Pure: facts, earlier states and `now` are handed in.

One message for each *new* condition, not for each day: a condition has a key, is reported once it has lasted long enough,
and once more when it is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from aggregator.text import day_of, moment_of
from aggregator.values.health import FeedFacts, WorkspaceFacts

_BROKEN = timedelta(days=3)
_MOVED = timedelta(days=2)
_NOTHING = timedelta(days=7)
_UNREAD = timedelta(hours=26)
_LEAST_DISK = 500_000_000
# A feed is silent after 4 times its usual gap, 7 days at least; a usual gap needs enough known ones.
_GAPS = 4
_LEAST_SILENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that needs a person, reported once it has lasted for `patience`. `over` is what to say at its end, if
    anything."""

    key: str
    text: str
    over: str = ""
    patience: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class AlertState:
    """A condition as it was last seen: since when it has lasted, and whether it was reported."""

    since: datetime
    text: str
    over: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class AlertChanges:
    """The sentences to report now: of new conditions, and of those that are over."""

    begun: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.over)


def conditions(
    workspace: WorkspaceFacts, feeds: Sequence[FeedFacts], *, now: datetime, zone: tzinfo = UTC
) -> list[Condition]:
    """All that needs a person now, the most pressing first; times are those of `zone`."""
    current = [Condition("store", workspace.store_fault, "The store is sound again.")] if workspace.store_fault else []
    if workspace.problems:
        text = "feeds.yaml is broken; the last good copy is in use. " + " ".join(workspace.problems)
        current.append(Condition("feeds.yaml", text, "feeds.yaml is in order again."))
    if workspace.free_disk is not None and workspace.free_disk < _LEAST_DISK:
        text = f"Only {workspace.free_disk // 1_000_000} MB are left on the disk of the data folder."
        current.append(Condition("disk", text, "There is room on the disk again."))
    if workspace.failure:
        current.append(Condition("failed", f"The refresh failed: {workspace.failure}", "The refresh works again."))
    elif workspace.last_fresh_at is not None and now - workspace.last_fresh_at > _UNREAD:
        since = moment_of(workspace.last_fresh_at, zone)
        text = f"Most feeds could not be read since {since}. Is this machine's network all right?"
        current.append(Condition("unread", text, "Most feeds can be read again."))
    elif workspace.last_admitted_at is not None and now - workspace.last_admitted_at > _NOTHING:
        text = f"Nothing new was admitted since {day_of(workspace.last_admitted_at, zone)}, though the feeds are read."
        current.append(Condition("nothing", text, "New entries are admitted again."))
    if workspace.run_ahead_at is not None:
        current.append(Condition(f"clock {workspace.run_ahead_at:%Y-%m-%d}", clock_sentence(workspace.run_ahead_at, zone)))
    return current + [condition for feed in feeds for condition in _of_feed(feed, now=now, zone=zone)]


def clock_sentence(at: datetime, zone: tzinfo) -> str:
    """The sentence about a run that was recorded at `at`, later than now."""
    return (
        f"A refresh was recorded for {moment_of(at, zone)}, which is later than now: this machine's clock was or is "
        "wrong. Times that lie ahead are not believed."
    )


def _of_feed(feed: FeedFacts, *, now: datetime, zone: tzinfo) -> Iterable[Condition]:
    name = f"“{feed.name}”"
    if feed.held:
        text = f"{name}: {feed.held} entries wait for review, none about our topic. Was the site sold?"
        yield Condition(f"held {feed.url}", text)
    if feed.failures and feed.last_ok_at is not None:
        if now - feed.last_ok_at > _BROKEN:
            text = f"{name} could not be read since {day_of(feed.last_ok_at, zone)}: it {feed.last_error}."
            yield Condition(f"broken {feed.url}", text, f"{name} can be read again.")
        return
    if feed.moved_to:
        text = f"{name} says that it moved to {feed.moved_to}. {check_the_move(feed.name)}"
        yield Condition(f"moved {feed.url} {feed.moved_to}", text, patience=_MOVED)
    if is_silent(feed, now=now) and feed.newest_entry_at is not None and feed.usual_gap is not None:
        days = max(1, round(feed.usual_gap / timedelta(days=1)))
        usual = "every day" if days == 1 else f"every {days} days"
        text = f"{name} has been silent since {day_of(feed.newest_entry_at, zone)}; it usually has something new {usual}."
        yield Condition(f"silent {feed.url}", text, f"{name} has something new again.")


def check_the_move(name: str) -> str:
    """What to do if a feed says that it moved."""
    return f'Check the new address. If it is the same publisher, run: feeds accept "{name}"'


def is_silent(feed: FeedFacts, *, now: datetime) -> bool:
    """Whether a feed has had nothing new for four times its own usual gap, seven days at least."""
    if feed.usual_gap is None or feed.newest_entry_at is None:
        return False
    return now - feed.newest_entry_at > max(_GAPS * feed.usual_gap, _LEAST_SILENCE)


def compare(
    states: Mapping[str, AlertState], current: Sequence[Condition], *, now: datetime
) -> tuple[dict[str, AlertState], AlertChanges]:
    """The new states by condition key, with all that is reported now marked as such, and the changes to report."""
    after: dict[str, AlertState] = {}
    begun = []
    for condition in current:
        before = states.get(condition.key) or AlertState(now, condition.text, condition.over)
        # A `since` that lies ahead was written by a wrong clock.
        before = replace(before, since=min(before.since, now), text=condition.text, over=condition.over)
        if not before.is_told and now - before.since >= condition.patience:
            begun.append(condition.text)
            before = replace(before, is_told=True)
        after[condition.key] = before
    over = [state.over for key, state in states.items() if key not in after and state.is_told and state.over]
    return after, AlertChanges(tuple(begun), tuple(over))
