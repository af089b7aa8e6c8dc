"""Find the paper that a report is about: the report names the paper's identifier, or its journal and either its first
author or words of its title that no other paper of that journal has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache

from aggregator.stories.terms import Weights, terms
from aggregator.text import fold
from aggregator.values.stories import GroupingEntry

# News about a paper comes this long after it, or before it; otherwise it is about another study of the same journal.
_NEWS_FOR = timedelta(days=60)
_MOST_BEFORE = timedelta(days=3)
# Least weight of the words that report and title share, and its least ratio to that of the journal's next paper.
_ENOUGH, _MARGIN = 6.0, 1.4
_JOURNAL_WORDS = frozenset("the journal of and for in international american european british annals archives".split())


class Papers:
    """The papers that reports may be about, by identifier and by journal: there are many papers and few journals."""

    def __init__(self) -> None:
        self._named: defaultdict[str, list[GroupingEntry]] = defaultdict(list)
        self._printed: defaultdict[str, list[GroupingEntry]] = defaultdict(list)

    def add(self, paper: GroupingEntry) -> None:
        """Add a paper."""
        for key in paper.keys:
            self._named[key].append(paper)
        self._printed[journal_name(paper.source)].append(paper)

    def reported(
        self, member: GroupingEntry, weights: Weights, *, may_join: Callable[[GroupingEntry], bool] = lambda _: True
    ) -> tuple[GroupingEntry, str] | None:
        """The paper that `member` reports on, and the evidence in words; None if no paper is certain. `may_join` says
        whether staff allow a paper."""
        for mention in member.mentions:
            for paper in reversed(self._named.get(mention, ())):
                if may_join(paper):
                    return paper, "names the identifier"
        text = f" {fold(member.title)} {fold(member.summary)} "
        in_print = (papers for journal, papers in self._printed.items() if journal and f" {journal} " in text)
        candidates = [paper for papers in in_print for paper in papers if _is_recent(member, paper) and may_join(paper)]
        for paper in reversed(candidates):
            author = family_name(paper.authors[0]) if paper.authors else ""
            # "Andersen’s study" is folded to "andersens".
            if len(author) > 2 and (f" {author} " in text or f" {author}s " in text):
                return paper, f"names the journal and {paper.authors[0]}"
        words = {*terms(member.title), *terms(member.summary)}
        likes = sorted(
            ((_shared(words, paper, weights), -n, paper) for n, paper in enumerate(_titled(candidates))),
            key=lambda item: item[:2],
        )
        if likes and likes[-1][0] >= _ENOUGH and (len(likes) == 1 or likes[-1][0] >= _MARGIN * likes[-2][0]):
            return likes[-1][2], "names the journal and words"
        return None


def _titled(papers: Sequence[GroupingEntry]) -> list[GroupingEntry]:
    """One paper of each title: copies of a paper do not compete with it."""
    return list({fold(paper.title): paper for paper in papers}.values())


def _is_recent(member: GroupingEntry, paper: GroupingEntry) -> bool:
    return -_MOST_BEFORE <= member.at - paper.at <= _NEWS_FOR


def _shared(words: set[str], paper: GroupingEntry, weights: Weights) -> float:
    return sum(weights.of(word) for word in words & {*terms(paper.title)})


@cache
def journal_name(source: str) -> str:
    """The journal's whole name, folded; empty if no word of it is telling."""
    name = fold(re.sub(r"\s*[(\[].*$", "", source)).removeprefix("the ")
    telling = [word for word in name.split() if word not in _JOURNAL_WORDS]
    return name if telling and len(name) > 3 and name != "pubmed" else ""


def family_name(author: str) -> str:
    """The family name in "Lindqvist E", "E. Lindqvist", "Lindqvist, Eva" and "Eva Lindqvist", folded."""
    if "," in author:
        return fold(author.partition(",")[0])
    words = [word for word in fold(author).split() if len(word) > 1]
    last = author.rsplit(maxsplit=1)[-1] if author.split() else ""
    is_last_first = len(words) == 1 or (len(fold(last)) <= 3 and last.isupper())
    return (words[0] if is_last_first else words[-1]) if words else ""
