"""A clock that was wrong once: what lies ahead of now is not believed, anywhere that compares with stored times."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.backup.copies import back_up, backups, made_at, newest_at
from aggregator.edition import redate
from aggregator.ingest.poll import is_left_alone, validators_for
from aggregator.instants import is_believed, today_by
from aggregator.jobs.alerts import collect_facts
from aggregator.monitoring.alerts import AlertState, compare, conditions
from aggregator.store import runs
from aggregator.values.feeds import FeedState, Validators
from aggregator.values.health import WorkspaceFacts
from aggregator.values.stories import Article, Story
from tests.conftest import NOW, Answer, Town, item, rss

WRONG = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(NOW, True), (NOW + timedelta(days=1), True), (NOW + timedelta(days=1, seconds=1), False), (WRONG, False)],
)
def test_what_lies_more_than_a_day_ahead_is_not_believed(at: datetime, expected: bool) -> None:
    assert is_believed(at, NOW) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, False),
        (NOW - timedelta(days=6), True),
        (NOW - timedelta(days=7), False),
        (NOW + timedelta(hours=2), True),
        (WRONG, False),
    ],
)
def test_validators_are_trusted_for_a_week(at: datetime | None, expected: bool) -> None:
    state = FeedState("https://a.example/", validators=Validators(etag="1"), last_body_at=at)

    assert (validators_for(state, now=NOW) == Validators(etag="1")) is expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (NOW - timedelta(seconds=1), False),
        (NOW, False),
        (NOW + timedelta(days=2), True),
        (NOW + timedelta(days=3, seconds=1), False),
        (WRONG, False),
    ],
)
def test_a_feed_is_left_alone_for_two_days_at_most(until: datetime, expected: bool) -> None:
    assert is_left_alone(until, NOW) is expected


def test_a_condition_that_was_noted_by_a_wrong_clock_is_told_in_time() -> None:
    (moved,) = [one for one in conditions(WorkspaceFacts(run_ahead_at=WRONG), (), now=NOW) if one.key.startswith("clock")]
    patient = replace(moved, patience=timedelta(days=2))

    known, _ = compare({moved.key: AlertState(WRONG, "x")}, [patient], now=NOW)
    _, news = compare(known, [patient], now=NOW + timedelta(days=2))

    assert news.begun == (moved.text,)


def article(entry: int, at: datetime | None, seen: datetime) -> Article:
    return Article(
        entry, f"Title {entry}", "https://a.example/", "A", "", None, at, True, seen, "news", ("bells-palsy",), 1.0
    )


def test_an_article_of_a_wrong_clock_stands_where_the_next_one_was_seen() -> None:
    stories = tuple(
        Story(number, (article(number, at, seen),))
        for number, at, seen in [
            (1, NOW - timedelta(days=3), NOW - timedelta(days=3)),
            (2, WRONG, WRONG),
            (3, NOW - timedelta(days=1), NOW - timedelta(days=1)),
            (4, WRONG, NOW - timedelta(hours=2)),
            (5, NOW, NOW),
        ]
    )

    articles = [story.articles[0] for story in redate(stories, now=NOW)]

    assert [(one.dated_at, one.is_dated) for one in articles] == [
        (NOW - timedelta(days=3), True), (NOW - timedelta(days=1), False), (NOW - timedelta(days=1), True),
        (NOW - timedelta(hours=2), False), (NOW, True),
    ]  # fmt: skip


def test_where_most_lies_ahead_the_clock_is_wrong_now_and_the_page_stays() -> None:
    stories = tuple(Story(number, (article(number, NOW, NOW),)) for number in range(3))

    assert redate(stories, now=datetime(1970, 1, 2, tzinfo=UTC)) == stories


def test_copies_of_a_wrong_clock_come_last(town: Town) -> None:
    town.add("A feed", rss(item("Bell's palsy", "https://a.example/1")))
    town.refresh()
    store = town.workspace().database_path
    back_up(store, now=WRONG)

    assert [made_at(copy) for copy in backups(store, now=town.now)] == [NOW, WRONG]
    assert newest_at(store, now=town.now) == NOW


def news(town: Town, day: int) -> None:
    stories = [
        item(f"Bell's palsy, part {n}", f"https://a.example/n{n}", at=NOW + timedelta(days=n)) for n in range(day + 1)
    ]
    town.server.answers["/0.xml"] = Answer(rss(*stories))


def test_one_run_in_2100_leaves_copies_alarms_and_the_page_as_they_were(town: Town) -> None:
    town.add("A feed", rss(item("Bell's palsy, part 0", "https://a.example/n0", at=NOW)))
    town.refresh()
    town.now = WRONG
    town.add("Late", rss(item("Bell's palsy, from 2062", "https://b.example/1", at=datetime(2062, 1, 1, tzinfo=UTC))))
    town.refresh()
    first_notes: tuple[str, ...] = ()
    for day in range(1, 25):
        town.now = NOW + timedelta(days=day)
        news(town, day)
        report = town.refresh()
        first_notes = first_notes or report.notes
        assert "2062" not in "".join(town.page().split("from 2062")), "no date of the wrong clock is shown"

    store = town.workspace().database_path
    right = [at for copy in backups(store, now=town.now) if is_believed(at := made_at(copy), town.now)]
    assert len(right) == 4, "one in each week"
    assert any("later than now" in note for note in first_notes)
    assert town.page().index("part 24") < town.page().index("part 23")
    assert "from 2062" not in town.page() or town.page().index("part 24") < town.page().index("from 2062")

    for path in ("/0.xml", "/1.xml"):
        town.server.answers[path] = Answer(status=500)
    for day in range(25, 30):
        town.now = NOW + timedelta(days=day)
        town.refresh()
    facts, feeds = collect_facts(town.workspace(), now=town.now)
    keys = {one.key.split(" ")[0] for one in conditions(facts, feeds, now=town.now)}
    assert {"unread", "broken", "clock"} <= keys
    with town.workspace().open_database() as database, database.read() as connection:
        assert runs.last_good_at(connection, now=town.now) == NOW + timedelta(days=24)
        assert runs.last_ahead(connection, now=town.now) == WRONG
        assert runs.last_ahead(connection, now=WRONG) is None


def test_a_feed_that_fails_after_a_run_in_2100_is_told(town: Town) -> None:
    town.add("A feed", rss(item("Bell's palsy", "https://a.example/1", at=NOW)))
    town.refresh()
    town.now = WRONG
    town.refresh()
    town.server.answers["/0.xml"] = Answer(status=500)
    town.now = NOW + timedelta(days=5)
    town.refresh()

    (feed,) = collect_facts(town.workspace(), now=town.now)[1]

    assert feed.last_ok_at == NOW
    assert feed.failures == 1


def test_what_is_new_and_undated_after_a_run_in_2100_is_of_now(town: Town) -> None:
    town.add("A feed", rss(item("Bell's palsy", "https://a.example/1", at=NOW)))
    town.refresh()
    town.now = WRONG
    town.refresh()
    town.now = NOW + timedelta(days=1)
    town.server.answers["/0.xml"] = Answer(rss(item("Facial palsy, undated", "https://a.example/2", at=None)))
    town.refresh()

    with town.workspace().open_database() as database, database.read() as connection:
        dates = connection.exec_driver_sql("SELECT dated_at FROM entry WHERE title LIKE '%undated'").scalars().all()
    assert dates == [f"{town.now:%Y-%m-%d %H:%M:%S.%f}"]


DAY = timedelta(days=1)


OLD = NOW - 400 * DAY


@pytest.mark.parametrize(
    ("published", "begun", "now", "expected"),
    [
        ((), (), NOW, NOW),
        ((NOW - DAY,), (NOW,), NOW, NOW),
        ((NOW, NOW, NOW), (NOW,), NOW - DAY, NOW - DAY),
        ((NOW, NOW - DAY, NOW - 2 * DAY, NOW - 90 * DAY), (), OLD, NOW - 2 * DAY),
        ((NOW, NOW - DAY), (), OLD, NOW - DAY),
        ((NOW - 2 * DAY,), (NOW, NOW - DAY), OLD, NOW),
        ((NOW - 2 * DAY,), (OLD, NOW - DAY, WRONG), OLD, NOW - DAY),
        ((NOW - 30 * DAY,), (NOW,), OLD, NOW),
        ((NOW - 31 * DAY,), (NOW,), OLD, NOW - 31 * DAY),
        ((WRONG, WRONG, NOW), (WRONG,), NOW, NOW),
        ((WRONG, NOW), (WRONG,), NOW, NOW),
    ],
    ids=[
        "nothing", "usual", "a day behind", "three of four", "fewer than three", "a run since", "runs of wrong clocks",
        "a quiet month", "longer", "two are wrong", "one of two is wrong",
    ],
)  # fmt: skip
def test_a_clock_is_behind_what_three_feeds_published(
    published: tuple[datetime, ...], begun: tuple[datetime, ...], now: datetime, expected: datetime
) -> None:
    assert today_by(published, begun, now) == expected


@pytest.mark.parametrize("back", [timedelta(days=34), NOW - datetime(1970, 1, 2, tzinfo=UTC)])
@pytest.mark.parametrize("is_dated", [True, False])
def test_what_comes_while_the_clock_is_set_back_is_on_the_page_as_news(town: Town, back: timedelta, is_dated: bool) -> None:
    def feed(number: int, *more: str) -> bytes:
        title = "Bell's palsy in clinics, part"
        old = (NOW - timedelta(days=3 + n) for n in range(4))
        return rss(
            *(item(f"{title} {at.day} of {number}", f"https://{number}.example/{at.day}", at=at) for at in old), *more
        )

    for number in range(6):
        town.add(f"Feed {number}", feed(number))
    town.refresh()
    at = NOW - timedelta(hours=1) if is_dated else None
    town.server.answers["/1.xml"] = Answer(feed(1, item("Smiles after facial palsy", "https://1.example/new", at=at)))
    town.now = NOW - back
    report = town.refresh()

    assert "https://1.example/new" in town.page()
    assert any("this machine's clock" in note for note in report.notes)
    with closing(sqlite3.connect(town.workspace().database_path)) as store:
        (started_at,) = store.execute("SELECT started_at FROM run ORDER BY id DESC LIMIT 1").fetchone()
        (dated_at,) = store.execute("SELECT dated_at FROM entry WHERE url = 'https://1.example/new'").fetchone()
    assert started_at < dated_at, "a run is recorded by the clock, an entry by what is known"
