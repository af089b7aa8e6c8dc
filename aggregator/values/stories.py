"""Articles that readers see as one, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from aggregator.keys import is_identifier
from aggregator.values.enums import SectionSort


@dataclass(frozen=True, slots=True)
class GroupingEntry:
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
        return any(map(is_identifier, self.keys))


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Our own corpus as grouping knows it: how many titles were counted, and in how many of them a word stands."""

    documents: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupingInput:
    """All that grouping needs: the entries without a story, the entries they could belong to, how telling words are, which
    entries staff put together or apart, and in which stories those that have one are `placed`."""

    ungrouped: tuple[GroupingEntry, ...]
    candidates: tuple[GroupingEntry, ...]
    words: WordCounts
    together: Mapping[int, frozenset[int]] = field(default_factory=dict)
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    placed: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A decision: `entry` belongs to the story of `joins`, or starts one of its own where that is None. An `entry` that has
    a story already takes it along: two stories turned out to be one."""

    entry: int
    joins: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ProbableStudy:
    """A report and the paper that it is probably about, in another story: staff decide. `reason` says what ties them."""

    report: GroupingEntry
    paper: GroupingEntry
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """One member of a story, as a page shows it. `dated_at` is None where nobody knows when it was published; `feed` is the
    address of the feed that brought it, `is_found` says that this is a search, which brings what many publish."""

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
    feed: str = ""
    is_found: bool = False


def is_foreign(language: str | None, page: str) -> bool:
    """Whether a `language` is known to be another than the page's; regions of one language are not (BCP 47 tags)."""
    return language is not None and language.split("-")[0].lower() != page.split("-", maxsplit=1)[0].lower()


# The sorts of notices after which a study is no good evidence.
DOUBTS = ("retraction", "concern")


@dataclass(frozen=True, slots=True)
class Notice:
    """A retraction, a concern or a correction of the paper that is entry `of`, published on a day, at an address."""

    of: int
    sort: str
    on: date
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """One event or one paper: its articles, the lead first. `id` is stable from run to run; `more` counts the articles that
    are left out of `articles` where a story has too many to show."""

    id: int
    articles: tuple[Article, ...]
    notices: tuple[Notice, ...] = ()
    more: int = 0

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
        return any(notice.sort in DOUBTS for notice in self.notices)

    @property
    def has_page(self) -> bool:
        """Whether there is more to say of it than a list says: another article, of the same source too, or a notice."""
        return len(self.articles) > 1 or bool(self.notices)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of all its articles, the lead's first."""
        return tuple(dict.fromkeys(topic for article in self.articles for topic in article.topics))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Stories that an edition may choose from, newest first, and those of studies retracted or doubted lately."""

    stories: tuple[Story, ...]
    withdrawn: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedStory:
    """A story with its place in time: the day under which it stands, in the site's zone."""

    story: Story
    day: date
    at: datetime
    is_dated: bool

    @property
    def changed_at(self) -> datetime:
        """When there was last something new to say of it: `at`, or the beginning of the day (UTC) of its last notice."""
        return max([self.at, *(datetime.combine(notice.on, time(), UTC) for notice in self.story.notices)])


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the last look at the feeds went: shown on the page, so that it never claims to be newer than it is."""

    refreshed_at: datetime | None
    sources: int
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline of one report of a story that is shown, and the report's address."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the front says beside its list: the story that leads, the day in a few headlines, newly registered trials, and
    how many stories there are of each topic (of the last 30 days) and of each kind (of the last seven)."""

    lead: DatedStory | None = None
    brief: tuple[Headline, ...] = ()
    trials: tuple[DatedStory, ...] = ()
    topics: Mapping[str, int] = field(default_factory=dict)
    week: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edition:
    """One frozen choice, rendered to every output. `reaches_back` says that the newest days had too little to show;
    `withdrawn` has studies that were retracted or doubted of late, the newest notice first."""

    day: date
    chosen_at: datetime
    placed: tuple[DatedStory, ...]
    freshness: Freshness
    reaches_back: bool = False
    withdrawn: tuple[DatedStory, ...] = ()
    overview: Overview = Overview()


class StoryRecord(NamedTuple):
    """What the archive's lists need to know of a story without its text. `claimed_at` is the earliest date that a publisher
    gave, `known_at` the earliest other one. `digest` is that of all that a page says of it, but for where it stands if no
    publisher dated it."""

    story: int
    digest: str
    topics: tuple[str, ...]
    has_page: bool
    claimed_at: datetime | None
    known_at: datetime | None


class ListedStory(NamedTuple):
    """A story of the archive by its record, with its place in time (see `DatedStory`)."""

    record: StoryRecord
    day: date
    at: datetime
    is_dated: bool

    @property
    def digest(self) -> str:
        """That of all that a page of the site says of it."""
        return self.record.digest if self.is_dated else f"{self.record.digest} {self.at}"


@dataclass(frozen=True, slots=True)
class ArchiveSection:
    """A part of the archive: the stories of a month (`2026-11`), of a week (`2026-W48`) or of a topic (its slug), newest
    first."""

    key: str
    listed: tuple[ListedStory, ...]
    sort: SectionSort = SectionSort.MONTH


def by_day(placed: Sequence[DatedStory]) -> Mapping[date, tuple[DatedStory, ...]]:
    """Stories under their days, both in the order in which they come."""
    days: dict[date, tuple[DatedStory, ...]] = {}
    for one in placed:
        days[one.day] = (*days.get(one.day, ()), one)
    return days
