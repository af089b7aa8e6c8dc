"""Which story an entry belongs to: judged day by day, without looking past the day.

First what is certain: staff's word, a shared identifier, the same headline, a report that names a paper. Then what is
likely: the same event in other words. There every day's entries are clustered with the stories of the last days,
agglomeratively, on weighted words; the likeness of two clusters is between that of their centroids and the average over
their pairs, less a part of the word that says most: sharing one name is not sharing an event, unless the name is rare and
one of them speaks of our topic. What has many members must be more alike. A story's identity never changes once two days
have passed.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from aggregator.stories.identity import bare_title, conflicts, is_series
from aggregator.stories.papers import Papers, family_name
from aggregator.stories.patterns import are_two
from aggregator.stories.terms import Weights, address_terms, field_words, is_our_own, is_topic_word, names, prior, terms
from aggregator.text import fold
from aggregator.values.stories import Grouping, Member, Window

# Tuned on labelled streams (`stories evaluate` measures it), B-cubed F1 on the development halves .93 dense, .88 sparse.
_LIKE_ENOUGH = 0.08
# Of two large clusters more can be said: how the likeness asked grows with the smaller one, and up to which size.
_GROWS, _GROWS_TO = 0.1, 20
_CENTROID_SHARE = 0.4
_ONE_WORD_LESS = 0.7
_ADDRESS_SHARE = 0.6
_SUMMARY_SHARE, _NAME_SHARE = 0.25, 0.8
_DAILY_DECAY = 0.06
# A story that was quiet for longer is taken up again only by what is much more like it.
_QUIET_DAYS, _AFTER_QUIET = 2, 0.2
_SETTLED_DAYS = 3
_STORY_DAYS = 14
# A few entries that say the same as a large story in fewer of its words.
_FEW, _LARGE, _ABSORB, _MARGIN = 2, 8, 0.15, 1.6
_TITLE_WORDS = 5
_FEWEST_WORDS = 3
# What two clusters must share at least besides the words of our topic, in weight: a word that not every title has.
_TELLING = 4.5
_MOST_COMPARED = 30
# So many entries of one day are compared with each other, and so many of one source: the cost grows with the square. The
# busiest day of the labelled streams has 896, 24 at most of one source; 200 that are all alike take a second.
_MOST_A_DAY, _MOST_OF_A_SOURCE = 1500, 200
# The weight of a word that hardly any title has: on our topic, such a name is the event.
_RARE = 7.0


@dataclass
class _Cluster:
    """Members with the sum of their vectors (unit length each, so `size` of them sum to at most `size`)."""

    vector: dict[str, float]
    members: list[Member]
    born: int
    last: int
    is_new: bool
    is_ours: bool
    names: frozenset[str]
    norm: float = 1.0

    @property
    def size(self) -> int:
        return len(self.members)

    def take(self, other: _Cluster) -> None:
        for word, weight in other.vector.items():
            self.vector[word] = self.vector.get(word, 0.0) + weight
        self.members += other.members
        self.born, self.last = min(self.born, other.born), max(self.last, other.last)
        self.is_new = self.is_new and other.is_new
        self.is_ours = self.is_ours or other.is_ours
        self.names |= other.names
        self.norm = math.sqrt(sum(weight * weight for weight in self.vector.values())) or 1.0


@dataclass
class Stream:
    """What is known while the days go by: the stories' clusters, and where entries are filed that are certain to be one."""

    weights: Weights
    window: Window
    story: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    first_of: dict[int, Member] = field(default_factory=dict)
    clusters: dict[int, _Cluster] = field(default_factory=dict)
    filed: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    papers: Papers = field(default_factory=Papers)

    def home(self, story: int) -> int:
        """Where a story's members are now."""
        while story in self.moved:
            story = self.moved[story]
        return story


def group(window: Window) -> tuple[Grouping, ...]:
    """A decision for every ungrouped entry of the window, in the order of the stream; and, where the day brought two young
    stories together, one for an entry of the younger that moves it to the older."""
    stream = Stream(Weights(window.words), window)
    for story, members in _by_story(window.candidates):
        _open(stream, story, members)
    return tuple(group_days(stream, window.ungrouped))


def words_of(member: Member) -> set[str]:
    """The words of an entry that count in the corpus."""
    return {*terms(member.title), *address_terms(member.url)}


def group_days(stream: Stream, members: Iterable[Member]) -> Iterator[Grouping]:
    """The same, going on with what was grouped before."""
    for _, day in groupby(sorted(members, key=_in_time), key=_day):
        yield from _one_day(stream, list(day))


def _in_time(member: Member) -> tuple[float, int]:
    return member.at.timestamp(), member.entry


def _day(member: Member) -> int:
    return member.at.date().toordinal()


def _by_story(candidates: Iterable[Member]) -> Iterator[tuple[int, list[Member]]]:
    stories: defaultdict[int, list[Member]] = defaultdict(list)
    for member in sorted(candidates, key=_in_time):
        stories[member.story if member.story is not None else -member.entry].append(member)
    yield from stories.items()


def _open(stream: Stream, story: int, members: Sequence[Member]) -> None:
    for member in members:
        stream.story[member.entry] = story
        _file(stream, member)
    events = [member for member in members if _can_be_event(member)]
    if events:
        cluster = _cluster(stream, events[0], is_new=False)
        for member in events[1:]:
            cluster.take(_cluster(stream, member, is_new=False))
        stream.clusters[story] = cluster


def _file(stream: Stream, member: Member) -> None:
    for place in _places(member):
        stream.filed[place].append(member)
    if member.is_paper:
        stream.papers.add(member)


def _places(member: Member) -> list[str]:
    """Under what an entry is filed: its keys, and its headline where that is long enough to be its own."""
    bare = bare_title(member.title, member.source)
    folded = fold(bare)
    words = folded.count(" ") + 1
    is_own = words >= _TITLE_WORDS and (member.is_paper or words > 2 * _TITLE_WORDS or not is_series(bare))
    return [*member.keys, *([f"title:{folded}"] if is_own else [])]


def _can_be_event(member: Member) -> bool:
    """Papers are told apart by their identifiers, never by likeness: on one topic all titles are alike."""
    says = len(terms(member.title)) + len(terms(member.summary))
    return not member.is_paper and member.notice is None and says >= _FEWEST_WORDS


# ---- one day ---------------------------------------------------------------------------------------------------------


def _one_day(stream: Stream, day: list[Member]) -> list[Grouping]:
    today = _day(day[0])
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


def _certain(stream: Stream, member: Member) -> Grouping | None:
    """The story that an entry surely belongs to."""
    for entry in sorted(stream.window.together.get(member.entry, ())):
        if entry in stream.story:
            return Grouping(member.entry, entry, "staff put them together")
    apart = stream.window.apart.get(member.entry, frozenset())
    for place in _places(member):
        for other in stream.filed[place]:
            if other.entry in apart or member.notice != other.notice:
                continue
            if not conflicts(member.keys, other.keys):
                what = "same title" if place.startswith("title:") else f"same {place}"
                return Grouping(member.entry, other.entry, f"{what} as “{other.title[:80]}” ({other.source})")
            if place.startswith("title:") and _is_version(member, other):
                return Grouping(member.entry, other.entry, f"preprint and journal version of “{other.title[:80]}”")
    if not member.is_paper and member.notice is None:
        found = stream.papers.reported(member, stream.weights, apart=apart)
        if found:
            paper, why = found
            return Grouping(member.entry, paper.entry, f"{why} of the paper “{paper.title[:80]}” ({paper.source})")
    return None


def _is_version(one: Member, other: Member) -> bool:
    """A preprint and its journal version: the same title, the same first author, and one of them a preprint."""
    if not (one.is_preprint or other.is_preprint) or not one.authors or not other.authors:
        return False
    return family_name(one.authors[0]) == family_name(other.authors[0])


def _cluster_day(stream: Stream, day: list[Member], decided: dict[int, Grouping], today: int) -> list[Grouping]:
    """Join the day's entries with each other and with the stories of the last days."""
    table = _Table(stream, today)
    for story, cluster in stream.clusters.items():
        if today - cluster.last <= _STORY_DAYS and cluster.born - today <= _STORY_DAYS:
            table.add(story, cluster)
    on_table, settled = set(table.alive), set(stream.moved)
    events = [member for member in day if _can_be_event(member)]
    # Whoever surely belongs to the story of one that is compared comes along.
    compared = {stream.story[entry] for entry in _without_floods(events)}
    for member in events:
        if stream.story[member.entry] in compared:
            table.add_member(stream.story[member.entry], _cluster(stream, member, is_new=True))
        else:
            table.left_out.add(member.entry)
    table.merge_all()
    table.absorb()
    for cluster in table.alive.values():
        cluster.is_new = False
    left = {story: one for story, one in stream.clusters.items() if story not in on_table}
    stream.clusters = left | table.alive
    return _decisions(stream, day, decided, table, set(stream.moved) - settled)


def _without_floods(events: Sequence[Member]) -> set[int]:
    """Those of a day's entries that are compared: one of each source, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for member in events:
        turns.append((seen[member.source], member.entry))
        seen[member.source] += 1
    return {entry for turn, entry in sorted(turns)[:_MOST_A_DAY] if turn < _MOST_OF_A_SOURCE}


def _decisions(
    stream: Stream, day: list[Member], decided: dict[int, Grouping], table: _Table, moved: set[int]
) -> list[Grouping]:
    found = []
    for member in day:
        decision = decided.get(member.entry)
        if decision is None:
            story = stream.home(stream.story[member.entry])
            # The story begins with its first entry, which is what this one joins, unless it is that itself.
            members = table.alive[story].members if story in table.alive else [member]
            first = min(members, key=_in_time)
            other = first if _in_time(first) < _in_time(member) else None
            if other is None and member.entry in table.left_out:
                decision = Grouping(member.entry, None, "one of too many of its day and source: not compared")
            elif other is None:
                decision = Grouping(member.entry, None, "nothing like it before")
            else:
                decision = Grouping(member.entry, other.entry, _why(stream, member, other))
        found.append(decision)
    for young in sorted(moved, key=lambda story: _in_time(stream.first_of[story])):
        entry, target = stream.first_of[young], stream.first_of[stream.home(young)]
        if _day(entry) < _day(day[0]):
            # Two stories of the last days turned out to be one.
            found.append(Grouping(entry.entry, target.entry, f"turned out to be one event with “{target.title[:80]}”"))
    return found


def _why(stream: Stream, member: Member, other: Member) -> str:
    """The words that two entries share, the most telling first."""
    shared = {*terms(member.title), *terms(member.summary)} & {*terms(other.title), *terms(other.summary)}
    telling = sorted(shared, key=lambda word: (-stream.weights.of(word), word))[:3]
    written = {term: word for text in (other.title, member.title) for word in text.split() for term in terms(word)}
    words = ", ".join(f"“{written.get(term, term).strip('.,:;!?()‘’“”')}”" for term in telling)
    hours = abs((member.at - other.at) / timedelta(hours=1))
    within = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
    about = f"shares {words}" if words else "tells the same"
    return f"{about} with “{other.title[:80]}” ({other.source}) within {within}"


def _cluster(stream: Stream, member: Member, *, is_new: bool) -> _Cluster:
    counts: dict[str, float] = dict.fromkeys(terms(bare_title(member.title, member.source)), 1.0)
    for word in address_terms(member.url):
        counts.setdefault(word, _ADDRESS_SHARE)
    for word in names(member.summary):
        counts.setdefault(word, _NAME_SHARE)
    for word in terms(member.summary)[:40]:
        counts.setdefault(word, _SUMMARY_SHARE)
    vector = {word: share * stream.weights.of(word) for word, share in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    day = _day(member)
    unit = {word: weight / norm for word, weight in vector.items()}
    named = frozenset(word for word in (*names(member.title), *names(member.summary)) if word.isalpha())
    return _Cluster(unit, [member], day, day, is_new, any(map(is_our_own, vector)), named)


# ---- clusters --------------------------------------------------------------------------------------------------------


class _Table:
    """The clusters of a day under their stories' numbers (negative ones are the day's own), with an index by word."""

    def __init__(self, stream: Stream, today: int) -> None:
        self.stream = stream
        self.today = today
        self.alive: dict[int, _Cluster] = {}
        # Entries of the day that are too many to be compared.
        self.left_out: set[int] = set()
        self._index: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._version: Counter[int] = Counter()

    def add(self, story: int, cluster: _Cluster) -> None:
        """Put a cluster on the table."""
        self.alive[story] = cluster
        self.stream.first_of.setdefault(story, min(cluster.members, key=_in_time))
        for word, weight in cluster.vector.items():
            self._index[word][story] = weight

    def add_member(self, story: int, cluster: _Cluster) -> None:
        """Put a day's entry on the table: into the story that it surely belongs to, else for itself."""
        if story in self.alive:
            self._take_off(story).take(cluster)
            self.add(story, self.alive.pop(story))
        else:
            self.add(story, cluster)

    def _take_off(self, story: int) -> _Cluster:
        for word in self.alive[story].vector:
            self._index[word].pop(story, None)
        return self.alive[story]

    def merge_all(self) -> None:
        """Merge the most alike, again and again, until nothing is like enough."""
        # What was there yesterday was compared yesterday.
        heap = [pair for story, cluster in self.alive.items() if cluster.is_new for pair in self._pairs(story)]
        heapq.heapify(heap)
        while heap:
            _, one, other, version = heapq.heappop(heap)
            if one in self.alive and other in self.alive and version == (self._version[one], self._version[other]):
                for pair in self._pairs(self._merge(one, other)):
                    heapq.heappush(heap, pair)

    def _merge(self, one: int, other: int) -> int:
        kept, gone = sorted((one, other), key=lambda story: (self.alive[story].born, _in_time(self.stream.first_of[story])))
        if gone > 0 > kept:
            # A stored story keeps its number.
            kept, gone = gone, kept
        self._take_off(kept).take(self._take_off(gone))
        del self.alive[gone]
        self.stream.moved[gone] = kept
        self._version[kept] += 1
        self.add(kept, self.alive.pop(kept))
        return kept

    def _shared(self, story: int) -> Iterator[tuple[int, float]]:
        """Every cluster whose centroid is at all like this one's, with their dot product."""
        one = self.alive[story]
        dots: defaultdict[int, float] = defaultdict(float)
        for word, weight in one.vector.items():
            for other, its in self._index[word].items():
                dots[other] += weight * its
        del dots[story]
        least = _LIKE_ENOUGH * one.norm
        return ((other, dot) for other, dot in dots.items() if dot >= least * self.alive[other].norm)

    def _pairs(self, story: int) -> Iterator[tuple[float, int, int, tuple[int, int]]]:
        one = self.alive[story]
        for number, dot in self._shared(story):
            other = self.alive[number]
            most, is_named = self._says_most(one, other)
            rest = dot - _ONE_WORD_LESS * most
            centroid, average = rest / (one.norm * other.norm), rest / (one.size * other.size)
            # The average over the pairs is no more than the centroids' likeness: most pairs end here.
            if centroid >= _LIKE_ENOUGH:
                likeness = centroid**_CENTROID_SHARE * average ** (1 - _CENTROID_SHARE) * self._decay(one, other, is_named)
                likeness /= min(one.size, other.size, _GROWS_TO) ** _GROWS
                if likeness >= _LIKE_ENOUGH and self._may_merge(one, other):
                    first, second = min(story, number), max(story, number)
                    yield -likeness, first, second, (self._version[first], self._version[second])

    def _says_most(self, one: _Cluster, other: _Cluster) -> tuple[float, bool]:
        """The part of the word that says most of two clusters' likeness, and whether they share a rare name on our topic."""
        is_ours, most, is_named = one.is_ours or other.is_ours, 0.0, False
        for word in one.vector.keys() & other.vector.keys():
            if is_ours and (word in one.names or word in other.names) and self._is_rare(word):
                is_named = True
            else:
                most = max(most, one.vector[word] * other.vector[word])
        return most, is_named

    def _is_rare(self, word: str) -> bool:
        return word not in prior() and word not in field_words() and self.stream.weights.of(word) >= _RARE

    def _decay(self, one: _Cluster, other: _Cluster, is_named: bool) -> float:
        days = max(0, self.today - min(one.last, other.last), max(one.born, other.born) - self.today)
        return 1 - _DAILY_DECAY * days if days <= _QUIET_DAYS or is_named else _AFTER_QUIET * (1 - _DAILY_DECAY) ** days

    def _may_merge(self, one: _Cluster, other: _Cluster) -> bool:
        if not (one.is_new or other.is_new) and self.today - max(one.born, other.born) >= _SETTLED_DAYS:
            return False
        apart = self.stream.window.apart
        if apart and any(apart.get(a.entry, frozenset()) & {b.entry for b in other.members} for a in one.members):
            return False
        ours = field_words() if one.is_ours or other.is_ours else frozenset[str]()
        shared = (word for word in one.vector.keys() & other.vector.keys() if word not in ours and not is_topic_word(word))
        if sum(map(self.stream.weights.of, shared)) < _TELLING:
            return False
        if one.size * other.size > _MOST_COMPARED:
            return True
        pairs = [(a, b) for a in one.members for b in other.members]
        return not any(are_two(a, b, self.stream.weights) for a, b in pairs)

    def absorb(self) -> None:
        """Let a large story take the day's few entries that are like it and like no other."""
        for story in [s for s, c in self.alive.items() if c.size <= _FEW and c.born == self.today and s < 0]:
            few = self.alive[story]
            likes = sorted(
                (dot / (few.norm * self.alive[other].norm), other)
                for other, dot in self._shared(story)
                if self.alive[other].size >= _LARGE
                and self.today - self.alive[other].last <= _QUIET_DAYS
                and self._may_merge(few, self.alive[other])
            )
            if likes and likes[-1][0] >= _ABSORB and (len(likes) == 1 or likes[-1][0] >= _MARGIN * likes[-2][0]):
                large = likes[-1][1]
                self._take_off(story)
                del self.alive[story]
                # Its words stay out of the centroid: they are not what the story is known by.
                self.alive[large].members += few.members
                self.alive[large].last = self.today
                self.stream.moved[story] = large
