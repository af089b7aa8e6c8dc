"""Finding many phrases at once, as whole words, in time linear in the text.

A folded text is words with single spaces between them, and so is a phrase: a tree of words finds all phrases in one walk,
and where a text has no phrase's longest word, which is nearly everywhere, a look at a set is enough. A regular expression
for the same phrases takes as long to find them and a fifth of a second to be made. Nothing that staff write can make it slow:
a gap is one to five words of a short list, and of what a phrase finds at one place only the longest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, product
from math import prod

from aggregator.text import fold

# The words that may come next; under None, that a phrase ends here.
_Tree = dict[str | None, "_Tree"]


def _tree(phrases: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for phrase in phrases:
        node = root
        for word in phrase.split():
            node = node.setdefault(word, {})
        node[None] = {}
    return root


def _ends(tree: _Tree, words: Sequence[str], start: int) -> Iterator[int]:
    """Where phrases end that begin with the word at `start`, the shortest first."""
    node = tree
    for at in range(start, len(words)):
        following = node.get(words[at])
        if following is None:
            return
        node = following
        if None in node:
            yield at + 1


def _starts(tree: _Tree, words: Sequence[str]) -> list[int]:
    """Where phrases may begin."""
    return [] if tree.keys().isdisjoint(words) else [at for at, word in enumerate(words) if word in tree]


def _phrases_in(tree: _Tree, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where phrases begin and end, the longest where several begin at one place, none overlapping another."""
    behind = 0
    for start in _starts(tree, words):
        end = max(_ends(tree, words, start), default=start) if start >= behind else start
        if end > start:
            behind = end
            yield start, end


# British and American spelling, as parts of folded words.
_SPELLINGS = (
    ("tumour", "tumor"), ("paralys", "paralyz"), ("paediatric", "pediatric"), ("neurotis", "neurotiz"),
    ("centre", "center"), ("anaesthe", "anesthe"), ("randomis", "randomiz"), ("haemangioma", "hemangioma"),
    ("oedema", "edema"), ("labour", "labor"),
)  # fmt: skip
_MAY_BE_SPELLED_OTHERWISE = re.compile("|".join(spelling for pair in _SPELLINGS for spelling in pair))
_PLURALS = ((r"(?<=[^aeiou])y$", "ies"), (r"is$", "es"), (r"oma$", "omas"), (r"(?<=[^s])$", "s"))


def _spelled(folded: str) -> set[str]:
    found = {folded}
    if not _MAY_BE_SPELLED_OTHERWISE.search(folded):
        return found
    for british, american in _SPELLINGS:
        found |= {one.replace(british, american) for one in found}
        found |= {one.replace(american, british) for one in found}
    return found


@lru_cache(maxsize=8192)
def variants(folded: str) -> frozenset[str]:
    """A folded phrase with its plural, both in British and in American spelling."""
    found = {folded}
    if len(folded) > 4:
        found |= {re.sub(end, plural, folded) for end, plural in _PLURALS if re.search(end, folded)}
    return frozenset(spelled for one in found for spelled in _spelled(one))


# A phrase that stands for more is taken as it is written: (a|b)(a|b)… of a line's length would fill the memory.
_MOST_ALTERNATIVES = 500


def alternatives(phrase: str) -> Iterator[str]:
    """All that a phrase with brackets stands for: "(facial|face) palsy" for "facial palsy" and "face palsy"."""
    parts = re.split(r"\(([^()]*)\)", phrase)
    if prod(part.count("|") + 1 for part in parts[1::2]) > _MOST_ALTERNATIVES:
        yield phrase
        return
    yield from (
        "".join(chosen) for chosen in product(*(part.split("|") if n % 2 else [part] for n, part in enumerate(parts)))
    )


# What may stand in a gap: words that say which side, whose, how much, and nothing that begins another thought.
_SMALL = frozenset(
    (
        "a an the of on in to one both half side sides part parts left right entire whole lower upper muscle muscles my his her "
        "their your our its is was were be been being became become becomes gone went has had have temporarily partially partly "
        "completely permanently suddenly totally almost nearly still that them him us me it down numb el la los las un una de del en su "
        "sus mi lado mitad media izquierdo izquierda derecho derecha parte le se quedo"
    ).split()
)
_LONGEST_GAP = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase in a folded text, with where it begins and ends, and what it stands for."""

    phrase: str
    start: int
    end: int
    meaning: frozenset[str]

    def is_inside(self, other: Hit) -> bool:
        """Whether all of it stands inside `other`."""
        return other.start <= self.start and self.end <= other.end


class Phrases:
    """A set of phrases, each with what it stands for; a longer phrase also stands for the shorter ones inside it."""

    def __init__(self, meanings: Mapping[str, frozenset[str]], removed: Mapping[str, frozenset[str]] | None = None) -> None:
        """`removed` has folded phrases that do not stand for the meaning that is their key."""
        gone = {phrase: frozenset(key for key, phrases in (removed or {}).items() if phrase in phrases)
                for phrases in (removed or {}).values() for phrase in phrases}  # fmt: skip
        plain: dict[str, frozenset[str]] = {}
        gapped: dict[str, frozenset[str]] = {}
        for phrase, meaning in meanings.items():
            for one in alternatives(phrase):
                folded = fold(one)
                left = meaning - gone.get(folded, frozenset())
                if left and _has_gap(one):
                    gapped[one] = gapped.get(one, frozenset()) | left
                elif left:
                    for key in variants(folded) - {""}:
                        plain[key] = plain.get(key, frozenset()) | left
        self._plain = plain
        self._tree = _tree(plain)
        self._gapped = _Gapped(gapped) if gapped else None

    def _meaning(self, words: Sequence[str]) -> frozenset[str]:
        inside = (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
        return frozenset().union(*(self._plain.get(part, frozenset()) for part in inside))

    @cached_property
    def _telling(self) -> frozenset[str]:
        """Of each phrase a word without which it stands nowhere: the longest, which fewest other texts have."""
        phrases = [*self._plain, *(self._gapped.phrases if self._gapped is not None else ())]
        return frozenset(max(phrase.split(), key=len) for phrase in phrases)

    def may_be_written_in(self, text: str) -> bool:
        """Whether one of them can stand in a text that is not folded: False is sure wherever words are parted. A quarter of
        what folding it takes."""
        if not text.isascii():
            return True
        lowered = text.lower().replace("'", "").replace("`", "")
        return any(word in lowered for word in self._telling)

    def is_in(self, folded: str) -> bool:
        """Whether any of them stands in a folded text."""
        return next(self._found(folded.split(" ")), None) is not None

    def find(self, folded: str) -> Iterator[Hit]:
        """The phrases in a folded text, the longest where several begin at one place, none overlapping another; then those
        with a gap, none inside another."""
        if not self._telling:
            return
        words = folded.split(" ")
        places: list[int] = []
        for start, end, meaning in self._found(words):
            places = places or [*accumulate((len(word) + 1 for word in words), initial=0)]
            yield Hit(" ".join(words[start:end]), places[start], places[end] - 1, meaning)

    def _found(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        if self._telling.isdisjoint(words):
            # One look at most texts is enough: they are about something else.
            return
        for start, end in _phrases_in(self._tree, words):
            yield start, end, self._meaning(words[start:end])
        if self._gapped is not None:
            yield from self._gapped.found(words)


def _has_gap(phrase: str) -> bool:
    head, gap, tail = phrase.partition("…")
    return bool(gap and fold(head) and fold(tail))


class _Gapped:
    """Phrases with a gap: first parts, and behind each of them those that it can have as a last part."""

    def __init__(self, phrases: Mapping[str, frozenset[str]]) -> None:
        # With nothing in the gap, as they are spelled.
        self.phrases = [spelled for phrase in phrases for spelled in _spelled(fold(phrase))]
        tails: dict[str, dict[frozenset[str], set[str]]] = {}
        for phrase, meaning in phrases.items():
            head, _, tail = phrase.partition("…")
            for spelled in _spelled(fold(head)):
                tails.setdefault(spelled, {}).setdefault(meaning, set()).update(_spelled(fold(tail)))
        self._heads = _tree(tails)
        # First parts that can have the same last parts share their tree, and with it what is found by it.
        trees = {frozenset(ends): _tree(ends) for found in tails.values() for ends in found.values()}
        self._tails = {
            head: [(trees[frozenset(ends)], meaning) for meaning, ends in found.items()] for head, found in tails.items()
        }

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        """Where they begin and end, and what they stand for; what is inside another is a part of what that stands for. No
        phrase hides one that says something else: without that, what is judged again would depend on all phrases."""
        found: dict[tuple[int, int], frozenset[str]] = {}
        outer = (0, 0)
        for start, end, meaning in sorted(self._each(words), key=lambda one: (one[0], -one[1])):
            outer = outer if end <= outer[1] else (start, end)
            found[outer] = found.get(outer, frozenset()) | meaning
        yield from ((start, end, meaning) for (start, end), meaning in found.items())

    def _each(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        """The longest of each meaning at each place: shorter ones would only become a part of it."""
        reached: dict[tuple[int, int], int] = {}
        for start in _starts(self._heads, words):
            longest: dict[frozenset[str], int] = {}
            for behind in _ends(self._heads, words, start):
                for tree, meaning in self._tails[" ".join(words[start:behind])]:
                    for at in self._behind_gaps(words, behind):
                        if (id(tree), at) not in reached:
                            reached[id(tree), at] = max(_ends(tree, words, at), default=0)
                        longest[meaning] = max(longest.get(meaning, 0), reached[id(tree), at])
            yield from ((start, end, meaning) for meaning, end in longest.items() if end)

    @staticmethod
    def _behind_gaps(words: Sequence[str], start: int) -> Iterator[int]:
        """Where a last part may begin, behind one to _LONGEST_GAP words that may stand in a gap."""
        for at in range(start, min(start + _LONGEST_GAP, len(words))):
            if words[at] not in _SMALL:
                return
            yield at + 1
