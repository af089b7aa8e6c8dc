"""What staff decide about stories, and what stays when two become one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from aggregator.store import stories
from aggregator.store.models import ENTRY, STORY
from aggregator.values.stories import Grouping
from tests.conftest import NOW
from tests.store.conftest import Rows

DAY = timedelta(days=1)


@pytest.fixture
def three(rows: Rows) -> list[int]:
    """Three entries with a story each, in the order of their numbers."""
    feed = rows.feed()
    numbers = [rows.entry(feed, str(n), keys=[f"url:{n}"]) for n in range(3)]
    stories.keep(rows.connection, [Grouping(number, None, "alone") for number in numbers], now=NOW)
    return numbers


def stories_of(rows: Rows) -> list[int | None]:
    return list(rows.connection.execute(select(ENTRY.c.story_id).order_by(ENTRY.c.id)).scalars())


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_merge_keeps_the_older_story_whichever_is_named_first(rows: Rows, three: list[int], is_turned: bool) -> None:
    one, other = (three[2], three[0]) if is_turned else (three[0], three[2])

    kept = stories.merge(rows.connection, one, other, now=NOW)

    assert kept == 1
    assert stories_of(rows) == [1, 2, 1]
    reasons = rows.connection.execute(select(ENTRY.c.story_reason).order_by(ENTRY.c.id)).scalars().all()
    assert reasons == ["alone", "alone", "staff put them together"]


def test_the_number_of_a_story_is_never_given_again(rows: Rows, three: list[int]) -> None:
    """Its page's address would lead to another story."""
    stories.merge(rows.connection, three[0], three[2], now=NOW)
    fresh = rows.entry(rows.feed(), "fresh", keys=["url:fresh"])
    stories.keep(rows.connection, [Grouping(fresh, None, "alone")], now=NOW)
    assert stories.story_of(rows.connection, fresh) == 4
    assert rows.connection.execute(select(STORY.c.id)).scalars().all() == [1, 2, 4], "the empty one is gone by now"

    stories.merge(rows.connection, three[0], three[1], now=NOW)
    assert rows.connection.execute(select(STORY.c.id)).scalars().all() == [1, 4]
    stories.place(rows.connection, {fresh: 1}, {}, now=NOW)
    assert rows.connection.execute(select(STORY.c.id)).scalars().all() == [1, 4]


def test_a_split_begins_a_new_story_and_holds_against_all_that_stay(rows: Rows, three: list[int]) -> None:
    stories.merge(rows.connection, three[0], three[1], now=NOW)
    stories.merge(rows.connection, three[0], three[2], now=NOW)

    assert stories.split(rows.connection, three[2], now=NOW) == [three[0], three[1]]
    found = stories.everything(rows.connection)
    assert found.apart == {three[2]: {three[0], three[1]}, three[0]: {three[2]}, three[1]: {three[2]}}
    assert found.together == {three[0]: {three[1]}, three[1]: {three[0]}}
    assert stories.story_of(rows.connection, three[2]) not in (stories.story_of(rows.connection, three[0]), None)


def test_nothing_is_split_off_a_story_of_one(rows: Rows, three: list[int]) -> None:
    assert stories.split(rows.connection, three[0], now=NOW) == []
    assert stories_of(rows) == [1, 2, 3]


def test_the_newest_decision_about_two_entries_counts(rows: Rows, three: list[int]) -> None:
    stories.merge(rows.connection, three[0], three[1], now=NOW)
    stories.split(rows.connection, three[1], now=NOW)
    stories.merge(rows.connection, three[1], three[0], now=NOW)

    found = stories.everything(rows.connection)
    assert found.together == {three[0]: {three[1]}, three[1]: {three[0]}}
    assert found.apart == {}


def test_an_entry_with_a_story_takes_it_along(rows: Rows, three: list[int]) -> None:
    begun = stories.keep(rows.connection, [Grouping(three[2], three[1], "one event")], now=NOW)

    assert begun == 0
    assert stories_of(rows) == [1, 2, 2]


def test_an_edition_chooses_from_what_is_dated_listed_and_not_held(rows: Rows) -> None:
    listed, gone = rows.feed("ListedStory"), rows.feed("Gone", enabled=False)
    shown = rows.entry(listed, "shown", at=NOW - timedelta(days=1))
    newer = rows.entry(listed, "newer")
    others = [
        rows.entry(listed, "undated", at=None),
        rows.entry(listed, "hidden", standing="hidden"),
        rows.entry(listed, "waiting", standing="waiting"),
        rows.entry(gone, "gone"),
    ]
    stories.keep(rows.connection, [Grouping(number, None, "") for number in (shown, newer, *others)], now=NOW)

    found = stories.candidates(rows.connection).stories

    assert [[article.entry for article in story.articles] for story in found] == [[newer], [shown]]


def test_recent_entries_are_those_of_stories_that_are_shown_newest_first(rows: Rows) -> None:
    feed = rows.feed()
    old = rows.entry(feed, "old", at=NOW - 31 * DAY)
    one = rows.entry(feed, "one", at=NOW - 2 * DAY, keys=["doi:10.5555/a"], doi="10.5555/a")
    other = rows.entry(feed, "other", at=NOW - DAY)
    hidden, waiting = rows.entry(feed, "hidden", standing="hidden"), rows.entry(feed, "waiting", standing="waiting")
    rejected, notice = rows.entry(feed, "rejected", admitted=False), rows.entry(feed, "notice", notice="retraction")
    everything = (old, one, other, hidden, waiting, rejected, notice)
    stories.keep(rows.connection, [Grouping(entry, None, "") for entry in everything], now=NOW)
    rows.entry(feed, "ungrouped")

    window = stories.recent(rows.connection, NOW - 30 * DAY)

    assert [member.entry for member in window.candidates] == [other, one]
    assert (window.candidates[1].is_paper, window.candidates[0].is_paper) == (True, False)
    assert stories.recent(rows.connection, NOW - 30 * DAY, most=1).candidates == window.candidates[:1]
