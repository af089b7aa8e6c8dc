"""The archive: a page for each month, each topic and each story that has more to say, and one that leads to them.

Pages of a shelf are numbered from the oldest and hold fifty stories; what is left over stands on the shelf's first page,
`2026-11.html`. So a new day rewrites only the first pages of the shelves that it touches; what has not changed is taken over
as it is (see reuse.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from aggregator.publish.outfeeds import atom
from aggregator.publish.pages import DayView, Pages, day_views, foreign, long_date, story_file, story_view
from aggregator.publish.reuse import Reuse, mark
from aggregator.publish.search import render_index
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS
from aggregator.values.settings import Site
from aggregator.values.stories import Article, Placed, Shelf

_ON_A_PAGE = 50
_IN_A_FEED = 30
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class ShelfView:
    """One page of a shelf. `about` says in a sentence what a topic is, `own_page` is the institute's page on it; `older` and
    `newer` are the files of the pages beside it."""

    title: str
    about: str
    own_page: str
    feed: str
    days: tuple[DayView, ...]
    older: str
    newer: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """A piece of a shelf; `last` is the number of the newest one."""

    shelf: Shelf
    placed: Sequence[Placed]
    number: int
    last: int

    @property
    def file(self) -> str:
        return _file(self.shelf, self.number, self.last)


@dataclass(frozen=True, slots=True)
class ToldView:
    """One article on the page of its story. `when` is empty where nobody knows the date."""

    title: str
    url: str
    language: str | None
    source: str
    when: str
    datetime: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ShelfLink:
    """A shelf as the archive's own page lists it."""

    key: str
    name: str
    file: str
    count: int


def render_archive(
    pages: Pages, shelves: Sequence[Shelf], site: Site, before: Path | None, *, is_sample: bool
) -> dict[str, bytes]:
    """Every page of the archive, the topics' feeds, the search's index and the sitemap. Unchanged pages of the release
    `before` are kept."""
    files: dict[str, bytes] = {}
    reuse = Reuse(pages, site, before, is_sample=is_sample)
    everything = {one.story.id: one for shelf in shelves for one in shelf.placed}
    marks = {number: mark(one) for number, one in everything.items()}
    for shelf in shelves:
        for page in _pages_of(shelf):
            told = "".join(marks[one.story.id] for one in page.placed)
            files[page.file] = reuse.page(
                page.file, f"{page.number} of {page.last}|{told}", "shelf.html", partial(_piece, page, site)
            )
        if shelf.is_topic and site.url is not None:
            name = f"{site.title}: {_name(shelf)}"
            placed = shelf.placed[:_IN_A_FEED]
            files[f"topics/{shelf.key}.xml"] = atom(placed, site, site.url, path=f"topics/{shelf.key}.xml", title=name)
    for number, one in everything.items():
        if file := story_file(one.story):
            files[file] = reuse.page(file, marks[number], "story.html", partial(_whole, one, site))
    months = [_link(one) for one in shelves if not one.is_topic]
    topics = sorted((_link(one) for one in shelves if one.is_topic), key=lambda one: one.name.casefold())
    files["archive/index.html"] = reuse.render("archive.html", "", {"months": months, "topics": topics})
    if site.url is not None:
        files["sitemap.xml"] = _sitemap(site.url, [one.file for one in topics])
    return files | render_index(shelves)


def _piece(page: _Page, site: Site) -> dict[str, object]:
    return {"page": _view(page, site)}


def _whole(placed: Placed, site: Site) -> dict[str, object]:
    """What a story's own page shows: the story, and each of its articles."""
    return {"story": story_view(placed, site), "told": tuple(_told(one, site) for one in placed.story.articles)}


def _told(article: Article, site: Site) -> ToldView:
    at = article.dated_at.astimezone(site.zone) if article.dated_at is not None and article.is_dated else None
    return ToldView(
        article.title, article.url, foreign(article, site), article.source, long_date(at.date()) if at else "",
        at.isoformat(timespec="minutes") if at else "", EVIDENCE_WORDS.get(article.evidence, ""),
    )  # fmt: skip


def _link(shelf: Shelf) -> ShelfLink:
    return ShelfLink(shelf.key, _name(shelf), _file(shelf), len(shelf.placed))


def _pages_of(shelf: Shelf) -> Iterator[_Page]:
    """The pages of a shelf, the first (newest) one first."""
    full = max(0, len(shelf.placed) // _ON_A_PAGE - 1)
    first = len(shelf.placed) - full * _ON_A_PAGE
    yield _Page(shelf, shelf.placed[:first], full, full)
    for number in range(full - 1, -1, -1):
        start = first + (full - 1 - number) * _ON_A_PAGE
        yield _Page(shelf, shelf.placed[start : start + _ON_A_PAGE], number, full)


def _view(page: _Page, site: Site) -> ShelfView:
    shelf, number, last = page.shelf, page.number, page.last
    topic = next((one for one in vocabulary().topics if one.slug == shelf.key), None) if shelf.is_topic else None
    return ShelfView(
        title=_name(shelf),
        about=topic.about if topic else "",
        own_page=site.topic_pages.get(shelf.key, "") if shelf.is_topic else "",
        feed=f"{shelf.key}.xml" if shelf.is_topic and site.url is not None else "",
        days=day_views(page.placed, site),
        older=Path(_file(shelf, number - 1, last)).name if number > 0 else "",
        newer=Path(_file(shelf, number + 1, last)).name if number < last else "",
        is_first=number == last,
    )


def _file(shelf: Shelf, number: int = 0, full: int = 0) -> str:
    """Full pages are numbered from the oldest, from 1; the newest has the shelf's own name."""
    ending = "" if number == full else f"-{number + 1}"
    return f"{'topics' if shelf.is_topic else 'archive'}/{shelf.key}{ending}.html"


def _name(shelf: Shelf) -> str:
    """What readers call it: the topic's name, or `November 2026`."""
    return vocabulary().name(shelf.key) if shelf.is_topic else f"{date.fromisoformat(shelf.key + '-01'):%B %Y}"


def _sitemap(site_url: str, files: Sequence[str]) -> bytes:
    """Our own pages: the first one and the topics'. Months hold nothing but others' words, and are not offered."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for file in ("", *files):
        ET.SubElement(ET.SubElement(root, f"{{{_SITEMAP}}}url"), f"{{{_SITEMAP}}}loc").text = urljoin(site_url, file)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
