"""Group whatever the store holds ungrouped, whichever run brought it: a kill in between loses nothing. Staff's hand on
stories: split, merge, and the whole history grouped anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from aggregator.errors import UsageError
from aggregator.jobs.named_entries import entries_named
from aggregator.jobs.publish import publish
from aggregator.jobs.staff_decision import Decided, decide_now
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.evidence import without_notice
from aggregator.store import entries, notices, page_requests, stories
from aggregator.store.acts import Recorder
from aggregator.store.database import Database, Transaction
from aggregator.stories.grouping import group, words_of
from aggregator.stories.partition import Regrouping, compared, partition, renumbered
from aggregator.values.acts import Verb
from aggregator.values.entries import FoundEntry
from aggregator.values.stories import Grouping, GroupingInput

# How often grouping is tried without a lock.
_UNLOCKED = 2


def group_new(database: Database, *, now: datetime) -> int:
    """Give every entry without a story its story, and every notice its paper; the number of stories that were begun."""
    begun = 0
    while (grouped := _group_some(database, now=now)) is not None:
        begun += grouped
    with database.write() as connection:
        notices.resolve(connection, without_notice)
    return begun


def _group_some(database: Database, *, now: datetime) -> int | None:
    """Group the next entries; the number of stories that were begun, None where no entry is left. Grouping takes long, so
    nothing is locked meanwhile; where staff decided something in that time, it is done again, the last time locked."""
    for _ in range(_UNLOCKED):
        with database.read() as connection:
            decided, window = page_requests.wanted(connection), weighed(connection, stories.window(connection))
        if not window.ungrouped:
            return None
        groupings = group(window)
        with database.write() as connection:
            if page_requests.wanted(connection) == decided:
                return _keep(connection, window, groupings, now=now)
    with database.write() as connection:
        window = weighed(connection, stories.window(connection))
        return _keep(connection, window, group(window), now=now)


def _keep(connection: Transaction, window: GroupingInput, groupings: Iterable[Grouping], *, now: datetime) -> int:
    stories.count_words(connection, [words_of(member) for member in window.ungrouped])
    return stories.keep(connection, groupings, now=now)


def weighed(connection: Transaction, window: GroupingInput) -> GroupingInput:
    """The window with how many stored titles have each of its words."""
    members = (*window.ungrouped, *window.candidates)
    return replace(window, words=stories.words(connection, {word for member in members for word in words_of(member)}))


# ---- staff's hand ----------------------------------------------------------------------------------------------------


def _in_story(connection: Transaction, written: str) -> FoundEntry:
    found = entries_named(connection, written)[0]
    if stories.story_of(connection, found.number) is None:
        raise UsageError(f"“{found.entry.title}” is in no story: it was not admitted.")
    return found


def _mates(connection: Transaction, found: FoundEntry) -> list[int]:
    story = stories.story_of(connection, found.number)
    return [] if story is None else stories.entries_of(connection, story)


def explain(database: Database, written: str) -> tuple[int, list[FoundEntry]]:
    """The story of an entry: its number and its members, the first one first."""
    with database.read() as connection:
        story = stories.story_of(connection, _in_story(connection, written).number)
        assert story is not None  # noqa: S101 - _in_story has seen to it
        return story, [found for n in stories.entries_of(connection, story) for found in entries.find(connection, n, ())]


def split(workspace: Workspace, written: str, *, now: datetime) -> Decided[tuple[str, int]]:
    """Take an entry out of its story for good; its title, and how many entries it leaves."""

    def act(connection: Transaction, recorder: Recorder) -> tuple[str, int]:
        found = _in_story(connection, written)
        recorder.watch(_mates(connection, found))
        others = stories.split(connection, found.number, actor=workspace.actor, now=now)
        if not others:
            raise UsageError(f"“{found.entry.title}” is alone in its story: there is nothing to split.")
        return found.entry.title, len(others)

    return decide_now(workspace, Verb.SPLIT, act, lambda found: f"“{found[0]}”", now=now)


def merge(workspace: Workspace, one: str, other: str, *, now: datetime) -> Decided[tuple[int, str, str]]:
    """Make the stories of two entries one for good; the story's number and the titles of the two."""

    def act(connection: Transaction, recorder: Recorder) -> tuple[int, str, str]:
        first, second = _in_story(connection, one), _in_story(connection, other)
        if first.number == second.number:
            raise UsageError("A and B name the same entry.")
        recorder.watch([*_mates(connection, first), *_mates(connection, second)])
        story = stories.merge(connection, first.number, second.number, actor=workspace.actor, now=now)
        return story, first.entry.title, second.entry.title

    return decide_now(workspace, Verb.MERGE, act, lambda found: f"“{found[1]}” and “{found[2]}”", now=now)


# ---- the whole history -----------------------------------------------------------------------------------------------


def regroup(workspace: Workspace, *, now: datetime, is_preview: bool) -> Regrouping:
    """Group the whole history anew. Staff's decisions hold; a story keeps the number of the one that it is mostly."""
    with workspace.lock(now=now), workspace.open_database() as database:
        with database.write() as connection:
            window = stories.everything(connection)
            groupings = group(weighed(connection, window))
            fresh = renumbered(window.ungrouped, partition(groupings))
            found = compared(window.ungrouped, fresh)
            if not is_preview:
                stories.place(connection, fresh, {one.entry: one.reason for one in groupings}, now=now)
        if not is_preview:
            publish(workspace, database, now=now)
    return found
