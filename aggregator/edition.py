"""What is shown today, and in which order: stories in, one frozen choice out. Pure; `now` is handed in."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TypeAlias

from aggregator.instants import is_believed
from aggregator.overview import overview
from aggregator.urls import canonical_url
from aggregator.values.enums import SectionSort
from aggregator.values.settings import Site
from aggregator.values.stories import (
    DOUBTS,
    ArchiveSection,
    Article,
    Candidates,
    DatedStory,
    Edition,
    Freshness,
    ListedStory,
    Story,
    StoryRecord,
    is_foreign,
)  # fmt: skip
from aggregator.values.weeks import week_of

# The front is for news: older stories come only where there is too little else, and the page says so.
_NEWS = timedelta(days=30)

# A paper tells its own news best, a release comes before those who rewrite it.
_RANK = {
    "trial": 0, "systematic-review": 0, "guideline": 0, "observational": 0, "review": 0, "case-report": 0, "lab": 0,
    "unlabelled": 0, "preprint": 1, "registration": 1, "press-release": 2,
}  # fmt: skip
_REPORT = 3
_Trust: TypeAlias = tuple[int, bool, int, float, bool]

# How long the front says that a study was retracted or doubted, and of how many.
DOUBTED_FOR = timedelta(days=30)
_DOUBTED = 10

# How many articles of one story are shown. A story can have thousands.
_LISTED = 200


# How many days longer a story may stay for what it is; a source's weight, doubled, is worth another.
_WORTH = {
    "trial": 2.0, "systematic-review": 2.0, "guideline": 2.0, "observational": 1.0, "review": 0.5, "press-release": -0.5,
    "registration": -0.5, "event": -0.5, "lab": -0.5, "video": -0.5,
}  # fmt: skip
_WEIGHT = 1.0
# How many of one feed, and of one publisher, while others have something to show.
_OF_A_SOURCE = 2
# A topic that nothing chosen yet is about.
_FRESH_TOPIC = 1.0


def order_articles(story: Story, *, language: str) -> Story:
    """The story with its articles in order, the lead first: paper, release, report; those in the page's `language` before
    others; among equals the heavier source, then the earlier one."""
    if len(story.articles) == 1:
        return story
    return replace(story, articles=tuple(sorted(story.articles, key=partial(_precedence, language=language))))


def _precedence(article: Article, *, language: str) -> tuple[_Trust, datetime, int]:
    return _trust(article, language=language), article.dated_at or article.first_seen_at, article.entry


def _trust(article: Article, *, language: str) -> _Trust:
    """A release or a report that the page's readers cannot read comes after all that they can; a paper before both, in
    whatever language. A publisher's own address comes before a news search's, which tells no more than the title."""
    rank = _RANK.get(article.evidence, _REPORT)
    is_second_hand = not article.summary and "news.google." in article.url
    kind = min(rank, _RANK["press-release"])
    return kind, is_foreign(article.language, language), rank, -article.weight, is_second_hand


def bounded(story: Story, *, language: str, most: int = _LISTED) -> Story:
    """The story with its lead and at most `most` articles: the most trusted of the others, and of those the newest; in their
    order. `more` says how many are left out."""
    if len(story.articles) <= most:
        return story
    lead, *others = story.articles
    others.sort(
        key=lambda one: (_trust(one, language=language), -(one.dated_at or one.first_seen_at).timestamp(), one.entry)
    )
    kept = {lead.entry, *(one.entry for one in others[: most - 1])}
    articles = tuple(one for one in story.articles if one.entry in kept)
    return replace(story, articles=articles, more=story.more + len(story.articles) - len(articles))


def choose(candidates: Candidates, site: Site, freshness: Freshness, *, now: datetime) -> Edition:
    """The edition of the day of `now` in the site's zone: at most `site.stories`, by recency, what they are and whose."""
    told = [order_articles(story, language=site.language) for story in candidates.stories if not story.is_withdrawn]
    placed = _one_of_each_address(sorted(_place(told, site, now), key=_newest_first), now)
    news = [story for story in placed if now - story.at <= _NEWS]
    reaches_back = len(news) < min(site.stories, 4) and len(placed) > len(news)
    shown = _shown(placed if reaches_back else news, site.stories, now)
    points = {one.story.id: _points(one, now) for one in shown}
    withdrawn, today = doubted(candidates.withdrawn, site, now=now), now.astimezone(site.zone).date()
    beside = overview(shown, placed, points, today=today, language=site.language)
    return Edition(today, now, tuple(shown), freshness, reaches_back, withdrawn, beside)


def _shown(placed: Sequence[DatedStory], most: int, now: datetime) -> list[DatedStory]:
    """At most `most` of the stories, in order: under each day the one that says most comes first."""
    shown = _each_address_once(_pick(placed, most, now))
    points = {one.story.id: _points(one, now) for one in shown}
    shown.sort(key=lambda one: (-one.day.toordinal(), not one.is_dated, -points[one.story.id], _newest_first(one)))
    return shown


def choose_issue(
    stories: Sequence[Story], site: Site, days: tuple[date, date], *, told: Collection[int], since: datetime | None,
    most: int,
) -> tuple[DatedStory, ...]:  # fmt: skip
    """At most `most` stories for an issue of the newsletter that covers `days` (both included), chosen and ordered as the
    front page is on the evening of the last. Stories of earlier days are taken where they came too late for the issue
    before, which was made at `since`; none that an issue of this kind `told`, by its number."""
    now = datetime.combine(days[1] + timedelta(days=1), time(), site.zone).astimezone(UTC)
    may = [order_articles(one, language=site.language) for one in stories if not one.is_withdrawn and one.id not in told]
    placed = _one_of_each_address(sorted(_place(may, site, now), key=_newest_first), now)
    return tuple(_shown([one for one in placed if _is_of(one, days, since)], most, now))


def _is_of(placed: DatedStory, days: tuple[date, date], since: datetime | None) -> bool:
    if placed.day > days[1]:
        return False
    came_at = min(article.first_seen_at for article in placed.story.articles)
    return placed.day >= days[0] or (since is not None and came_at >= since)


def doubted(stories: Sequence[Story], site: Site, *, now: datetime) -> tuple[DatedStory, ...]:
    """Those of `stories` of which a study was retracted or doubted in the last 30 days, the newest notice first, at most
    ten. A correction is none."""
    today = now.astimezone(site.zone).date()
    told = [order_articles(story, language=site.language) for story in stories if _last_doubt(story, today) is not None]
    placed = _place(told, site, now)
    return tuple(sorted(placed, key=lambda one: (today - (_last_doubt(one.story, today) or today), one.story.id))[:_DOUBTED])


def _last_doubt(story: Story, today: date) -> date | None:
    """The day of the last notice that counts. A notice has its day by UTC, which may be tomorrow where the site is."""
    days = [notice.on for notice in story.notices if notice.sort in DOUBTS]
    return max((day for day in days if timedelta(days=-1) <= today - day <= DOUBTED_FOR), default=None)


def _pick(placed: Sequence[DatedStory], most: int, now: datetime) -> list[DatedStory]:
    """The stories with the most points, a topic that is not there yet counting more, within the caps. What the caps leave
    out fills the page only where nobody else has anything to show: more of a feed first, more of a publisher last."""
    left, chosen = list(placed), list[DatedStory]()
    points = {one.story.id: _points(one, now) for one in left}
    for allows in (_may_add_of_feed, _may_add_of_publisher, _may_add):
        over = list[DatedStory]()
        while left and len(chosen) < most:
            best = _best(left, chosen, points)
            left.remove(best)
            (chosen if allows(best.story.lead, [one.story.lead for one in chosen], most) else over).append(best)
        left = over
    return chosen


def _best(left: Sequence[DatedStory], chosen: Sequence[DatedStory], points: Mapping[int, float]) -> DatedStory:
    topics = {topic for one in chosen for topic in one.story.topics}

    def worth(one: DatedStory) -> tuple[float, tuple[float, bool, int]]:
        is_fresh = bool({*one.story.topics[:1]} - topics)
        return points[one.story.id] + _FRESH_TOPIC * is_fresh, _newest(one)

    return max(left, key=worth)


def _one_of_each_address(placed: Sequence[DatedStory], now: datetime) -> list[DatedStory]:
    """Of stories whose leads have one address the one with the most points, in their order: a feed that lists a page again
    under another guid and title."""
    best: dict[str, DatedStory] = {}
    for one in placed:
        address = canonical_url(one.story.lead.url) if one.story.lead.url else f"story:{one.story.id}"
        if address not in best or _points(one, now) > _points(best[address], now):
            best[address] = one
    kept = {one.story.id for one in best.values()}
    return [one for one in placed if one.story.id in kept]


def _each_address_once(placed: Sequence[DatedStory]) -> list[DatedStory]:
    """These stories without the reports whose address stands on the page already: as a lead, or further up."""
    seen = {canonical_url(one.story.lead.url) for one in placed}
    shown = []
    for one in placed:
        kept = [one.story.lead]
        for other in one.story.articles[1:]:
            address = canonical_url(other.url) if other.url else f"entry:{other.entry}"
            if address not in seen:
                kept.append(other)
                seen.add(address)
        shown.append(replace(one, story=replace(one.story, articles=tuple(kept))))
    return shown


def _may_add_of_feed(lead: Article, chosen: Sequence[Article], most: int) -> bool:
    """Whether an edition of `most` stories that has the leads `chosen` may take another of this feed and this publisher. A
    search brings what many publish, so it may fill half of the page; any other feed speaks for one publisher."""
    of_feed = sum(one.feed == lead.feed for one in chosen)
    return of_feed < (max(_OF_A_SOURCE, most // 2) if lead.is_found else _OF_A_SOURCE) and _may_add_of_publisher(
        lead, chosen, most
    )


def _may_add_of_publisher(lead: Article, chosen: Sequence[Article], _most: int) -> bool:
    return sum(one.source == lead.source for one in chosen) < _OF_A_SOURCE


def _may_add(_lead: Article, _chosen: Sequence[Article], _most: int) -> bool:
    return True


def _points(placed: DatedStory, now: datetime) -> float:
    """What a story is worth today, in days: a day of age costs one, what says more stays longer."""
    age = max(timedelta(0), now - placed.at) / timedelta(days=1)
    lead = placed.story.lead
    return _WORTH.get(lead.evidence, 0.0) + _WEIGHT * math.log2(lead.weight) + 0.5 * (len(placed.story.others) > 0) - age


def archive_sections(records: Collection[StoryRecord], site: Site, *, now: datetime) -> tuple[ArchiveSection, ...]:
    """The whole archive: by month and by week, newest first, then by topic. What was withdrawn stands there too, with its
    notice."""
    newest = max((one.claimed_at for one in records if one.claimed_at is not None), default=now)
    listed = [_listed(one, _at(one.claimed_at, one.known_at, newest), site) for one in records]
    listed.sort(key=lambda one: (-one.at.timestamp(), not one.is_dated, one.record.story))
    found: dict[SectionSort, defaultdict[str, list[ListedStory]]] = {sort: defaultdict(list) for sort in SectionSort}
    for one in listed:
        found[SectionSort.MONTH][one.day.isoformat()[:7]].append(one)
        found[SectionSort.WEEK][week_of(one.day)].append(one)
        for topic in one.record.topics:
            found[SectionSort.TOPIC][topic].append(one)
    found[SectionSort.TOPIC] = defaultdict(list, sorted(found[SectionSort.TOPIC].items()))
    return tuple(ArchiveSection(key, tuple(told), sort) for sort, parts in found.items() for key, told in parts.items())


def _listed(record: StoryRecord, at: datetime, site: Site) -> ListedStory:
    return ListedStory(record, at.astimezone(site.zone).date(), at, record.claimed_at is not None)


def as_shown(story: Story, site: Site) -> Story:
    """The story as a page of the site tells it: its articles in order, bounded."""
    return bounded(order_articles(story, language=site.language), language=site.language)


def _newest(placed: DatedStory) -> tuple[float, bool, int]:
    at, is_undated, number = _newest_first(placed)
    return -at, not is_undated, -number


def _newest_first(placed: DatedStory) -> tuple[float, bool, int]:
    return -placed.at.timestamp(), not placed.is_dated, placed.story.id


def _place(stories: Sequence[Story], site: Site, now: datetime) -> list[DatedStory]:
    """Each story at the time it was first told, so that a late repetition lifts nothing. A story that nobody dated never
    stands above the newest one that is dated."""
    dates = [dates_of(story) for story in stories]
    newest = max((claimed for claimed, _ in dates if claimed is not None), default=now)
    placed = []
    for story, (claimed, known) in zip(stories, dates, strict=True):
        at = _at(claimed, known, newest)
        shown = bounded(story, language=site.language)
        placed.append(DatedStory(shown, at.astimezone(site.zone).date(), at, claimed is not None))
    return placed


def _at(claimed: datetime | None, known: datetime | None, newest: datetime) -> datetime:
    """Where a story stands: `newest` is the newest claimed date of all."""
    last = newest - timedelta(microseconds=1)
    return claimed or min(known or last, last)


def dates_of(story: Story) -> tuple[datetime | None, datetime | None]:
    """When its first article was published as its publisher claims, and since when the first of the others can be there at
    the earliest."""
    dated = [(one.dated_at, one.is_dated) for one in story.articles if one.dated_at is not None]
    claimed, known = (min((at for at, is_dated in dated if is_dated == which), default=None) for which in (True, False))
    return claimed, known


def redate(stories: Sequence[Story], *, now: datetime) -> tuple[Story, ...]:
    """The stories with other times for articles that stand after `now` (see instants.py): when they were first seen, or
    when the entry after them was, since numbers are given in the order of time. They count as not dated. Where most
    articles lie ahead, it is this clock that is wrong, and all stay as they are."""
    articles = [article for story in stories for article in story.articles]
    late = {a.entry for a in articles if a.dated_at is not None and not is_believed(a.dated_at, now)}
    if not late or 2 * len(late) > len(articles):
        return tuple(stories)
    seen = sorted((a.entry, a.first_seen_at) for a in articles if is_believed(a.first_seen_at, now))
    return tuple(
        replace(story, articles=tuple(_redated(a, seen) if a.entry in late else a for a in story.articles))
        if any(a.entry in late for a in story.articles)
        else story
        for story in stories
    )


def _redated(article: Article, seen: Sequence[tuple[int, datetime]]) -> Article:
    after = min(bisect_left(seen, (article.entry,)), len(seen) - 1)
    return replace(article, dated_at=seen[after][1] if seen else None, is_dated=False)
