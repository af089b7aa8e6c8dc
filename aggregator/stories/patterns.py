"""Headlines that follow one pattern and tell two things: on one topic they are many, and alike to the letter."""

from __future__ import annotations

from functools import lru_cache

from aggregator.stories.identity import bare_title, conflicts, is_instalment, same_title
from aggregator.stories.terms import Weights, names, stem, terms, topic_words
from aggregator.values.stories import Member

# A capital or a figure makes a name of a word that weighs so much.
_NAME, _NAME_AMONG_CAPITALS = 4.0, 6.5


def are_two(one: Member, other: Member, weights: Weights) -> bool:
    """Whether two headlines follow one pattern and tell two things: parts of a series, weeks of a round-up, the same words
    about another person, place or number."""
    a, b = bare_title(one.title, one.source), bare_title(other.title, other.source)
    if conflicts(one.keys, other.keys):
        return True
    if is_instalment(a) and is_instalment(b):
        return not same_title(a, b, one_source=one.source, other_source=other.source)
    return _follow_one_pattern(a, b, weights)


# A day's headline is held against many.
@lru_cache(maxsize=20_000)
def _terms(title: str) -> frozenset[str]:
    return frozenset(terms(title))


@lru_cache(maxsize=20_000)
def _names(title: str) -> frozenset[str]:
    return frozenset(names(title))


def _follow_one_pattern(one: str, other: str, weights: Weights) -> bool:
    a, b = _terms(one), _terms(other)
    if a.isdisjoint(topic_words()) or b.isdisjoint(topic_words()):
        # Where everybody writes about one illness, headlines have few patterns.
        return False
    if _say_the_contrary(a, b):
        return True
    if any(weights.of(word) >= _NAME_AMONG_CAPITALS for word in (_names(one) | _names(other)) & a & b):
        # They name the same person or thing.
        return False
    if len(a & b) < 3 or 5 * len(a & b) < 2 * min(len(a), len(b)):
        return False
    return bool(_own_names(one, weights) - b) and bool(_own_names(other, weights) - a)


_CONTRARY = tuple(
    (frozenset(map(stem, one.split())), frozenset(map(stem, other.split())))
    for one, other in (
        ("approves approved approval clears cleared", "rejects rejected rejection refuses declines"),
        ("adults adult", "children child pediatric paediatric"),
        ("rises rise up increases", "falls fall down decreases"),
        ("regeneration", "degeneration"),
    )
)


def _say_the_contrary(one: frozenset[str], other: frozenset[str]) -> bool:
    return any((one & a and other & b) or (one & b and other & a) for a, b in _CONTRARY)


def _own_names(title: str, weights: Weights) -> set[str]:
    """Names and figures of a headline; where every word has a capital, only a rare one is a name."""
    words = [word for word in title.split() if len(word) > 3 and word[0].isalpha()]
    has_capitals = 2 * sum(word[0].isupper() for word in words) > len(words)
    least = _NAME_AMONG_CAPITALS if has_capitals else _NAME
    return {word for word in _names(title) if word.isdigit() or weights.of(word) >= least}
