"""Stories as templates show them: frozen values with words in them, made from the stories' values and a language's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from aggregator.render.words import Words, words_of
from aggregator.values.settings import Site
from aggregator.values.stories import Article, DatedStory, Notice, Story, by_day, is_foreign

# Most reports under a story in a list; its own page has the others.
_REPORTS = 20
# The topic that says nothing beside a narrower one.
_GENERAL = "facial-nerve"
_TOPICS = 3

# What visitors filter by, in order, and the kinds of evidence in each; all others are news.
GROUPS = {
    "studies": (
        "trial", "systematic-review", "observational", "case-report", "lab", "guideline", "review", "preprint",
    ),
    "trials": ("registration",),
    "news": ("news", "press-release", "event"),
    "people": ("patient-story", "video"),
}  # fmt: skip


def group_of(evidence: str) -> str:
    """The group of a kind of evidence."""
    return next((group for group, kinds in GROUPS.items() if evidence in kinds), "news")


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article. `when` is empty if its date is unknown; `language` and `in_language` (`in German`) are set if its
    language is not the page's; `kind` is its evidence, `label` that in words, or empty."""

    title: str
    url: str
    source: str
    when: str
    datetime: str
    kind: str
    label: str
    language: str | None
    in_language: str


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic by its name, and the name of its page in the archive; `count` says how many stories it has."""

    name: str
    slug: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A publisher's notice on a study: one sentence, and the notice's address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story: its lead, and who else reports it. `marked_title` begins with `Retracted:` or the like if there is a
    notice; `group` is what visitors filter by; `reporters` names the sources of all reports (`A, B and C`), `more` is the
    number of those that `reports` leaves out; `file` is its own page in the archive, or empty."""

    lead: ArticleView
    marked_title: str
    group: str
    summary: str
    topics: tuple[TopicView, ...]
    reports: tuple[ArticleView, ...]
    more: int
    reporters: str
    notices: tuple[NoticeView, ...]
    file: str

    @property
    def told_by(self) -> int:
        """By how many sources it is told."""
        return 1 + len(self.reports) + self.more


@dataclass(frozen=True, slots=True)
class DayView:
    """One day with its stories. `name` is `Today` or `Yesterday`, else empty; the date stands beside it, since a page may be
    read on a later day."""

    name: str
    heading: str
    date: str
    stories: tuple[StoryView, ...]


def foreign(article: Article, site: Site) -> str | None:
    """The article's language if it is not the page's own, else None."""
    return article.language if is_foreign(article.language, site.language) else None


def article_view(article: Article, site: Site) -> ArticleView:
    """One article as templates show it."""
    words = words_of(site.language)
    at = article.dated_at.astimezone(site.zone) if article.dated_at is not None and article.is_dated else None
    return ArticleView(
        title=article.title,
        url=article.url,
        source=article.source,
        when=words.day(at.date()) if at else "",
        datetime=at.isoformat(timespec="minutes") if at else "",
        kind=article.evidence,
        label=words.label(article.evidence),
        language=foreign(article, site),
        in_language=words.language_name(foreign(article, site)),
    )


def story_view(placed: DatedStory, site: Site) -> StoryView:
    """One story as templates show it."""
    words, story = words_of(site.language), placed.story
    return StoryView(
        lead=_at_the_storys_time(placed, site),
        marked_title=marked_title(story, words),
        group=group_of(story.lead.evidence),
        summary=story.lead.summary,
        topics=_topics(story, words),
        reports=tuple(article_view(article, site) for article in story.others[:_REPORTS]),
        more=max(0, len(story.others) - _REPORTS) + story.more,
        reporters=words.listed([article.source for article in story.others]),
        notices=tuple(notice_view(notice, words) for notice in story.notices),
        file=story_file(story),
    )


def _at_the_storys_time(placed: DatedStory, site: Site) -> ArticleView:
    """The lead, dated as its story is, by whose day it stands in a list."""
    return replace(
        article_view(placed.story.lead, site),
        when=words_of(site.language).day(placed.day) if placed.is_dated else "",
        datetime=placed.at.astimezone(site.zone).isoformat(timespec="minutes") if placed.is_dated else "",
    )


def _topics(story: Story, words: Words) -> tuple[TopicView, ...]:
    """The story's first topics, without the general one where there is a narrower one."""
    named = [topic for topic in story.topics if topic != _GENERAL] or list(story.topics)
    return tuple(TopicView(words.topic(topic), topic) for topic in named[:_TOPICS])


def day_views(placed: Sequence[DatedStory], site: Site, *, today: date | None = None) -> tuple[DayView, ...]:
    """Stories grouped by day, which is named `Today` or `Yesterday` only if `today` is given."""
    return tuple(_day_view(day, stories, site, today=today) for day, stories in by_day(placed).items())


def _day_view(day: date, placed: Sequence[DatedStory], site: Site, *, today: date | None) -> DayView:
    words = words_of(site.language)
    name = _name(day, today, words)
    heading = words.day(day) if name else words.weekday(day)
    return DayView(name, heading, day.isoformat(), tuple(story_view(story, site) for story in placed))


def _name(day: date, today: date | None, words: Words) -> str:
    ago = (today - day).days if today is not None else -1
    return {0: words.text("today"), 1: words.text("yesterday")}.get(ago, "")


def story_file(story: Story) -> str:
    """The file of the story's own page in a release; empty if it has none."""
    return file_of_story(story.id) if story.has_page else ""


def file_of_story(number: int) -> str:
    """The file of a story's own page, by the story's number."""
    return f"archive/story-{number}.html"


# Gravest first.
_NOTICES = ("retraction", "concern", "correction")


def notice_view(notice: Notice, words: Words) -> NoticeView:
    """The notice in a sentence: `This study was retracted on 9 March 2026.`"""
    sort = notice.sort if notice.sort in _NOTICES else "other"
    return NoticeView(words.text(f"notices.{sort}.sentence", day=words.day(notice.on)), notice.url)


def marked_title(story: Story, words: Words) -> str:
    """The title of the story with the prefix of its gravest notice: `Retracted: …`. A title that says so itself stays
    unchanged."""
    title, sorts = story.lead.title, {notice.sort for notice in story.notices}
    for sort in _NOTICES:
        if sort in sorts:
            says_so = title.casefold().startswith(_SAYS_SO[sort])
            return title if says_so else words.text(f"notices.{sort}.title", title=title)
    return title


# The beginnings of titles that need no prefix, in the languages of the interface.
_SAYS_SO = {
    "retraction": ("retract", "withdrawn", "rétract", "zurückgezogen", "retirad", "retrac"),
    "concern": ("expression of concern", "editorial expression of concern"),
    "correction": ("correct", "corrigend", "errat", "korrig"),
}
