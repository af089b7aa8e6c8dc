"""Headlines that follow one pattern and report two things: on one topic there are many, and they are nearly identical."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

from aggregator.stories.places import places
from aggregator.stories.same_article import bare_title, conflicts, is_instalment, same_title
from aggregator.stories.terms import Weights, names, stem, terms, topic_words
from aggregator.values.stories import GroupingEntry

# Least weight of a capitalised word or a figure to count as a name: usually, and where every word has a capital.
_NAME, _NAME_AMONG_CAPITALS = 4.0, 6.5
# The fewest words that two headlines of one pattern share.
_FEWEST_SHARED = 3


def tell_different_things(one: GroupingEntry, other: GroupingEntry, weights: Weights) -> bool:
    """Whether two headlines follow one pattern and report two things: parts of a series, weeks of a round-up, the same words
    about another person, place, product, condition or number."""
    a, b = bare_title(one.title, one.source), bare_title(other.title, other.source)
    if conflicts(one.keys, other.keys):
        return True
    if is_instalment(a) and is_instalment(b):
        return not same_title(a, b, one_source=one.source, other_source=other.source)
    return _follow_one_pattern(a, b, weights)


# Cached: a headline is compared with many others.
@lru_cache(maxsize=20_000)
def _terms(title: str) -> frozenset[str]:
    return frozenset(terms(title))


@lru_cache(maxsize=20_000)
def _names(title: str) -> frozenset[str]:
    return frozenset(names(title))


def _follow_one_pattern(one: str, other: str, weights: Weights) -> bool:
    a, b = _terms(one), _terms(other)
    if a.isdisjoint(topic_words()) or b.isdisjoint(topic_words()):
        # Only headlines about one illness have so few patterns.
        return False
    is_decision = any(a & verbs and b & verbs for verbs in _DECISIONS)
    if _say_the_contrary(a, b) or (is_decision and name_two_conditions(one, other)):
        return True
    has_pattern = len(a & b) >= _FEWEST_SHARED and 5 * len(a & b) >= 2 * min(len(a), len(b))
    if has_pattern and _are_disjoint(places(one), places(other)):
        return True
    if any(weights.of(word) >= _NAME_AMONG_CAPITALS for word in (_names(one) | _names(other)) & a & b):
        # They name the same person or thing.
        return False
    if has_pattern and name_two_conditions(one, other):
        return True
    return (has_pattern or is_decision) and bool(_own_names(one, weights) - b) and bool(_own_names(other, weights) - a)


def _stems(*lines: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(stem, line.split())) for line in lines)


# Words of one contrary in one headline only and of the other in the other only.
_CONTRARY = tuple(
    _stems(one, other)
    for one, other in (
        ("approves approved approval clears cleared", "rejects rejected rejection refuses declines"),
        ("adults adult", "children child pediatric paediatric"),
        ("rises rise up increases", "falls fall down decreases"),
        ("regeneration", "degeneration"),
        ("girl", "boy"),
        ("woman", "man"),
    )
)
# What is decided about many products.
_DECISIONS = _stems(
    "approve approves approved approval clear clears cleared clearance license licenses licensed back backs backed",
    "reject rejects rejected rejection refuse refuses refused decline declines declined",
    "recall recalls recalled withdraw withdraws withdrawn",
    "launch launches launched unveil unveils unveiled",
)
# Conditions that one event has one of.
_CONDITIONS = _stems(
    *("bell bells", "hemifacial spasm", "ramsay hunt", "moebius mobius", "synkinesis", "parotid", "stroke", "migraine"),
    *("acoustic vestibular neuroma schwannoma", "lyme", "microsomia"),
)


def _say_the_contrary(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(_only(a, one, other) and _only(b, other, one) for pair in _CONTRARY for a, b in (pair, pair[::-1]))


def _only(words: frozenset[str], one: frozenset[str], other: frozenset[str]) -> bool:
    return not words.isdisjoint(one) and words.isdisjoint(other)


def name_two_conditions(one: str, other: str) -> bool:
    """Whether both headlines name conditions of the face, and none of them in common."""
    mine, its = ({n for n, words in enumerate(_CONDITIONS) if words & _terms(title)} for title in (one, other))
    return _are_disjoint(mine, its)


def _are_disjoint(one: Set[object], other: Set[object]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _own_names(title: str, weights: Weights) -> set[str]:
    """Names and figures of a headline. If most words have a capital, only rare ones are names; a rare first word is one."""
    words = [word for word in title.split() if len(word) > 3 and word[0].isalpha()]
    has_capitals = 2 * sum(word[0].isupper() for word in words) > len(words)
    least = _NAME_AMONG_CAPITALS if has_capitals else _NAME
    first = {
        word for word in terms(title.split(maxsplit=1)[0]) if title[0].isupper() and weights.of(word) >= _NAME_AMONG_CAPITALS
    }
    return first | {word for word in _names(title) if word.isdigit() or weights.of(word) >= least}
