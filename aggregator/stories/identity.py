"""The same article: keys that two entries share only where they are one, and titles that are evidently one.

Keys are an identifier of the entry itself (DOI, PMID, PMCID, a registry number) or its address. Identifiers in running text
are mentions and make no key. Keys are plain text, `doi:10.1001/x`, so that staff can write them too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from aggregator.stories.terms import terms
from aggregator.text import fold
from aggregator.urls import canonical_url
from aggregator.values.entries import Entry

_MOST_KEYED_WORDS = 3
# What an agency or a player puts before a headline, and what a feed puts behind it.
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
# Titles under which something else comes every week.
_SERIES = re.compile(
    r"\b(?:recap|review|blotter|briefs?|headlines|letters?|round-?\s?up|notes|digest|newsletter|in brief|weekly|this week|"
    rf"news scan|calendar|obituar\w+|horoscopes?|editor|{_PART}|episode|season|edition|issue \d+|vol)\b",
    re.I,
)
_NOTHING = frozenset(
    ("study report survey research say find show expert scientist researcher news update video watch who").split()
)


def keys_of(entry: Entry) -> tuple[str, ...]:
    """The keys that identify the entry's article, strongest first."""
    own = entry.identifiers
    keys = [
        f"{name}:{value.lower()}"
        for name, value in (("doi", own.doi), ("pmid", own.pmid), ("pmcid", own.pmcid), ("nct", own.nct))
        if value
    ]
    if entry.url and entry.is_url_own:
        keys.append(f"url:{entry.page or canonical_url(entry.url)}")
    return tuple(keys)


def conflicts(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether both name themselves by different identifiers of one sort: different DOIs are different articles."""
    for sort in ("doi:", "pmid:", "nct:"):
        names = {key for key in one if key.startswith(sort)}
        if not names:
            # Most have none.
            continue
        others = {key for key in other if key.startswith(sort)}
        if others and not names & others:
            return True
    return False


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
    """Whether a title counts on or comes at its time: a part of several, a week's round-up, letters."""
    return bool(_INSTALMENT.search(title))


def is_series(title: str) -> bool:
    """Whether something else comes under such a title every week: a round-up, letters. A numbered part names itself."""
    return bool(_SERIES.search(title)) and not _NUMBERED.search(title)


def same_title(one: str, other: str, *, one_source: str = "", other_source: str = "") -> bool:
    """Whether two headlines are one, punctuated, cut or spelled otherwise; not where a number or a telling word differs."""
    a, b = bare_title(one, one_source), bare_title(other, other_source)
    folded_a, folded_b = _in_figures(fold(a)), _in_figures(fold(b))
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


_UNITS = re.compile(r"(?<=\d) (?:percent|per cent|pct|pc)\b|(?<=\d)(?:pct|pc)\b")
_AMOUNT = re.compile(r"(?<=\d) ?(billion|bn|b|million|mn|m|trillion|tn)\b")
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


def _in_figures(folded: str) -> str:
    """Numbers, units and abbreviations in one spelling: "u s" is "us", "three" is 3, "3 billion" is 3b."""
    joined = _LETTERS.sub(lambda found: found[0].replace(" ", ""), folded)
    joined = " ".join(_FIGURES.get(word, word) for word in joined.split())
    return _AMOUNT.sub(lambda found: found[1][0], _UNITS.sub("", joined))


def _is_part(short: str, long: str) -> bool:
    """Whether one headline is the other, cut off, or with a few words more around it."""
    words = short.split()
    if len(words) < 5 or len(short) >= len(long):
        return False
    if long.startswith(short):
        # Cut in the middle of a word only where letters are missing there.
        return len(words) > 5 or long[len(short)] == " "
    return f" {short}" in f"{long} "[: len(long) + 1] and long.endswith(short) and len(long.split()) - len(words) <= 2


def _says_the_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """The same telling words, in whatever order, a misspelling apart."""
    left, right = Counter(one) - Counter(other), Counter(other) - Counter(one)
    more, less = [word for word in left if word not in _NOTHING], [word for word in right if word not in _NOTHING]
    if len(more) != len(less) or len(more) > 1:
        return False
    return not more or _is_misspelt(more[0], less[0])


def _is_misspelt(one: str, other: str) -> bool:
    """A letter apart, or two turned round, behind the same beginning: "regeneration" and "degeneration" are two words."""
    if any(letter.isdigit() for letter in one + other) or min(len(one), len(other)) < 5 or one[:2] != other[:2]:
        return False
    return DamerauLevenshtein.distance(one, other) <= 1
