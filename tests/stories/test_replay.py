"""A stream day by day: when an entry's story is given, and what grouping knows of an entry that is not stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.keys import Identifiers
from aggregator.stories.replay import Replay, grouping_entry
from aggregator.values.entries import Entry
from aggregator.values.stories import GroupingEntry
from tests.conftest import NOW


def entry(number: int, title: str, days: int) -> GroupingEntry:
    one = Entry(guid=str(number), url="", title=title, published_at=NOW + timedelta(days=days))
    return grouping_entry(number, one, is_preprint=False, notice=None)


ONE, OTHER = "Westmere clinic opens a ward for facial surgery", "Why swimming helps some people to sleep"


@pytest.mark.parametrize(
    ("second", "settled"),
    [((OTHER, 0), []), ((OTHER, 2), []), ((OTHER, 3), [(1, 1)])],
    ids=["the same day", "two days later", "three days later"],
)
def test_a_story_is_given_once_two_days_have_passed(second: tuple[str, int], settled: list[tuple[int, int]]) -> None:
    replay = Replay()
    assert list(replay.take(entry(1, ONE, 0))) == []

    assert list(replay.take(entry(2, *second))) == settled
    assert list(replay.end()) == [(1, 1), (2, 2)][len(settled) :]


def test_entries_with_the_same_title_are_one_story() -> None:
    replay = Replay()
    given = [*replay.take(entry(1, ONE, 0)), *replay.take(entry(2, ONE, 1)), *replay.end()]

    assert given == [(1, 1), (2, 1)]


def test_what_grouping_knows_of_an_entry() -> None:
    one = Entry(
        guid="g", url="https://a.example/1", title="T", summary="S", source="Wire", authors=("Barr T",),
        mentions=("pmid:5",), identifiers=Identifiers(doi="10.5555/a"), published_at=NOW,
    )  # fmt: skip

    assert grouping_entry(4, one, is_preprint=True, notice="retraction") == GroupingEntry(
        4, "T", "S", "Wire", "https://a.example/1", NOW, one.keys, ("Barr T",), ("pmid:5",), True, "retraction"
    )


def test_an_entry_without_a_date_comes_before_all_others() -> None:
    undated = grouping_entry(1, Entry(guid="g", url="", title="T"), is_preprint=False, notice=None)

    assert undated.at == datetime(1970, 1, 1, tzinfo=UTC)
