"""Articles, stories and days as templates show them: a row for each fact that has two forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from aggregator.render.views import article_view, day_views, file_of_story, group_of, story_file, story_view
from aggregator.values.settings import Site
from aggregator.values.stories import Article, DatedStory, Notice, Story

SITE = Site(title="News", language="en", time_zone="America/Los_Angeles")
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
ARTICLE = Article(
    1, "Title", "https://a.example/1", "Wire", "Summary", None, AT, is_dated=True, first_seen_at=AT, evidence="trial",
    topics=("parotid",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({}, "when", "22 November 2026"),
        ({}, "datetime", "2026-11-22T19:00-08:00"),
        ({"dated_at": None}, "when", ""),
        ({"is_dated": False}, "when", ""),
        ({"is_dated": False}, "datetime", ""),
        ({}, "label", "Randomised trial"),
        ({"evidence": "unlabelled"}, "label", ""),
        ({"evidence": "of a later version"}, "label", ""),
        ({"language": "de"}, "language", "de"),
        ({"language": "de"}, "in_language", "in German"),
        ({"language": "en-GB"}, "language", None),
        ({"language": "en-GB"}, "in_language", ""),
    ],
)
def test_an_article(changes: dict[str, object], field: str, expected: object) -> None:
    assert getattr(article_view(replace(ARTICLE, **changes), SITE), field) == expected  # type: ignore[arg-type]


def placed(story: Story) -> DatedStory:
    return DatedStory(story, date(2026, 11, 22), AT, is_dated=True)


@pytest.mark.parametrize(("others", "shown", "more"), [(0, 0, 0), (1, 1, 0), (20, 20, 0), (21, 20, 1)])
def test_a_list_shows_twenty_reports_and_counts_the_rest(others: int, shown: int, more: int) -> None:
    articles = tuple(replace(ARTICLE, entry=2 + n, source=f"Paper {n}") for n in range(others))

    found = story_view(placed(Story(1, (ARTICLE, *articles))), SITE)

    assert (len(found.reports), found.more) == (shown, more)


@pytest.mark.parametrize(
    ("story", "file"),
    [
        (Story(7, (ARTICLE,)), ""),
        (Story(7, (ARTICLE, ARTICLE)), file_of_story(7)),
        (Story(7, (ARTICLE,), (Notice(1, "retraction", date(2026, 11, 23), ""),)), file_of_story(7)),
    ],
    ids=["nothing more to say", "two articles", "a notice"],
)
def test_a_story_with_more_to_say_has_a_page(story: Story, file: str) -> None:
    assert story_file(story) == file


@pytest.mark.parametrize(
    ("today", "name"),
    [(None, ""), (date(2026, 11, 22), "Today"), (date(2026, 11, 23), "Yesterday"), (date(2026, 11, 24), "")],
)
def test_a_day_is_named_where_the_page_is_of_that_day(today: date | None, name: str) -> None:
    (day,) = day_views([placed(Story(1, (ARTICLE,)))], SITE, today=today)

    assert day.name == name
    assert day.heading == ("22 November 2026" if name else "Sunday, 22 November 2026")


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (("facial-nerve",), ["facial-nerve"]),
        # The general topic says nothing beside a narrower one.
        (("facial-nerve", "parotid"), ["parotid"]),
        (("parotid", "moebius", "people", "pediatric"), ["parotid", "moebius", "people"]),
        ((), []),
    ],
)
def test_a_story_shows_its_first_topics(topics: tuple[str, ...], expected: list[str]) -> None:
    shown = story_view(placed(Story(1, (replace(ARTICLE, topics=topics),))), SITE)

    assert [topic.slug for topic in shown.topics] == expected


@pytest.mark.parametrize(
    ("evidence", "group"),
    [("trial", "studies"), ("preprint", "studies"), ("registration", "trials"), ("press-release", "news"),
     ("patient-story", "people"), ("video", "people"), ("unlabelled", "news"), ("of a later version", "news")],
)  # fmt: skip
def test_every_kind_has_a_group(evidence: str, group: str) -> None:
    assert group_of(evidence) == group
