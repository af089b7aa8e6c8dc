"""Each phrase of the vocabulary, in all languages: it is found, it does what it is listed for, and it is not there twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.relevance.evidence import ORDER
from aggregator.relevance.judge import judge, make_rules
from aggregator.relevance.phrases import Phrases, alternatives
from aggregator.relevance.wordings import ANY, GAP
from aggregator.text import fold
from aggregator.topics import EVIDENCE_PLACES, Topic, Vocabulary, read_vocabulary, vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.settings import Feed, FilterRules
from tests.conftest import HOME

RULES = make_rules(vocabulary(), FilterRules())
FEED = Feed(name="A feed", url="https://feeds.example.com/f")
FILES = sorted((HOME / "aggregator" / "vocabulary").glob("*.yaml"))


def titled(phrase: str) -> Verdict:
    return judge(Entry(guid="1", url="", title=phrase.replace("…", " of the ")), (), FEED, RULES)


def beside(topic: Topic) -> Iterator[tuple[str, str]]:
    yield from ((name, one) for name, phrases in topic.beside.items() for p in phrases for one in alternatives(p))


@pytest.mark.parametrize("topic", vocabulary().topics, ids=lambda topic: topic.slug)
def test_each_strong_phrase_is_enough_alone(topic: Topic) -> None:
    phrases = [one for phrase in topic.strong for one in alternatives(phrase)]

    assert [one for one in phrases if not titled(one).admitted] == []


@pytest.mark.parametrize("topic", vocabulary().topics, ids=lambda topic: topic.slug)
def test_no_phrase_keeps_itself_company(topic: Topic) -> None:
    needed = {name for name, company in vocabulary().companies.items() if company.within}
    alone = [one for name, one in beside(topic) if name in needed]

    assert [one for one in alone if titled(one).admitted] == []


@pytest.mark.parametrize("topic", vocabulary().topics, ids=lambda topic: topic.slug)
def test_each_phrase_that_needs_company_counts_in_it(topic: Topic) -> None:
    company = {
        "face": "facial",
        "palsy": "palsy",
        "tumour": "tumor",
        "illness": "syndrome",
        "eye": "eye",
        "own-words": "nerve",
        "twitch": "artery",
        "muscle": "thigh muscle",
    }
    without = {name: Phrases(dict.fromkeys(one.without, frozenset("-"))) for name, one in vocabulary().companies.items()}
    found = [
        one for name, one in beside(topic)
        if not titled(f"{one} and {company[name]}").admitted and not without[name].is_in(fold(one))
    ]  # fmt: skip

    assert found == []


@pytest.mark.parametrize("topic", vocabulary().topics, ids=lambda topic: topic.slug)
def test_no_weak_phrase_is_enough(topic: Topic) -> None:
    weak = [one for phrase in topic.weak for one in alternatives(phrase) if not RULES.strong.is_in(fold(one))]

    assert [one for one in weak if titled(one).admitted] == []


def test_what_is_elsewhere_is_not_ours() -> None:
    phrases = [one for phrase in vocabulary().elsewhere for one in alternatives(phrase)]

    assert [one for one in phrases if titled(one).admitted] == []


def test_what_is_elsewhere_hides_something() -> None:
    found = vocabulary()
    company = Phrases({word: frozenset("-") for one in found.companies.values() for word in one.within})
    looked_for = (*RULES.phrases, company, RULES.near_misses.animals)
    idle = [
        phrase for phrase in found.elsewhere
        if not any(some.is_in(fold(one)) for one in alternatives(phrase) for some in looked_for)
    ]  # fmt: skip

    assert idle == []


@pytest.mark.parametrize("path", [HOME / "aggregator" / "topics.yaml", *FILES], ids=lambda path: path.stem)
def test_no_phrase_is_only_reached_through_another(path: Path) -> None:
    """A phrase all of whose spellings contain other phrases of its topic says nothing more."""
    base = None if path.stem == "topics" else vocabulary()
    found = read_vocabulary(path.read_text("utf-8"), path, is_known=True, beside=base)

    assert [phrase for topic in found.topics for phrase in redundant(topic)] == []


def redundant(topic: Topic) -> Iterator[str]:
    plain = [phrase for phrase in topic.strong if "…" not in phrase]
    spelled = {phrase: {fold(one) for one in alternatives(phrase)} for phrase in plain}
    for phrase in plain:
        others = set().union(*(ones for other, ones in spelled.items() if other != phrase))
        if all(_has_inside(one.split(), others) for one in spelled[phrase]):
            yield phrase


def _has_inside(words: list[str], phrases: set[str]) -> bool:
    ends = range(len(words) + 1)
    return any(" ".join(words[start:end]) in phrases for start in ends for end in ends if start < end)


def test_no_phrase_stands_for_more_than_is_spelled_out() -> None:
    found = vocabulary()
    lists = (found.elsewhere, found.another, found.animals, found.reports, found.structures)
    phrases = [*(phrase for one in lists for phrase in one), *(phrase for topic in found.topics for phrase in topic.strong)]

    assert [phrase for phrase in phrases if "|" in phrase and phrase in alternatives(phrase)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_language_has_its_topics_and_its_near_misses(path: Path) -> None:
    found: Vocabulary = read_vocabulary(path.read_text("utf-8"), path, beside=vocabulary())
    unspoken = {topic.slug for topic in vocabulary().topics} - {topic.slug for topic in found.topics} - {"institute"}

    assert unspoken == set()
    assert all((found.elsewhere, found.another, found.animals, found.reports, found.structures))


@pytest.mark.parametrize("path", [HOME / "aggregator" / "topics.yaml", *FILES], ids=lambda path: path.stem)
def test_each_language_tells_every_kind(path: Path) -> None:
    base = None if path.stem == "topics" else vocabulary()
    found = read_vocabulary(path.read_text("utf-8"), path, beside=base).evidence

    assert {place: {*kinds} for place, kinds in found.items() if kinds} == {
        place: {*ORDER[place]} for place in EVIDENCE_PLACES
    }


@pytest.mark.parametrize("place", EVIDENCE_PLACES)
def test_no_wording_begins_with_any_word(place: str) -> None:
    """It is looked up by its first word."""
    patterns = [pattern for patterns in vocabulary().evidence[place].values() for pattern in patterns]

    assert [one for pattern in patterns for one in alternatives(pattern) if one.split()[0] in (ANY, GAP)] == []
