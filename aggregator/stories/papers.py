"""Which paper a report is about: it names the paper's identifier, or its journal and either its first author or words of
its title that no other paper of that journal has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import cache

from aggregator.stories.terms import Weights, terms
from aggregator.text import fold
from aggregator.values.stories import Member

# News about a paper comes with it, or a while later; what is older is another study of the same journal.
_NEWS_FOR = timedelta(days=60)
_MOST_BEFORE = timedelta(days=3)
# What report and title must share, in weight, and how much more than with the journal's next paper.
_ENOUGH, _MARGIN = 6.0, 1.4
_JOURNAL_WORDS = frozenset("the journal of and for in international american european british annals archives".split())


class Papers:
    """The papers that reports may be about, by identifier and by journal: there are many papers and few journals."""

    def __init__(self) -> None:
        self._named: defaultdict[str, list[Member]] = defaultdict(list)
        self._printed: defaultdict[str, list[Member]] = defaultdict(list)

    def add(self, paper: Member) -> None:
        """One more paper."""
        for key in paper.keys:
            self._named[key].append(paper)
        self._printed[_journal(paper.source)].append(paper)

    def reported(self, member: Member, weights: Weights, *, apart: Collection[int] = ()) -> tuple[Member, str] | None:
        """The paper that `member` reports on, and what says so; None where none surely is. `apart` are never it."""
        for mention in member.mentions:
            for paper in reversed(self._named.get(mention, ())):
                if paper.entry not in apart:
                    return paper, "names the identifier"
        text = f" {fold(member.title)} {fold(member.summary)} "
        in_print = (papers for journal, papers in self._printed.items() if journal and f" {journal} " in text)
        named = [paper for papers in in_print for paper in papers if paper.entry not in apart and _is_recent(member, paper)]
        for paper in reversed(named):
            author = family_name(paper.authors[0]) if paper.authors else ""
            # "Andersen’s study" is folded to "andersens".
            if len(author) > 2 and (f" {author} " in text or f" {author}s " in text):
                return paper, f"names the journal and {paper.authors[0]}"
        words = {*terms(member.title), *terms(member.summary)}
        likes = sorted(
            ((_shared(words, paper, weights), -n, paper) for n, paper in enumerate(_titled(named))), key=lambda one: one[:2]
        )
        if likes and likes[-1][0] >= _ENOUGH and (len(likes) == 1 or likes[-1][0] >= _MARGIN * likes[-2][0]):
            return likes[-1][2], "names the journal and words"
        return None


def _titled(papers: Sequence[Member]) -> list[Member]:
    """One of each title: a paper's other copies are no rivals of it."""
    return list({fold(paper.title): paper for paper in papers}.values())


def _is_recent(member: Member, paper: Member) -> bool:
    return -_MOST_BEFORE <= member.at - paper.at <= _NEWS_FOR


def _shared(words: set[str], paper: Member, weights: Weights) -> float:
    return sum(weights.of(word) for word in words & {*terms(paper.title)})


@cache
def _journal(source: str) -> str:
    """The journal's whole name, folded; empty where the name says nothing."""
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
