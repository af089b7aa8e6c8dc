"""Clusters of entries that tell one event, merged agglomeratively on weighted words.

The likeness of two clusters is between that of their centroids and the average over their pairs, less a part of the word
that says most: sharing one name is not sharing an event, unless the name is rare and one of them speaks of our topic. What
has many members must be more alike. A story's identity never changes once two days have passed.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.stories.identity import bare_title
from aggregator.stories.papers import Papers
from aggregator.stories.patterns import are_two
from aggregator.stories.terms import Weights, address_terms, field_words, is_our_own, names, prior, terms, topic_words
from aggregator.values.stories import Member, Window

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
# A few entries that say the same as a large story in fewer of its words.
_FEW, _LARGE, _ABSORB, _MARGIN = 2, 8, 0.15, 1.6
# What two clusters must share at least besides the words of our topic, in weight: a word that not every title has.
_TELLING = 4.5
_MOST_COMPARED = 30
# The weight of a word that hardly any title has: on our topic, such a name is the event.
_RARE = 7.0


def in_time(member: Member) -> tuple[float, int]:
    """A key: the older first."""
    return member.at.timestamp(), member.entry


def day_of(member: Member) -> int:
    """Its day, as a number."""
    return member.at.date().toordinal()


@dataclass
class Cluster:
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
        """How many members it has."""
        return len(self.members)

    def take(self, other: Cluster) -> None:
        """Make the other's members its own."""
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
    clusters: dict[int, Cluster] = field(default_factory=dict)
    filed: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    papers: Papers = field(default_factory=Papers)

    def home(self, story: int) -> int:
        """Where a story's members are now."""
        while story in self.moved:
            story = self.moved[story]
        return story


def cluster_of(stream: Stream, member: Member, *, is_new: bool) -> Cluster:
    """An entry for itself."""
    counts: dict[str, float] = dict.fromkeys(terms(bare_title(member.title, member.source)), 1.0)
    for word in address_terms(member.url):
        counts.setdefault(word, _ADDRESS_SHARE)
    for word in names(member.summary):
        counts.setdefault(word, _NAME_SHARE)
    for word in terms(member.summary)[:40]:
        counts.setdefault(word, _SUMMARY_SHARE)
    vector = {word: share * stream.weights.of(word) for word, share in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    day = day_of(member)
    unit = {word: weight / norm for word, weight in vector.items()}
    named = frozenset(word for word in (*names(member.title), *names(member.summary)) if word.isalpha())
    return Cluster(unit, [member], day, day, is_new, any(map(is_our_own, vector)), named)


class Table:
    """The clusters of a day under their stories' numbers (negative ones are the day's own), with an index by word."""

    def __init__(self, stream: Stream, today: int) -> None:
        self.stream = stream
        self.today = today
        self.alive: dict[int, Cluster] = {}
        # Entries of the day that are too many to be compared.
        self.left_out: set[int] = set()
        self._index: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._version: Counter[int] = Counter()

    def add(self, story: int, cluster: Cluster) -> None:
        """Put a cluster on the table."""
        self.alive[story] = cluster
        if story not in self.stream.first_of:
            self.stream.first_of[story] = min(cluster.members, key=in_time)
        for word, weight in cluster.vector.items():
            self._index[word][story] = weight

    def add_member(self, story: int, cluster: Cluster) -> None:
        """Put a day's entry on the table: into the story that it surely belongs to, else for itself."""
        if story in self.alive:
            self._take_off(story).take(cluster)
            self.add(story, self.alive.pop(story))
        else:
            self.add(story, cluster)

    def _take_off(self, story: int) -> Cluster:
        for word in self.alive[story].vector:
            self._index[word].pop(story, None)
        return self.alive[story]

    def merge_all(self) -> None:
        """Merge the most alike, again and again, until nothing is like enough."""
        # What was there yesterday was compared yesterday.
        heap = [
            pair for story, cluster in self.alive.items() if cluster.is_new for pair in self._pairs(story, is_first=True)
        ]
        heapq.heapify(heap)
        while heap:
            _, one, other, version = heapq.heappop(heap)
            if one in self.alive and other in self.alive and version == (self._version[one], self._version[other]):
                for pair in self._pairs(self._merge(one, other)):
                    heapq.heappush(heap, pair)

    def _merge(self, one: int, other: int) -> int:
        kept, gone = sorted((one, other), key=lambda story: (self.alive[story].born, in_time(self.stream.first_of[story])))
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

    def _pairs(self, story: int, *, is_first: bool = False) -> Iterator[tuple[float, int, int, tuple[int, int]]]:
        """The clusters that may be merged with this one. When all are gone through for the first time, a pair of new ones is
        found by the lower number."""
        one = self.alive[story]
        for number, dot in self._shared(story):
            other = self.alive[number]
            if is_first and other.is_new and number < story:
                continue
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

    def _says_most(self, one: Cluster, other: Cluster) -> tuple[float, bool]:
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

    def _decay(self, one: Cluster, other: Cluster, is_named: bool) -> float:
        days = max(0, self.today - min(one.last, other.last), max(one.born, other.born) - self.today)
        return 1 - _DAILY_DECAY * days if days <= _QUIET_DAYS or is_named else _AFTER_QUIET * (1 - _DAILY_DECAY) ** days

    def _may_merge(self, one: Cluster, other: Cluster) -> bool:
        if not (one.is_new or other.is_new) and self.today - max(one.born, other.born) >= _SETTLED_DAYS:
            return False
        apart = self.stream.window.apart
        if apart and any(apart.get(a.entry, frozenset()) & {b.entry for b in other.members} for a in one.members):
            return False
        shared = (one.vector.keys() & other.vector.keys()) - topic_words()
        if one.is_ours or other.is_ours:
            shared -= field_words()
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
