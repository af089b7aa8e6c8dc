"""The archive: pages for each month, week and topic (a section), a page for each story with more to say, and an index.

The pages of a section are numbered from the oldest and hold fifty stories; the newest stories are on its first page,
`2026-11.html`. So a new day rewrites only the first pages of the sections that it touches; unchanged pages are reused (see
reuse.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from aggregator.publish.digests import archive_digest, page_digest
from aggregator.publish.outfeeds import atom
from aggregator.publish.reuse import unchanged
from aggregator.publish.search import render_index
from aggregator.publish.verify import verify
from aggregator.render.templates import Templates
from aggregator.render.views import GROUPS, DayView, StoryView, TopicView, article_view, day_views, file_of_story, story_view
from aggregator.render.words import words_of
from aggregator.values.enums import SectionSort
from aggregator.values.settings import CallToAction, Question, Site
from aggregator.values.stories import ArchiveSection, DatedStory, ListedStory
from aggregator.values.weeks import days_of

# Loads the listed stories with their articles, in the same order.
Load: TypeAlias = Callable[[Sequence[ListedStory]], Sequence[DatedStory]]

_ON_A_PAGE = 50
_IN_A_FEED = 30
# Stories of each group on top of a topic's page, and weeks in the index.
_NEWEST = 3
_WEEKS = 13
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class NewestView:
    """The newest stories of a group of kinds (`studies`) on a topic."""

    key: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class ConditionView:
    """What a topic's page says beside its stories. `about` is a sentence, the institute's own where it has one; `own_page`
    is the address of the institute's page on it, or empty; `file` and `feed` are the topic's own, `feed` may be empty."""

    about: str
    own_page: str
    faq: tuple[Question, ...]
    call_to_action: CallToAction | None
    newest: tuple[NewestView, ...]
    file: str
    feed: str


@dataclass(frozen=True, slots=True)
class SectionPageView:
    """One page of a section; `topic` is set on a topic's. `jumps` names its days in short, `groups` are the groups of kinds
    that it has stories of, `topics` its topics with how many stories each has, the most first (none on a topic's page);
    `older` and `newer` are the files of the neighbouring pages, or empty."""

    title: str
    topic: ConditionView | None
    days: tuple[DayView, ...]
    jumps: tuple[str, ...]
    groups: tuple[str, ...]
    topics: tuple[TopicView, ...]
    older: str
    newer: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's share of a section; `last` is the number of the newest page."""

    section: ArchiveSection
    listed: Sequence[ListedStory]
    number: int
    last: int

    @property
    def file(self) -> str:
        return _file(self.section, self.number, self.last)


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A section as the archive's index lists it."""

    key: str
    name: str
    file: str
    count: int


def render_archive(
    templates: Templates, sections: Sequence[ArchiveSection], load: Load, site: Site, before: Path | None, *,
    is_sample: bool, has_issues: bool = False,
) -> dict[str, bytes | Path]:  # fmt: skip
    """The archive's pages, the topics' feeds and fragments, the search index and the sitemap, by file name. A page that has
    not changed since the release `before` is the path of its file there; stories are loaded only for the others."""
    files: dict[str, bytes | Path] = {}
    renderer = _Renderer(templates, site, before, is_sample=is_sample, has_issues=has_issues)
    for section in sections:
        files |= _section_files(section, load, site, renderer)
    for story in {story.record.story: story for section in sections for story in section.listed}.values():
        if story.record.has_page:
            file = file_of_story(story.record.story)
            files[file] = renderer.page(file, story.digest, "story.html", partial(_whole, story, load, site))
    links = {sort: [_link(section, site) for section in sections if section.sort is sort] for sort in SectionSort}
    topics = sorted(links[SectionSort.TOPIC], key=lambda link: link.name.casefold())
    context = {"months": links[SectionSort.MONTH], "weeks": links[SectionSort.WEEK][:_WEEKS], "topics": topics}
    files["archive/index.html"] = renderer.render("archive.html", "", context)
    if site.url is not None:
        files["sitemap.xml"] = _sitemap(site.url, [link.file for link in topics])
    return files


def _section_files(section: ArchiveSection, load: Load, site: Site, renderer: _Renderer) -> dict[str, bytes | Path]:
    files = {}
    # A topic's first page is shown twice: whole, and as a fragment.
    pieces = [(page, cache(partial(_piece, page, load, site))) for page in _pages_of(section)]
    for page, piece in pieces:
        inputs = f"{page.number} of {page.last}|{_digests(page.listed)}"
        files[page.file] = renderer.page(page.file, inputs, "shelf.html", piece)
    if section.sort is SectionSort.MONTH:
        file = f"archive/{section.key}.json"
        files[file] = renderer.file(file, _digests(section.listed), partial(_index, section, load, site))
    if section.sort is SectionSort.TOPIC:
        (first, piece), file = pieces[0], f"topics/{section.key}/section.html"
        files[file] = renderer.fragment(file, _digests(first.listed), "topic_section.html", piece)
        if site.url is not None:
            file, name = f"topics/{section.key}.xml", f"{site.title}: {_name(section, site)}"
            files[file] = atom(load(section.listed[:_IN_A_FEED]), site, site.url, path=file, title=name)
    return files


class _Renderer:
    """Makes the files of the archive, all of them one folder below the first page, unless the release `before` has them."""

    def __init__(self, templates: Templates, site: Site, before: Path | None, *, is_sample: bool, has_issues: bool) -> None:
        self._templates = templates
        self._before = before
        self._verified: set[str] = set()
        self._always = {
            "site": site, "is_sample": is_sample, "root": "../", "t": words_of(site.language), "has_issues": has_issues,
        }  # fmt: skip
        self._site = site
        self._digest = archive_digest(templates, site, is_sample=is_sample, has_issues=has_issues)

    def page(self, file: str, inputs: str, template: str, context: Callable[[], Mapping[str, object]]) -> bytes | Path:
        """The page `file`, whose content `inputs` is a digest of; `context` is called only if the page is rendered."""
        return self.file(file, inputs, lambda digest: self.render(template, digest, context()))

    def fragment(self, file: str, inputs: str, template: str, context: Callable[[], Mapping[str, object]]) -> bytes | Path:
        """The same for a part of another page, from which links lead to `site.url`."""
        return self.file(file, inputs, lambda digest: self.render(template, digest, {**context(), "root": self._site.url}))

    def file(self, file: str, inputs: str, make: Callable[[str], bytes]) -> bytes | Path:
        """The same for any file: `make` is given the digest, which must be in quotation marks in the file's head."""
        digest = page_digest(self._digest, inputs)
        return unchanged(self._before, file, digest) or make(digest)

    def render(self, template: str, digest: str, context: Mapping[str, object]) -> bytes:
        """A page that is always rendered. The first of each template is verified: the others differ in their text only."""
        page = self._templates.render(f"pages/{template}", digest=digest, **{**self._always, **context})
        if template not in self._verified:
            verify(template, page, is_whole=template != "topic_section.html")
            self._verified.add(template)
        return page.encode("utf-8")


def _digests(listed: Sequence[ListedStory]) -> str:
    return "|".join(story.digest for story in listed)


def _piece(page: _Page, load: Load, site: Site) -> dict[str, object]:
    return {"page": _view(page, load(page.listed), site)}


def _index(month: ArchiveSection, load: Load, site: Site, digest: str) -> bytes:
    return render_index(load(month.listed), site, digest)


def _whole(listed: ListedStory, load: Load, site: Site) -> dict[str, object]:
    """The context of a story's own page: the story, and each of its other articles."""
    (placed,) = load([listed])
    told = tuple(article_view(article, site) for article in placed.story.articles[1:])
    return {"story": story_view(placed, site), "told": told, "more": placed.story.more}


def _link(section: ArchiveSection, site: Site) -> SectionLink:
    return SectionLink(section.key, _name(section, site), _file(section), len(section.listed))


def _pages_of(section: ArchiveSection) -> Iterator[_Page]:
    """The pages of a section, the newest first."""
    full = max(0, len(section.listed) // _ON_A_PAGE - 1)
    first = len(section.listed) - full * _ON_A_PAGE
    yield _Page(section, section.listed[:first], full, full)
    for number in range(full - 1, -1, -1):
        start = first + (full - 1 - number) * _ON_A_PAGE
        yield _Page(section, section.listed[start : start + _ON_A_PAGE], number, full)


def _view(page: _Page, placed: Sequence[DatedStory], site: Site) -> SectionPageView:
    section, number, last = page.section, page.number, page.last
    days, words = day_views(placed, site), words_of(site.language)
    told = [story for day in days for story in day.stories]
    return SectionPageView(
        title=_name(section, site),
        topic=_condition(section, told, site) if section.sort is SectionSort.TOPIC else None,
        days=days,
        jumps=tuple(words.short_day(date.fromisoformat(day.date)) for day in days),
        groups=tuple(group for group in GROUPS if any(story.group == group for story in told)),
        topics=_topics(told) if section.sort is not SectionSort.TOPIC else (),
        older=Path(_file(section, number - 1, last)).name if number > 0 else "",
        newer=Path(_file(section, number + 1, last)).name if number < last else "",
        is_first=number == last,
    )


def _topics(told: Sequence[StoryView]) -> tuple[TopicView, ...]:
    """The topics of these stories, each with their number."""
    counts = Counter((topic.name, topic.slug) for story in told for topic in story.topics)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(TopicView(name, slug, count) for (name, slug), count in ordered)


def _condition(section: ArchiveSection, told: Sequence[StoryView], site: Site) -> ConditionView:
    own, file = site.topic(section.key), _file(section)
    newest = {group: tuple(story for story in told if story.group == group)[:_NEWEST] for group in GROUPS}
    return ConditionView(
        about=own.lead or words_of(site.language).about(section.key),
        own_page=own.page or "",
        faq=own.faq,
        call_to_action=own.call_to_action or site.call_to_action,
        newest=tuple(NewestView(group, stories) for group, stories in newest.items() if stories),
        file=file,
        feed=f"{section.key}.xml" if site.url is not None else "",
    )


def _file(section: ArchiveSection, number: int = 0, full: int = 0) -> str:
    """A page's file: full pages are numbered from 1, the oldest; the newest has the section's own name."""
    ending = "" if number == full else f"-{number + 1}"
    return f"{'topics' if section.sort is SectionSort.TOPIC else 'archive'}/{section.key}{ending}.html"


def _name(section: ArchiveSection, site: Site) -> str:
    """The section's title: the topic's name, `November 2026`, or `Week of 23 November 2026`."""
    words = words_of(site.language)
    match section.sort:
        case SectionSort.TOPIC:
            return words.topic(section.key)
        case SectionSort.WEEK:
            return words.text("week_title", day=words.day(days_of(section.key)[0]))
        case _:
            return words.month(date.fromisoformat(f"{section.key}-01"))


def _sitemap(site_url: str, files: Sequence[str]) -> bytes:
    """The sitemap: the front page and the topic pages. Month pages hold only other publishers' words and are left out."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for file in ("", *files):
        ET.SubElement(ET.SubElement(root, f"{{{_SITEMAP}}}url"), f"{{{_SITEMAP}}}loc").text = urljoin(site_url, file)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
