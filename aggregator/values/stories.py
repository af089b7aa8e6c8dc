"""Articles that readers see as one, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Member:
    """What grouping knows of a stored entry. `at` orders the stream: the day it was published, else first seen."""

    entry: int
    title: str
    summary: str
    source: str
    url: str
    at: datetime
    keys: tuple[str, ...]
    authors: tuple[str, ...] = ()
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """All that grouping needs: the entries without a story, and the entries they could belong to."""

    ungrouped: tuple[Member, ...]
    candidates: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A decision: `entry` belongs to the story of `joins`, or starts one of its own where that is None."""

    entry: int
    joins: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """One member of a story, as a page shows it. `dated_at` is None where nobody knows when it was published."""

    entry: int
    title: str
    url: str
    source: str
    summary: str
    language: str | None
    dated_at: datetime | None
    is_dated: bool
    first_seen_at: datetime
    evidence: str
    topics: tuple[str, ...]
    weight: float = 1.0
    doi: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One event or one paper: its articles, the lead first. `id` is stable from run to run."""

    id: int
    articles: tuple[Article, ...]

    @property
    def lead(self) -> Article:
        """The article that stands for the story."""
        return self.articles[0]

    @property
    def others(self) -> tuple[Article, ...]:
        """The articles that tell the same, one for each source that is not the lead's."""
        by_source = {article.source: article for article in reversed(self.articles)}
        by_source.pop(self.lead.source, None)
        return tuple(article for article in self.articles[1:] if by_source.get(article.source) is article)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of all its articles, the lead's first."""
        return tuple(dict.fromkeys(topic for article in self.articles for topic in article.topics))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Stories that an edition may choose from, newest first."""

    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A story with its place in time: the day under which it stands, in the site's zone."""

    story: Story
    day: date
    at: datetime
    is_dated: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the last look at the feeds went: shown on the page, so that it never claims to be newer than it is."""

    refreshed_at: datetime | None
    sources: int
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """One frozen choice, rendered to every output. `reaches_back` says that the newest days had too little to show."""

    day: date
    chosen_at: datetime
    placed: tuple[Placed, ...]
    freshness: Freshness
    reaches_back: bool = False

    def by_day(self) -> Mapping[date, tuple[Placed, ...]]:
        """The stories under their days, both in the order in which they are shown."""
        days: dict[date, tuple[Placed, ...]] = {}
        for placed in self.placed:
            days[placed.day] = (*days.get(placed.day, ()), placed)
        return days
