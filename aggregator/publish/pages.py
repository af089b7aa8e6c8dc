"""An edition becomes HTML. Each template gets one frozen value with the fields it may use, and nothing else.

Everything is escaped where it is shown, an unknown name is an error, templates run in a sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from aggregator.errors import PublishError
from aggregator.publish.verify import verify, verify_style
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import Article, Edition, Notice, Placed, Story, by_day


@dataclass(frozen=True, slots=True)
class Report:
    """Who else tells the story."""

    source: str
    url: str
    title: str
    language: str | None


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic by its name, and the name of its page in the archive."""

    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What the publisher says of a study afterwards: one sentence, and where it says so."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story as a template shows it. `when` is empty where nobody knows the date."""

    title: str
    url: str
    source: str
    when: str
    datetime: str
    evidence: str
    topics: tuple[TopicView, ...]
    summary: str
    language: str | None
    reports: tuple[Report, ...]
    # The sources of these reports in words: `A, B and C`.
    reporters: str
    notices: tuple[NoticeView, ...]
    # Its own page in the archive, or empty.
    file: str


@dataclass(frozen=True, slots=True)
class DayView:
    """One day with its stories. `name` is `Today` or `Yesterday`, else empty: the date stands beside it, since a page may be
    read on another day than it was made."""

    name: str
    heading: str
    date: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """All that a page may show. `note` is one calm sentence where something is not as usual, else empty."""

    title: str
    language: str
    url: str | None
    contact: str | None
    days: tuple[DayView, ...]
    # The day the page was made, and the zone in which it has begun.
    day: str
    zone: str
    updated: str
    updated_datetime: str
    sources: str
    note: str
    is_sample: bool
    call_to_action: CallToAction | None
    has_feeds: bool
    # What search engines are told: the page and the links on it, as it shows them (schema.org).
    structured: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    """Lines of our own that a page runs, and the hash that its Content-Security-Policy names them by."""

    text: Markup
    hash: str


class Pages:
    """The templates of one folder."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = ImmutableSandboxedEnvironment(
            loader=_Loader(templates, encoding="utf-8-sig"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # What a feed says is never markup.
        del self._environment.filters["safe"]

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

    def source(self, name: str) -> str:
        """The script `name` of the templates' folder."""
        try:
            return (self._templates / "scripts" / name).read_text("utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise PublishError(f"templates/scripts/{name} cannot be read: {error}.") from error

    def script(self, name: str, call: str) -> Script:
        """The script `name` and a line that calls it, for a page to carry."""
        text = self.source(name) + call
        if "</" in text or "<!--" in text:
            raise PublishError(f"templates/scripts/{name} has “</” in it, which would end it in the middle of the page.")
        digest = hashlib.sha256(text.encode()).digest()
        return Script(Markup(text), f"sha256-{base64.b64encode(digest).decode()}")  # noqa: S704 - our own file, looked at above

    @cached_property
    def digest(self) -> str:
        """What changes when a template changes."""
        paths = sorted(path for path in self._templates.rglob("*.html") if path.is_file())
        return hashlib.blake2b(b"".join(path.read_bytes() for path in paths), digest_size=8).hexdigest()

    def static_files(self) -> dict[str, bytes]:
        """The files that are published as they are; PublishError names a style sheet that asks a third party."""
        folder = self._templates / "static"
        files = {f"static/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        for name, content in files.items():
            if name.endswith(".css"):
                verify_style(name, content.decode("utf-8", "replace"))
        return files


class _Loader(jinja2.FileSystemLoader):
    """Reads templates, and refuses one that switches escaping off."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """See jinja2."""
        source, filename, is_current = super().get_source(environment, template)
        if found := _AUTOESCAPE.search(source):
            line = source.count("\n", 0, found.start()) + 1
            raise jinja2.TemplateSyntaxError("escaping cannot be switched", line, template, filename)
        return source, filename, is_current


_AUTOESCAPE = re.compile(r"\{%[-+]?\s*autoescape\b")


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
    days = day_views(edition.placed, site, today=edition.day)
    refreshed_at = edition.freshness.refreshed_at
    return PageView(
        title=site.title,
        language=site.language,
        url=site.url,
        contact=site.contact,
        days=days,
        day=edition.day.isoformat(),
        zone=site.time_zone,
        updated=_updated(edition, site),
        sources="1 source" if edition.freshness.sources == 1 else f"{edition.freshness.sources} sources",
        updated_datetime=refreshed_at.isoformat(timespec="seconds") if refreshed_at else "",
        note=_note(edition, site),
        is_sample=is_sample,
        call_to_action=site.call_to_action,
        has_feeds=site.url is not None,
        structured=_structured(edition, site),
    )


def day_views(placed: Sequence[Placed], site: Site, *, today: date | None = None) -> tuple[DayView, ...]:
    """Stories under their days; `today` is the day of the page where it has one that is named."""
    return tuple(
        DayView(_name(day, today), _heading(day, today), day.isoformat(), tuple(story_view(one, site) for one in stories))
        for day, stories in by_day(placed).items()
    )


def _structured(edition: Edition, site: Site) -> dict[str, Any]:
    """A CollectionPage with the list of its links. No NewsArticle: the articles are other people's."""
    page: dict[str, Any] = {"@context": "https://schema.org", "@type": "CollectionPage", "name": site.title}
    page |= {"inLanguage": site.language} | ({"url": site.url} if site.url else {})
    if edition.freshness.refreshed_at is not None:
        page["dateModified"] = edition.freshness.refreshed_at.astimezone(site.zone).isoformat(timespec="seconds")
    leads = [placed.story.lead for placed in edition.placed if placed.story.lead.url]
    items = [{"@type": "ListItem", "position": n, "url": one.url, "name": one.title} for n, one in enumerate(leads, 1)]
    return page | {"mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items}}


def story_file(story: Story) -> str:
    """The story's own page in a release, or nothing where a list says it all."""
    return f"archive/story-{story.id}.html" if story.has_page else ""


def story_view(placed: Placed, site: Site) -> StoryView:
    """One story as templates show it."""
    lead, others = placed.story.lead, placed.story.others
    return StoryView(
        title=lead.title,
        url=lead.url,
        source=lead.source,
        when=long_date(placed.day) if placed.is_dated else "",
        datetime=placed.at.astimezone(site.zone).isoformat(timespec="minutes") if placed.is_dated else "",
        evidence=EVIDENCE_WORDS.get(lead.evidence, ""),
        topics=tuple(TopicView(vocabulary().name(one), one) for one in placed.story.topics[:3]),
        summary=lead.summary,
        language=foreign(lead, site),
        reports=tuple(Report(one.source, one.url, one.title, foreign(one, site)) for one in others),
        reporters=listed([one.source for one in others]),
        notices=tuple(_notice(notice) for notice in placed.story.notices),
        file=story_file(placed.story),
    )


_NAMED = 4


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`; of many, the first few: `A, B, C and 47 more`."""
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def foreign(article: Article, site: Site) -> str | None:
    """The article's language where it is not the page's own."""
    is_foreign = article.language is not None and article.language.split("-")[0] != site.language.split("-")[0]
    return article.language if is_foreign else None


_NOTICES = {
    "retraction": "This study was retracted",
    "concern": "Its editors have doubts about this study, which they published",
    "correction": "This study was corrected",
}


def _notice(notice: Notice) -> NoticeView:
    return NoticeView(
        f"{_NOTICES.get(notice.sort, 'A notice on this study appeared')} on {long_date(notice.on)}.", notice.url
    )


def long_date(day: date) -> str:
    """`22 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def _name(day: date, today: date | None) -> str:
    if today is None:
        return ""
    return {today: "Today", today - timedelta(days=1): "Yesterday"}.get(day, "")


def _heading(day: date, today: date | None) -> str:
    return long_date(day) if _name(day, today) else f"{day:%A}, {long_date(day)}"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'} {at.tzname()}"


def _updated(edition: Edition, site: Site) -> str:
    if edition.freshness.refreshed_at is None:
        return ""
    at = edition.freshness.refreshed_at.astimezone(site.zone)
    return f"{long_date(at.date())}, {_clock(at)}"


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


def check_links(page: str, files: Collection[str]) -> None:
    """Refuse a release whose first `page` asks for a file that is not among its `files`."""
    for name in re.findall(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="((?!https?:|data:)[^"#]+)"', page):
        if name not in files:
            raise PublishError(f"templates/pages/index.html asks for {name}, which is missing; nothing was published.")


_WHEN_READ = 'document.addEventListener("DOMContentLoaded", function () { freshen(document); });'


def render_pages(pages: Pages, shown: PageView, site: Site) -> dict[str, bytes]:
    """The first page, the fragment for a homepage and, where it is known from where, what embeds it; each checked."""
    files, script = {}, pages.script("freshness.js", _WHEN_READ)
    for name in ("index.html", "section.html"):
        # A part of another page knows only from `site.url` where the archive lies.
        root = "" if name == "index.html" else shown.url
        page = pages.render(f"pages/{name}", page=shown, site=site, is_sample=shown.is_sample, script=script, root=root)
        titles = [story.title for day in shown.days for story in day.stories]
        verify(name, page, titles=titles, scripts=(str(script.text),), is_whole=name == "index.html")
        files[name] = page.encode("utf-8")
    if site.url is not None:
        parts = ("(function () {", '"use strict";', pages.source("freshness.js"), pages.source("embed.js"), "})();", "")
        files["embed.js"] = "\n".join(parts).encode()
    return files
