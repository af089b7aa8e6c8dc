"""What decides the front page's order and choice, one rule at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.edition import bounded, choose, order_articles
from aggregator.jobs.archive import archive_in_memory
from aggregator.values.settings import Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Notice, Story
from tests.conftest import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GOOGLE = "https://news.google.com/rss/articles/x"


def article(number: int, at: datetime | None = NOW, **changes: object) -> Article:
    usual = Article(
        number, f"Article {number}", f"https://example.com/{number}", f"Source {number}", "", "en", at, True, NOW, "news", ()
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def story(number: int, at: datetime | None = NOW, **changes: object) -> Story:
    return Story(number, (article(number, at, **changes),))


def edition(*stories: Story, **site: object) -> Edition:
    return choose(Candidates(stories), Site.model_validate(site), Freshness(NOW, 1), now=NOW)


def shown(*stories: Story, **site: object) -> list[int]:
    return [placed.story.id for placed in edition(*stories, **site).placed]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"evidence": "trial"}, {"evidence": "preprint"}),
        ({"evidence": "unlabelled"}, {"evidence": "registration"}),
        *(
            ({"evidence": one}, {"evidence": "preprint"})
            for one in ("systematic-review", "guideline", "observational", "review", "case-report", "lab")
        ),
        ({"evidence": "registration"}, {"evidence": "press-release"}),
        ({"evidence": "preprint"}, {"evidence": "press-release"}),
        ({"evidence": "press-release"}, {"evidence": "news"}),
        ({"evidence": "trial"}, {"evidence": "news", "weight": 9.0}),
        ({"weight": 2.0}, {"weight": 1.0, "dated_at": NOW - DAY}),
        # A news search tells no more than the title.
        ({}, {"url": GOOGLE, "dated_at": NOW - DAY}),
        ({"weight": 2.0, "url": GOOGLE}, {"weight": 1.0}),
        ({"url": GOOGLE, "summary": "Something", "dated_at": NOW - DAY}, {}),
        ({"dated_at": NOW - HOUR}, {"dated_at": NOW}),
        ({"dated_at": NOW - HOUR}, {"dated_at": None}),
        ({"dated_at": None, "first_seen_at": NOW - DAY}, {"dated_at": NOW - HOUR}),
    ],
    ids=str,
)
def test_which_article_leads(first: dict[str, object], second: dict[str, object]) -> None:
    one, other = article(2, **first), article(1, **second)  # type: ignore[arg-type]

    assert [found.entry for found in order_articles(Story(1, (other, one)), language="en").articles] == [2, 1]


def test_equals_stand_in_the_order_in_which_they_came() -> None:
    assert [one.entry for one in order_articles(Story(1, (article(2), article(1))), language="en").articles] == [1, 2]


@pytest.mark.parametrize(("sort", "is_shown"), [("retraction", False), ("concern", False), ("correction", True)])
def test_what_is_withdrawn_is_no_news(sort: str, is_shown: bool) -> None:
    told = replace(story(1), notices=(Notice(1, sort, NOW.date(), ""),))

    assert bool(shown(told)) == is_shown
    assert archive_in_memory([told], Site(), now=NOW)[0][0].listed[0].record.story == 1


@pytest.mark.parametrize(
    ("evidence", "hours"),
    [("trial", 48), ("systematic-review", 48), ("guideline", 48), ("observational", 24), ("review", 12), ("news", 0)],
)
def test_what_says_more_stays_longer(evidence: str, hours: int) -> None:
    """The one place goes to the study while it is less than so many hours older than the news."""
    for older, expected in ((hours - 0.1, 2), (hours + 0.1, 1)):
        study = story(2, NOW - 5 * DAY - older * HOUR, evidence=evidence)
        assert shown(story(1, NOW - 5 * DAY), study, stories=1) == [expected]


@pytest.mark.parametrize("evidence", ["press-release", "registration", "event", "lab", "video"])
def test_what_says_less_goes_half_a_day_earlier(evidence: str) -> None:
    for older, expected in ((11.9, 1), (12.1, 2)):
        weak = story(1, NOW - 5 * DAY, evidence=evidence)
        assert shown(weak, story(2, NOW - 5 * DAY - older * HOUR), stories=1) == [3 - expected]


def test_a_source_of_double_weight_is_worth_a_day_and_company_half_a_day() -> None:
    plain = story(1, NOW - 5 * DAY)
    for older, expected in ((23.9, 2), (24.1, 1)):
        assert shown(plain, story(2, NOW - 5 * DAY - older * HOUR, weight=2.0), stories=1) == [expected]
    for older, expected in ((11.9, 2), (12.1, 1)):
        at = NOW - 5 * DAY - older * HOUR
        assert shown(plain, Story(2, (article(2, at), article(3, at))), stories=1) == [expected]


def test_a_topic_that_is_not_there_yet_is_worth_a_day() -> None:
    first, same = story(1, topics=("a",)), story(2, NOW - HOUR, topics=("a",))
    for older, expected in ((24.9, [1, 3]), (25.1, [1, 2])):
        assert shown(first, same, story(3, NOW - older * HOUR, topics=("b", "a")), stories=2) == expected
    # What counts is the first topic: a second one that is there already changes nothing.
    assert shown(first, same, story(3, NOW - 2 * HOUR, topics=("a", "b")), stories=2) == [1, 2]


def test_a_time_ahead_is_worth_no_more_than_now() -> None:
    assert shown(story(1, NOW + 5 * DAY), story(2, NOW - HOUR, evidence="trial"), stories=1) == [2]


@pytest.mark.parametrize(
    ("age", "news", "reaches_back"),
    [(30, 1, False), (30.01, 1, True), (400, 3, True), (400, 4, False)],
    ids=["30 days are news", "older", "three news", "four news"],
)
def test_older_stories_come_where_there_is_little_else(age: float, news: int, reaches_back: bool) -> None:
    found = edition(*(story(n, NOW - n * HOUR) for n in range(1, news + 1)), story(99, NOW - age * DAY))

    assert found.reaches_back == reaches_back
    assert (99 in [placed.story.id for placed in found.placed]) == (reaches_back or age == 30)


def test_a_small_page_is_full_with_fewer_news() -> None:
    assert not edition(story(1), story(2), story(9, NOW - 400 * DAY), stories=2).reaches_back


def test_a_source_has_two_places_and_what_is_left_fills_the_page_in_time() -> None:
    flood = [story(n, NOW - n * HOUR, source="Flood") for n in range(1, 6)]

    assert shown(*flood, story(9, NOW - 9 * DAY), stories=3) == [1, 2, 9]
    assert shown(*flood, story(9, NOW - 9 * DAY), stories=5) == [1, 2, 3, 4, 9]


def test_what_nobody_dated_stands_when_it_was_first_there_and_never_above_what_is_dated() -> None:
    dated, undated = story(1, NOW - DAY), story(2, NOW, is_dated=False)
    placed = {one.story.id: one for one in edition(dated, undated).placed}

    assert placed[2].at == NOW - DAY - timedelta(microseconds=1)
    assert (placed[1].is_dated, placed[2].is_dated) == (True, False)
    assert edition(story(2, NOW - 2 * DAY, is_dated=False), dated).placed[1].at == NOW - 2 * DAY
    assert edition(story(2, NOW, is_dated=False)).placed[0].at == NOW - timedelta(microseconds=1)


def test_under_a_day_the_dated_come_first_then_what_says_most_then_the_newest() -> None:
    stories = [
        story(1, NOW - 3 * HOUR, is_dated=False), story(2, NOW - 2 * HOUR), story(3, NOW - HOUR),
        story(4, NOW - 4 * HOUR, evidence="trial"), story(5, NOW - DAY, evidence="trial"),
    ]  # fmt: skip

    assert shown(*stories) == [4, 3, 2, 1, 5]


def test_equals_in_time_stand_in_the_order_of_their_numbers() -> None:
    assert shown(story(2), story(1), story(3), stories=2) == [1, 2]


def test_the_archive_has_a_shelf_for_each_month_and_each_topic_newest_first() -> None:
    stories = [
        story(1, NOW - 40 * DAY, topics=("b",)), story(2, NOW, topics=("b", "a")), story(3, NOW - DAY, topics=()),
    ]  # fmt: skip

    sections, _ = archive_in_memory(stories, Site(), now=NOW)

    assert [(one.key, one.sort, [listed.record.story for listed in one.listed]) for one in sections] == [
        ("2026-11", "month", [2, 3]), ("2026-10", "month", [1]), ("2026-W48", "week", [2, 3]), ("2026-W42", "week", [1]),
        ("a", "topic", [2]), ("b", "topic", [2, 1]),
    ]  # fmt: skip


def test_among_stories_of_one_time_that_with_a_date_comes_first() -> None:
    undated = replace(article(1, NOW - DAY), is_dated=False)
    told = (Story(1, (undated,)), story(2, NOW - DAY), story(3, NOW))

    assert shown(*told, stories=2) == [3, 2]
    (month, *_), _ = archive_in_memory(told, Site(), now=NOW)
    assert [one.record.story for one in month.listed] == [3, 2, 1]


def test_an_article_without_a_date_is_as_new_as_it_was_seen() -> None:
    """Where a story has too many to show."""
    old = [article(number, NOW - DAY) for number in range(2, 5)]
    undated = replace(article(9, NOW), dated_at=None, is_dated=False)

    kept = bounded(Story(1, (article(1), *old, undated)), language="en", most=2)

    assert [one.entry for one in kept.articles] == [1, 9]
