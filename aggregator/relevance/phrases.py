"""Finding many phrases at once, as whole words, in time linear in the text.

A regular expression built as a trie reads each character once for all phrases together (300 phrases on 2.7 million
characters: 44 ms, as an alternation 274 ms), and no phrase that staff write can make it slow: phrases are escaped text,
and a gap is one to five words of a short list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

from aggregator.text import fold

_Node = dict[str, "_Node"]


def _trie(phrases: Iterable[str]) -> str:
    root: _Node = {}
    for phrase in phrases:
        node = root
        for letter in phrase:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _pattern(root)


def _pattern(node: _Node) -> str:
    branches = [re.escape(letter) + _pattern(child) for letter, child in sorted(node.items()) if letter]
    if not branches:
        return ""
    joined = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return joined + ("?" if "" in node else "")


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


def variants(folded: str) -> set[str]:
    """A folded phrase with its plural, both in British and in American spelling."""
    found = {folded}
    if len(folded) > 4:
        found |= {re.sub(end, plural, folded) for end, plural in _PLURALS if re.search(end, folded)}
    return {spelled for one in found for spelled in _spelled(one)}


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
_SMALL = (
    "a an the of on in to one both half side sides part parts left right entire whole lower upper muscle muscles my his her "
    "their your our its is was were be been being became become becomes gone went has had have temporarily partially partly "
    "completely permanently suddenly totally almost nearly still that them him us me it down numb el la los las un una de del en su "
    "sus mi lado mitad media izquierdo izquierda derecho derecha parte le se quedo"
)
_GAP = rf" (?:(?:{'|'.join(_SMALL.split())}) ){{1,5}}"


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
        self._gapped = _Gapped(gapped) if gapped else None
        # A phrase with a gap stands nowhere as a whole, even where its words in a row are a phrase too.
        wholes = [(one, f" {one} ") for one in plain]
        wholes += [(spelled, "") for phrase in gapped for spelled in _spelled(fold(phrase))]
        self._by_word: dict[str, list[tuple[frozenset[str], str]]] = {}
        for one, whole in wholes:
            self._by_word.setdefault(_telling(one), []).append((frozenset(one.split()), whole))

    @cached_property
    def _search(self) -> re.Pattern[str] | None:
        """Made when it is first looked for: a thousand phrases take a tenth of a second."""
        return re.compile(rf"(?<!\w)(?:{_trie(self._plain)})(?!\w)") if self._plain else None

    def _meaning(self, phrase: str) -> frozenset[str]:
        words = phrase.split()
        inside = (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
        return frozenset().union(*(self._plain.get(part, frozenset()) for part in inside))

    def may_be_in(self, padded: str) -> bool:
        """Whether one of them can stand in a folded text that begins and ends with a space. False is sure, and found in a
        tenth of the time that looking for all of them takes: most texts have none of their telling words."""
        words = set(padded.split())
        return any(
            need <= words and whole in padded for word in words & self._by_word.keys() for need, whole in self._by_word[word]
        )

    def may_be_written_in(self, text: str) -> bool:
        """Whether one of them can stand in a text that is not folded: False is sure wherever words are parted. A quarter of
        what folding it takes."""
        if not text.isascii():
            return True
        lowered = text.lower().replace("'", "").replace("`", "")
        return any(word in lowered for word in self._by_word)

    def is_in(self, folded: str) -> bool:
        """Whether any of them stands in a folded text."""
        if self._search is not None and self._search.search(folded):
            return True
        return self._gapped is not None and next(self._gapped.find(folded), None) is not None

    def find(self, folded: str) -> Iterator[Hit]:
        """The phrases in a folded text, longest first where several begin at one place, none overlapping another; then
        those with a gap."""
        if self._search is not None:
            for match in self._search.finditer(folded):
                yield Hit(match[0], match.start(), match.end(), self._meaning(match[0]))
        if self._gapped is not None:
            yield from self._gapped.find(folded)


def _telling(phrase: str) -> str:
    """The word of a phrase that fewest other texts have: the longest."""
    return max(phrase.split(), key=len)


def _has_gap(phrase: str) -> bool:
    head, gap, tail = phrase.partition("…")
    return bool(gap and fold(head) and fold(tail))


class _Gapped:
    """Phrases with a gap: the first parts are found as a trie, and only behind one of them a gap and a last part are
    looked for (as one pattern for all: eighteen times as long)."""

    def __init__(self, phrases: Mapping[str, frozenset[str]]) -> None:
        tails: dict[str, dict[frozenset[str], set[str]]] = {}
        for phrase, meaning in phrases.items():
            head, _, tail = phrase.partition("…")
            for spelled in _spelled(fold(head)):
                tails.setdefault(spelled, {}).setdefault(meaning, set()).update(_spelled(fold(tail)))
        self._heads = re.compile(rf"(?<!\w)(?:{_trie(tails)})(?= )")
        self._tails = {
            head: [(re.compile(rf"{_GAP}(?:{_trie(ends)})(?!\w)"), meaning) for meaning, ends in found.items()]
            for head, found in tails.items()
        }

    def find(self, folded: str) -> Iterator[Hit]:
        """Where they stand."""
        for head in self._heads.finditer(folded):
            for pattern, meaning in self._tails[head[0]]:
                tail = pattern.match(folded, head.end())
                if tail:
                    yield Hit(folded[head.start() : tail.end()], head.start(), tail.end(), meaning)
