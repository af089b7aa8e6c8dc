"""Decide which story an entry belongs to, day by day, without looking past the day.

First what is certain: a decision of staff, a shared identifier, the same headline, a report that names a paper. Then what
is likely, the same event in other words: each day's entries are clustered with the stories of the last days (see clusters).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from aggregator.keys import Scheme, has_scheme, key
from aggregator.stories.clusters import Stream, Table, cluster_of, day_of, in_time
from aggregator.stories.papers import family_name
from aggregator.stories.same_article import bare_title, conflicts, is_series
from aggregator.stories.terms import Weights, address_terms, terms
from aggregator.text import fold
from aggregator.values.stories import Grouping, GroupingEntry, GroupingInput

_STORY_DAYS = 14
_TITLE_WORDS = 5
_FEWEST_WORDS = 3
# Most entries compared per day, and of one source: the cost grows with the square. The busiest day of the labelled streams
# has 896, at most 24 of one source; 200 that are all alike take a second.
_MOST_A_DAY, _MOST_OF_A_SOURCE = 1500, 200


def group(window: GroupingInput) -> tuple[Grouping, ...]:
    """Decide every ungrouped entry of the window, in the order of the stream. When a day joins two young stories, a decision
    about an entry of the younger moves that story to the older."""
    stream = Stream(Weights(window.words), window)
    for story, members in _by_story(window.candidates):
        _open(stream, story, members)
    return tuple(group_days(stream, window.ungrouped))


def words_of(member: GroupingEntry) -> set[str]:
    """The words of an entry that the corpus counts."""
    return {*terms(member.title), *address_terms(member.url)}


def group_days(stream: Stream, members: Iterable[GroupingEntry]) -> Iterator[Grouping]:
    """Like `group`, as a continuation of the days that `stream` has seen."""
    for _, day in groupby(sorted(members, key=in_time), key=day_of):
        yield from _one_day(stream, list(day))


def _by_story(candidates: Iterable[GroupingEntry]) -> Iterator[tuple[int, list[GroupingEntry]]]:
    stories: defaultdict[int, list[GroupingEntry]] = defaultdict(list)
    for member in sorted(candidates, key=in_time):
        stories[member.story if member.story is not None else -member.entry].append(member)
    yield from stories.items()


def _open(stream: Stream, story: int, members: Sequence[GroupingEntry]) -> None:
    for member in members:
        stream.story[member.entry] = story
        _file(stream, member)
    events = [member for member in members if _can_be_event(member)]
    if events:
        cluster = cluster_of(stream, events[0], is_new=False)
        for member in events[1:]:
            cluster.take(cluster_of(stream, member, is_new=False))
        stream.clusters[story] = cluster


def _file(stream: Stream, member: GroupingEntry) -> None:
    for place in _places(member):
        stream.filed[place].append(member)
    if member.is_paper:
        stream.papers.add(member)


def _places(member: GroupingEntry) -> list[str]:
    """The keys that an entry is filed under: its own, and its headline if that is long enough to be unmistakable."""
    bare = bare_title(member.title, member.source)
    folded = fold(bare)
    words = folded.count(" ") + 1
    is_own = words >= _TITLE_WORDS and (member.is_paper or words > 2 * _TITLE_WORDS or not is_series(bare))
    return [*member.keys, *([key(Scheme.TITLE, folded)] if is_own else [])]


def _can_be_event(member: GroupingEntry) -> bool:
    """Whether an entry is grouped by likeness. Papers are grouped by identifiers only: on one topic all titles are alike."""
    says = len(terms(member.title)) + len(terms(member.summary))
    return not member.is_paper and member.notice is None and says >= _FEWEST_WORDS


# ---- one day ---------------------------------------------------------------------------------------------------------


def _one_day(stream: Stream, day: list[GroupingEntry]) -> list[Grouping]:
    today = day_of(day[0])
    for member in day:
        stream.weights.count(words_of(member))
    decisions: dict[int, Grouping] = {}
    for member in day:
        certain = _certain(stream, member)
        if certain is not None:
            decisions[member.entry] = certain
            stream.story[member.entry] = stream.home(stream.story[certain.joins or member.entry])
        else:
            stream.story[member.entry] = -member.entry
        _file(stream, member)
    return _cluster_day(stream, day, decisions, today)


def _certain(stream: Stream, member: GroupingEntry) -> Grouping | None:
    """The decision for an entry that certainly belongs to a story, else None."""
    for entry in sorted(stream.window.together.get(member.entry, ())):
        if entry in stream.story:
            return Grouping(member.entry, entry, "staff put them together")
    apart = stream.apart_from(member.entry)

    def may_join(other: GroupingEntry) -> bool:
        return not apart or stream.home(stream.story[other.entry]) not in apart

    for place in _places(member):
        for other in stream.filed[place]:
            if member.notice != other.notice or not may_join(other):
                continue
            if not conflicts(member.keys, other.keys):
                what = "same title" if has_scheme(place, Scheme.TITLE) else f"same {place}"
                return Grouping(member.entry, other.entry, f"{what} as “{other.title[:80]}” ({other.source})")
            if has_scheme(place, Scheme.TITLE) and _is_version(member, other):
                return Grouping(member.entry, other.entry, f"preprint and journal version of “{other.title[:80]}”")
    if not member.is_paper and member.notice is None:
        report = stream.papers.reported(member, stream.weights, may_join=may_join)
        if report:
            paper, why = report
            return Grouping(member.entry, paper.entry, f"{why} of the paper “{paper.title[:80]}” ({paper.source})")
    return None


def _is_version(one: GroupingEntry, other: GroupingEntry) -> bool:
    """A preprint and its journal version: the same title, the same first author, and one of them a preprint."""
    if not (one.is_preprint or other.is_preprint) or not one.authors or not other.authors:
        return False
    return family_name(one.authors[0]) == family_name(other.authors[0])


def _cluster_day(stream: Stream, day: list[GroupingEntry], decided: dict[int, Grouping], today: int) -> list[Grouping]:
    """Join the day's entries with each other and with the stories of the last days."""
    table = Table(stream, today)
    for story, cluster in stream.clusters.items():
        if today - cluster.last <= _STORY_DAYS and cluster.born - today <= _STORY_DAYS:
            table.add(story, cluster)
    on_table, settled = set(table.alive), set(stream.moved)
    events = [member for member in day if _can_be_event(member)]
    # Entries that certainly belong to the story of a compared entry come along.
    compared = {stream.story[entry] for entry in _without_floods(events)}
    for member in events:
        if stream.story[member.entry] in compared:
            table.add_member(stream.story[member.entry], cluster_of(stream, member, is_new=True))
        else:
            table.left_out.add(member.entry)
    table.merge_all()
    table.absorb()
    for cluster in table.alive.values():
        cluster.is_new = False
    left = {story: cluster for story, cluster in stream.clusters.items() if story not in on_table}
    stream.clusters = left | table.alive
    return _decisions(stream, day, decided, table, set(stream.moved) - settled)


def _without_floods(events: Sequence[GroupingEntry]) -> set[int]:
    """The entries of a day that are compared: the first of each source, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for member in events:
        turns.append((seen[member.source], member.entry))
        seen[member.source] += 1
    return {entry for turn, entry in sorted(turns)[:_MOST_A_DAY] if turn < _MOST_OF_A_SOURCE}


def _decisions(
    stream: Stream, day: list[GroupingEntry], decided: dict[int, Grouping], table: Table, moved: set[int]
) -> list[Grouping]:
    decisions = []
    for member in day:
        decision = decided.get(member.entry)
        if decision is None:
            story = stream.home(stream.story[member.entry])
            # An entry joins the first entry of its story, unless it is that entry.
            members = table.alive[story].members if story in table.alive else [member]
            first = min(members, key=in_time)
            other = first if in_time(first) < in_time(member) else None
            if other is None and member.entry in table.left_out:
                decision = Grouping(member.entry, None, "one of too many of its day and source: not compared")
            elif other is None:
                decision = Grouping(member.entry, None, "nothing like it before")
            else:
                decision = Grouping(member.entry, other.entry, _why(stream, member, other))
        decisions.append(decision)
    for young in sorted(moved, key=lambda story: in_time(stream.first_of[story])):
        entry, target = stream.first_of[young], stream.first_of[stream.home(young)]
        if day_of(entry) < day_of(day[0]):
            # Two stories of the last days turned out to be one.
            decisions.append(Grouping(entry.entry, target.entry, f"turned out to be one event with “{target.title[:80]}”"))
    return decisions


def _why(stream: Stream, member: GroupingEntry, other: GroupingEntry) -> str:
    """The reason for a likely join: the most telling words that two entries share, and the time between them."""
    shared = {*terms(member.title), *terms(member.summary)} & {*terms(other.title), *terms(other.summary)}
    telling = sorted(shared, key=lambda word: (-stream.weights.of(word), word))[:3]
    written = {term: word for text in (other.title, member.title) for word in text.split() for term in terms(word)}
    words = ", ".join(f"“{written.get(term, term).strip('.,:;!?()‘’“”')}”" for term in telling)
    hours = abs((member.at - other.at) / timedelta(hours=1))
    within = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
    about = f"shares {words}" if words else "tells the same"
    return f"{about} with “{other.title[:80]}” ({other.source}) within {within}"
