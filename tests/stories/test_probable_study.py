"""Which paper a report is probably about, though it names no identifier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.stories.probable_study import probable_studies
from aggregator.stories.terms import Weights
from aggregator.values.stories import GroupingEntry, GroupingInput, WordCounts
from tests.conftest import NOW

DAY = timedelta(days=1)
PAPER = GroupingEntry(
    1, "Masseteric nerve transfer with platysma neurectomy for flaccid facial paralysis: a cohort of 137 adults",
    "Dynamic smile excursion improved at one year. Patients were treated at Velderby University Hospital.",
    "Annals of Facial Repair", "", NOW, ("doi:10.5555/a",), authors=("Quillfeather A", "Otherby B"), story=1,
)  # fmt: skip


def report(title: str, summary: str = "", *, days: float = 1, **changes: object) -> GroupingEntry:
    made = GroupingEntry(9, title, summary, "Daily Tale", "", NOW + days * DAY, (), story=9)
    return replace(made, **changes)  # type: ignore[arg-type]


def reasons(*members: GroupingEntry, apart: dict[int, frozenset[int]] | None = None) -> list[tuple[int, int, str]]:
    window = GroupingInput((), members, WordCounts(), apart=apart or {})
    return [(one.report.entry, one.paper.entry, one.reason) for one in probable_studies(window, Weights())]


PROBABLE = [
    ("Masseteric transfer helps people smile, study in Annals of Facial Repair finds", "", "names the journal Annals of Facial Repair"),
    ("Study: masseteric transfer gives adults their smile back", "Dr Quillfeather says it works.", "names the author Quillfeather A"),
    ("Masseteric transfer works, says Otherby’s study", "", "names the author Otherby B"),
    ("Study of masseteric nerve transfer at Velderby University Hospital", "", "names Velderby University Hospital"),
    ("Trial: 137 adults smile again after masseteric transfer", "", "gives the number 137"),
    ("Researchers cut the platysma and move the masseteric nerve", "The neurectomy helps flaccid faces.", "shares “"),
]  # fmt: skip
NOT_PROBABLE = [
    # Tied by one thing, and about something else.
    ("Study in Annals of Facial Repair: laser light helps dogs", ""),
    ("Quillfeather wins the mayor's race, study of votes finds", ""),
    ("Velderby University Hospital opens its research centre for hearts", ""),
    ("Study: 137 sheep escape", ""),
    # The topic's own words, and those of every study.
    ("Study: nerve surgery helps patients with facial paralysis smile", "The trial compared two groups of adults."),
    ("Masseteric transfer brings back a smile", "A study is planned."),
    # No word of a study.
    ("Masseteric transfer and platysma neurectomy for flaccid faces explained", ""),
    # Another condition in the title.
    ("Study in Annals of Facial Repair: masseteric transfer and neurectomy after stroke", ""),
]


@pytest.mark.parametrize(("title", "summary", "reason"), PROBABLE)
def test_what_makes_a_paper_probable(title: str, summary: str, reason: str) -> None:
    ((one, paper, why),) = reasons(PAPER, report(title, summary))

    assert (one, paper) == (9, 1)
    assert why.startswith(reason)
    assert why.endswith(" and came 1 day after it")


@pytest.mark.parametrize(("title", "summary"), NOT_PROBABLE)
def test_near_misses(title: str, summary: str) -> None:
    paper = (
        replace(PAPER, title=PAPER.title.replace("flaccid facial paralysis", "Bell's palsy")) if "stroke" in title else PAPER
    )

    assert reasons(paper, report(title, summary)) == []


LIKELY = report(PROBABLE[0][0])


@pytest.mark.parametrize(
    ("days", "when"),
    [
        (0, "on the same day"),
        (-1, "1 day before it"),
        (-4, "4 days before it"),
        (21, "21 days after it"),
        (-4.1, ""),
        (21.1, ""),
    ],
)
def test_a_report_comes_within_weeks_of_its_paper(days: float, when: str) -> None:
    found = reasons(PAPER, replace(LIKELY, at=NOW + days * DAY))

    assert [why.rpartition(" and came ")[2] for _, _, why in found] == ([when] if when else [])


def test_what_is_one_story_or_was_put_apart_or_is_a_notice_is_not_offered() -> None:
    assert reasons(PAPER, replace(LIKELY, story=1)) == []
    assert reasons(PAPER, LIKELY, apart={9: frozenset({1})}) == []
    assert reasons(PAPER, replace(LIKELY, notice="retraction")) == []
    assert reasons(replace(PAPER, notice="retraction"), LIKELY) == []


def test_a_paper_is_no_report_of_another_paper() -> None:
    assert reasons(PAPER, replace(LIKELY, keys=("doi:10.5555/b",))) == []


def test_of_several_papers_the_one_that_most_speaks_for_is_offered() -> None:
    rival = replace(
        PAPER, entry=2, story=2, title="Masseteric exercises after transfer", summary="", authors=(), keys=("pmid:7",)
    )
    said = report("Masseteric transfer with neurectomy: study in Annals of Facial Repair", "Quillfeather says it works.")

    assert [paper for _, paper, _ in reasons(rival, PAPER, said)] == [1]
    assert [paper for _, paper, _ in reasons(PAPER, rival, said)] == [1]
