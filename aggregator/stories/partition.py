"""Which entries are one story, as groupings decide it, and how that differs from the stories that are stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregator.values.stories import Grouping, GroupingEntry


def follow(story: dict[int, int], grouping: Grouping) -> None:
    """Carry out a decision: `story` has each entry's story, named by its first entry. An entry that has a story already
    takes all of it along."""
    target = grouping.entry if grouping.joins is None else story[grouping.joins]
    old = story.get(grouping.entry)
    story[grouping.entry] = target
    if old is not None and old != target:
        story |= {entry: target for entry, first in story.items() if first == old}


def partition(groupings: Iterable[Grouping]) -> dict[int, int]:
    """Each entry's story, named by its first entry."""
    story: dict[int, int] = {}
    for grouping in groupings:
        follow(story, grouping)
    return story


def renumbered(members: Iterable[GroupingEntry], story: Mapping[int, int]) -> dict[int, int]:
    """Each entry's story by its number in the store: that of the stored story to which most of its members belonged, each
    given once, the largest first. A new story has a negative number."""
    members_of: defaultdict[int, list[GroupingEntry]] = defaultdict(list)
    for member in members:
        members_of[story[member.entry]].append(member)
    taken: set[int] = set()
    numbers: dict[int, int] = {}
    for first, found in sorted(members_of.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        votes = Counter(member.story for member in found if member.story is not None and member.story not in taken)
        number = min(votes, key=lambda stored: (-votes[stored], stored)) if votes else -first
        taken.add(number)
        numbers |= dict.fromkeys((member.entry for member in found), number)
    return numbers


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What grouping everything anew changes: titles that come together, and titles that part."""

    total: int
    joined: tuple[tuple[str, ...], ...]
    parted: tuple[tuple[str, ...], ...]


def compared(members: Sequence[GroupingEntry], fresh: Mapping[int, int]) -> Regrouping:
    """What changes if members of stored stories, or of none, get their `fresh` ones."""
    joined = _mixed((fresh[member.entry], member.story, member.title) for member in members)
    parted = _mixed((member.story, fresh[member.entry], member.title) for member in members if member.story is not None)
    return Regrouping(len(members), joined, parted)


def _mixed(placed: Iterable[tuple[int | None, int | None, str]]) -> tuple[tuple[str, ...], ...]:
    """For each outer story with members of several inner ones, the first title of each. `placed` has (outer, inner, title)
    of every member."""
    titles: defaultdict[int | None, dict[int | None, str]] = defaultdict(dict)
    for outer, inner, title in placed:
        titles[outer].setdefault(inner, title)
    return tuple(tuple(first.values()) for first in titles.values() if len(first) > 1)
