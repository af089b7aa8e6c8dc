"""The front page, and the same news as a fragment for another page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from aggregator.publish.recruitment import recruitment_of
from aggregator.publish.verify import verify, verify_style
from aggregator.render.templates import Templates
from aggregator.render.views import GROUPS, DayView, StoryView, TopicView, day_views, group_of, story_view
from aggregator.render.words import Words, words_of
from aggregator.topics import vocabulary
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import Edition, Headline
from aggregator.values.weeks import week_of

# How many topics stand on top; all others are one step away.
_TOPICS = 5


@dataclass(frozen=True, slots=True)
class TrialView:
    """A registered trial; `state` is what its source says of recruitment, in words, or empty."""

    story: StoryView
    state: str


@dataclass(frozen=True, slots=True)
class WeekView:
    """The last seven days in figures: how many stories, and of each group; `file` is the page of the newest week."""

    until: str
    total: str
    groups: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything that the front may show. `note` is one calm sentence if something is not as usual, else empty."""

    title: str
    language: str
    url: str | None
    contact: str | None
    topics: tuple[TopicView, ...]
    all_topics: int
    # The day in a few headlines of others.
    brief: tuple[Headline, ...]
    lead: StoryView | None
    # The day of the lead, without its stories.
    lead_day: DayView | None
    days: tuple[DayView, ...]
    # Studies that were retracted or are doubted, with their notices.
    withdrawn: tuple[StoryView, ...]
    trials: tuple[TrialView, ...]
    week: WeekView | None
    # The day the page was made, and the zone in which it has begun.
    day: str
    zone: str
    updated: str
    updated_datetime: str
    sources: int
    note: str
    is_sample: bool
    call_to_action: CallToAction | None
    has_feeds: bool
    signup: str | None
    has_issues: bool
    # Structured data for search engines: the page and its links, in order (schema.org).
    structured: Mapping[str, Any]

    @property
    def shown(self) -> tuple[StoryView, ...]:
        """The stories in the order in which they stand on the page."""
        return (*((self.lead,) if self.lead else ()), *(story for day in self.days for story in day.stories))


def view(edition: Edition, site: Site, *, is_sample: bool, signup: str | None = None, has_issues: bool = False) -> PageView:
    """The edition as templates show it; `signup` is the address where people ask for the newsletter, `has_issues` says that
    its archive has any."""
    words, beside = words_of(site.language), edition.overview
    lead = beside.lead
    others = [one for one in edition.placed if lead is None or one.story.id != lead.story.id]
    refreshed_at = edition.freshness.refreshed_at
    return PageView(
        title=site.title,
        language=site.language,
        url=site.url,
        contact=site.contact,
        topics=_topics(edition, words),
        all_topics=len(vocabulary().topics),
        brief=beside.brief,
        lead=story_view(lead, site) if lead else None,
        lead_day=replace(day_views([lead], site, today=edition.day)[0], stories=()) if lead else None,
        days=day_views(others, site, today=edition.day),
        withdrawn=tuple(story_view(placed, site) for placed in edition.withdrawn),
        trials=tuple(TrialView(story_view(one, site), _state(one.story.lead.summary, words)) for one in beside.trials),
        week=_week(edition, words),
        day=edition.day.isoformat(),
        zone=site.time_zone,
        updated=_updated(edition, site, words),
        updated_datetime=refreshed_at.isoformat(timespec="seconds") if refreshed_at else "",
        sources=edition.freshness.sources,
        note=_note(edition, site, words),
        is_sample=is_sample,
        call_to_action=site.call_to_action,
        has_feeds=site.url is not None,
        signup=signup,
        has_issues=has_issues,
        structured=_structured(edition, site),
    )


def _topics(edition: Edition, words: Words) -> tuple[TopicView, ...]:
    """The topics with the most news, the general one last of all."""
    known = {topic.slug for topic in vocabulary().topics}
    counted = [(slug, count) for slug, count in edition.overview.topics.items() if slug in known]
    counted.sort(key=lambda pair: pair[0] == "facial-nerve")
    return tuple(TopicView(words.topic(slug), slug, count) for slug, count in counted[:_TOPICS])


def _state(summary: str, words: Words) -> str:
    state = recruitment_of(summary)
    return words.text(f"recruitment.{state}") if state else ""


def _week(edition: Edition, words: Words) -> WeekView | None:
    counts = edition.overview.week
    total = sum(counts.values())
    if not total:
        return None
    groups = {group: sum(count for kind, count in counts.items() if group_of(kind) == group) for group in GROUPS}
    newest = max(one.day for one in edition.placed)
    return WeekView(
        words.day(edition.day),
        words.text("n_stories", n=total),
        tuple(words.text(f"n_{group}", n=count) for group, count in groups.items() if count),
        f"archive/{week_of(newest)}.html",
    )


def _structured(edition: Edition, site: Site) -> dict[str, Any]:
    """A CollectionPage with the list of its links. No NewsArticle: the articles are other people's."""
    page: dict[str, Any] = {"@context": "https://schema.org", "@type": "CollectionPage", "name": site.title}
    page |= {"inLanguage": site.language} | ({"url": site.url} if site.url else {})
    if edition.freshness.refreshed_at is not None:
        page["dateModified"] = edition.freshness.refreshed_at.astimezone(site.zone).isoformat(timespec="seconds")
    leads = [placed.story.lead for placed in edition.placed if placed.story.lead.url]
    items = [{"@type": "ListItem", "position": n, "url": lead.url, "name": lead.title} for n, lead in enumerate(leads, 1)]
    return page | {"mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items}}


def for_inclusion(shown: PageView) -> PageView:
    """The page as a part of another one that may never be updated: with absolute dates only."""

    def absolute(day: DayView) -> DayView:
        heading = words_of(shown.language).weekday(date.fromisoformat(day.date))
        return replace(day, name="", heading=heading) if day.name else day

    lead_day = absolute(shown.lead_day) if shown.lead_day else None
    return replace(shown, lead_day=lead_day, days=tuple(absolute(day) for day in shown.days))


def _updated(edition: Edition, site: Site, words: Words) -> str:
    if edition.freshness.refreshed_at is None:
        return ""
    at = edition.freshness.refreshed_at.astimezone(site.zone)
    return words.text("day_and_clock", day=words.day(at.date()), clock=words.clock(at))


def _note(edition: Edition, site: Site, words: Words) -> str:
    """The page's note, or empty; “we could not look” reads differently from “there is nothing new”."""
    freshness = edition.freshness
    if freshness.is_stale:
        at = freshness.refreshed_at.astimezone(site.zone) if freshness.refreshed_at else None
        return words.text("note_stale_since", day=words.day(at.date())) if at else words.text("note_stale")
    if not edition.placed:
        return words.text("note_no_news" if freshness.refreshed_at else "note_first")
    newest = edition.placed[0].day
    if edition.day - newest > timedelta(days=2):
        return words.text("note_nothing_since", day=words.weekday(newest))
    if edition.reaches_back:
        return words.text("note_little", day=words.day(edition.day))
    return ""


# The script of an included page may arrive after the page around it has been parsed.
_WHEN_READ = """if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", function () { freshen(document); });
} else { freshen(document); }"""


def bundle(*sources: str) -> bytes:
    """These scripts as one file that defines no global names."""
    return "\n".join(("(function () {", '"use strict";', *sources, "})();", "")).encode()


def render_front(templates: Templates, shown: PageView, site: Site) -> dict[str, bytes]:
    """The front page; the fragment for a homepage, with the script that keeps its dates true; and, with `site.url`, the
    script that embeds the fragment. PublishError if a page is not as it should be."""
    words = words_of(site.language)
    files, told = {}, words.script("freshness")
    script = templates.script("freshness.js", before=told, after=_WHEN_READ)
    titles = [story.lead.title for story in (*shown.shown, *shown.withdrawn)]
    for name in ("index.html", "section.html"):
        # In another page, the fragment can refer to the archive only by `site.url`.
        is_whole = name == "index.html"
        root = "" if is_whole else shown.url
        page_view = shown if is_whole else for_inclusion(shown)
        context = {"page": page_view, "site": site, "is_sample": shown.is_sample, "script": script, "root": root, "t": words}
        page = templates.render(f"pages/{name}", **context)
        verify(name, page, titles=titles, scripts=(str(script.text),), is_whole=is_whole)
        files[name] = page.encode("utf-8")
    files["labels.html"] = _labels(templates, site, words, is_sample=shown.is_sample)
    files["static/freshness.js"] = bundle(told, templates.source("freshness.js"), _WHEN_READ)
    files["static/search.js"] = bundle(words.script("search"), templates.source("search.js"))
    if site.url is not None:
        files["embed.js"] = bundle(told, templates.source("freshness.js"), templates.source("embed.js"))
    return files


@dataclass(frozen=True, slots=True)
class LabelView:
    """A kind of item: its label, and what it can tell and what not."""

    kind: str
    name: str
    meaning: str


def _labels(templates: Templates, site: Site, words: Words, *, is_sample: bool) -> bytes:
    """The page that says what the labels mean."""
    labels = [
        LabelView(kind, words.label(kind), words.text(f"kinds.{kind}.meaning"))
        for kinds in GROUPS.values()
        for kind in kinds
    ]
    context = {"labels": labels, "site": site, "is_sample": is_sample, "root": "", "t": words}
    page = templates.render("pages/labels.html", **context)
    verify("labels.html", page)
    return page.encode("utf-8")


def static_files(templates: Templates) -> dict[str, bytes]:
    """The files that are published unchanged; PublishError names a style sheet that refers to a third party."""
    files = templates.static_files()
    for name, content in files.items():
        if name.endswith(".css"):
            verify_style(name, content.decode("utf-8", "replace"))
    return files
