"""What is shown, in which order: pure, tested by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.edition import bounded, choose, order_articles
from aggregator.values.settings import Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Notice, Story, by_day
from tests.conftest import NOW

SITE = Site()
FRESH = Freshness(NOW, 3)


def article(
    number: int,
    at: datetime | None = NOW,
    *,
    is_dated: bool = True,
    evidence: str = "news",
    source: str = "",
    weight: float = 1.0,
    feed: str = "",
    is_found: bool = False,
) -> Article:
    return Article(
        entry=number, title=f"Article {number}", url=f"https://example.com/{number}", source=source or f"Source {number}",
        summary="", language="en", dated_at=at, is_dated=is_dated, first_seen_at=NOW, evidence=evidence, topics=(), weight=weight,
        feed=feed or source or f"Source {number}", is_found=is_found,
    )  # fmt: skip


def story(number: int, *articles: Article) -> Story:
    return Story(number, articles)


def edition(*stories: Story, site: Site = SITE, now: datetime = NOW) -> Edition:
    return choose(Candidates(stories), site, FRESH, now=now)


def test_a_paper_leads_before_a_release_before_a_report() -> None:
    articles = article(1, evidence="news"), article(2, evidence="press-release"), article(3, evidence="trial")
    told = order_articles(story(1, *articles), language="en")

    assert [one.entry for one in told.articles] == [3, 2, 1]


def test_among_equals_the_heavier_source_leads_then_the_earlier_one() -> None:
    late, early, heavy = article(1, NOW), article(2, NOW - timedelta(hours=2)), article(3, NOW, weight=2)

    assert [one.entry for one in order_articles(story(1, late, early, heavy), language="en").articles] == [3, 2, 1]


@pytest.mark.parametrize(
    ("articles", "order"),
    [
        # However heavy, early or near to the source it is, a report that readers cannot read leads none that they can.
        ([("news", "de", 9.0), ("news", "en", 1.0)], [2, 1]),
        ([("press-release", "de", 1.0), ("news", "en", 1.0)], [2, 1]),
        ([("news", "de", 1.0), ("news", "en-GB", 1.0), ("news", None, 1.0)], [2, 3, 1]),
        # A paper tells its own news best, in whatever language.
        ([("news", "en", 9.0), ("trial", "de", 1.0)], [2, 1]),
        ([("trial", "de", 9.0), ("review", "en", 1.0)], [2, 1]),
        # Where nothing is in the page's language, the order is as ever.
        ([("news", "de", 1.0), ("press-release", "fr", 1.0)], [2, 1]),
    ],
)
def test_a_report_in_another_language_never_leads_one_in_the_page_s(
    articles: list[tuple[str, str | None, float]], order: list[int]
) -> None:
    told = story(
        1,
        *(
            replace(article(n, evidence=evidence, weight=weight), language=language)
            for n, (evidence, language, weight) in enumerate(articles, start=1)
        ),
    )

    assert [one.entry for one in order_articles(told, language="en").articles] == order


def test_each_source_stands_once_beside_the_lead() -> None:
    told = story(1, article(1, source="A"), article(2, source="A"), article(3, source="B"), article(4, source="B"))

    assert [one.entry for one in told.others] == [3]


@pytest.mark.parametrize(
    ("articles", "notices", "expected"),
    [
        (["A"], False, False),
        (["A", "B"], False, True),
        # The second article of a source stands nowhere else.
        (["A", "A"], False, True),
        (["A"], True, True),
    ],
)
def test_which_story_has_a_page_of_its_own(articles: list[str], notices: bool, expected: bool) -> None:
    told = story(1, *(article(n, source=source) for n, source in enumerate(articles, start=1)))
    notice = (Notice(1, "correction", NOW.date(), ""),) if notices else ()

    assert replace(told, notices=notice).has_page is expected


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (9, [1, 2, 3, 4, 5, 6]),
        (6, [1, 2, 3, 4, 5, 6]),
        # The most trusted, of those the newest; in the order in which the story tells them.
        (4, [1, 2, 4, 5]),
        (3, [1, 2, 5]),
        (1, [1]),
    ],
)
def test_of_a_large_story_the_newest_and_most_trusted_are_listed(most: int, kept: list[int]) -> None:
    lead = article(1, NOW - timedelta(days=9), evidence="trial")
    heavy = article(2, NOW - timedelta(days=8), weight=2)
    reports = [article(n, NOW - timedelta(days=8 - n)) for n in (3, 4, 5)]
    foreign = replace(article(6), language="de")

    shown = bounded(order_articles(story(1, lead, heavy, *reports, foreign), language="en"), language="en", most=most)

    assert [one.entry for one in shown.articles] == kept
    assert shown.more == 6 - len(kept)


def test_what_is_not_listed_still_says_when_a_story_began() -> None:
    """Else a large story would move from day to day."""
    many = [article(n, NOW - timedelta(minutes=n)) for n in range(1, 1000)]
    placed = edition(story(1, *many, article(1000, NOW - timedelta(days=5)))).placed[0]

    assert placed.at == NOW - timedelta(days=5)
    assert (len(placed.story.articles), placed.story.more) == (200, 800)


def test_what_has_no_date_at_all_stands_just_below_the_newest_that_is_dated() -> None:
    newest = NOW - timedelta(hours=2)
    placed = edition(story(1, article(1, None)), story(2, article(2, newest))).placed

    assert [(one.story.id, one.at, one.is_dated) for one in placed] == [
        (2, newest, True), (1, newest - timedelta(microseconds=1), False),
    ]  # fmt: skip


def at(number: int, url: str, *, hours: int = 0, source: str = "", evidence: str = "news") -> Article:
    return replace(article(number, NOW - timedelta(hours=hours), source=source, evidence=evidence), url=url)


@pytest.mark.parametrize(
    ("stories", "shown"),
    [
        # A page that its feed lists again, under another guid and title: the better one stays, wherever it comes.
        ([[at(1, "https://a.example/x")], [at(2, "https://www.a.example/x?utm_source=f", hours=3)]], {1: [1]}),
        ([[at(1, "https://a.example/x")], [at(2, "https://a.example/x", hours=3, evidence="trial")]], {2: [2]}),
        # Among the reports too, of this story and of others.
        ([[at(1, "https://a.example/x"), at(2, "https://a.example/x", hours=-1)]], {1: [1]}),
        (
            [[at(1, "https://a.example/x")], [at(2, "https://b.example/y"), at(3, "https://a.example/x", hours=-1)]],
            {1: [1], 2: [2]},
        ),
        # Without an address there is nothing that could stand twice.
        ([[at(1, "")], [at(2, ""), at(3, "", hours=-1)]], {1: [1], 2: [2, 3]}),
    ],
)
def test_an_address_stands_once_in_an_edition(stories: list[list[Article]], shown: dict[int, list[int]]) -> None:
    chosen = edition(*(story(n, *articles) for n, articles in enumerate(stories, start=1)))

    assert {one.story.id: [told.entry for told in one.story.articles] for one in chosen.placed} == shown


def test_a_late_repetition_lifts_nothing() -> None:
    old = story(1, article(1, NOW - timedelta(days=5)), article(2, NOW))

    assert edition(old).placed[0].at == NOW - timedelta(days=5)


def test_days_begin_in_the_site_s_zone() -> None:
    """06:00 UTC is the evening before in Los Angeles."""
    night = datetime.fromisoformat("2026-11-24T06:00:00+00:00")

    assert edition(story(1, article(1, night))).placed[0].day.isoformat() == "2026-11-23"


def test_old_stories_stay_away_while_there_is_news() -> None:
    news = [story(n, article(n, NOW - timedelta(days=n))) for n in range(1, 6)]
    chosen = edition(*news, story(9, article(9, NOW - timedelta(days=400))))

    assert 9 not in [placed.story.id for placed in chosen.placed]
    assert not chosen.reaches_back


def test_a_quiet_time_reaches_back_and_says_so() -> None:
    chosen = edition(story(1, article(1)), story(9, article(9, NOW - timedelta(days=400))))

    assert [placed.story.id for placed in chosen.placed] == [1, 9]
    assert chosen.reaches_back


AT = st.integers(min_value=0, max_value=60 * 24 * 90).map(lambda minutes: NOW - timedelta(minutes=minutes))
STORIES = st.lists(
    st.tuples(AT, st.booleans(), st.sampled_from("ABCDEFG"), st.sampled_from(["news", "trial", "event"])), max_size=40
).map(
    lambda rows: [
        story(n, article(n, at, is_dated=is_dated, source=source, evidence=evidence))
        for n, (at, is_dated, source, evidence) in enumerate(rows, start=1)
    ]
)


@given(STORIES)
def test_no_more_than_the_page_holds_and_nothing_twice(stories: list[Story]) -> None:
    ids = [placed.story.id for placed in edition(*stories).placed]

    assert len(ids) <= SITE.stories
    assert len(ids) == len(set(ids))


@given(STORIES)
def test_newest_first_and_days_in_one_piece(stories: list[Story]) -> None:
    chosen = edition(*stories)
    days = [placed.day for placed in chosen.placed]

    assert days == sorted(days, reverse=True)
    assert sum(len(placed) for placed in by_day(chosen.placed).values()) == len(chosen.placed)


@given(STORIES)
def test_what_nobody_dated_never_stands_above_the_newest_that_is_dated(stories: list[Story]) -> None:
    placed = edition(*stories).placed
    dated = [n for n, one in enumerate(placed) if one.is_dated]

    assert not dated or dated[0] == 0


@given(STORIES)
def test_the_choice_does_not_depend_on_the_order_in_which_stories_come(stories: list[Story]) -> None:
    assert edition(*stories).placed == edition(*reversed(stories)).placed


def sources(chosen: Edition) -> list[str]:
    return [placed.story.lead.source for placed in chosen.placed]


def test_a_source_that_sends_much_takes_two_places_while_others_have_something() -> None:
    flood = [story(n, article(n, NOW - timedelta(minutes=n), source="Flood")) for n in range(1, 60)]
    others = [story(n, article(n, NOW - timedelta(days=n - 90))) for n in range(100, 112)]

    assert sources(edition(*flood, *others)).count("Flood") == 2
    assert len(edition(*flood).placed) == SITE.stories


@given(STORIES)
def test_at_most_two_of_a_source_while_another_is_left_out(stories: list[Story]) -> None:
    chosen = edition(*stories)
    shown = {placed.story.id for placed in chosen.placed}
    counts = {source: sources(chosen).count(source) for source in sources(chosen)}
    news = [one for one in stories if chosen.reaches_back or NOW - one.lead.first_seen_at <= timedelta(days=30)]
    left_out = {
        one.lead.source
        for one in news
        if one.id not in shown and one.lead.dated_at and NOW - one.lead.dated_at <= timedelta(days=30)
    }

    if max(counts.values(), default=0) > 2:
        assert all(counts.get(source, 0) >= 2 for source in left_out)


@pytest.mark.parametrize(
    ("flood", "count"),
    [
        # One feed that takes the names of others: it has no more places than one that does not.
        ({"feed": "Small blog"}, 2),
        # A search brings what many publish.
        ({"feed": "Search", "is_found": True}, 6),
        # One publisher in many feeds.
        ({"source": "BBC News"}, 2),
        ({"source": "BBC News", "feed": "Search", "is_found": True}, 2),
        # Many publishers, each with a feed of its own, are no flood.
        ({}, 12),
    ],
)
def test_the_caps_count_by_feed_and_by_publisher(flood: dict[str, Any], count: int) -> None:
    newest = [story(n, article(n, NOW - timedelta(minutes=n), **flood)) for n in range(1, 60)]
    others = [story(n, article(n, NOW - timedelta(hours=n))) for n in range(100, 112)]

    shown = [placed.story.id for placed in edition(*newest, *others).placed]

    assert len(shown) == SITE.stories
    assert sum(number < 100 for number in shown) == count


def test_what_fills_the_page_is_of_another_publisher_first() -> None:
    """Where nobody else has anything to show, a search's other publishers come before more of one publisher."""
    blog = [story(n, article(n, NOW - timedelta(minutes=n), feed="Blog", source="Blog")) for n in range(1, 20)]
    found = [story(n, article(n, NOW - timedelta(hours=n), feed="Search", is_found=True)) for n in range(100, 120)]

    shown = edition(*blog, *found)

    assert sources(shown).count("Blog") == 2


def test_a_study_stays_longer_than_news_and_leads_its_day() -> None:
    news = [story(n, article(n, NOW - timedelta(hours=n))) for n in range(1, 13)]
    study = story(99, article(99, NOW - timedelta(hours=30), evidence="trial"))
    same_day = story(98, article(98, NOW - timedelta(hours=2), evidence="systematic-review"))

    chosen = [placed.story.id for placed in edition(*news, study, same_day).placed]

    assert 99 in chosen
    assert chosen[0] == 98


def test_a_topic_that_is_not_there_yet_comes_before_more_of_the_same() -> None:
    def about(number: int, topic: str, hours: int) -> Story:
        one = replace(article(number, NOW - timedelta(hours=hours)), topics=(topic,))
        return story(number, one)

    same = [about(n, "bells-palsy", n) for n in range(1, 14)]

    assert 50 in [placed.story.id for placed in edition(*same, about(50, "moebius", 20)).placed]
