"""What is shown today, and in which order: stories in, one frozen choice out. Pure; `now` is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.values.settings import Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Placed, Story

# The front is for news: older stories come only where there is too little else, and the page says so.
_NEWS = timedelta(days=30)

# A paper tells its own news best, a release comes before those who rewrite it.
_RANK = {
    "trial": 0, "systematic-review": 0, "guideline": 0, "observational": 0, "review": 0, "case-report": 0, "lab": 0,
    "unlabelled": 0, "preprint": 1, "registration": 1, "press-release": 2,
}  # fmt: skip


def tell(story: Story) -> Story:
    """The story with its articles in order, the lead first: paper, release, report; among equals the heavier source, then
    the earlier one."""
    return replace(story, articles=tuple(sorted(story.articles, key=_precedence)))


def _precedence(article: Article) -> tuple[int, float, bool, datetime, int]:
    """A publisher's own address comes before a news search's, which tells no more than the title."""
    at = article.dated_at or article.first_seen_at
    is_second_hand = not article.summary and "news.google." in article.url
    return _RANK.get(article.evidence, 3), -article.weight, is_second_hand, at, article.entry


def choose(candidates: Candidates, site: Site, freshness: Freshness, *, now: datetime) -> Edition:
    """The edition of the day of `now` in the site's zone: the newest stories, at most `site.stories`."""
    placed = sorted(
        _place([tell(story) for story in candidates.stories if not story.is_withdrawn], site, now), key=_newest_first
    )
    news = [story for story in placed if now - story.at <= _NEWS][: site.stories]
    reaches_back = len(news) < min(site.stories, 4) and len(placed) > len(news)
    shown = placed[: site.stories] if reaches_back else news
    return Edition(now.astimezone(site.zone).date(), now, tuple(shown), freshness, reaches_back)


def _newest_first(placed: Placed) -> tuple[float, bool, int]:
    return -placed.at.timestamp(), not placed.is_dated, placed.story.id


def _place(stories: Sequence[Story], site: Site, now: datetime) -> list[Placed]:
    """Each story at the time it was first told, so that a late repetition lifts nothing. A story that nobody dated never
    stands above the newest one that is dated."""
    dated = {story.id: min(known) for story in stories if (known := _dates(story, claimed=True))}
    newest = max(dated.values(), default=now)
    placed = []
    for story in stories:
        at = dated.get(story.id) or min([*_dates(story, claimed=False), newest - timedelta(microseconds=1)])
        placed.append(Placed(story, at.astimezone(site.zone).date(), at, story.id in dated))
    return placed


def _dates(story: Story, *, claimed: bool) -> list[datetime]:
    """When its articles were published as their publishers claim, or since when they can be there at the earliest."""
    return [article.dated_at for article in story.articles if article.dated_at is not None and article.is_dated == claimed]
