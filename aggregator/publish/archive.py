"""The archive: a page for each month and each topic, and one that leads to them.

Pages of a shelf are numbered from the oldest and hold fifty stories; what is left over stands on the shelf's first page,
`2026-11.html`. So a new day rewrites only the first pages of the shelves that it touches. Each page carries the digest of
what it shows, and one whose digest has not changed is taken over as it is, without being rendered again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from aggregator.publish.outfeeds import atom
from aggregator.publish.pages import DayView, Pages, day_views
from aggregator.topics import vocabulary
from aggregator.values.settings import Site
from aggregator.values.stories import Placed, Shelf

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
class ShelfLink:
    """A shelf as the archive's own page lists it."""

    name: str
    file: str
    count: int


def render_archive(
    pages: Pages, shelves: Sequence[Shelf], site: Site, before: Path | None, *, is_sample: bool
) -> dict[str, bytes]:
    """Every page of the archive, the topics' feeds and the sitemap. Unchanged pages of the release `before` are kept."""
    files: dict[str, bytes] = {}
    common = f"{pages.digest()}|{_our_own()}|{site!r}|{is_sample}"
    marks = {one.story.id: _mark(one) for shelf in shelves for one in shelf.placed}
    for shelf in shelves:
        for page in _pages_of(shelf):
            told = "".join(marks[one.story.id] for one in page.placed)
            digest = hashlib.blake2b(f"{common}|{page.number} of {page.last}|{told}".encode(), digest_size=12).hexdigest()
            files[page.file] = _unchanged(before, page.file, digest) or _render(
                pages, "shelf.html", digest, page=_view(page, site), site=site, is_sample=is_sample
            )
        if shelf.is_topic and site.url is not None:
            name = f"{site.title}: {vocabulary().name(shelf.key)}"
            placed = shelf.placed[:_IN_A_FEED]
            files[f"topics/{shelf.key}.xml"] = atom(placed, site, site.url, path=f"topics/{shelf.key}.xml", title=name)
    months = [ShelfLink(_month(one.key), _file(one), len(one.placed)) for one in shelves if not one.is_topic]
    topics = [ShelfLink(vocabulary().name(one.key), _file(one), len(one.placed)) for one in shelves if one.is_topic]
    topics.sort(key=lambda one: one.name.casefold())
    files["archive/index.html"] = _render(
        pages, "archive.html", "", months=months, topics=topics, site=site, is_sample=is_sample
    )
    if site.url is not None:
        files["sitemap.xml"] = _sitemap(site.url, [one.file for one in topics])
    return files


def _render(pages: Pages, name: str, digest: str, **context: object) -> bytes:
    return pages.render(f"pages/{name}", root="../", digest=digest, **context).encode("utf-8")


def _unchanged(before: Path | None, file: str, digest: str) -> bytes | None:
    old = before / file if before is not None else None
    if old is None or not old.is_file():
        return None
    page = old.read_bytes()
    return page if f'content="{digest}"'.encode() in page[:1500] else None


def _mark(placed: Placed) -> str:
    """A digest of all that a page says of a story."""
    articles = [(a.title, a.url, a.source, a.summary, a.language, a.evidence, a.topics) for a in placed.story.articles]
    told = (placed.at, placed.day, placed.is_dated, articles, placed.story.notices)
    return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


@cache
def _our_own() -> str:
    """What changes with a new version of this program: how stories are shown, and the words for topics and evidence."""
    ours = Path(__file__).parent
    sources = [*sorted(ours.glob("*.py")), ours.parent / "values" / "entries.py", ours.parent / "topics.yaml"]
    return hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()


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
        title=vocabulary().name(shelf.key) if shelf.is_topic else _month(shelf.key),
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


def _month(key: str) -> str:
    return f"{date.fromisoformat(key + '-01'):%B %Y}"


def _sitemap(site_url: str, files: Sequence[str]) -> bytes:
    """Our own pages: the first one and the topics'. Months hold nothing but others' words, and are not offered."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for file in ("", *files):
        ET.SubElement(ET.SubElement(root, f"{{{_SITEMAP}}}url"), f"{{{_SITEMAP}}}loc").text = urljoin(site_url, file)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
