"""The same article is one story; what names itself differently is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.keys import Identifiers, mentions_in
from aggregator.stories import grouping
from aggregator.stories.clusters import Stream
from aggregator.stories.grouping import group
from aggregator.stories.terms import Weights
from aggregator.values.entries import Entry
from aggregator.values.stories import GroupingEntry, GroupingInput, WordCounts
from tests.conftest import NOW


def member(number: int, title: str = "", *keys: str, hours: int = 0) -> GroupingEntry:
    return GroupingEntry(number, title or f"Title {number}", "", f"Source {number}", "", NOW + timedelta(hours=hours), keys)


def joins(*ungrouped: GroupingEntry, candidates: tuple[GroupingEntry, ...] = ()) -> dict[int, int | None]:
    return {one.entry: one.joins for one in group(GroupingInput(ungrouped, candidates, WordCounts()))}


def test_identifiers_of_the_entry_itself_make_keys_and_mentions_do_not() -> None:
    entry = Entry(
        guid="1", url="https://pubmed.ncbi.nlm.nih.gov/1/", title="T", mentions=("doi:10.5555/other",),
        identifiers=Identifiers(doi="10.5555/X", pmid="1", nct="NCT00000001"),
    )  # fmt: skip

    assert entry.keys == ("doi:10.5555/x", "pmid:1", "nct:nct00000001", "url:pubmed.ncbi.nlm.nih.gov/1")


def test_a_report_that_names_a_trial_joins_its_registry_entry() -> None:
    trial = member(1, "Selective reinnervation after facial palsy", "nct:nct01234567")
    report = replace(member(2, "A new trial starts in May"), mentions=mentions_in("NCT01234567", Identifiers()))

    assert joins(trial, report) == {1: None, 2: 1}


@pytest.mark.parametrize("order", [(1, 2, 3), (1, 3, 2), (2, 3, 1), (3, 1, 2)])
def test_no_third_entry_brings_together_what_staff_keep_apart(order: tuple[int, ...]) -> None:
    hours = {entry: hour for hour, entry in enumerate(order)}
    members = tuple(member(n, f"Title {n}", "doi:10.5555/x", hours=hours[n]) for n in (1, 2, 3))
    apart = {1: frozenset({2}), 2: frozenset({1})}
    home = {one.entry: one.joins for one in group(GroupingInput(members, (), WordCounts(), apart=apart))}

    assert sum(joined is None for joined in home.values()) == 2
    assert home[1] != 2
    assert home[2] != 1


def test_likeness_brings_no_stories_together_that_staff_keep_apart() -> None:
    event = "Mayor Patricia Oyelaran leaves debate with Bell's palsy in Dunmore Falls"
    alike = (
        member(1, event, hours=0),
        member(2, f"{event}, doctors say", hours=1),
        member(3, "Oyelaran of Dunmore Falls: mayor with Bell's palsy leaves debate early", hours=2),
    )
    assert joins(*alike) == {1: None, 2: 1, 3: 1}
    apart = {1: frozenset({3}), 3: frozenset({1})}
    home = {one.entry: one.joins for one in group(GroupingInput(alike, (), WordCounts(), apart=apart))}

    assert home[3] is None


def test_an_entry_joins_no_story_of_one_that_is_too_old_to_be_a_candidate() -> None:
    apart = {9: frozenset({1}), 1: frozenset({9})}
    older = replace(member(5, "Another report", "pmid:1"), story=7)
    window = GroupingInput((member(9, "B", "pmid:1", hours=5),), (older,), WordCounts(), apart=apart, placed={1: 7})

    assert [one.joins for one in group(window)] == [None]


def test_one_key_is_enough() -> None:
    assert joins(member(1, "A", "doi:10.1/x", "pmid:1"), member(2, "B", "pmid:1")) == {1: None, 2: 1}


def test_an_old_story_is_joined_and_not_begun_again() -> None:
    assert joins(member(9, "B", "pmid:1"), candidates=(member(1, "A", "pmid:1", hours=-999),)) == {9: 1}


def test_the_same_long_title_is_the_same_article() -> None:
    title = "Steroids are enough for most people"

    assert joins(member(1, title), member(2, title.upper() + "!")) == {1: None, 2: 1}


def test_a_short_title_proves_nothing() -> None:
    assert joins(member(1, "Front matter"), member(2, "Front matter")) == {1: None, 2: None}


def test_different_dois_are_different_articles_whatever_they_share() -> None:
    title = "Editorial: the facial nerve and us"

    assert joins(member(1, title, "doi:10.1/a", "url:x"), member(2, title, "doi:10.1/b", "url:x")) == {1: None, 2: None}


def test_each_join_says_why() -> None:
    (_, second) = group(GroupingInput((member(1, "A", "pmid:1"), member(2, "B", "pmid:1")), (), WordCounts()))

    assert second.reason == "same pmid:1 as “A” (Source 1)"


MEMBERS = st.lists(st.tuples(st.sampled_from(["k1", "k2", "k3", ""]), st.integers(0, 50)), max_size=20).map(
    lambda rows: tuple(member(n, "", *([key] if key else []), hours=hour) for n, (key, hour) in enumerate(rows, start=1))
)


@given(MEMBERS)
def test_the_order_in_which_entries_are_stored_changes_nothing(members: tuple[GroupingEntry, ...]) -> None:
    assert joins(*members) == joins(*reversed(members))


@given(MEMBERS)
def test_a_story_is_joined_by_entries_that_came_before(members: tuple[GroupingEntry, ...]) -> None:
    by_number = {one.entry: one for one in members}

    for entry, joined in joins(*members).items():
        assert joined is None or (by_number[joined].at, joined) < (by_number[entry].at, entry)


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> list[GroupingEntry]:
    """More entries that are alike than are compared of one source."""
    monkeypatch.setattr(grouping, "_MOST_OF_A_SOURCE", 20)
    return [
        replace(member(n, f"Facial palsy clinic offer number {n} for a new smile"), source="Flood") for n in range(1, 60)
    ]


def test_a_flood_of_likeness_costs_only_itself(flood: list[GroupingEntry]) -> None:
    """What is too much of a day is not compared, and a source with few entries comes before one that floods."""
    news = [
        member(101, "Mayor Quillfeather returns to Drumnakil after Bell's palsy"),
        member(102, "Drumnakil mayor Quillfeather back at work after Bell's palsy"),
    ]

    found = {one.entry: one for one in group(GroupingInput((*flood, *news), (), WordCounts()))}

    assert found[102].joins == 101
    left_out = [one for one in found.values() if "not compared" in one.reason]
    assert len(left_out) == len(flood) - 20
    assert all(one.joins is None and one.entry < 100 for one in left_out)


@pytest.mark.parametrize(("sources", "each", "compared"), [(1501, 1, 1500), (1, 201, 200), (8, 200, 1500), (3, 2, 6)])
def test_how_many_entries_of_a_day_and_of_a_source_are_compared(sources: int, each: int, compared: int) -> None:
    day = [replace(member(n), source=f"Source {n % sources}") for n in range(sources * each)]

    assert len(grouping._without_floods(day)) == compared


def test_what_was_new_is_not_new_on_the_day_after() -> None:
    stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
    events = [member(n, f"Mayor Quillfeather opens clinic number {n}") for n in (1, 2)]

    list(grouping.group_days(stream, events))

    assert [cluster.is_new for cluster in stream.clusters.values()] == [False] * len(stream.clusters) != []


def test_what_surely_belongs_to_a_compared_entry_comes_along(flood: list[GroupingEntry]) -> None:
    late = replace(
        member(201, "Mayor Quillfeather returns to Drumnakil after Bell's palsy", "url:a", hours=1), source="Flood"
    )
    same = member(203, "Mayor Quillfeather returns to Drumnakil after Bell's palsy", "url:a", hours=2)
    like = member(202, "Drumnakil mayor Quillfeather back at work after Bell's palsy", hours=3)

    found = joins(*flood, late, same, like)

    assert (found[203], found[202]) == (201, 201)


TITLE = "Selective neurectomy for synkinesis of the platysma in adults"


def paper(number: int, *authors: str, is_preprint: bool = False) -> GroupingEntry:
    found = member(number, TITLE, f"doi:10.5555/{number}", hours=number)
    return replace(found, authors=authors, is_preprint=is_preprint)


@pytest.mark.parametrize(
    ("first", "second", "is_version"),
    [
        (paper(1, "Lind E", "Barr T", is_preprint=True), paper(2, "Lind E", "Cole U"), True),
        (paper(1, "Lind E", "Barr T"), paper(2, "Lind E", "Cole U", is_preprint=True), True),
        (paper(1, "Lind E", "Barr T", is_preprint=True), paper(2, "Cole U", "Barr T"), False),
        (paper(1, "Barr T", "Lind E", is_preprint=True), paper(2, "Lind E", "Cole U"), False),
        (paper(1, "Lind E"), paper(2, "Lind E"), False),
        (paper(1, is_preprint=True), paper(2, "Lind E"), False),
        (paper(1, "Lind E", is_preprint=True), paper(2), False),
    ],
    ids=["preprint first", "preprint second", "last author", "other first author", "no preprint", "no authors", "nor there"],
)
def test_a_preprint_joins_its_journal_version_by_title_and_first_author(
    first: GroupingEntry, second: GroupingEntry, is_version: bool
) -> None:
    assert joins(first, second) == {1: None, 2: 1 if is_version else None}


@pytest.mark.parametrize(
    ("title", "is_filed"),
    [
        ("Facial palsy round-up from clinics", False),
        ("Facial palsy round-up from all our clinics in the north", True),
        ("Facial palsy news from clinics", True),
        ("Facial palsy from clinics", False),
    ],
)
def test_a_headline_is_filed_where_it_is_long_enough_to_be_its_own(title: str, is_filed: bool) -> None:
    """One that comes again every week must be twice as long."""
    assert bool(grouping._places(member(1, title))) is is_filed
