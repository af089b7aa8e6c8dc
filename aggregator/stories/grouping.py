"""Which story an entry belongs to. Judged in time order, without looking ahead: a story's identity never changes."""

from __future__ import annotations

from collections import defaultdict

from aggregator.stories.identity import conflicts
from aggregator.text import fold
from aggregator.values.stories import Grouping, Member, Window

_TITLE_WORDS = 5


def group(window: Window) -> tuple[Grouping, ...]:
    """A decision for every ungrouped entry of the window, in the order of the stream."""
    index: defaultdict[str, list[Member]] = defaultdict(list)
    for member in sorted(window.candidates, key=_in_time):
        _add(index, member)
    decisions = []
    for member in sorted(window.ungrouped, key=_in_time):
        decisions.append(_decide(member, index))
        _add(index, member)
    return tuple(decisions)


def _in_time(member: Member) -> tuple[float, int]:
    return member.at.timestamp(), member.entry


def _places(member: Member) -> list[str]:
    """Under what an entry is filed: its keys, and its title where that is long enough to be its own."""
    folded = fold(member.title)
    return [*member.keys, *([f"title:{folded}"] if folded.count(" ") >= _TITLE_WORDS - 1 else [])]


def _add(index: defaultdict[str, list[Member]], member: Member) -> None:
    for place in _places(member):
        index[place].append(member)


def _decide(member: Member, index: defaultdict[str, list[Member]]) -> Grouping:
    for place in _places(member):
        for other in index[place]:
            if not conflicts(member.keys, other.keys):
                what = "same title" if place.startswith("title:") else f"same {place}"
                return Grouping(member.entry, other.entry, f"{what} as “{other.title[:80]}” ({other.source})")
    return Grouping(member.entry, None, "nothing like it before")
