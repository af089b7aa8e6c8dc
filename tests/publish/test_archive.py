"""The archive: every story by month and topic; a new day rewrites only what it touches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest

from aggregator.edition import choose
from aggregator.jobs.archive import archive_in_memory
from aggregator.jobs.curation import decide
from aggregator.jobs.publish import publish, render
from aggregator.publish.archive import render_archive
from aggregator.publish.site import release
from aggregator.render.templates import Templates
from aggregator.store import entries
from aggregator.store.decisions import HIDE
from aggregator.values.entries import Verdict
from aggregator.values.settings import CallToAction, Question, Site, TopicPage
from aggregator.values.stories import Candidates, Freshness, Notice, Story
from tests.conftest import HOME, NOW, Town, item, rss
from tests.test_edition import article, story

SITE = Site(url="https://www.example.org/news/", topic_pages={"parotid": "https://www.example.org/parotid/"})


def told(number: int, *, days: float = 0, topic: str = "bells-palsy") -> Story:
    return story(number, replace(article(number, NOW - timedelta(days=days)), topics=(topic,)))


def archive(stories: Sequence[Story], before: Path | None = None, *, site: Site = SITE) -> dict[str, str]:
    files = render_archive(
        Templates(HOME / "templates"), *archive_in_memory(stories, site, now=NOW), site, before, is_sample=False
    )
    return {name: (one.read_bytes() if isinstance(one, Path) else one).decode() for name, one in files.items()}


def titles(page: str) -> list[str]:
    return re.findall(r">(Article \d+)<", page[page.find('id="fpn-news"') :])


def test_months_and_topics_hold_every_story_newest_first() -> None:
    files = archive([told(1, days=30), told(2), told(3, days=1, topic="parotid")])

    assert titles(files["archive/2026-11.html"]) == ["Article 2", "Article 3"]
    assert titles(files["archive/2026-10.html"]) == ["Article 1"]
    assert titles(files["archive/2026-W48.html"]) == ["Article 2", "Article 3"]
    assert titles(files["topics/bells-palsy.html"]) == ["Article 2", "Article 1"]
    assert re.findall(r'<a href="\.\./([^"]+)">', files["archive/index.html"]) == [
        "index.html", "topics/bells-palsy.html", "topics/parotid.html", "archive/2026-W48.html", "archive/2026-W43.html",
        "archive/2026-11.html", "archive/2026-10.html",
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
    render = Templates.render

    def noted(self: Templates, name: str, **context: object) -> str:
        rendered.append(name)
        return render(self, name, **context)

    monkeypatch.setattr(Templates, "render", noted)

    new = archive([told(1000), *stories], folder)

    assert {name for name in new if new[name] != old.get(name)} == {
        "archive/2026-11.html", "topics/bells-palsy.html", "topics/bells-palsy.xml", "archive/index.html",
        "archive/2026-11.json", "archive/2026-W48.html", "topics/bells-palsy/section.html",
    }  # fmt: skip
    assert rendered.count("pages/shelf.html") == 3


def test_a_page_that_was_made_from_something_else_is_rendered_anew(tmp_path: Path) -> None:
    old = archive([told(1)])
    page = re.sub('name="digest" content="', "\\g<0>0", old["archive/2026-11.html"])
    folder = release(tmp_path, "one", {"index.html": b"</html>", "archive/2026-11.html": page.encode()})

    assert page != old["archive/2026-11.html"]
    assert archive([told(1)], folder)["archive/2026-11.html"] == old["archive/2026-11.html"]


def test_each_article_of_a_story_stands_on_its_page_those_of_one_source_too() -> None:
    """Neither a list nor a feed has the second article of a source."""
    files = archive([story(1, article(1, source="Paper"), article(2, source="Paper"))])

    assert re.findall(r">(Article \d+)<", files["archive/story-1.html"]) == ["Article 1", "Article 2"]
    assert '<a href="../archive/story-1.html">More from Paper on this</a>' in files["archive/2026-11.html"]


def test_a_story_of_ten_thousand_articles_is_shown_bounded_and_stops_nothing() -> None:
    """As where a very large store groups too much: its page was refused, and nothing was published ever again."""
    long = "&" * 500
    many = [
        replace(article(n, NOW - timedelta(minutes=n), source=f"Paper {n % 5000}"), title=long) for n in range(1, 10_001)
    ]
    sections = archive_in_memory([story(1, *(replace(one, topics=("bells-palsy",)) for one in many))], SITE, now=NOW)
    edition = choose(Candidates((story(1, *many),)), SITE, Freshness(NOW, 3), now=NOW)

    pages = Templates(HOME / "templates")
    archive = render_archive(pages, *sections, SITE, None, is_sample=False)
    files = render(edition, archive, pages, SITE, is_sample=False)

    page = cast("bytes", files["archive/story-1.html"]).decode()
    assert page.count('<p class="fpn-headline"') == 199
    assert "and 9,800 more" in page
    for name in ("index.html", "section.html", "archive/2026-11.html", "topics/bells-palsy.html"):
        assert cast("bytes", files[name]).decode().count("<li><bdi>Paper") == 20
    assert max(len(content) for content in files.values() if isinstance(content, bytes)) < 1_000_000


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
    site = (town.workspace().data / "site").resolve()
    return {
        str(path.relative_to(site)): path.stat().st_ino for path in [*site.glob("archive/*"), *site.rglob("topics/**/*.*")]
    }


def test_an_archive_of_which_nothing_changed_is_published_again_as_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add("Paper", rss(item("Bell's palsy: a smile returns", "https://a.example/1")))
    town.refresh()
    before = files_of(town)
    monkeypatch.setattr("aggregator.jobs.archive.render_archive", lambda *_, **__: pytest.fail("it was rendered"))

    town.refresh()

    assert len(before) >= 6
    assert files_of(town) == before


@pytest.mark.parametrize("what", ["hidden", "corrected", "judged", "site", "template"])
def test_an_archive_of_which_anything_changed_is_made_anew(what: str, town: Town, tmp_path: Path) -> None:
    feed = town.add("Paper", rss(item("Bell's palsy: a smile returns", "https://a.example/1")))
    town.refresh()
    before = files_of(town)
    workspace = town.workspace()
    if what == "hidden":
        decide(workspace, "https://a.example/1", HIDE, now=town.now)
    elif what == "corrected":
        town.add("Paper", rss(item("Bell's palsy: two smiles return", "https://a.example/1")), path=urlsplit(feed.url).path)
        town.feeds.pop()
    elif what == "judged":
        # As where staff correct the feed's type.
        database = workspace.open_database()
        with database.write() as connection:
            entries.update_verdicts(connection, [(1, Verdict(admitted=True, score=5.0, evidence="trial"))])
        database.close()
    elif what == "site":
        workspace = replace(workspace, settings=workspace.settings.model_copy(update={"site": SITE}))
    else:
        copied = tmp_path / "templates"
        shutil.copytree(workspace.templates, copied)
        page = copied / "pages" / "shelf.html"
        page.write_text(page.read_text("utf-8") + "\n", "utf-8")
        workspace = replace(workspace, templates=copied)
    if what == "corrected":
        town.refresh()
    else:
        database = workspace.open_database()
        publish(workspace, database, now=town.now)
        database.close()

    assert files_of(town).get("archive/2026-11.html") != before["archive/2026-11.html"]


def test_a_week_of_the_turn_of_the_year_belongs_to_its_thursday() -> None:
    """ISO 8601: 1 January 2027 is a Friday, so it is in the last week of 2026."""
    late = replace(
        article(1), dated_at=datetime(2027, 1, 1, 12, tzinfo=UTC), first_seen_at=datetime(2027, 1, 1, 12, tzinfo=UTC)
    )
    sections, load = archive_in_memory(
        [story(1, replace(late, topics=("parotid",)))], SITE, now=datetime(2027, 1, 2, tzinfo=UTC)
    )
    files = render_archive(Templates(HOME / "templates"), sections, load, SITE, None, is_sample=False)

    assert "archive/2026-W53.html" in files
    assert b"Week of 28 December 2026" in cast("bytes", files["archive/2026-W53.html"])


CONDITION = SITE.model_copy(
    update={
        "topics": {
            "synkinesis": TopicPage(
                page="https://www.example.org/synkinesis/",
                lead="When the nerve has grown back <wrongly>.",
                call_to_action=CallToAction(text="Ask us", phone="+1 555 0100", hours="Mon to Fri, 9 to 5"),
                faq=(Question(question="Does it go away?", answer="Training helps."),),
            )
        }
    }
)


def test_a_condition_s_page_begins_with_what_the_institute_says_of_it() -> None:
    told_ = [told(1, topic="synkinesis"), replace(told(2, topic="synkinesis"), articles=(
        replace(article(2, evidence="trial"), topics=("synkinesis",)),))]  # fmt: skip
    page = archive(told_, site=CONDITION)["topics/synkinesis.html"]
    order = [
        "https://www.example.org/synkinesis/", "When the nerve has grown back &lt;wrongly&gt;.", "Does it go away?",
        "Training helps.", "Newest studies", "Newest reports", "tel:+15550100", "Mon to Fri, 9 to 5",
    ]  # fmt: skip

    page = page[page.index("<main") :]
    assert [page.find(words) for words in order] == sorted(page.find(words) for words in order)
    assert all(words in page for words in order)


def test_a_condition_has_a_fragment_for_the_institute_s_own_page() -> None:
    fragment = archive([told(1, topic="synkinesis")], site=CONDITION)["topics/synkinesis/section.html"]

    assert fragment.lstrip().startswith('<section class="fpn"')
    assert '<article class="fpn-story"' in fragment
    assert 'href="https://www.example.org/news/topics/synkinesis.html"' in fragment
    assert "tel:+15550100" in fragment
    assert "../" not in fragment
    assert "<script" not in fragment


def test_the_fragment_of_a_site_without_address_links_to_nothing_of_ours() -> None:
    fragment = archive([told(1, topic="synkinesis")], site=Site())["topics/synkinesis/section.html"]

    assert re.findall(r'href="([^"]+)"', fragment) == ["https://example.com/1"]


@pytest.mark.parametrize(
    ("pages", "slug", "expected"),
    [
        ({}, "parotid", "https://www.example.org/parotid/"),
        ({"parotid": TopicPage(lead="Ours.")}, "parotid", "https://www.example.org/parotid/"),
        ({"parotid": TopicPage(page="https://www.example.org/p/")}, "parotid", "https://www.example.org/p/"),
        ({}, "moebius", None),
    ],
)
def test_topic_pages_is_the_short_form_of_a_topics_address(
    pages: dict[str, TopicPage], slug: str, expected: str | None
) -> None:
    assert SITE.model_copy(update={"topics": pages}).topic(slug).page == expected


def test_a_month_leads_to_the_topics_of_its_stories() -> None:
    page = archive([told(1, topic="synkinesis"), told(2, topic="synkinesis"), told(3, topic="moebius")])[
        "archive/2026-11.html"
    ]
    links = re.findall(r'<li><a href="\.\./topics/([\w-]+)\.html">[^<]+</a> \((\d+)\)', page)

    assert links == [("synkinesis", "2"), ("moebius", "1")]
