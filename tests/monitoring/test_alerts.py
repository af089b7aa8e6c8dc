"""Who is told of what: once for each new condition, and nothing of a feed that is only slow."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from aggregator.monitoring.alerts import AlertState, compare, conditions
from aggregator.values.health import FeedFacts, WorkspaceFacts, usual_gap
from tests.conftest import NOW

WELL = FeedFacts("Journal", "https://example.org/feed", last_ok_at=NOW, newest_entry_at=NOW, usual_gap=timedelta(days=1))
HOUSE = WorkspaceFacts(free_disk=10**12, last_fresh_at=NOW, last_admitted_at=NOW)


def keys(workspace: WorkspaceFacts = HOUSE, *feeds: FeedFacts, now: datetime = NOW) -> list[str]:
    return [one.key.split(" ")[0] for one in conditions(workspace, feeds, now=now)]


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


def test_all_is_well() -> None:
    assert keys(HOUSE, WELL) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"store_fault": "The store is damaged."}, "store"),
        ({"problems": ("feeds.yaml, line 3: what?",)}, "feeds.yaml"),
        ({"free_disk": 499_000_000}, "disk"),
        ({"failure": "templates/pages/index.html, line 2"}, "failed"),
        ({"last_fresh_at": days(1.2)}, "unread"),
        ({"last_admitted_at": days(7.5)}, "nothing"),
    ],
)
def test_what_is_wrong_with_the_house_is_told(changes: dict[str, object], key: str) -> None:
    assert keys(replace(HOUSE, **changes), WELL) == [key]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"failures": 4, "last_error": "answers 404", "last_ok_at": days(3.5)}, "broken"),
        ({"moved_to": "https://example.org/new"}, "moved"),
        ({"newest_entry_at": days(29), "usual_gap": timedelta(days=7)}, "silent"),
        ({"held": 50}, "held"),
    ],
)
def test_what_is_wrong_with_a_feed_is_told(changes: dict[str, object], key: str) -> None:
    assert keys(HOUSE, replace(WELL, **changes)) == [key]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"failures": 2, "last_error": "answers 503", "last_ok_at": days(2)},
        {"failures": 40, "last_error": "answers 404", "last_ok_at": None},
        {"newest_entry_at": days(6), "usual_gap": timedelta(days=1)},
        {"newest_entry_at": days(100), "usual_gap": timedelta(days=30)},
        {"newest_entry_at": days(300), "usual_gap": None},
    ],
)
def test_what_needs_nobody_is_not_told(changes: dict[str, object]) -> None:
    assert keys(HOUSE, replace(WELL, **changes)) == []  # type: ignore[arg-type]


def test_a_condition_is_told_once_and_its_end_once() -> None:
    broken = replace(WELL, failures=4, last_error="answers 404", last_ok_at=days(3.5))
    known: dict[str, AlertState] = {}
    told = []
    for day, feed in enumerate([broken, broken, broken, WELL, WELL]):
        now = NOW + timedelta(days=day)
        known, news = compare(known, conditions(HOUSE, [feed], now=NOW), now=now)
        told.append((len(news.begun), len(news.over)))

    assert told == [(1, 0), (0, 0), (0, 0), (0, 1), (0, 0)]


def test_a_feed_that_moved_is_told_of_when_it_says_so_for_days() -> None:
    moved = replace(WELL, moved_to="https://example.org/new")
    known: dict[str, AlertState] = {}
    told = []
    for day in range(4):
        known, news = compare(known, conditions(HOUSE, [moved], now=NOW), now=NOW + timedelta(days=day))
        told.append(len(news.begun))

    assert told == [0, 0, 1, 0]


def test_a_move_that_was_taken_back_is_never_told() -> None:
    known, _ = compare({}, conditions(HOUSE, [replace(WELL, moved_to="https://x.example/")], now=NOW), now=NOW)
    known, news = compare(known, conditions(HOUSE, [WELL], now=NOW), now=NOW + timedelta(days=3))

    assert not news
    assert known == {}


def calendar(rng: random.Random, every: float, jitter: float) -> list[date]:
    """The days on which a feed has something new, over two years, with holidays of a double gap."""
    day, found = 0.0, []
    while day < 730:
        found.append(date(2025, 1, 1) + timedelta(days=int(day)))
        day += rng.uniform(every - jitter, every + jitter) * (2 if rng.random() < 0.05 else 1)
    return found


@pytest.mark.parametrize(("every", "jitter"), [(7, 2), (30, 5), (14, 5), (1, 0)])
@pytest.mark.parametrize("seed", range(5))
def test_120_days_bring_no_false_alarm_for_a_feed_that_is_slow(every: float, jitter: float, seed: int) -> None:
    found = calendar(random.Random(seed), every, jitter)
    first = date(2026, 6, 1)
    for shift in range(120):
        today = first + timedelta(days=shift)
        so_far = [day for day in found if day <= today]
        at = datetime(today.year, today.month, today.day, 12, tzinfo=NOW.tzinfo)
        newest = datetime(so_far[-1].year, so_far[-1].month, so_far[-1].day, tzinfo=NOW.tzinfo)
        feed = replace(WELL, last_ok_at=at, newest_entry_at=newest, usual_gap=usual_gap(so_far))
        assert keys(replace(HOUSE, last_fresh_at=at, last_admitted_at=at), feed, now=at) == []


@pytest.mark.parametrize("every", [1, 7, 30])
def test_a_feed_that_falls_silent_is_told_of_after_four_of_its_gaps(every: int) -> None:
    found = [date(2026, 1, 1) + timedelta(days=every * n) for n in range(10)]
    newest = datetime(found[-1].year, found[-1].month, found[-1].day, tzinfo=NOW.tzinfo)
    silent = [
        n
        for n in range(200)
        if keys(
            replace(HOUSE, last_fresh_at=newest + timedelta(days=n), last_admitted_at=newest + timedelta(days=n)),
            replace(WELL, newest_entry_at=newest, usual_gap=usual_gap(found), last_ok_at=newest + timedelta(days=n)),
            now=newest + timedelta(days=n),
        )
    ]

    assert silent[0] == max(4 * every, 7) + 1
