"""Group whatever the store holds ungrouped, whichever run brought it: a kill in between loses nothing. Staff's hand on
stories: split, merge, and the whole history grouped anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.errors import UsageError
from aggregator.jobs.house import House
from aggregator.jobs.publish import publish
from aggregator.jobs.trials import wanted_keys
from aggregator.relevance.evidence import without_notice
from aggregator.store import entries, notices, stories
from aggregator.store.database import Database, Transaction
from aggregator.stories.grouping import group, words_of
from aggregator.values.entries import Stored
from aggregator.values.stories import Grouping, Member, Window


def group_new(database: Database, *, now: datetime) -> int:
    """Give every entry without a story its story, and every notice its paper; the number of stories that were begun."""
    begun = 0
    while True:
        with database.write() as connection:
            window = stories.window(connection)
            if window.ungrouped:
                begun += stories.keep(connection, group(_weighed(connection, window)), now=now)
                stories.count_words(connection, [words_of(member) for member in window.ungrouped])
            else:
                notices.resolve(connection, without_notice)
                return begun


def _weighed(connection: Transaction, window: Window) -> Window:
    members = (*window.ungrouped, *window.candidates)
    return replace(window, words=stories.words(connection, {word for member in members for word in words_of(member)}))


# ---- staff's hand ----------------------------------------------------------------------------------------------------


def _entry(connection: Transaction, written: str) -> Stored:
    number, keys = wanted_keys(written)
    found = entries.find(connection, number, keys)
    if not found:
        raise UsageError(f"No stored entry has the number, address or identifier “{written}”.")
    return found[0]


def _in_story(connection: Transaction, written: str) -> Stored:
    found = _entry(connection, written)
    if stories.story_of(connection, found.number) is None:
        raise UsageError(f"“{found.entry.title}” is in no story: it was not admitted.")
    return found


def explain(database: Database, written: str) -> tuple[int, list[Stored]]:
    """The story of an entry: its number and its members, the first one first."""
    with database.read() as connection:
        story = stories.story_of(connection, _in_story(connection, written).number)
        assert story is not None  # noqa: S101 - _in_story has seen to it
        return story, [found for n in stories.entries_of(connection, story) for found in entries.find(connection, n, ())]


def split(house: House, written: str, *, now: datetime) -> tuple[str, int]:
    """Take an entry out of its story for good and publish; its title, and how many entries it leaves."""
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.write() as connection:
                found = _in_story(connection, written)
                others = stories.split(connection, found.number, now=now)
            if not others:
                raise UsageError(f"“{found.entry.title}” is alone in its story: there is nothing to split.")
            publish(house, database, now=now)
        finally:
            database.close()
    return found.entry.title, len(others)


def merge(house: House, one: str, other: str, *, now: datetime) -> int:
    """Make the stories of two entries one for good and publish; the story's number."""
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.write() as connection:
                first, second = _in_story(connection, one), _in_story(connection, other)
                if first.number == second.number:
                    raise UsageError("These are one and the same entry.")
                story = stories.merge(connection, first.number, second.number, now=now)
            publish(house, database, now=now)
        finally:
            database.close()
    return story


# ---- the whole history -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What grouping everything anew changes: titles that come together, and titles that part."""

    total: int
    joined: tuple[tuple[str, ...], ...]
    parted: tuple[tuple[str, ...], ...]


def regroup(house: House, *, now: datetime, is_preview: bool) -> Regrouping:
    """Group the whole history anew. Staff's decisions hold; a story keeps the number of the one that it is mostly."""
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.write() as connection:
                window = stories.everything(connection)
                groupings = group(_weighed(connection, window))
                fresh = _numbered(window.ungrouped, _partition(groupings))
                found = _compared(window.ungrouped, fresh)
                if not is_preview:
                    stories.place(connection, fresh, {one.entry: one.reason for one in groupings}, now=now)
            if not is_preview:
                publish(house, database, now=now)
        finally:
            database.close()
    return found


def _partition(groupings: Iterable[Grouping]) -> dict[int, int]:
    """The first entry of each entry's story."""
    home: dict[int, int] = {}
    for grouping in groupings:
        old = home.get(grouping.entry)
        target = grouping.entry if grouping.joins is None else home[grouping.joins]
        home[grouping.entry] = target
        if old is not None and old != target:
            home |= {entry: target for entry, first in home.items() if first == old}
    return home


def _numbered(members: Iterable[Member], home: dict[int, int]) -> dict[int, int | None]:
    """Each entry's story: the stored one of which most of its members are, each stored one given once; else a new one."""
    by_home: defaultdict[int, list[Member]] = defaultdict(list)
    for member in members:
        by_home[home[member.entry]].append(member)
    taken: set[int] = set()
    numbers: dict[int, int | None] = {}
    for first, found in sorted(by_home.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        votes = Counter(member.story for member in found if member.story is not None and member.story not in taken)
        number = min(votes, key=lambda story: (-votes[story], story)) if votes else -first
        taken.add(number)
        numbers |= dict.fromkeys((member.entry for member in found), number)
    return numbers


def _compared(members: Iterable[Member], fresh: dict[int, int | None]) -> Regrouping:
    members = list(members)
    title = {member.entry: member.title for member in members}
    new_by_old: defaultdict[int | None, defaultdict[int | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    old_by_new: defaultdict[int | None, defaultdict[int | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for member in members:
        new_by_old[member.story][fresh[member.entry]].append(member.entry)
        old_by_new[fresh[member.entry]][member.story].append(member.entry)
    joined = [tuple(title[found[0]] for found in olds.values()) for olds in old_by_new.values() if len(olds) > 1]
    parted = [tuple(title[found[0]] for found in news.values()) for old, news in new_by_old.items() if old and len(news) > 1]
    return Regrouping(len(members), tuple(joined), tuple(parted))
