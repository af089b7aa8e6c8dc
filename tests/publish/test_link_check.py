"""Links between the files of a release lead somewhere, or the page is made anew, or nothing is published."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import pytest

from aggregator.errors import PublishError
from aggregator.jobs import regroup
from aggregator.jobs.publish import broken_links, publish
from aggregator.publish.link_check import Broken, broken, broken_in, links_of, target
from aggregator.publish.reuse import unchanged
from tests.conftest import HOME, NOW, Town, item, rss
from tests.publish.conftest import Served

TITLE = "Facial nerve surgery restores smile of woman after twelve years in Boston"


@pytest.mark.parametrize(
    ("file", "link", "expected"),
    [
        ("index.html", "archive/2026-11.html", ("archive/2026-11.html", "")),
        ("archive/2026-11.html", "story-3.html", ("archive/story-3.html", "")),
        ("archive/2026-11.html", "../topics/a%20b.html?x=1#top", ("topics/a b.html", "top")),
        ("topics/a.html", "../", ("index.html", "")),
        ("topics/a.html", ".", ("topics/index.html", "")),
        ("topics/a.html", "#top", ("topics/a.html", "top")),
        ("topics/a.html", "", ("topics/a.html", "")),
        ("topics/a.html", "../../etc/passwd", ("../etc/passwd", "")),
    ],
)
def test_where_a_link_leads(file: str, link: str, expected: tuple[str, str]) -> None:
    assert target(file, link) == expected


@pytest.mark.parametrize(
    ("page", "links"),
    [
        (b'<a rel="x" href="a.html">A</a><script src=\'s.js\'></script>', ["a.html", "s.js"]),
        (b'<A HREF="a.html?x=1&amp;y=2">', ["a.html?x=1&y=2"]),
        # What feeds bring is absolute, and is no matter of ours; nor is the rest of the server.
        (b'<a href="https://example.com/[">x</a><a href="//example.com/">x</a><a href="/about">x</a>', []),
        (b'<a href="mailto:web@example.org">x</a><a href="tel:+1">x</a>', []),
        # Text is no link.
        (b"<p>&lt;a href=&#34;gone.html&#34;&gt;</p>", []),
    ],
)
def test_which_links_are_looked_at(page: bytes, links: list[str]) -> None:
    assert list(links_of(page)) == links


def test_a_page_that_is_written_is_looked_at_whole_with_its_fragments() -> None:
    files = {
        "index.html": b'<a href="a.html#here">1</a><a href="a.html#gone">2</a><a href="b.html">3</a><a href="#here">4</a>',
        "a.html": b'<p id="here"></p>',
        "feed.xml": b'<link href="b.html"/>',
    }

    assert broken(files) == [
        Broken("index.html", "a.html#gone"),
        Broken("index.html", "b.html"),
        Broken("index.html", "#here"),
    ]


def test_a_page_that_is_taken_over_is_looked_at_for_what_is_no_longer_there(tmp_path: Path) -> None:
    page = b'<a href="story-1.html">1</a><a href="story-2.html">2</a><a href="never.html">3</a>'
    for name in ("month.html", "story-1.html", "story-2.html"):
        (tmp_path / name).write_bytes(page)
    kept = {"month.html": tmp_path / "month.html"}

    assert broken({**kept, "story-1.html": b"", "story-2.html": b""}, tmp_path) == []
    assert broken({**kept, "story-2.html": b"", "story-7.html": b""}, tmp_path) == [Broken("month.html", "story-1.html")]


def test_the_sentence_names_the_first_and_counts_the_others() -> None:
    one = Broken("index.html", "gone.html")

    assert str(broken_links([one])) == "index.html asks for gone.html, which is missing; nothing was published."
    assert "(and 2 more links like it)" in str(broken_links([one, one, one]))


# ---- a whole site ----------------------------------------------------------------------------------------------------


def ours(site: Path, base: str) -> Iterator[tuple[str, str]]:
    """Every link of every file of a release that leads to the release itself, absolute ones too."""
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name, text = path.relative_to(site).as_posix(), path.read_text("utf-8", errors="replace")
        if path.suffix == ".html":
            found = re.findall(r'(?:href|src)="([^"]+)"', text)
        elif path.suffix == ".xml":
            elements = list(ET.fromstring(text).iter())  # noqa: S314 - our own
            found = [href for one in elements if (href := one.get("href"))]
            found += [one.text or "" for one in elements if one.tag.endswith("}loc")]
        elif name.endswith("feed.json"):
            found = [one["url"] for one in json.loads(text)["items"]]
        elif path.suffix == ".json":
            found = [page for row in json.loads(text)["stories"] for page in row[8:] if page]
        else:
            continue
        for link in found:
            address = urljoin(base + name, link.strip())
            if address.startswith(base):
                yield name, address.removeprefix(base).partition("#")[0] or "index.html"


def crawl(town: Town) -> list[tuple[str, str]]:
    """The links of the published site that lead nowhere."""
    site = town.data / "site"
    links = list(ours(site, "https://www.example.org/news/"))
    assert len(links) > 20
    return [(name, link) for name, link in links if not (site / link).is_file()]


@pytest.fixture
def renumbered(town: Town) -> Town:
    """A story of two reports which gets the number of one that waits for staff (and is shown nowhere)."""
    town.add("Waiting", rss(item("Bell's palsy registry opens in spring", "https://r.example/1", guid="r1")), review=True)
    town.refresh()
    earlier = NOW - timedelta(hours=2)
    town.add("A", rss(item(TITLE, "https://a.example/1", guid="a1")))
    town.add("B", rss(item(TITLE, "https://b.example/1", guid="b1", at=earlier)))
    town.now += timedelta(hours=1)
    town.refresh()
    assert (town.data / "site" / "archive" / "story-2.html").is_file()
    return town


def test_a_story_that_gets_another_number_leaves_no_link_to_its_old_page(renumbered: Town) -> None:
    town = renumbered

    regroup.merge(town.workspace(), "https://a.example/1", "https://r.example/1", now=town.now)

    assert (town.data / "site" / "archive" / "story-1.html").is_file()
    assert not (town.data / "site" / "archive" / "story-2.html").exists()
    assert crawl(town) == []
    town.now += timedelta(days=1)
    town.refresh()
    assert crawl(town) == []


def test_a_page_that_is_wrongly_taken_over_is_made_anew(renumbered: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever decides that pages are the same may be wrong: their links tell."""
    old = renumbered.data / "site" / "archive" / "2026-11.html"

    def wrong(before: Path | None, file: str, digest: str) -> Path | None:
        is_month = file == "archive/2026-11.html" and before is not None
        return old.resolve() if is_month else unchanged(before, file, digest)

    monkeypatch.setattr("aggregator.publish.archive.unchanged", wrong)

    regroup.merge(renumbered.workspace(), "https://a.example/1", "https://r.example/1", now=renumbered.now)

    assert crawl(renumbered) == []


def test_a_link_that_stays_broken_publishes_nothing_and_the_last_release_stays(town: Town, tmp_path: Path) -> None:
    town.add("A", rss(item(TITLE, "https://a.example/1")))
    town.refresh()
    before = (town.data / "site").resolve()
    town.templates = tmp_path / "templates"
    shutil.copytree(HOME / "templates", town.templates)
    way = town.templates / "_partials" / "way.html"
    way.write_text(way.read_text("utf-8").replace("archive/index.html", "archive/all.html"), "utf-8")
    workspace = town.workspace()
    database = workspace.open_database()

    with pytest.raises(PublishError, match=r"asks for \.\./archive/all\.html, which is missing"):
        publish(workspace, database, now=town.now)
    database.close()

    assert (town.data / "site").resolve() == before
    assert broken_in(before) == []


def test_no_link_of_a_feed_stops_a_release(town: Town) -> None:
    """An entry may link to a page of ours that never was."""
    town.add("A", rss(item(TITLE, "https://www.example.org/news/archive/story-99.html")))

    assert town.refresh().outcome == "fresh"
    assert "story-99.html" in town.page()


def test_every_link_of_a_site_that_has_everything_leads_somewhere(served: Served) -> None:
    assert broken(served.files) == []
