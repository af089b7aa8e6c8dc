"""An edition becomes HTML. Each template gets one frozen value with the fields it may use, and nothing else.

Everything is escaped where it is shown, an unknown name is an error, templates run in a sandbox.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aggregator.errors import PublishError
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import Edition, Placed

_LARGEST_PAGE = 2_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """Who else tells the story."""

    source: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story as a template shows it. `when` is empty where nobody knows the date."""

    title: str
    url: str
    source: str
    when: str
    datetime: str
    evidence: str
    topics: tuple[str, ...]
    summary: str
    language: str | None
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """One day with its stories."""

    heading: str
    date: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """All that a page may show. `note` is one calm sentence where something is not as usual, else empty."""

    title: str
    language: str
    url: str | None
    days: tuple[DayView, ...]
    updated: str
    updated_datetime: str
    note: str
    is_sample: bool
    call_to_action: CallToAction | None
    has_feeds: bool


class Pages:
    """The templates of one folder."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(templates, encoding="utf-8-sig"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, **context: Any) -> str:
        """The page `name`; PublishError names template and line where it cannot be rendered."""
        try:
            return self._environment.get_template(name).render(**context)
        except jinja2.TemplateSyntaxError as error:
            raise PublishError(f"templates/{error.name or name}, line {error.lineno}: {error.message}.") from error
        except jinja2.TemplateNotFound as error:
            raise PublishError(f"templates/{error.name} is missing (needed for {name}).") from error
        except (OSError, UnicodeError) as error:
            raise PublishError(f"templates/{name} cannot be read: {error}.") from error
        except Exception as error:
            raise PublishError(f"templates/{name}{_line_of(error)}: {error}.") from error

    def static_files(self) -> dict[str, bytes]:
        """The files that are published as they are."""
        folder = self._templates / "static"
        return {f"static/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _line_of(error: Exception) -> str:
    """Where in a template an exception came from."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.suffix in (".html", ".xml"):
            line = f" ({file.name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return line


def view(edition: Edition, site: Site, *, is_sample: bool) -> PageView:
    """The edition as templates show it."""
    days = tuple(
        DayView(_heading(day, edition.day), day.isoformat(), tuple(_story(placed, site) for placed in stories))
        for day, stories in edition.by_day().items()
    )
    refreshed_at = edition.freshness.refreshed_at
    return PageView(
        title=site.title,
        language=site.language,
        url=site.url,
        days=days,
        updated=_updated(edition, site),
        updated_datetime=refreshed_at.isoformat(timespec="seconds") if refreshed_at else "",
        note=_note(edition, site),
        is_sample=is_sample,
        call_to_action=site.call_to_action,
        has_feeds=site.url is not None,
    )


def _story(placed: Placed, site: Site) -> StoryView:
    lead = placed.story.lead
    is_foreign = lead.language is not None and lead.language.split("-")[0] != site.language.split("-")[0]
    return StoryView(
        title=lead.title,
        url=lead.url,
        source=lead.source,
        when=long_date(placed.day) if placed.is_dated else "",
        datetime=placed.at.astimezone(site.zone).isoformat(timespec="minutes") if placed.is_dated else "",
        evidence=EVIDENCE_WORDS.get(lead.evidence, ""),
        topics=tuple(vocabulary().name(topic) for topic in placed.story.topics[:3]),
        summary=lead.summary,
        language=lead.language if is_foreign else None,
        reports=tuple(Report(article.source, article.url, article.title) for article in placed.story.others),
    )


def long_date(day: date) -> str:
    """`22 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def _heading(day: date, today: date) -> str:
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A}, {long_date(day)}"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'} {at.tzname()}"


def _updated(edition: Edition, site: Site) -> str:
    freshness = edition.freshness
    if freshness.refreshed_at is None:
        return "The sources have not been read yet."
    at = freshness.refreshed_at.astimezone(site.zone)
    sources = "1 source" if freshness.sources == 1 else f"{freshness.sources} sources"
    return f"Updated {long_date(at.date())}, {_clock(at)}, from {sources}."


def _note(edition: Edition, site: Site) -> str:
    """“We could not look” reads differently from “there is nothing new”."""
    freshness = edition.freshness
    if freshness.is_stale:
        at = freshness.refreshed_at.astimezone(site.zone) if freshness.refreshed_at else None
        since = f" The list is as it was on {long_date(at.date())}." if at else ""
        return "We could not reach our sources at the last attempt." + since
    if not edition.placed:
        return "There is no news on this topic yet." if freshness.refreshed_at else "The first news will appear here soon."
    newest = edition.placed[0].day
    if edition.day - newest > timedelta(days=2):
        return f"Nothing new on this topic since {newest:%A}, {long_date(newest)}."
    if edition.reaches_back:
        return "There is little news at the moment, so older stories are shown as well."
    return ""


def check_page(name: str, page: str, shown: PageView) -> None:
    """Refuse a page that is evidently not what it should be: cut off, emptied, swollen, or without its stories."""
    if len(page) > _LARGEST_PAGE:
        raise PublishError(f"templates/pages/{name} makes a page of {len(page) // 1000} kB; nothing was published.")
    if name == "index.html" and not page.rstrip().endswith("</html>"):
        raise PublishError(f"templates/pages/{name} makes a page without its end (</html>); nothing was published.")
    for day in shown.days:
        for story in day.stories:
            if html.escape(story.title, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") not in page:
                raise PublishError(
                    f"templates/pages/{name} leaves out the story “{story.title[:60]}”; nothing was published."
                )


def check_links(files: dict[str, bytes]) -> None:
    """Refuse a release whose first page asks for a file that is not in it."""
    page = files["index.html"].decode("utf-8")
    for name in re.findall(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="((?!https?:|data:)[^"#]+)"', page):
        if name not in files:
            raise PublishError(f"templates/pages/index.html asks for {name}, which is missing; nothing was published.")


def render_pages(pages: Pages, shown: PageView) -> dict[str, bytes]:
    """The HTML files of a release, each checked."""
    files = {}
    for name in ("index.html", "section.html"):
        page = pages.render(f"pages/{name}", page=shown)
        check_page(name, page, shown)
        files[name] = page.encode("utf-8")
    return files
