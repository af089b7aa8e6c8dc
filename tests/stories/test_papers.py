"""Which paper a report is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.stories.papers import Papers, family_name
from aggregator.stories.terms import Weights
from aggregator.values.stories import GroupingEntry
from tests.conftest import NOW

DAY = timedelta(days=1)
PAPER = GroupingEntry(
    1, "Selective neurectomy for synkinesis of the platysma", "", "Annals of Facial Repair", "", NOW,
    ("doi:10.5555/a",), authors=("Quillfeather A", "Otherby B"),
)  # fmt: skip
REPORT = GroupingEntry(9, "New hope for stiff faces", "", "Daily Tale", "", NOW + DAY, ())
NAMES_BOTH = "The work by Quillfeather is printed in Annals of Facial Repair."
NAMES_WORDS = "In Annals of Facial Repair: selective neurectomy helps against synkinesis of the platysma."


def report(summary: str = "", *, mentions: tuple[str, ...] = (), days: float = 1) -> GroupingEntry:
    return replace(REPORT, summary=summary, mentions=mentions, at=NOW + days * DAY)


def found(member: GroupingEntry, *papers: GroupingEntry, apart: tuple[int, ...] = ()) -> tuple[int, str] | None:
    known = Papers()
    for paper in papers:
        known.add(paper)
    answer = known.reported(member, Weights(), may_join=lambda paper: paper.entry not in apart)
    return (answer[0].entry, answer[1]) if answer else None


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (report(mentions=("doi:10.5555/a",)), "names the identifier"),
        (report(mentions=("doi:10.5555/b",)), None),
        (report(NAMES_BOTH), "names the journal and Quillfeather A"),
        (report(NAMES_BOTH.replace("Quillfeather", "Quillfeather’s team")), "names the journal and Quillfeather A"),
        (report(NAMES_BOTH.replace("Quillfeather", "Otherby")), None),
        (report(NAMES_BOTH.replace("Annals", "Archives")), None),
        (report(NAMES_WORDS), "names the journal and words"),
        (report("In Annals of Facial Repair: a new study of the face."), None),
    ],
    ids=["identifier", "another's", "first author", "possessive", "second author", "another journal", "words", "few words"],
)
def test_what_ties_a_report_to_a_paper(member: GroupingEntry, why: str | None) -> None:
    assert found(member, PAPER) == ((1, why) if why else None)


@pytest.mark.parametrize(("days", "is_found"), [(60, True), (60.1, False), (-3, True), (-3.1, False), (16 * 365, False)])
def test_news_of_a_paper_comes_with_it_or_within_two_months(days: float, is_found: bool) -> None:
    assert (found(report(NAMES_BOTH, days=days), PAPER) is not None) == is_found


def test_an_identifier_names_a_paper_of_any_age() -> None:
    assert found(report(mentions=("doi:10.5555/a",), days=16 * 365), PAPER) == (1, "names the identifier")


def test_what_staff_put_apart_is_never_tied() -> None:
    assert found(report(NAMES_BOTH, mentions=("doi:10.5555/a",)), PAPER, apart=(1,)) is None


def test_the_newest_paper_of_an_author_is_meant() -> None:
    newer = replace(PAPER, entry=2, title="Another paper on smiles", keys=("doi:10.5555/b",))

    assert found(report(NAMES_BOTH), PAPER, newer) == (2, "names the journal and Quillfeather A")
    assert found(report(NAMES_BOTH), PAPER, replace(newer, authors=("Else C",))) == (
        1,
        "names the journal and Quillfeather A",
    )


def test_words_tell_nothing_where_another_paper_of_the_journal_has_nearly_as_many() -> None:
    rival = replace(PAPER, entry=2, title="Selective neurectomy for platysma in synkinesis of age", keys=("doi:10.5555/b",))
    copy = replace(PAPER, entry=3, keys=("pmid:7",))

    assert found(report(NAMES_WORDS), PAPER, rival) is None
    assert found(report(NAMES_WORDS), PAPER, copy) == (3, "names the journal and words")


def test_words_tell_a_paper_from_another_of_the_journal_that_has_half_of_them() -> None:
    rival = replace(PAPER, entry=2, title="Synkinesis and the platysma", keys=("doi:10.5555/b",))

    assert found(report(NAMES_WORDS), PAPER, rival) == (1, "names the journal and words")


class AllWeighTwo(Weights):
    def of(self, word: str) -> float:
        return 2.0


@pytest.mark.parametrize(
    ("words", "is_found"), [("neurectomy and platysma", False), ("selective neurectomy and platysma", True)]
)
def test_the_words_that_tie_a_report_weigh_six_together(words: str, is_found: bool) -> None:
    known = Papers()
    known.add(PAPER)

    assert (known.reported(report(f"In Annals of Facial Repair: {words}."), AllWeighTwo()) is not None) == is_found


@pytest.mark.parametrize("source", ["PubMed", "Journal of", "Ear", ""])
def test_a_source_that_says_nothing_is_no_journal(source: str) -> None:
    said = f"The work by Quillfeather is printed in {source}, the Journal of this town, and PubMed."

    assert found(report(said), replace(PAPER, source=source)) is None


def test_a_journal_is_known_without_its_article_and_without_what_stands_in_brackets() -> None:
    assert found(report(NAMES_BOTH), replace(PAPER, source="The Annals of Facial Repair (Online)")) is not None


def test_a_name_of_three_letters_ties_a_report_to_its_paper() -> None:
    paper = replace(PAPER, authors=("Lee A",))

    assert found(report(NAMES_BOTH.replace("Quillfeather", "Lee")), paper) == (1, "names the journal and Lee A")


def test_a_name_of_two_letters_ties_nothing_by_itself() -> None:
    assert found(report("We li on it, says Annals of Facial Repair."), replace(PAPER, authors=("Li W",))) is None


def test_a_paper_without_authors_is_found_by_its_words() -> None:
    assert found(report(NAMES_WORDS), replace(PAPER, authors=())) == (1, "names the journal and words")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Lindqvist E", "lindqvist"),
        ("Lindqvist EMA", "lindqvist"),
        ("E. Lindqvist", "lindqvist"),
        ("Lindqvist, Eva", "lindqvist"),
        ("Eva Lindqvist", "lindqvist"),
        ("Eva Maria Lindqvist", "lindqvist"),
        ("Eva Maria LINDQVIST", "lindqvist"),
        ("Wei Li", "li"),
        ("Li W", "li"),
        ("Lindqvist", "lindqvist"),
        ("", ""),
        ("E", ""),
    ],
)
def test_the_family_name_in_all_usual_orders(author: str, name: str) -> None:
    assert family_name(author) == name
