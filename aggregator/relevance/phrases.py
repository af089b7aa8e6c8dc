"""Finding many phrases at once, as whole words, in time linear in the text.

A folded text is words with single spaces between them, and so is a phrase: at each word that begins a phrase, the next few
words are looked up in a set. Of each phrase one word is known that few other texts have, so nearly everywhere one look at a
set is enough. A regular expression for the same phrases takes as long to find them and ten times as long to be made. Nothing that
staff write can make it slow: a gap is one to five words of a short list, and of what a phrase finds at one place only the
longest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, product
from math import prod

from aggregator.text import fold


class _Index:
    """Phrases by their first words, each with how many words those that begin with it have."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """`phrases`: folded."""
        self._phrases = frozenset(phrases)
        lengths: dict[str, set[int]] = {}
        for phrase in self._phrases:
            lengths.setdefault(phrase.partition(" ")[0], set()).add(phrase.count(" ") + 1)
        self._lengths = {first: sorted(counts, reverse=True) for first, counts in lengths.items()}

    def starts(self, words: Sequence[str]) -> list[int]:
        """Where phrases may begin."""
        lengths = self._lengths
        return [] if lengths.keys().isdisjoint(words) else [at for at, word in enumerate(words) if word in lengths]

    def ends(self, words: Sequence[str], start: int) -> Iterator[int]:
        """Where phrases end that begin with the word at `start`, the longest first."""
        for count in self._lengths.get(words[start], ()) if start < len(words) else ():
            if " ".join(words[start : start + count]) in self._phrases and start + count <= len(words):
                yield start + count

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where phrases begin and end, the longest where several begin at one place, none overlapping another."""
        behind = 0
        for start in self.starts(words):
            end = next(self.ends(words, start), start) if start >= behind else start
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


def _plurals(folded: str) -> Iterator[str]:
    if folded[-1] == "y" and folded[-2] not in "aeiou":
        yield f"{folded[:-1]}ies"
    if folded.endswith("is"):
        yield f"{folded[:-2]}es"
    if folded[-1] != "s":
        yield f"{folded}s"


def _spelled(folded: str) -> set[str]:
    found = {folded}
    if not _MAY_BE_SPELLED_OTHERWISE.search(folded):
        return found
    for british, american in _SPELLINGS:
        if british in folded or american in folded:
            found |= {one.replace(british, american) for one in found}
            found |= {one.replace(american, british) for one in found}
    return found


@lru_cache(maxsize=8192)
def variants(folded: str) -> frozenset[str]:
    """A folded phrase with its plural, both in British and in American spelling."""
    found = {folded}
    if len(folded) > 4:
        found |= {*_plurals(folded)}
    if not _MAY_BE_SPELLED_OTHERWISE.search(folded):
        return frozenset(found)
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


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def transcribed(phrase: str) -> set[str]:
    """A phrase, and how addresses and old keyboards spell it: "Gesichtslähmung" and "Gesichtslaehmung"."""
    return {phrase} if phrase.isascii() else {phrase, phrase.translate(_UMLAUTS)}


# What may stand in a gap: words that say which side, whose, how much, and nothing that begins another thought.
_SMALL = frozenset(
    (
        "a an the of on in to one both half side sides part parts left right entire whole lower upper muscle muscles my his her "
        "their your our its is was were be been being became become becomes gone went has had have temporarily partially partly "
        "completely permanently suddenly totally almost nearly still that them him us me it down numb el la los las un una de del en su "
        "sus mi lado mitad media izquierdo izquierda derecho derecha parte le se quedo al no "
        "das die der dem des ein eine einer ihr ihre ihrem sein seine seinem mein meine meinem wieder ist war plotzlich teilweise halbe halbes "
        "linke linken rechte rechten seite ihm ihr mir einseitig halbseitig rechts links "
        "du un une le les des d l est ete son sa ses ma mes moitie partie cote gauche droit droite partiellement completement a au leur "
        "il lo gli della dello dei nel suo sua mio mia meta parte lato sinistro sinistra destro destra e era rimasto rimasta parzialmente di "
        "o os as do da dos das seu sua meu minha metade lado esquerdo direito esquerda direita ficou esta foi parcialmente uma um "
        "het een van mijn zijn haar zijn linker rechter helft kant gedeeltelijk deels plots is aan een raakte "
        "periferica periferico centrale congenita congenito traumatica iatrogena bilaterale unilaterale acuta completa idiopatica ostetrica "
        "transitoria permanente cronica neonatale peripherique congenitale traumatique iatrogene complete aigue idiopathique obstetricale "
        "transitoire chronique post operatoire central iatrogenica bilateral unilateral aguda obstetrica postoperatoria pos operatoria "
        "persistente prolongada para con contra tras por en dans pour cas apres par per nella nelle delle dopo in caso na nas nos em com apos "
        "pacientes bei nach gegen zur einer peripherer bij na voor"
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


# Longer than many others, and yet in every other medical text.
_COMMON = frozenset(
    (
        "cancer children disease disorder exercise exercises hospital injury muscle muscles nerve nerves patient patients "
        "problem problems surgery syndrome symptoms therapy training treatment tumor tumour weakness"
    ).split()
)


def _rarest(words: list[str]) -> str:
    """The word by which a phrase is known."""
    return max([word for word in words if word not in _COMMON] or words, key=len)


class Phrases:
    """A set of phrases, each with what it stands for; a longer phrase also stands for the shorter ones inside it."""

    def __init__(self, meanings: Mapping[str, frozenset[str]], removed: Mapping[str, frozenset[str]] | None = None) -> None:
        """`removed` has folded phrases that do not stand for the meaning that is their key."""
        gone = {phrase: frozenset(key for key, phrases in (removed or {}).items() if phrase in phrases)
                for phrases in (removed or {}).values() for phrase in phrases}  # fmt: skip
        nothing: frozenset[str] = frozenset()
        plain: dict[str, frozenset[str]] = {}
        gapped: dict[str, frozenset[str]] = {}
        for phrase, meaning in meanings.items():
            for one in alternatives(phrase):
                left = meaning - gone.get(fold(one), nothing) if gone else meaning
                for spelled in transcribed(one) if left else ():
                    if _has_gap(one):
                        gapped[spelled] = gapped.get(spelled, nothing) | left
                        continue
                    for key in variants(fold(spelled)):
                        plain[key] = plain.get(key, nothing) | left
        plain.pop("", None)
        self._plain = plain
        self._index = _Index(plain)
        self._gapped = _Gapped(gapped) if gapped else None

    def _meaning(self, words: Sequence[str]) -> frozenset[str]:
        inside = (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
        return frozenset().union(*(self._plain.get(part, frozenset()) for part in inside))

    @cached_property
    def telling(self) -> frozenset[str]:
        """Of each phrase a word without which it stands nowhere, which few texts of other subjects have: the longest but for
        those that all of medicine uses."""
        phrases = (*self._plain, *(self._gapped.phrases if self._gapped is not None else ()))
        return frozenset(_rarest(phrase.split()) for phrase in phrases)

    def may_be_written_in(self, text: str) -> bool:
        """Whether one of them can stand in a text that is not folded: False is sure wherever words are parted. A quarter of
        what folding it takes."""
        if not text.isascii():
            return True
        lowered = text.lower().replace("'", "").replace("`", "")
        return any(word in lowered for word in self.telling)

    def is_in(self, folded: str) -> bool:
        """Whether any of them stands in a folded text."""
        words = folded.split(" ")
        return not self.telling.isdisjoint(words) and self.stands_in(words)

    def stands_in(self, words: Sequence[str]) -> bool:
        """Whether any of them stands in the words of a folded text, one of which is `telling`."""
        if next(self._index.found(words), None) is not None:
            return True
        return self._gapped is not None and next(self._gapped.found(words), None) is not None

    def find(self, folded: str) -> Iterator[Hit]:
        """The phrases in a folded text, the longest where several begin at one place, none overlapping another; then those
        with a gap, none inside another."""
        if not self.telling:
            return
        words = folded.split(" ")
        places: list[int] = []
        for start, end, meaning in self._found(words):
            places = places or [*accumulate((len(word) + 1 for word in words), initial=0)]
            yield Hit(" ".join(words[start:end]), places[start], places[end] - 1, meaning)

    def _found(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        if self.telling.isdisjoint(words):
            # One look at most texts is enough: they are about something else.
            return
        for start, end in self._index.found(words):
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
        self._heads = _Index(tails)
        # First parts that can have the same last parts share their index, and with it what is found by it.
        indexes = {ends: _Index(ends) for ends in {frozenset(ends) for found in tails.values() for ends in found.values()}}
        self._tails = {
            head: [(indexes[frozenset(ends)], meaning) for meaning, ends in found.items()] for head, found in tails.items()
        }

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        """Each hit's begin, end and meaning. A hit inside a longer one adds its meaning to the longer one. No phrase hides one
        that says something else; if one did, what must be judged again would depend on all phrases."""
        found: dict[tuple[int, int], frozenset[str]] = {}
        outer = (0, 0)
        for start, end, meaning in sorted(self._each(words), key=lambda one: (one[0], -one[1])):
            outer = outer if end <= outer[1] else (start, end)
            found[outer] = found.get(outer, frozenset()) | meaning
        yield from ((start, end, meaning) for (start, end), meaning in found.items())

    def _each(self, words: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        """The longest of each meaning at each place: shorter ones would only become a part of it."""
        reached: dict[tuple[int, int], int] = {}
        for start in self._heads.starts(words):
            longest: dict[frozenset[str], int] = {}
            for behind in self._heads.ends(words, start):
                for tail, meaning in self._tails[" ".join(words[start:behind])]:
                    for at in self._behind_gaps(words, behind):
                        if (id(tail), at) not in reached:
                            reached[id(tail), at] = next(tail.ends(words, at), 0)
                        longest[meaning] = max(longest.get(meaning, 0), reached[id(tail), at])
            yield from ((start, end, meaning) for meaning, end in longest.items() if end)

    @staticmethod
    def _behind_gaps(words: Sequence[str], start: int) -> Iterator[int]:
        """Where a last part may begin, behind one to _LONGEST_GAP words that may stand in a gap."""
        for at in range(start, min(start + _LONGEST_GAP, len(words))):
            if words[at] not in _SMALL:
                return
            yield at + 1
