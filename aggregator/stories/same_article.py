"""Whether two entries are one article: keys (see `aggregator.keys`) that conflict, and titles that are evidently the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from aggregator.keys import Scheme
from aggregator.stories.spelling import in_one_spelling
from aggregator.stories.terms import terms
from aggregator.text import fold
from aggregator.values.stories import GroupingEntry

_EXCLUSIVE = tuple(f"{scheme}:" for scheme in (Scheme.DOI, Scheme.PMID, Scheme.NCT))
_MOST_KEYED_WORDS = 3
# What agencies and video players put before a headline, and what feeds put after it.
_BEFORE = re.compile(
    r"^[\s\"'“”‘’]*(?:\d\d/\d\d/\d{4}|\([A-Z]{2,4}\)|Q&A\b|(?i:(?:update|wrapup|refile|corrected|exclusive|breaking(?: news)?)(?: \d+)?\s*[-:]|"
    r"(?:video|watch|photos?|audio)\s*[:|-]|(?:report|study|survey|research|poll)\s*:))\s*"
)
_BEHIND = re.compile(
    r"\s*(?:[\[(](?:\d|[A-Z]{2,4}|(?i:(?:w/ |with )?(?:video|photos?|report|updated?|infographic|watch|audio|poll|pictures?|slideshow)s?))[\])]|"
    r"[-–—,:|]\s*(?:(?i:report|study|survey|updated?|research|study says|study finds|reports?|review)|[A-Z]{2,4}))[\s\"'“”‘’]*$"
)
_OUTLET_BEHIND = re.compile(r"\s+[-–—|:·»]+\s+([^-–—|·»]{2,60})$")
_PART = r"part (?:\d+|one|two|three|four|i{1,3}|iv)"
_INSTALMENT = re.compile(
    rf"\b(?:{_PART}|issue \d+|vol\.? \d+|round-?\s?up|digest|newsletter|this week in|weekly|letters?|"
    r"in brief|briefs?|news scan)\b",
    re.I,
)
_NUMBERED = re.compile(rf"\b{_PART}\b", re.I)
_EPISODE = re.compile(r"\b(?:episode|season|part|issue|vol)\b", re.I)
# Titles that come every week with other content.
_SERIES = re.compile(
    r"\b(?:recap|review|blotter|briefs?|headlines|letters?|round-?\s?up|notes|digest|newsletter|in brief|weekly|this week|"
    rf"news scan|calendar|obituar\w+|horoscopes?|editor|{_PART}|episode|season|edition|issue \d+|vol)\b",
    re.I,
)
_NOTHING = frozenset(
    ("study report survey research say find show expert scientist researcher news update video watch who").split()
)


def conflicts(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of keys have different identifiers of one scheme: different DOIs are different articles. PMCIDs do
    not count: one article may have two, for the author's manuscript and the publisher's version."""
    for prefix in _EXCLUSIVE:
        names = {key for key in one if key.startswith(prefix)}
        if not names:
            # Most entries have none.
            continue
        others = {key for key in other if key.startswith(prefix)}
        if others and not names & others:
            return True
    return False


def is_same_article(one: GroupingEntry, other: GroupingEntry) -> bool:
    """Whether two entries are one article: they share a key or have the same title, and neither an identifier nor a notice
    tells them apart."""
    if conflicts(one.keys, other.keys) or one.notice != other.notice:
        return False
    return bool({*one.keys} & {*other.keys}) or same_title(
        one.title, other.title, one_source=one.source, other_source=other.source
    )


@lru_cache(maxsize=20_000)
def bare_title(title: str, source: str = "") -> str:
    """A headline without what agencies and feeds put around it: "UPDATE 1-", "[Video]", " - Outlet"."""
    bare = _BEFORE.sub("", title)
    behind = _OUTLET_BEHIND.search(bare)
    if behind and source and _is_outlet(behind[1], source):
        bare = bare[: behind.start()]
    return _BEHIND.sub("", bare) or title


def _is_outlet(words: str, source: str) -> bool:
    one, other = fold(words).replace(" ", ""), fold(source).replace(" ", "")
    return one in other or other in one


@lru_cache(maxsize=20_000)
def is_instalment(title: str) -> bool:
    """Whether a title is one of a sequence: a part of several, a week's round-up, letters."""
    return bool(_INSTALMENT.search(title))


def is_series(title: str) -> bool:
    """Whether a title comes every week with other content: a round-up, letters. A numbered part is unmistakable."""
    return bool(_SERIES.search(title)) and not _NUMBERED.search(title)


def same_title(one: str, other: str, *, one_source: str = "", other_source: str = "") -> bool:
    """Whether two headlines are the same but for punctuation, spelling or a cut; not if a number or telling word differs."""
    a, b = bare_title(one, one_source), bare_title(other, other_source)
    folded_a, folded_b = _in_figures(a), _in_figures(b)
    words_a, words_b = terms(folded_a), terms(folded_b)
    fewest = min(len(words_a), len(words_b))
    if fewest <= _MOST_KEYED_WORDS:
        is_own = len(folded_a.split()) > _MOST_KEYED_WORDS + 1 and not _SERIES.search(a)
        return is_own and folded_a == folded_b
    if _SERIES.search(a) or _SERIES.search(b):
        return folded_a == folded_b and fewest > _MOST_KEYED_WORDS + 1 and not _is_serial(a, one_source, other_source)
    return (
        folded_a == folded_b
        or _is_part(folded_a, folded_b)
        or _is_part(folded_b, folded_a)
        or _says_the_same(words_a, words_b)
    )


def _is_serial(title: str, one_source: str, other_source: str) -> bool:
    return bool(_EPISODE.search(title)) or fold(one_source) == fold(other_source)


_LETTERS = re.compile(r"\b(?:[a-z] ){1,4}[a-z]\b")
_FIGURES = {
    word: str(number)
    for number, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen twenty"
        ).split()
    )
}


def _in_figures(title: str) -> str:
    """A folded title with numbers and abbreviations in one spelling: "U.S." is "us", "three" is 3, "3 billion" is 3b."""
    folded = fold(in_one_spelling(title))
    joined = _LETTERS.sub(lambda match: match[0].replace(" ", ""), folded)
    return " ".join(_FIGURES.get(word, word) for word in joined.split())


def _is_part(short: str, long: str) -> bool:
    """Whether `short` is the beginning of `long`, or its end with at most two more words before it."""
    words = short.split()
    if len(words) < 5 or len(short) >= len(long):
        return False
    if long.startswith(short):
        # Five words are too few for a cut in the middle of a word.
        return len(words) > 5 or long[len(short)] == " "
    return long.endswith(f" {short}") and len(long.split()) - len(words) <= 2


def _says_the_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two titles have the same telling words but for one misspelling, in the same order or with a part moved:
    "surgeons praise patients" is not "patients praise surgeons"."""
    left, right = Counter(one) - Counter(other), Counter(other) - Counter(one)
    more, less = [word for word in left if word not in _NOTHING], [word for word in right if word not in _NOTHING]
    if len(more) != len(less) or len(more) > 1:
        return False
    if more and not _is_misspelt(more[0], less[0]):
        return False
    aligned = [less[0] if more and word == more[0] else word for word in one if word not in _NOTHING]
    return _has_a_part_moved(aligned, [word for word in other if word not in _NOTHING])


def _has_a_part_moved(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one list becomes the other by moving at most one part of it. Two neighbours that change places, like "from leg
    to face" and "from face to leg", say something else."""
    if len(one) != len(other):
        return False
    differing = [n for n, (word, its) in enumerate(zip(one, other, strict=True)) if word != its]
    if not differing:
        return True
    part = slice(differing[0], differing[-1] + 1)
    mine, its = [*one[part]], [*other[part]]
    return len(mine) > 2 and any([*mine[n:], *mine[:n]] == its for n in range(1, len(mine)))


def _is_misspelt(one: str, other: str) -> bool:
    """Whether two words differ in one letter or by one transposition, after the same first two letters: "regeneration" and
    "degeneration" are two words."""
    if any(letter.isdigit() for letter in one + other) or min(len(one), len(other)) < 5 or one[:2] != other[:2]:
        return False
    return DamerauLevenshtein.distance(one, other) <= 1
