"""The words of titles, and their weight as evidence that two titles report the same thing.

On a page with one topic the topic's own words prove nothing; names, numbers and rare words do. The fewer titles have a word,
the more it weighs: counted in a prior that we ship and in our own stored corpus, which outgrows the prior with time.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from aggregator.stories.spelling import in_one_spelling
from aggregator.text import fold
from aggregator.topics import vocabulary
from aggregator.values.stories import WordCounts

# Document frequencies in 198,509 news titles of 2014 (UCI News Aggregator, public domain), words that 20 or more have.
PRIOR_DOCUMENTS = 198_509
# The share of its documents that the prior counts for beside our own titles (tuned on labelled streams).
_PRIOR_SHARE = 0.2
_SUBLINEAR = 0.9
_OUR_OWN = 0.2

_STOP = frozenset(
    (
        "a an the of in on at to for and or but nor by from with as is are was were be been being it its this that these "
        "those he she they his her their him them i you your we our us my me not no so if then than too very can will "
        "just do does did has have had s t re ve ll d m about into over after before out up down off again more most some "
        "such only own same what which who whom when where why how all any both each few other there here says said say "
        "new report el la los las un una de del en y o que con por para se su sus al lo como mas es son"
    ).split()
)
# The words of our own topic: in the prior they are rare and would weigh as much as a name.
_OUR_OWN_WORDS = frozenset(
    (
        "facial palsy paralysis parálisis paralisis paralysed paralyzed paresis bell bells synkinesis microsomia hemifacial "
        "craniofacial moebius mobius parotid parotidectomy neuroma schwannoma"
    ).split()
)
_TOPIC = _OUR_OWN_WORDS | frozenset(
    (
        "face nerve paralys ramsay hunt syndrome reanimation spasm acoustic vestibular patient patients treatment surgery "
        "smile muscle eye eyelid child children tumor tumour gland "
        "idiopathic acute peripheral outcome outcomes case study trial review nervio"
    ).split()
)
# Words of the calendar. Two reports of one Monday in March, or of one Easter, have only the day in common.
_CALENDAR = frozenset(
    (
        "january february march april may june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday "
        "today tonight tomorrow yesterday morning evening night day daily week weekly weekend month monthly year "
        "spring summer autumn fall winter season episode easter christmas thanksgiving halloween valentine ramadan passover"
    ).split()
)
_CALENDAR_SHARE = 0.5
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its commonest English endings: enough for headlines, and the prior is stemmed the same way."""
    if len(word) <= 3 or word.isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWELS & set(rest):
            word = rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def terms(title: str) -> list[str]:
    """The telling words of a title, stemmed, in their order, institutions and amounts in one spelling."""
    return [stem(word) for word in fold(in_one_spelling(title)).split() if word not in _STOP]


_NAME_LIKE = re.compile(r"(?<![.!?:]\s)(?<!^)(?<![“\"'‘])\b(?:[A-Z][\w’'-]+|[£$€]?\d[\w.,%]*)")


def names(text: str) -> list[str]:
    """The words of a text that look like names or figures: with a capital where no sentence begins, or with a digit."""
    return [term for match in _NAME_LIKE.finditer(in_one_spelling(text)) for term in terms(match[0])]


def address_terms(url: str) -> list[str]:
    """The words in an address: often an earlier, longer headline than the one that is shown."""
    parts = [re.sub(r"\.\w{2,5}$", "", part) for part in urlsplit(url).path.split("/")]
    longest = max(parts, key=lambda part: part.count("-") + part.count("_"))
    if longest.count("-") + longest.count("_") < 2:
        return []
    return [term for term in terms(re.sub("[-_]", " ", longest)) if not re.fullmatch(r"\d{5,}|[0-9a-f]{8,}", term)]


@cache
def prior() -> Mapping[str, int]:
    """The prior: the number of its titles that have a word, by stemmed word."""
    counts: dict[str, int] = {}
    for line in files("aggregator.stories").joinpath("document_frequencies.txt").read_text("utf-8").splitlines():
        count, _, words = line.partition(" ")
        counts |= dict.fromkeys(words.split(), int(count))
    return counts


@cache
def topic_words() -> frozenset[str]:
    """The stemmed words that are our topic's own, which say nothing about sameness here."""
    return frozenset(stem(fold(word)) for word in _TOPIC)


@cache
def _topic_only_words() -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in _OUR_OWN_WORDS)


@cache
def _calendar_words() -> frozenset[str]:
    return frozenset(map(stem, _CALENDAR))


def is_calendar(term: str) -> bool:
    """Whether a stemmed word or a figure names a day, a month, a year or a season."""
    return term in _calendar_words() or (len(term) == 4 and term.isdigit() and term.startswith(("19", "20")))


def is_our_own(term: str) -> bool:
    """Whether a stemmed word hardly occurs outside our topic."""
    return term in _topic_only_words()


@cache
def field_words() -> frozenset[str]:
    """The stemmed words of the vocabulary: rare in the news, and no names."""
    vocab = vocabulary()
    phrases = [
        phrase
        for topic in vocab.topics
        for kind in (
            topic.strong,
            topic.weak,
            topic.abbreviations,
            *topic.beside.values(),
            [topic.name, topic.about],
        )
        for phrase in kind
    ]
    words = (word for phrase in phrases for word in fold(phrase).split())
    return frozenset(map(stem, words))


class Weights:
    """How telling words are, by the prior and by the titles of our own that were counted."""

    def __init__(self, corpus: WordCounts | None = None) -> None:
        self.documents = corpus.documents if corpus else 0
        self.counts = Counter(corpus.counts if corpus else ())
        # A cache: between two counts a weight is asked for a hundred times and more.
        self._known: dict[str, float] = {}

    def count(self, words: Iterable[str]) -> None:
        """Count one more title."""
        self.documents += 1
        self.counts.update(set(words))
        self._known.clear()

    def of(self, word: str) -> float:
        """The word's weight: a sublinear inverse document frequency."""
        weight = self._known.get(word)
        if weight is None:
            weight = self._known[word] = self._weigh(word)
        return weight

    def _weigh(self, word: str) -> float:
        frequency = prior().get(word, 0) * _PRIOR_SHARE + self.counts[word] + 0.5
        if word in topic_words():
            frequency += _OUR_OWN * PRIOR_DOCUMENTS * _PRIOR_SHARE
        weight = math.log(max(1.5, (PRIOR_DOCUMENTS * _PRIOR_SHARE + self.documents + 1) / frequency)) ** _SUBLINEAR
        return float(weight * (_CALENDAR_SHARE if is_calendar(word) else 1))
