"""What is shown, in which order: pure, tested by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.edition import choose, tell
from aggregator.values.settings import Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Story, by_day
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
) -> Article:
    return Article(
        entry=number, title=f"Article {number}", url=f"https://example.com/{number}", source=source or f"Source {number}",
        summary="", language="en", dated_at=at, is_dated=is_dated, first_seen_at=NOW, evidence=evidence, topics=(), weight=weight,
    )  # fmt: skip


def story(number: int, *articles: Article) -> Story:
    return Story(number, articles)


def edition(*stories: Story, site: Site = SITE, now: datetime = NOW) -> Edition:
    return choose(Candidates(stories), site, FRESH, now=now)


def test_a_paper_leads_before_a_release_before_a_report() -> None:
    told = tell(story(1, article(1, evidence="news"), article(2, evidence="press-release"), article(3, evidence="trial")))

    assert [one.entry for one in told.articles] == [3, 2, 1]


def test_among_equals_the_heavier_source_leads_then_the_earlier_one() -> None:
    late, early, heavy = article(1, NOW), article(2, NOW - timedelta(hours=2)), article(3, NOW, weight=2)

    assert [one.entry for one in tell(story(1, late, early, heavy)).articles] == [3, 2, 1]


def test_each_source_stands_once_beside_the_lead() -> None:
    told = story(1, article(1, source="A"), article(2, source="A"), article(3, source="B"), article(4, source="B"))

    assert [one.entry for one in told.others] == [3]


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
