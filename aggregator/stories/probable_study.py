"""Find the paper that a report is probably about, though the report names no identifier: too little to join them, enough to
ask staff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from aggregator.stories.lookalikes import name_two_conditions
from aggregator.stories.papers import family_name, journal_name
from aggregator.stories.terms import Weights, field_words, is_calendar, terms, topic_words
from aggregator.text import fold
from aggregator.values.stories import GroupingEntry, GroupingInput, ProbableStudy

# A report comes so long before its paper (embargoes end, feeds are late), or after it.
_MOST_BEFORE, _MOST_AFTER = timedelta(days=4), timedelta(days=21)
# Least weight of the words that both have, the topic's own apart: where something else ties them, and where nothing does.
_TIED, _ALONE = 5.0, 17.0
# The share of their weight that the vocabulary's words have: treatments and conditions are the same in many studies.
_OF_THE_FIELD = 0.5
_FEWEST_WORDS, _MOST_NAMED = 2, 3
_SHORTEST_NAME, _FEWEST_DIGITS = 4, 2
# Numbers of many studies: months, hours, shares.
_ROUND = frozenset("10 12 18 20 24 25 30 36 40 48 50 60 72 75 80 90 95 99 100".split())
_STUDY = re.compile(
    r"\b(?:stud(?:y|ies|io|i)|trials?|research\w*|scientists?|findings?|journal|experts?|doctors (?:find|found|say)|"
    r"published|studien?|forsch\w+|études?|chercheu\w+|essai|estudios?|ensayos?|investigador\w*|estudos?|"
    r"pesquisador\w*|ricercator\w*|onderzoek\w*)\b",
    re.I,
)
_INSTITUTION = re.compile(
    r"\b(?:University(?: Hospitals?| College)?|Universität\w*|Hospital|Institute|School) of [A-Z][\w-]+(?: [A-Z][\w-]+)?|"
    r"\b(?:[A-Z][\w-]+ ){1,3}(?:University|Hospital|Infirmary|Institute|Clinic|College)\b"
)
# Words of nearly every study, which tie no report to one.
_OF_ANY_STUDY = frozenset(
    terms(
        "study trial research researcher scientist finding journal published expert doctor patient people percent risk help "
        "improve improvement compare group result effect effective significant method month year after before random "
        "randomised randomized controlled control placebo cohort retrospective prospective analysis clinical treat therapy "
        "recovery recover function score quality life adult systematic meta"
    )
)


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry with what is compared."""

    member: GroupingEntry
    text: str
    words: frozenset[str]
    institutions: frozenset[str]


def probable_studies(window: GroupingInput, weights: Weights) -> tuple[ProbableStudy, ...]:
    """For each report among the candidates, the paper of another story that it is probably about: the one that most speaks
    for; reports in order."""
    papers = [_read(one) for one in window.candidates if one.is_paper and one.notice is None]
    reports = [_read(one) for one in window.candidates if not one.is_paper and one.notice is None]
    found = []
    for report in reports:
        if _STUDY.search(f"{report.member.title} {report.member.summary}"):
            best = max(_likely(report, papers, window, weights), key=lambda pair: pair[0], default=None)
            found += [best[1]] if best else []
    return tuple(found)


def _likely(
    report: _Read, papers: Iterable[_Read], window: GroupingInput, weights: Weights
) -> Iterator[tuple[float, ProbableStudy]]:
    """The papers that a report may be about, with how much speaks for each."""
    for paper in papers:
        if not _may_be_about(report.member, paper.member, window):
            continue
        shared = (report.words & paper.words) - topic_words() - _OF_ANY_STUDY - _words_of_names(report, paper)
        worth = {word: _worth(word, weights) for word in shared}
        ties, weight = _ties(report, paper), sum(worth.values())
        if len(worth) >= _FEWEST_WORDS and weight >= (_TIED if ties else _ALONE):
            words = sorted(worth, key=lambda word: (-worth[word], word))
            reason = ", ".join([*ties, f"shares {_quoted(words, report.member)}"])
            found = ProbableStudy(report.member, paper.member, f"{reason} and came {_when(report.member, paper.member)}")
            yield weight * (1 + len(ties)), found


def _words_of_names(report: _Read, paper: _Read) -> set[str]:
    """The words of the paper's journal and of institutions: they tie a report to a paper, and do not count again."""
    return {word for name in (paper.member.source, *(report.institutions & paper.institutions)) for word in terms(name)}


def _worth(word: str, weights: Weights) -> float:
    """What a shared word is worth: half if many reports on our topic have it, nothing if it is a word of the calendar."""
    if is_calendar(word):
        return 0.0
    return weights.of(word) * (_OF_THE_FIELD if word in field_words() else 1.0)


def _may_be_about(report: GroupingEntry, paper: GroupingEntry, window: GroupingInput) -> bool:
    if report.story == paper.story or not -_MOST_BEFORE <= report.at - paper.at <= _MOST_AFTER:
        return False
    return not name_two_conditions(report.title, paper.title) and paper.entry not in window.apart.get(report.entry, ())


def _ties(report: _Read, paper: _Read) -> list[str]:
    """What a report and a paper share besides words: a journal, an author, an institution, a number."""
    journal = journal_name(paper.member.source)
    ties = [f"names the journal {paper.member.source}"] if journal and f" {journal} " in report.text else []
    named = (author for author in paper.member.authors if _is_named(family_name(author), report))
    ties += [f"names the author {author}" for author in (next(named, None),) if author]
    ties += [f"names {name}" for name in sorted(report.institutions & paper.institutions)[:1]]
    numbers = sorted(word for word in report.words & paper.words if _is_count(word))
    return ties + [f"gives the number {number}" for number in numbers[:1]]


def _is_named(name: str, report: _Read) -> bool:
    """Whether a family name stands in a report, with a capital where it is no word of the headline's beginning."""
    if len(name) < _SHORTEST_NAME or not (f" {name} " in report.text or f" {name}s " in report.text):
        return False
    written = f"{report.member.title} {report.member.summary}"
    return any(fold(word) in (name, f"{name}s") and word[0].isupper() for word in re.findall(r"[\w’'-]+", written))


def _is_count(word: str) -> bool:
    return (
        word.isdigit()
        and len(word) >= _FEWEST_DIGITS
        and not is_calendar(word)
        and word not in ("10", "12", "24", "50", "100")
    )


def _read(member: GroupingEntry) -> _Read:
    text = f"{member.title}. {member.summary}"
    return _Read(member, f" {fold(text)} ", frozenset(terms(text)), _institutions(text))


@lru_cache(maxsize=2000)
def _institutions(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"^The ", "", match[0]) for match in _INSTITUTION.finditer(text))


def _quoted(words: Sequence[str], report: GroupingEntry) -> str:
    """The most telling words, as the report writes them."""
    written = {term: word for word in re.findall(r"[\w’'-]+", f"{report.summary} {report.title}") for term in terms(word)}
    return ", ".join(f"“{written.get(word, word)}”" for word in words[:_MOST_NAMED])


def _when(report: GroupingEntry, paper: GroupingEntry) -> str:
    days = round((report.at - paper.at) / timedelta(days=1))
    if days == 0:
        return "on the same day"
    return f"{abs(days)} {'day' if abs(days) == 1 else 'days'} {'after' if days > 0 else 'before'} it"
