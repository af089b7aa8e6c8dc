"""Pages of the release before, taken over as they are where nothing that they show has changed: the whole archive where
nothing at all has, which is most days' case and needs no story to be read, else page by page.

Each page carries a digest of what it was made from: templates, settings, this program's own words, and its stories. On
10,000 stories a day with ten new ones renders four pages instead of 400 (`python -m bench publishing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from aggregator.publish.pages import Pages
from aggregator.publish.verify import verify
from aggregator.values.settings import Site
from aggregator.values.stories import Placed

# The digest stands in the head of a page.
_HEAD = 1500


# The digest of what a whole archive was made from, in the release.
INPUTS = "archive/inputs.txt"


def whole(before: Path | None, digest: str) -> dict[str, Path]:
    """The archive of the release `before`, file by file, where it was made from the same inputs; else nothing."""
    if before is None or not (before / INPUTS).is_file() or (before / INPUTS).read_text("ascii") != digest:
        return {}
    files = [*before.glob("archive/*"), *before.glob("topics/*"), *before.glob("sitemap.xml")]
    return {path.relative_to(before).as_posix(): path for path in files}


def digest_of(pages: Pages, site: Site, stored: str, *, is_sample: bool) -> str:
    """The digest of an archive's inputs; `stored` is the store's digest of what it shows."""
    return hashlib.blake2b(f"{_common(pages, site, is_sample=is_sample)}|{stored}".encode(), digest_size=16).hexdigest()


def _common(pages: Pages, site: Site, *, is_sample: bool) -> str:
    return f"{pages.digest}|{_our_own()}|{site!r}|{is_sample}"


class Reuse:
    """Renders the pages of the archive, all of them one folder below the first page."""

    def __init__(self, pages: Pages, site: Site, before: Path | None, *, is_sample: bool) -> None:
        self._pages = pages
        self._before = before
        self._verified: set[str] = set()
        self._always = {"site": site, "is_sample": is_sample, "root": "../"}
        self._common = _common(pages, site, is_sample=is_sample)

    def page(self, file: str, told: str, template: str, context: Callable[[], Mapping[str, object]]) -> bytes:
        """The page `file`, which shows what `told` is a digest of; `context` is asked only where it is rendered."""
        digest = hashlib.blake2b(f"{self._common}|{told}".encode(), digest_size=12).hexdigest()
        return self._unchanged(file, digest) or self.render(template, digest, context())

    def render(self, template: str, digest: str, context: Mapping[str, object]) -> bytes:
        """A page that is always made anew. The first of each template is looked over: the others differ in their text."""
        page = self._pages.render(f"pages/{template}", digest=digest, **self._always, **context)
        if template not in self._verified:
            verify(template, page)
            self._verified.add(template)
        return page.encode("utf-8")

    def _unchanged(self, file: str, digest: str) -> bytes | None:
        old = self._before / file if self._before is not None else None
        if old is None or not old.is_file():
            return None
        page = old.read_bytes()
        return page if f'content="{digest}"'.encode() in page[:_HEAD] else None


def mark(placed: Placed) -> str:
    """A digest of all that a page says of a story."""
    articles = [
        (a.title, a.url, a.source, a.summary, a.language, a.evidence, a.topics, a.dated_at, a.is_dated)
        for a in placed.story.articles
    ]
    told = (placed.at, placed.day, placed.is_dated, articles, placed.story.notices)
    return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


@cache
def _our_own() -> str:
    """What changes with a new version of this program: how stories are chosen and shown, and the words for topics and
    evidence."""
    ours = Path(__file__).parent
    others = ("edition.py", "store/stories.py", "values/stories.py", "values/entries.py", "topics.yaml")
    sources = [*sorted(ours.glob("*.py")), *(ours.parent / name for name in others)]
    return hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
