"""What is shown today, and in which order: stories in, one frozen choice out. Pure; `now` is handed in."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.values.settings import Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Placed, Shelf, Story

# The front is for news: older stories come only where there is too little else, and the page says so.
_NEWS = timedelta(days=30)

# A paper tells its own news best, a release comes before those who rewrite it.
_RANK = {
    "trial": 0, "systematic-review": 0, "guideline": 0, "observational": 0, "review": 0, "case-report": 0, "lab": 0,
    "unlabelled": 0, "preprint": 1, "registration": 1, "press-release": 2,
}  # fmt: skip


# How many days longer a story may stay for what it is; a source's weight, doubled, is worth another.
_WORTH = {
    "trial": 2.0, "systematic-review": 2.0, "guideline": 2.0, "observational": 1.0, "review": 0.5, "press-release": -0.5,
    "registration": -0.5, "event": -0.5, "lab": -0.5, "video": -0.5,
}  # fmt: skip
_WEIGHT = 1.0
# How many of one source while others have something to show.
_OF_A_SOURCE = 2
# A topic that nothing chosen yet is about.
_FRESH_TOPIC = 1.0


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
    """The edition of the day of `now` in the site's zone: at most `site.stories`, by recency, what they are and whose."""
    placed = sorted(
        _place([tell(story) for story in candidates.stories if not story.is_withdrawn], site, now), key=_newest_first
    )
    news = [story for story in placed if now - story.at <= _NEWS]
    reaches_back = len(news) < min(site.stories, 4) and len(placed) > len(news)
    shown = _pick(placed if reaches_back else news, site.stories, now)
    points = {one.story.id: _points(one, now) for one in shown}
    # Under each day the one that says most comes first.
    shown.sort(key=lambda one: (-one.day.toordinal(), not one.is_dated, -points[one.story.id], _newest_first(one)))
    return Edition(now.astimezone(site.zone).date(), now, tuple(shown), freshness, reaches_back)


def _pick(placed: Sequence[Placed], most: int, now: datetime) -> list[Placed]:
    """The stories with the most points, a topic that is not there yet counting more, at most two of a source; what is left
    over of a source fills the page only where nobody else has anything to show."""
    left, chosen, over = list(placed), list[Placed](), list[Placed]()
    sources: Counter[str] = Counter()
    topics: set[str] = set()
    points = {one.story.id: _points(one, now) for one in left}
    while left and len(chosen) < most:
        best = max(
            left,
            key=lambda one: (points[one.story.id] + _FRESH_TOPIC * bool({*one.story.topics[:1]} - topics), _newest(one)),
        )
        left.remove(best)
        if sources[best.story.lead.source] < _OF_A_SOURCE:
            chosen.append(best)
            sources[best.story.lead.source] += 1
            topics |= {*best.story.topics}
        else:
            over.append(best)
    return chosen + sorted(over, key=_newest_first)[: most - len(chosen)]


def _points(placed: Placed, now: datetime) -> float:
    """What a story is worth today, in days: a day of age costs one, what says more stays longer."""
    age = max(timedelta(0), now - placed.at) / timedelta(days=1)
    lead = placed.story.lead
    return _WORTH.get(lead.evidence, 0.0) + _WEIGHT * math.log2(lead.weight) + 0.5 * (len(placed.story.others) > 0) - age


def shelve(stories: Sequence[Story], site: Site, *, now: datetime) -> tuple[Shelf, ...]:
    """The whole archive: by month, newest first, then by topic. What was withdrawn stands there too, with its notice."""
    placed = sorted(_place([tell(story) for story in stories], site, now), key=_newest_first)
    months: defaultdict[str, list[Placed]] = defaultdict(list)
    topics: defaultdict[str, list[Placed]] = defaultdict(list)
    for one in placed:
        months[f"{one.day:%Y-%m}"].append(one)
        for topic in one.story.topics:
            topics[topic].append(one)
    by_month = tuple(Shelf(month, tuple(found)) for month, found in months.items())
    return by_month + tuple(Shelf(topic, tuple(topics[topic]), is_topic=True) for topic in sorted(topics))


def _newest(placed: Placed) -> tuple[float, bool, int]:
    at, is_undated, number = _newest_first(placed)
    return -at, not is_undated, -number


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
