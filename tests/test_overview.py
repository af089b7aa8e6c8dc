"""What the front says beside its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.overview import brief, lead_of, topics, trials, week
from aggregator.values.stories import Article, DatedStory, Story
from tests.conftest import NOW
from tests.test_edition import article

TODAY = NOW.date()


def dated(number: int, *articles: Article, days: int = 0, is_dated: bool = True) -> DatedStory:
    at = NOW - timedelta(days=days)
    return DatedStory(Story(number, articles or (article(number),)), at.date(), at, is_dated)


def of(number: int, *, days: int = 0, **changes: object) -> DatedStory:
    return dated(number, replace(article(number), **changes), days=days)  # type: ignore[arg-type]


REPORTED = dated(2, *(article(20 + n, source=f"Paper {n}") for n in range(3)))


@pytest.mark.parametrize(
    ("shown", "points", "expected"),
    [
        # The most points of the newest day and the day before.
        ((of(1), of(2, days=1)), (1.0, 2.0), 2),
        ((of(1), of(2, days=2)), (1.0, 9.0), 1),
        # What several report, what has a summary, what readers can read.
        ((of(1), REPORTED), (1.0, 0.0), 2),
        ((of(1), REPORTED), (2.0, 0.0), 1),
        ((of(1, summary=""), of(2, summary="What it found.")), (1.0, 0.5), 2),
        ((of(1, language="de"), of(2)), (2.0, 0.0), 2),
        ((of(1, language="en-GB"), of(2)), (2.0, 0.0), 1),
        # An undated one never leads.
        ((dated(1, is_dated=False), of(2, days=3)), (9.0, 0.0), 2),
        ((dated(1, is_dated=False),), (9.0,), None),
        ((), (), None),
    ],
)
def test_the_lead(shown: tuple[DatedStory, ...], points: tuple[float, ...], expected: int | None) -> None:
    found = lead_of(shown, {one.story.id: mark for one, mark in zip(shown, points, strict=True)}, language="en")

    assert (found.story.id if found else None) == expected


PAPER = replace(article(1, evidence="trial"), title="Prednisolone versus placebo: a randomised trial")
REPORT = replace(article(2, source="Herald"), title="Steroids are enough, trial finds")


OTHER = replace(article(90), title="Another line")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # A paper in a report's words; one that nobody reports is left out.
        ((dated(1, PAPER, REPORT),), ["Steroids are enough, trial finds", "Another line"]),
        ((dated(1, PAPER),), []),
        # In the page's language, of the newest two days, at most three.
        ((dated(1, PAPER, replace(REPORT, language="es")),), []),
        ((of(1, title="New"), of(2, days=2, title="Old")), ["New", "Another line"]),
        ((of(1, title="New"), of(2, days=1, title="Yesterday's")), ["New", "Yesterday's", "Another line"]),
        (tuple(of(n, title=f"Line {n}") for n in range(1, 6)), ["Line 1", "Line 2", "Line 3"]),
        ((of(1, evidence="patient-story", title="My face"),), ["My face", "Another line"]),
        ((of(1, evidence="registration"), of(2, evidence="video")), []),
        # One line says no more than the list.
        ((), []),
    ],
)
def test_the_day_in_headlines_that_others_wrote(shown: tuple[DatedStory, ...], expected: list[str]) -> None:
    assert [line.title for line in brief((*shown, dated(90, OTHER)), language="en")] == expected


def test_no_day_is_told_where_there_is_none() -> None:
    assert brief((), language="en") == ()


def test_a_line_leads_to_the_report_whose_headline_it_is() -> None:
    found = brief((dated(7, PAPER, REPORT), dated(8, replace(REPORT, url="")), dated(90, OTHER)), language="en")

    assert [line.url for line in found] == [REPORT.url, OTHER.url]


def test_trials_are_the_newest_registrations_of_thirty_days() -> None:
    registered = [of(n, days=n, evidence="registration") for n in (29, 30, 1, 2, 3, 4)]

    assert [one.story.id for one in trials([*registered, of(9)], today=TODAY)] == [1, 2, 3, 4]
    assert [one.story.id for one in trials(registered[:2], today=TODAY)] == [29]
    assert trials([dated(1, article(1, evidence="registration"), is_dated=False)], today=TODAY) == ()


def test_topics_are_counted_over_thirty_days_the_most_first() -> None:
    recent = [
        of(1, topics=("parotid",)), of(2, topics=("moebius", "parotid"), days=29), of(3, topics=("synkinesis",), days=30),
        of(4, topics=("bells-palsy",)),
    ]  # fmt: skip

    assert list(topics(recent, today=TODAY).items()) == [("parotid", 2), ("bells-palsy", 1), ("moebius", 1)]


def test_the_week_counts_seven_days_by_kind() -> None:
    recent = [
        of(1, evidence="trial"),
        of(2, evidence="trial", days=6),
        of(3, evidence="news", days=7),
        of(4, evidence="video"),
    ]

    assert week(recent, today=TODAY) == {"trial": 2, "video": 1}
