"""Patterns of words, found in one pass over a text: which sorts of text it may be, by what it says.

A pattern is words as the vocabulary writes them (see `evidence` in topics.yaml): a stem with any ending, any one word, a number,
a gap, a break between parts of a sentence. Regular expressions for the same patterns try every one of them at every word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.relevance.phrases import alternatives, transcribed
from aggregator.text import fold

BREAK, GAP, ANY, NUMBER, MANY = ":", "…", "*", "#", "##"
_SIGNS = frozenset({BREAK, GAP, ANY, NUMBER, MANY})
_LONGEST_GAP = 5
# More than three: the cases of a series and not of a case report.
_FEWEST_OF_MANY = 4
_BREAKS = re.compile(r"[:;|()\[\]?!“”«»„\"…—]|\.(?=\s|$)|\s[–-]\s|–\s|(?<!\w)[‘’']")

_Token = tuple[str, str]
_Alternative = tuple[_Token, ...]
_GAP_ALONE: _Alternative = ((GAP, ""),)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What stands one after the other, each in any of its alternatives."""

    parts: tuple[tuple[_Alternative, ...], ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What follows a pattern's first word: the rest of its alternative, and the other parts. `following` has the words one of
    which must come next, where those are known: looking there first spares most of the work."""

    rest: _Alternative
    parts: tuple[tuple[_Alternative, ...], ...]
    meaning: str
    following: frozenset[str] | None


def words_of(text: str) -> list[str]:
    """A text's folded words, with a sign for each break between parts of a sentence, for its beginning and its end."""
    words = [BREAK]
    for part in _BREAKS.split(text):
        folded = fold(part)
        if folded:
            words += [*folded.split(" "), BREAK]
    return words


def _pattern(written: str, meaning: str) -> _Pattern:
    chunks = re.findall(r"(?:\([^()]*\)|[^\s()])+", written)
    return _Pattern(tuple(tuple(_alternatives(chunk)) for chunk in chunks), meaning)


def _alternatives(chunk: str) -> Iterator[_Alternative]:
    yield from dict.fromkeys(tuple(_tokens(spelled)) for one in alternatives(chunk) for spelled in sorted(transcribed(one)))


def _tokens(written: str) -> Iterator[_Token]:
    for one in written.split():
        folded = [] if one in _SIGNS else fold(one).split()
        if one in _SIGNS:
            yield one, ""
        yield from (("word", word) for word in folded[:-1])
        if folded:
            yield "stem" if one.endswith(ANY) else "word", folded[-1]


def _beginnings(pattern: _Pattern) -> Iterator[tuple[_Token, _Beginning]]:
    """The words with which it can begin, each with what has to follow it."""
    for n, part in enumerate(pattern.parts):
        for one in filter(None, part):
            parts = pattern.parts[n + 1 :]
            yield one[0], _Beginning(one[1:], parts, pattern.meaning, _following(one[1:], parts))
        if all(part):
            return


def _following(rest: _Alternative, parts: Sequence[Sequence[_Alternative]]) -> frozenset[str] | None:
    """The words one of which must come next; None where any may, or none must."""
    nexts = [rest] if rest else list(parts[0]) if parts else [()]
    if any(not one or one[0][0] not in ("word", BREAK) for one in nexts):
        return None
    return frozenset(word or sort for sort, word in (one[0] for one in nexts))


class Wordings:
    """Patterns by what they stand for. None begins with a gap or with any word: it is looked up by its first word."""

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        self._words: defaultdict[str, list[_Beginning]] = defaultdict(list)
        self._stems: defaultdict[str, list[_Beginning]] = defaultdict(list)
        for meaning, patterns in meanings.items():
            for pattern in (_pattern(written, meaning) for written in patterns):
                for (sort, word), beginning in _beginnings(pattern):
                    (self._stems if sort == "stem" else self._words)[word or sort].append(beginning)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def found_in(self, words: Sequence[str]) -> frozenset[str]:
        """What the patterns that stand in `words_of` a text stand for."""
        found: set[str] = set()
        for place, word in enumerate(words, 1):
            for one in self._candidates(word):
                if one.meaning not in found and _follows(one, words, place):
                    found.add(one.meaning)
        return frozenset(found)

    def _candidates(self, word: str) -> Iterator[_Beginning]:
        yield from self._words.get(word, ())
        if word.isdigit():
            yield from self._words.get(NUMBER, ())
            yield from self._words.get(MANY, ()) if int(word) >= _FEWEST_OF_MANY else ()
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._stems.get(word[:length], ())


def _follows(beginning: _Beginning, words: Sequence[str], place: int) -> bool:
    if beginning.following is not None and (place >= len(words) or words[place] not in beginning.following):
        return False
    return any(_stands(beginning.parts, 0, words, end) for end in _ends(beginning.rest, words, place))


def _stands(parts: Sequence[Sequence[_Alternative]], n: int, words: Sequence[str], place: int) -> bool:
    """Whether the pattern's parts from `n` on stand at `place`."""
    if n == len(parts):
        return True
    return any(_stands(parts, n + 1, words, end) for one in parts[n] for end in _ends(one, words, place))


def _ends(alternative: _Alternative, words: Sequence[str], place: int) -> Iterator[int]:
    """Where it ends if it stands at `place`."""
    if alternative == _GAP_ALONE:
        yield from _behind_gap(words, place)
        return
    end = place + len(alternative)
    if end <= len(words) and all(_fits(token, words[place + at]) for at, token in enumerate(alternative)):
        yield end


def _behind_gap(words: Sequence[str], place: int) -> Iterator[int]:
    yield place
    for at in range(place, min(place + _LONGEST_GAP, len(words))):
        if words[at] == BREAK:
            return
        yield at + 1


def _fits(token: _Token, word: str) -> bool:
    sort, text = token
    if sort in ("word", "stem"):
        return word == text if sort == "word" else word.startswith(text)
    if sort in (ANY, BREAK):
        return (word == BREAK) == (sort == BREAK)
    return word.isdigit() and (sort == NUMBER or int(word) >= _FEWEST_OF_MANY)
