"""A site that has everything: titles of every length and script, notices, many reports; served on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import cast

import pytest

from aggregator.edition import choose
from aggregator.jobs.archive import archive_in_memory
from aggregator.jobs.publish import render
from aggregator.publish.archive import render_archive
from aggregator.render.templates import Templates
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import Candidates, Freshness, Notice, Story
from tests.conftest import HOME, NOW, Answer, FeedServer
from tests.test_edition import article

KINDS = {
    "html": "text/html; charset=utf-8", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml",
    "json": "application/json", "xml": "application/atom+xml", "png": "image/png",
}  # fmt: skip
TITLES = (
    "Smile",
    "A randomised trial of early retraining after facial palsy " * 7,
    "شلل الوجه النصفي: ما الذي يساعد على استعادة الابتسامة بعد الإصابة",
    "Bell’s palsy 😀 in three sentences <script>alert(1)</script> & “quotes”",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochuchaf" * 2,
    "Parálisis facial: qué hacer en los primeros días",
)
TOPICS = ("bells-palsy", "parotid", "rehabilitation", "synkinesis")


def stories(count: int = 24) -> list[Story]:
    """As many stories, over the last days; the first ones are odd."""
    made = []
    for n in range(1, count + 1):
        lead = replace(
            article(n, NOW - timedelta(hours=7 * n), evidence=("trial", "news", "review")[n % 3], source=f"Journal {n}"),
            title=TITLES[n - 1] if n <= len(TITLES) else f"What helps the face to move again, part {n}",
            language={3: "ar", 6: "es"}.get(n, "en"),
            summary="Patients were followed for a year; most of them had recovered by then, and those who began early did so sooner. "
            * 2,
            topics=tuple(TOPICS[(n + k) % len(TOPICS)] for k in range(1 + n % 3)),
        )
        others = {1: 1, 2: 2, 4: 50}.get(n, 0)
        reports = [
            replace(article(1000 * n + k, NOW - timedelta(hours=7 * n - 1)), title=f"Report {k} of it", source=f"Paper {k}")
            for k in range(others)
        ]
        notices = (Notice(n, "correction", date(2026, 3, 9), "https://www.example.org/notice"),) if n == 5 else ()
        made.append(Story(n, (lead, *reports), notices))
    return [*made, retracted(count + 1)]


def retracted(number: int) -> Story:
    """A study in another language that was retracted, told twice by one source."""
    lead = replace(
        article(number, NOW - timedelta(days=200), evidence="trial", source="Journal"),
        title="Ein Versuch, der zurückgezogen wurde", language="de", topics=("parotid",),
    )  # fmt: skip
    second = replace(article(1000 * number, NOW - timedelta(days=199), source="Journal"), title="A trial that was withdrawn")
    return Story(number, (lead, second), (Notice(number, "retraction", date(2026, 11, 20), "https://www.example.org/r"),))


@dataclass(frozen=True)
class Served:
    """A site on loopback."""

    server: FeedServer
    files: Mapping[str, bytes]

    def url(self, path: str = "") -> str:
        """Where a file of it is."""
        return self.server.url(f"/news/{path}")


def serve(server: FeedServer, told: Sequence[Story], *, age: timedelta = timedelta(0)) -> Served:
    """A complete release of these stories, made `age` ago."""
    site = Site(
        url=server.url("/news/"), contact="web@example.org",
        call_to_action=CallToAction(text="Ask for a consultation", phone="+1 555 0100", url="https://www.example.org/ask"),
        topic_pages={"parotid": "https://www.example.org/parotid/"},
    )  # fmt: skip
    pages = Templates(HOME / "templates")
    withdrawn = tuple(one for one in told if one.is_withdrawn)
    edition = choose(Candidates(tuple(told), withdrawn), site, Freshness(NOW - age, 34), now=NOW)
    archive = render_archive(pages, *archive_in_memory(told, site, now=NOW), site, None, is_sample=False)
    files = cast("dict[str, bytes]", render(edition, archive, pages, site, is_sample=False))
    for name, content in files.items():
        headers = {"Content-Type": KINDS[name.rpartition(".")[2]], "Access-Control-Allow-Origin": "*"}
        server.answers[f"/news/{name}"] = Answer(content, headers=headers)
    server.answers["/news/"] = server.answers["/news/index.html"]
    return Served(server, files)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The site that has everything."""
    server = FeedServer()
    yield serve(server, stories())
    server.close()
