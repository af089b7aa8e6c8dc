"""What is deleted with time, and what never is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from aggregator.store import retention
from aggregator.store.models import ENTRY_CHANGE, ENTRY_KEY, ENTRY_MENTION, FEED, NOTICE, POLL, RUN, STORY
from aggregator.store.retention import Pruned, prune, purged
from tests.conftest import NOW
from tests.store.conftest import Rows

DAY = timedelta(days=1)
OLD = NOW - 401 * DAY


def with_runs(rows: Rows, *days_ago: float) -> None:
    for days in days_ago:
        rows.connection.execute(insert(RUN).values(started_at=NOW - days * DAY))


def believed(rows: Rows) -> None:
    """The clock is believed: refreshes of the last month are recorded."""
    with_runs(rows, 45, 31, 20, 10, 1)


def delete(rows: Rows) -> Pruned:
    return prune(rows.connection, rejected_days=400, now=NOW)


@pytest.mark.parametrize(
    ("facts", "is_kept"),
    [
        ({}, False),
        ({"admitted": True}, True),
        ({"standing": "hidden"}, True),
        ({"standing": "waiting"}, True),
        ({"notice": "retraction"}, True),
        ({"seen_at": NOW - 400 * DAY}, True),
        ({"seen_at": NOW - 400 * DAY - timedelta(seconds=1)}, False),
    ],
    ids=["rejected", "admitted", "hidden by staff", "waits for staff", "a notice", "on the day", "a second older"],
)
def test_only_rejected_entries_that_nobody_decided_about_are_deleted(
    rows: Rows, facts: dict[str, Any], is_kept: bool
) -> None:
    believed(rows)
    usual: dict[str, Any] = {"admitted": False, "seen_at": OLD}
    rows.entry(rows.feed(), "a", **(usual | facts))

    assert delete(rows).entries == (0 if is_kept else 1)
    assert rows.guids() == ["a"] * is_kept


def test_a_paper_that_a_notice_is_about_stays(rows: Rows) -> None:
    believed(rows)
    feed = rows.feed()
    paper = rows.entry(feed, "paper", admitted=False, seen_at=OLD)
    notice = rows.entry(feed, "notice", notice="retraction", seen_at=OLD)
    rows.connection.execute(insert(NOTICE).values(entry_id=notice, of_id=paper))

    assert delete(rows).entries == 0


def test_what_has_a_story_stays(rows: Rows) -> None:
    believed(rows)
    entry = rows.entry(rows.feed(), "a", admitted=False, seen_at=OLD)
    story = rows.connection.execute(insert(STORY).values(begun_at=OLD).returning(STORY.c.id)).scalar_one()
    rows.set(entry, story_id=story)

    assert delete(rows).entries == 0


def test_what_belongs_to_a_deleted_entry_goes_with_it_and_its_guid_is_remembered(rows: Rows) -> None:
    believed(rows)
    one, other = rows.feed("One"), rows.feed("Other")
    gone = rows.entry(one, "a", admitted=False, seen_at=OLD, keys=["url:a"], mentions=["doi:10.1/x"])
    kept = rows.entry(one, "b", keys=["url:b"], mentions=["doi:10.1/x"])
    for entry in (gone, kept):
        rows.connection.execute(insert(ENTRY_CHANGE).values(entry_id=entry, changed_at=OLD, title="T", url=""))

    assert delete(rows) == Pruned(entries=1)
    for table in (ENTRY_KEY, ENTRY_MENTION, ENTRY_CHANGE):
        assert rows.connection.execute(select(table.c.entry_id)).scalars().all() == [kept]
    assert purged(rows.connection, one, ["a", "b"]) == {"a"}
    assert purged(rows.connection, other, ["a", "b"]) == set()


@pytest.mark.parametrize(
    ("days_ago", "is_believed"),
    [
        ((45, 31, 20, 10, 1), True),
        ((45, 31, 20, 10), False),
        ((45, 30, 20, 10, 0), True),
        ((29, 25, 20, 10, 0), False),
        ((60, 20, 10, 5, 1), True),
        ((61, 20, 10, 5, 1), False),
        ((45, 31, 20, 10, -1), False),
    ],
    ids=["enough", "four runs", "30 days", "less than a month", "60 days", "61 days", "a run in the future"],
)
def test_a_clock_that_may_have_jumped_deletes_nothing(rows: Rows, days_ago: tuple[float, ...], is_believed: bool) -> None:
    rows.entry(rows.feed(), "a", admitted=False, seen_at=OLD)
    with_runs(rows, *days_ago)

    assert delete(rows).entries == is_believed


def test_runs_older_than_two_years_go_with_what_each_feed_gave(rows: Rows) -> None:
    believed(rows)
    with_runs(rows, 731, 730)
    feed = rows.feed()
    for run in rows.connection.execute(select(RUN.c.id)).scalars().all():
        rows.connection.execute(
            insert(POLL).values(run_id=run, feed_id=feed, outcome="parsed", reason="", seen=0, new=0, updated=0, admitted=0)
        )

    assert delete(rows) == Pruned(runs=1)
    assert rows.connection.execute(select(func.min(RUN.c.started_at))).scalar() == NOW - 730 * DAY
    assert rows.connection.execute(select(func.count()).select_from(POLL)).scalar() == 6


KNOWLEDGE = {"etag": "a", "last_modified": "b", "body_hash": "c", "last_error": "d"}


@pytest.mark.parametrize(("days", "is_forgotten"), [(731, True), (730, False)])
def test_what_a_feed_answered_is_forgotten_two_years_after_it_was_last_fetched(
    rows: Rows, days: int, is_forgotten: bool
) -> None:
    believed(rows)
    rows.feed()
    rows.connection.execute(update(FEED).values(last_asked_at=NOW - days * DAY, title="Title", **KNOWLEDGE))

    delete(rows)

    row = rows.connection.execute(select(*(FEED.c[name] for name in KNOWLEDGE), FEED.c.title)).one()
    assert tuple(row) == ((None, None, None, None, "Title") if is_forgotten else ("a", "b", "c", "d", "Title"))


def test_many_are_deleted_in_batches(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "in_batches", lambda found: (found[n : n + 2] for n in range(0, len(found), 2)))
    believed(rows)
    feed = rows.feed()
    for n in range(5):
        rows.entry(feed, str(n), admitted=False, seen_at=OLD)

    assert delete(rows).entries == 5
    assert purged(rows.connection, feed, [*"0123456"]) == {*"01234"}
