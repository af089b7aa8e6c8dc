"""Cluster entries that report one event: agglomerative merging on weighted words.

The likeness of two clusters is a mean of the likeness of their centroids and the average over their pairs, less a part of
the strongest shared word: sharing one name is not sharing an event, unless the name is rare and one of them is about our
topic. Larger clusters must be more alike. A story's identity never changes once two days have passed.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.stories.lookalikes import tell_different_things
from aggregator.stories.papers import Papers
from aggregator.stories.places import places
from aggregator.stories.same_article import bare_title
from aggregator.stories.terms import Weights, address_terms, field_words, is_our_own, names, prior, terms, topic_words
from aggregator.values.stories import GroupingEntry, GroupingInput

# Tuned on labelled streams (`stories evaluate` measures it), B-cubed F1 on the development halves .93 dense, .88 sparse.
_LIKE_ENOUGH = 0.08
# The required likeness grows with the size of the smaller cluster: the power, and the size at which it stops growing.
_GROWS, _GROWS_TO = 0.1, 20
_CENTROID_SHARE = 0.4
_ONE_WORD_LESS = 0.7
_ADDRESS_SHARE = 0.6
_SUMMARY_SHARE, _NAME_SHARE = 0.25, 0.8
_DAILY_DECAY = 0.06
# A story that was quiet for more days is continued only by entries much more like it: the factor on their likeness.
_QUIET_DAYS, _AFTER_QUIET = 2, 0.2
_SETTLED_DAYS = 3
# A cluster of few entries joins a large one: both sizes, the least likeness, and its ratio to the second best.
_FEW, _LARGE, _ABSORB, _MARGIN = 2, 8, 0.15, 1.6
# Minimum summed weight of the words that two clusters share, topic words apart: one uncommon word.
_TELLING = 4.5
_MOST_COMPARED = 30
# The weight of a word that hardly any title has: on our topic, such a name is the event.
_RARE = 7.0


def in_time(member: GroupingEntry) -> tuple[float, int]:
    """Sort key: the oldest first."""
    return member.at.timestamp(), member.entry


def day_of(member: GroupingEntry) -> int:
    """The entry's day (UTC) as a proleptic Gregorian ordinal."""
    return member.at.date().toordinal()


@dataclass
class Cluster:
    """Members with the sum of their vectors (unit length each, so `size` of them sum to at most `size`)."""

    vector: dict[str, float]
    members: list[GroupingEntry]
    born: int
    last: int
    is_new: bool
    is_ours: bool
    names: frozenset[str]
    places: frozenset[str] = frozenset()
    norm: float = 1.0

    @property
    def size(self) -> int:
        """The number of members."""
        return len(self.members)

    def take(self, other: Cluster) -> None:
        """Add the members of `other`."""
        for word, weight in other.vector.items():
            self.vector[word] = self.vector.get(word, 0.0) + weight
        self.members += other.members
        self.born, self.last = min(self.born, other.born), max(self.last, other.last)
        self.is_new = self.is_new and other.is_new
        self.is_ours = self.is_ours or other.is_ours
        self.names |= other.names
        self.places |= other.places
        self.norm = math.sqrt(sum(weight * weight for weight in self.vector.values())) or 1.0


@dataclass
class Stream:
    """The state that is carried from day to day: the stories' clusters, and the entries by the keys that make them certain
    to be one (`filed`)."""

    weights: Weights
    window: GroupingInput
    story: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    first_of: dict[int, GroupingEntry] = field(default_factory=dict)
    clusters: dict[int, Cluster] = field(default_factory=dict)
    filed: defaultdict[str, list[GroupingEntry]] = field(default_factory=lambda: defaultdict(list))
    papers: Papers = field(default_factory=Papers)

    _apart: frozenset[tuple[int, int]] = frozenset()
    _apart_for: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Begin with the stories of the entries that staff decided about, which may be older than any candidate."""
        self.story |= self.window.placed

    def apart_from(self, entry: int) -> set[int]:
        """The stories that an entry may not join: staff keep one of their entries apart from it."""
        return {self.home(self.story[other]) for other in self.window.apart.get(entry, ()) if other in self.story}

    def are_apart(self, one: int, other: int) -> bool:
        """Whether staff keep an entry of one story apart from an entry of the other."""
        if not self.window.apart:
            return False
        if self._apart_for != (len(self.story), len(self.moved)):
            self._apart_for = len(self.story), len(self.moved)
            placed = ((self.home(self.story[entry]), entry) for entry in self.window.apart if entry in self.story)
            self._apart = frozenset((story, far) for story, entry in placed for far in self.apart_from(entry))
        return (one, other) in self._apart

    def home(self, story: int) -> int:
        """The story that has this story's members now, after all merges."""
        while story in self.moved:
            story = self.moved[story]
        return story


def cluster_of(stream: Stream, member: GroupingEntry, *, is_new: bool) -> Cluster:
    """A cluster of one entry."""
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
    located = places(member.title) | places(member.summary)
    return Cluster(unit, [member], day, day, is_new, any(map(is_our_own, vector)), named, located)


def _is_place(word: str, one: Cluster, other: Cluster) -> bool:
    """Whether a word that two clusters share is the name of a place in one of them."""
    return word in one.places or word in other.places


class Table:
    """The clusters of a day by story number (negative for the day's new stories), with an index by word."""

    def __init__(self, stream: Stream, today: int) -> None:
        self.stream = stream
        self.today = today
        self.alive: dict[int, Cluster] = {}
        # Entries of the day beyond the number that is compared.
        self.left_out: set[int] = set()
        self._index: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._version: Counter[int] = Counter()

    def add(self, story: int, cluster: Cluster) -> None:
        """Add a cluster under its story's number."""
        self.alive[story] = cluster
        if story not in self.stream.first_of:
            self.stream.first_of[story] = min(cluster.members, key=in_time)
        for word, weight in cluster.vector.items():
            self._index[word][story] = weight

    def add_member(self, story: int, cluster: Cluster) -> None:
        """Add an entry of the day: to the story that it certainly belongs to, else as a cluster of its own."""
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
        """Merge the two clusters that are most alike, again and again, until none are alike enough."""
        # Clusters that were there yesterday were compared yesterday.
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
        kept, dropped = sorted(
            (one, other), key=lambda story: (self.alive[story].born, in_time(self.stream.first_of[story]))
        )
        if dropped > 0 > kept:
            # A stored story keeps its number.
            kept, dropped = dropped, kept
        self._take_off(kept).take(self._take_off(dropped))
        del self.alive[dropped]
        self.stream.moved[dropped] = kept
        self._version[kept] += 1
        self.add(kept, self.alive.pop(kept))
        return kept

    def _shared(self, story: int) -> Iterator[tuple[int, float]]:
        """The clusters whose centroids are alike enough to this one's, with their dot products."""
        cluster = self.alive[story]
        dots: defaultdict[int, float] = defaultdict(float)
        for word, weight in cluster.vector.items():
            for other, its in self._index[word].items():
                dots[other] += weight * its
        del dots[story]
        least = _LIKE_ENOUGH * cluster.norm
        return ((other, dot) for other, dot in dots.items() if dot >= least * self.alive[other].norm)

    def _pairs(self, story: int, *, is_first: bool = False) -> Iterator[tuple[float, int, int, tuple[int, int]]]:
        """The merges that are possible with this cluster: (-likeness, story, story, their versions). In the first pass, a
        pair of new clusters is yielded for the lower number only."""
        one = self.alive[story]
        for number, dot in self._shared(story):
            other = self.alive[number]
            if is_first and other.is_new and number < story:
                continue
            most, is_named = self._says_most(one, other)
            rest = dot - _ONE_WORD_LESS * most
            centroid, average = rest / (one.norm * other.norm), rest / (one.size * other.size)
            # The average over the pairs is at most the centroids' likeness, so most pairs end here.
            if centroid >= _LIKE_ENOUGH:
                likeness = centroid**_CENTROID_SHARE * average ** (1 - _CENTROID_SHARE) * self._decay(one, other, is_named)
                likeness /= min(one.size, other.size, _GROWS_TO) ** _GROWS
                if likeness >= _LIKE_ENOUGH and self._may_merge(story, number):
                    first, second = min(story, number), max(story, number)
                    yield -likeness, first, second, (self._version[first], self._version[second])

    def _says_most(self, one: Cluster, other: Cluster) -> tuple[float, bool]:
        """The largest part of one word in two clusters' likeness, and whether they share a rare name on our topic that is no
        place."""
        is_ours, most, is_named = one.is_ours or other.is_ours, 0.0, False
        for word in one.vector.keys() & other.vector.keys():
            if (
                is_ours
                and (word in one.names or word in other.names)
                and self._is_rare(word)
                and not _is_place(word, one, other)
            ):
                is_named = True
            else:
                most = max(most, one.vector[word] * other.vector[word])
        return most, is_named

    def _is_rare(self, word: str) -> bool:
        return word not in prior() and word not in field_words() and self.stream.weights.of(word) >= _RARE

    def _decay(self, one: Cluster, other: Cluster, is_named: bool) -> float:
        days = max(0, self.today - min(one.last, other.last), max(one.born, other.born) - self.today)
        return 1 - _DAILY_DECAY * days if days <= _QUIET_DAYS or is_named else _AFTER_QUIET * (1 - _DAILY_DECAY) ** days

    def _may_merge(self, story: int, number: int) -> bool:
        one, other = self.alive[story], self.alive[number]
        if not (one.is_new or other.is_new) and self.today - max(one.born, other.born) >= _SETTLED_DAYS:
            return False
        if self.stream.are_apart(story, number):
            return False
        shared = (one.vector.keys() & other.vector.keys()) - topic_words()
        if one.is_ours or other.is_ours:
            shared -= field_words()
            shared -= {word for word in shared if self._is_rare(word) and _is_place(word, one, other)}
        if sum(map(self.stream.weights.of, shared)) < _TELLING:
            return False
        if one.size * other.size > _MOST_COMPARED:
            return True
        pairs = [(a, b) for a in one.members for b in other.members]
        return not any(tell_different_things(a, b, self.stream.weights) for a, b in pairs)

    def absorb(self) -> None:
        """Let a large story take the day's few entries that are like it and like no other."""
        for story in [s for s, c in self.alive.items() if c.size <= _FEW and c.born == self.today and s < 0]:
            few = self.alive[story]
            likes = sorted(
                (dot / (few.norm * self.alive[other].norm), other)
                for other, dot in self._shared(story)
                if self.alive[other].size >= _LARGE
                and self.today - self.alive[other].last <= _QUIET_DAYS
                and self._may_merge(story, other)
            )
            if likes and likes[-1][0] >= _ABSORB and (len(likes) == 1 or likes[-1][0] >= _MARGIN * likes[-2][0]):
                large = likes[-1][1]
                self._take_off(story)
                del self.alive[story]
                # Its words stay out of the centroid: they are not typical of the story.
                self.alive[large].members += few.members
                self.alive[large].last = self.today
                self.stream.moved[story] = large
