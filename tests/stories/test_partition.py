"""Groupings carried out in memory, and what they change of the stored stories: a row for each case."""

from __future__ import annotations

import pytest

from aggregator.stories.partition import compared, follow, partition, renumbered
from aggregator.values.stories import Grouping, GroupingEntry
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("before", "entry", "joins", "after"),
    [
        ({}, 1, None, {1: 1}),
        ({1: 1}, 2, 1, {1: 1, 2: 1}),
        ({1: 1, 2: 1}, 3, 2, {1: 1, 2: 1, 3: 1}),
        ({1: 1, 2: 2, 3: 2}, 2, 1, {1: 1, 2: 1, 3: 1}),
        ({1: 1, 2: 2, 3: 2}, 3, 1, {1: 1, 2: 1, 3: 1}),
        ({1: 1, 2: 1}, 2, 1, {1: 1, 2: 1}),
    ],
    ids=["begins one", "joins", "joins through another", "takes its story along", "whichever entry", "is there already"],
)
def test_a_decision_is_carried_out(before: dict[int, int], entry: int, joins: int | None, after: dict[int, int]) -> None:
    follow(before, Grouping(entry, joins, ""))

    assert before == after


def test_a_partition_follows_all_decisions() -> None:
    groupings = [Grouping(1, None, ""), Grouping(2, None, ""), Grouping(3, 2, ""), Grouping(2, 1, "")]

    assert partition(groupings) == {1: 1, 2: 1, 3: 1}


def members(stored: dict[int, int | None]) -> list[GroupingEntry]:
    return [GroupingEntry(entry, f"T{entry}", "", "", "", NOW, (), story=story) for entry, story in stored.items()]


@pytest.mark.parametrize(
    ("stored", "story", "numbers"),
    [
        ({1: 10, 2: 10}, {1: 1, 2: 1}, {1: 10, 2: 10}),
        ({1: None, 2: None}, {1: 1, 2: 1}, {1: -1, 2: -1}),
        ({1: 10, 2: None}, {1: 1, 2: 1}, {1: 10, 2: 10}),
        ({1: 11, 2: 10, 3: 10}, {1: 1, 2: 1, 3: 1}, {1: 10, 2: 10, 3: 10}),
        ({1: 11, 2: 10}, {1: 1, 2: 1}, {1: 10, 2: 10}),
        ({1: 10, 2: 10, 3: 10}, {1: 1, 2: 2, 3: 2}, {1: -1, 2: 10, 3: 10}),
        ({1: 10, 2: 10}, {1: 1, 2: 2}, {1: 10, 2: -2}),
        ({1: 10, 2: 10, 3: 10, 4: 11}, {1: 1, 2: 1, 3: 3, 4: 3}, {1: 10, 2: 10, 3: 11, 4: 11}),
    ],
    ids=[
        "the same",
        "new",
        "a new member",
        "most",
        "as many: the older",
        "parted: the larger",
        "parted: the first",
        "next best",
    ],
)
def test_a_story_keeps_the_number_of_the_one_that_it_mostly_is(
    stored: dict[int, int | None], story: dict[int, int], numbers: dict[int, int]
) -> None:
    assert renumbered(members(stored), story) == numbers


@pytest.mark.parametrize(
    ("stored", "fresh", "joined", "parted"),
    [
        ({1: 10, 2: 10}, {1: 10, 2: 10}, (), ()),
        ({1: 10, 2: 11, 3: 11}, {1: 10, 2: 10, 3: 10}, (("T1", "T2"),), ()),
        ({1: 10, 2: None}, {1: 10, 2: 10}, (("T1", "T2"),), ()),
        ({1: 10, 2: 10, 3: 10}, {1: 10, 2: -2, 3: -2}, (), (("T1", "T2"),)),
        ({1: None, 2: None}, {1: -1, 2: -2}, (), ()),
    ],
    ids=["nothing", "joined", "a new member joined", "parted", "new ones were never together"],
)
def test_what_a_regrouping_changes(
    stored: dict[int, int | None], fresh: dict[int, int], joined: tuple[object, ...], parted: tuple[object, ...]
) -> None:
    found = compared(members(stored), fresh)

    assert (found.total, found.joined, found.parted) == (len(stored), joined, parted)
