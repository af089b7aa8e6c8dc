"""The archive: every story by month and topic; a new day rewrites only what it touches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest

from aggregator.edition import shelve
from aggregator.jobs.curation import decide
from aggregator.jobs.publish import publish
from aggregator.publish.archive import render_archive
from aggregator.publish.pages import Pages
from aggregator.publish.site import release
from aggregator.store import entries
from aggregator.store.decisions import HIDE
from aggregator.values.entries import Verdict
from aggregator.values.settings import Site
from aggregator.values.stories import Notice, Story
from tests.conftest import HOME, NOW, Town, item, rss
from tests.test_edition import article, story

SITE = Site(url="https://www.example.org/news/", topic_pages={"parotid": "https://www.example.org/parotid/"})


def told(number: int, *, days: float = 0, topic: str = "bells-palsy") -> Story:
    return story(number, replace(article(number, NOW - timedelta(days=days)), topics=(topic,)))


def archive(stories: Sequence[Story], before: Path | None = None, *, site: Site = SITE) -> dict[str, str]:
    shelves = shelve(stories, site, now=NOW)
    files = render_archive(Pages(HOME / "templates"), shelves, site, before, is_sample=False)
    return {name: content.decode() for name, content in files.items()}


def titles(page: str) -> list[str]:
    return re.findall(r">(Article \d+)<", page)


def test_months_and_topics_hold_every_story_newest_first() -> None:
    files = archive([told(1, days=30), told(2), told(3, days=1, topic="parotid")])

    assert titles(files["archive/2026-11.html"]) == ["Article 2", "Article 3"]
    assert titles(files["archive/2026-10.html"]) == ["Article 1"]
    assert titles(files["topics/bells-palsy.html"]) == ["Article 2", "Article 1"]
    assert re.findall(r'<a href="\.\./([^"]+)">', files["archive/index.html"]) == [
        "index.html", "topics/bells-palsy.html", "topics/parotid.html", "archive/2026-11.html",
        "archive/2026-10.html",
    ]  # fmt: skip


def test_a_topic_opens_with_what_it_is_and_where_the_institute_writes_of_it() -> None:
    page = archive([told(1, topic="parotid")])["topics/parotid.html"]

    assert '<p class="fpn-about">' in page
    assert 'href="https://www.example.org/parotid/"' in page


@pytest.mark.parametrize(("count", "pages"), [(1, [1]), (99, [99]), (100, [50, 50]), (149, [50, 99]), (150, [50, 50, 50])])
def test_pages_are_numbered_from_the_oldest(count: int, pages: list[int]) -> None:
    files = archive([told(n, days=20 - n / 10) for n in range(1, count + 1)])
    names = [*(f"topics/bells-palsy-{n}.html" for n in range(1, len(pages))), "topics/bells-palsy.html"]

    assert [len(titles(files[name])) for name in names] == pages
    assert titles(files[names[0]])[-1] == "Article 1"


def test_a_new_day_renders_only_the_pages_that_it_touches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [told(n, days=n / 4) for n in range(1, 405)]
    old = archive(stories)
    folder = release(tmp_path, "one", {"index.html": b"</html>", **{name: page.encode() for name, page in old.items()}})
    rendered: list[str] = []
    render = Pages.render

    def noted(self: Pages, name: str, **context: object) -> str:
        rendered.append(name)
        return render(self, name, **context)

    monkeypatch.setattr(Pages, "render", noted)

    new = archive([told(1000), *stories], folder)

    assert {name for name in new if new[name] != old.get(name)} == {
        "archive/2026-11.html", "topics/bells-palsy.html", "topics/bells-palsy.xml", "archive/index.html",
        "archive/2026-11.json",
    }  # fmt: skip
    assert rendered.count("pages/shelf.html") == 2


def test_a_page_that_was_made_from_something_else_is_rendered_anew(tmp_path: Path) -> None:
    old = archive([told(1)])
    page = re.sub('name="digest" content="', "\\g<0>0", old["archive/2026-11.html"])
    folder = release(tmp_path, "one", {"index.html": b"</html>", "archive/2026-11.html": page.encode()})

    assert page != old["archive/2026-11.html"]
    assert archive([told(1)], folder)["archive/2026-11.html"] == old["archive/2026-11.html"]


def test_what_was_withdrawn_stands_there_with_its_notice() -> None:
    withdrawn = replace(told(1), notices=(Notice(1, "retraction", date(2026, 3, 9), ""),))

    assert "This study was retracted on 9 March 2026." in archive([withdrawn])["archive/2026-11.html"]


def test_months_are_not_offered_to_search_engines_and_topics_are() -> None:
    files = archive([told(1)])

    assert "noindex" in files["archive/2026-11.html"]
    assert "noindex" not in files["topics/bells-palsy.html"]
    assert "https://www.example.org/news/topics/bells-palsy.html" in files["sitemap.xml"]
    assert "2026-11" not in files["sitemap.xml"]


def test_each_topic_has_a_feed_of_its_own() -> None:
    parsed = feedparser.parse(archive([told(n, days=n) for n in range(1, 60)])["topics/bells-palsy.xml"].encode())

    assert not parsed.bozo
    assert len(parsed.entries) == 30
    assert parsed.feed.id == "tag:www.example.org,2026:topics/bells-palsy"


def test_every_link_of_a_published_site_leads_somewhere(town: Town) -> None:
    town.add("News", rss(*(item(f"Bell's palsy and the parotid, {n}", f"https://news.example.org/{n}") for n in range(130))))
    town.refresh()
    site = town.data / "site"

    for page in [*site.rglob("*.html")]:
        here = "https://www.example.org/news/" + str(page.relative_to(site))
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8")):
            parts = urlsplit(urljoin(here, link))
            if parts.hostname == "www.example.org":
                assert (site / (parts.path.removeprefix("/news/") or "index.html")).is_file(), (page, link)


def files_of(town: Town) -> dict[str, int]:
    """The archive in use, with the inodes of its files."""
    site = (town.house().data / "site").resolve()
    return {str(path.relative_to(site)): path.stat().st_ino for path in [*site.glob("archive/*"), *site.glob("topics/*")]}


def test_an_archive_of_which_nothing_changed_is_published_again_as_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add("Paper", rss(item("Bell's palsy: a smile returns", "https://a.example/1")))
    town.refresh()
    before = files_of(town)
    monkeypatch.setattr("aggregator.jobs.publish.render_archive", lambda *_, **__: pytest.fail("it was rendered"))

    town.refresh()

    assert len(before) >= 4
    assert files_of(town) == before


@pytest.mark.parametrize("what", ["hidden", "corrected", "judged", "site", "template"])
def test_an_archive_of_which_anything_changed_is_made_anew(what: str, town: Town, tmp_path: Path) -> None:
    feed = town.add("Paper", rss(item("Bell's palsy: a smile returns", "https://a.example/1")))
    town.refresh()
    before = files_of(town)
    house = town.house()
    if what == "hidden":
        decide(house, "https://a.example/1", HIDE, now=town.now)
    elif what == "corrected":
        town.add("Paper", rss(item("Bell's palsy: two smiles return", "https://a.example/1")), path=urlsplit(feed.url).path)
        town.feeds.pop()
    elif what == "judged":
        # As where staff correct the feed's type.
        database = house.open_database()
        with database.write() as connection:
            entries.judge_again(connection, [(1, Verdict(admitted=True, score=5.0, evidence="trial"))])
        database.close()
    elif what == "site":
        house = replace(house, settings=house.settings.model_copy(update={"site": SITE}))
    else:
        copied = tmp_path / "templates"
        shutil.copytree(house.templates, copied)
        page = copied / "pages" / "shelf.html"
        page.write_text(page.read_text("utf-8") + "\n", "utf-8")
        house = replace(house, templates=copied)
    if what == "corrected":
        town.refresh()
    else:
        database = house.open_database()
        publish(house, database, now=town.now)
        database.close()

    assert files_of(town).get("archive/2026-11.html") != before["archive/2026-11.html"]
