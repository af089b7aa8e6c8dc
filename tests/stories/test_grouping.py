"""The same article is one story; what names itself differently is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories import grouping
from aggregator.stories.grouping import group
from aggregator.stories.identity import keys_of
from aggregator.values.entries import Entry, Identifiers
from aggregator.values.stories import Member, Window, WordCounts
from tests.conftest import NOW


def member(number: int, title: str = "", *keys: str, hours: int = 0) -> Member:
    return Member(number, title or f"Title {number}", "", f"Source {number}", "", NOW + timedelta(hours=hours), keys)


def joins(*ungrouped: Member, candidates: tuple[Member, ...] = ()) -> dict[int, int | None]:
    return {one.entry: one.joins for one in group(Window(ungrouped, candidates, WordCounts()))}


def test_identifiers_of_the_entry_itself_make_keys_and_mentions_do_not() -> None:
    entry = Entry(
        guid="1", url="https://pubmed.ncbi.nlm.nih.gov/1/", title="T", mentions=("doi:10.5555/other",),
        identifiers=Identifiers(doi="10.5555/X", pmid="1", nct="NCT00000001"),
    )  # fmt: skip

    assert keys_of(entry) == ("doi:10.5555/x", "pmid:1", "nct:nct00000001", "url:pubmed.ncbi.nlm.nih.gov/1")


def test_an_address_that_others_share_makes_no_key() -> None:
    assert keys_of(Entry(guid="1", url="https://www.example.com/a", title="T", is_url_own=False)) == ()


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
    (_, second) = group(Window((member(1, "A", "pmid:1"), member(2, "B", "pmid:1")), (), WordCounts()))

    assert second.reason == "same pmid:1 as “A” (Source 1)"


MEMBERS = st.lists(st.tuples(st.sampled_from(["k1", "k2", "k3", ""]), st.integers(0, 50)), max_size=20).map(
    lambda rows: tuple(member(n, "", *([key] if key else []), hours=hour) for n, (key, hour) in enumerate(rows, start=1))
)


@given(MEMBERS)
def test_the_order_in_which_entries_are_stored_changes_nothing(members: tuple[Member, ...]) -> None:
    assert joins(*members) == joins(*reversed(members))


@given(MEMBERS)
def test_a_story_is_joined_by_entries_that_came_before(members: tuple[Member, ...]) -> None:
    by_number = {one.entry: one for one in members}

    for entry, joined in joins(*members).items():
        assert joined is None or (by_number[joined].at, joined) < (by_number[entry].at, entry)


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> list[Member]:
    """More entries that are alike than are compared of one source."""
    monkeypatch.setattr(grouping, "_MOST_OF_A_SOURCE", 20)
    return [
        replace(member(n, f"Facial palsy clinic offer number {n} for a new smile"), source="Flood") for n in range(1, 60)
    ]


def test_a_flood_of_likeness_costs_only_itself(flood: list[Member]) -> None:
    """What is too much of a day is not compared, and a source with few entries comes before one that floods."""
    news = [
        member(101, "Mayor Quillfeather returns to Drumnakil after Bell's palsy"),
        member(102, "Drumnakil mayor Quillfeather back at work after Bell's palsy"),
    ]

    found = {one.entry: one for one in group(Window((*flood, *news), (), WordCounts()))}

    assert found[102].joins == 101
    left_out = [one for one in found.values() if "not compared" in one.reason]
    assert len(left_out) == len(flood) - 20
    assert all(one.joins is None and one.entry < 100 for one in left_out)


def test_what_surely_belongs_to_a_compared_entry_comes_along(flood: list[Member]) -> None:
    late = replace(
        member(201, "Mayor Quillfeather returns to Drumnakil after Bell's palsy", "url:a", hours=1), source="Flood"
    )
    same = member(203, "Mayor Quillfeather returns to Drumnakil after Bell's palsy", "url:a", hours=2)
    like = member(202, "Drumnakil mayor Quillfeather back at work after Bell's palsy", hours=3)

    found = joins(*flood, late, same, like)

    assert (found[203], found[202]) == (201, 201)
