"""Articles that readers see as one, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    mentions: tuple[str, ...] = ()
    is_preprint: bool = False
    notice: str | None = None
    story: int | None = None

    @property
    def is_paper(self) -> bool:
        """Whether it names itself by an identifier of the literature."""
        return any(key.startswith(("doi:", "pmid:", "pmcid:", "nct:")) for key in self.keys)


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Our own corpus as grouping knows it: how many titles were counted, and in how many of them a word stands."""

    documents: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """All that grouping needs: the entries without a story, the entries they could belong to, how telling words are, and
    which entries staff put together or apart."""

    ungrouped: tuple[Member, ...]
    candidates: tuple[Member, ...]
    words: WordCounts
    together: Mapping[int, frozenset[int]] = field(default_factory=dict)
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A decision: `entry` belongs to the story of `joins`, or starts one of its own where that is None. An `entry` that has
    a story already takes it along: two stories turned out to be one."""

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
class Notice:
    """A retraction, a concern or a correction of the paper that is entry `of`, published on a day, at an address."""

    of: int
    sort: str
    on: date
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """One event or one paper: its articles, the lead first. `id` is stable from run to run."""

    id: int
    articles: tuple[Article, ...]
    notices: tuple[Notice, ...] = ()

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
    def is_withdrawn(self) -> bool:
        """Whether a paper of it was retracted, or its editors have doubts."""
        return any(notice.sort in ("retraction", "concern") for notice in self.notices)

    @property
    def has_page(self) -> bool:
        """Whether there is more to say of it than fits on a list: others who tell it, or a notice."""
        return bool(self.others or self.notices)

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


@dataclass(frozen=True, slots=True)
class Shelf:
    """A part of the archive: the stories of a month (`2026-11`) or of a topic (its slug), newest first."""

    key: str
    placed: tuple[Placed, ...]
    is_topic: bool = False


def by_day(placed: Sequence[Placed]) -> Mapping[date, tuple[Placed, ...]]:
    """Stories under their days, both in the order in which they come."""
    days: dict[date, tuple[Placed, ...]] = {}
    for one in placed:
        days[one.day] = (*days.get(one.day, ()), one)
    return days
