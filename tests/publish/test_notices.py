"""What was retracted, doubted or corrected is never taken for good evidence: title, feeds, search, front."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest

from aggregator.edition import choose, doubted
from aggregator.jobs.archive import archive_in_memory
from aggregator.publish.archive import render_archive
from aggregator.publish.front import render_front, view
from aggregator.publish.outfeeds import atom, render_feeds
from aggregator.publish.search import render_index
from aggregator.render.templates import Templates
from aggregator.render.views import marked_title, notice_view
from aggregator.render.words import words_of
from aggregator.values.settings import Site
from aggregator.values.stories import Candidates, DatedStory, Edition, Freshness, Notice, Story
from tests.conftest import HOME, NOW, Town, item, rss
from tests.test_edition import article, story

SITE = Site(url="https://www.example.org/news/")
TODAY = NOW.date()
ATOM = "{http://www.w3.org/2005/Atom}"


def noticed(*sorts: str, title: str = "A study", on: date = date(2026, 11, 23), number: int = 1) -> Story:
    lead = replace(article(number, NOW - timedelta(days=9), evidence="trial"), title=title, topics=("bells-palsy",))
    return Story(number, (lead,), tuple(Notice(number, sort, on, f"https://example.com/{sort}") for sort in sorts))


@pytest.mark.parametrize(
    ("sorts", "title", "expected"),
    [
        ((), "A study", "A study"),
        (("retraction",), "A study", "Retracted: A study"),
        (("concern",), "A study", "Expression of concern: A study"),
        (("correction",), "A study", "Corrected: A study"),
        # The gravest counts, whichever came last.
        (("correction", "retraction", "concern"), "A study", "Retracted: A study"),
        (("correction", "concern"), "A study", "Expression of concern: A study"),
        # It says so itself.
        (("retraction",), "RETRACTED: A study", "RETRACTED: A study"),
        (("retraction",), "Retraction notice to “A study”", "Retraction notice to “A study”"),
        (("concern",), "Expression of Concern: A study", "Expression of Concern: A study"),
        (("correction",), "Correction to: A study", "Correction to: A study"),
        # A study that was corrected first and is retracted now.
        (("correction", "retraction"), "Correction to: A study", "Retracted: Correction to: A study"),
    ],
)
def test_a_title_is_never_without_its_notice(sorts: tuple[str, ...], title: str, expected: str) -> None:
    assert marked_title(noticed(*sorts, title=title), words_of("en")) == expected


@pytest.mark.parametrize(
    ("sort", "sentence"),
    [
        ("retraction", "This study was retracted on 23 November 2026."),
        ("concern", "Its editors have doubts about this study, which they published on 23 November 2026."),
        ("correction", "This study was corrected on 23 November 2026."),
        ("other", "A notice on this study appeared on 23 November 2026."),
    ],
)
def test_a_notice_in_a_sentence(sort: str, sentence: str) -> None:
    assert notice_view(noticed(sort).notices[0], words_of("en")).text == sentence


# ---- when it changed, and how long the front says so ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], NOW),
        ([date(2026, 11, 26)], datetime(2026, 11, 26, tzinfo=UTC)),
        ([date(2026, 11, 27), date(2026, 11, 26)], datetime(2026, 11, 27, tzinfo=UTC)),
        # A notice that is older than the story's date changes nothing.
        ([date(2026, 11, 1)], NOW),
    ],
)
def test_a_story_changes_with_its_last_notice(days: list[date], expected: datetime) -> None:
    told = replace(story(1, article(1)), notices=tuple(Notice(1, "retraction", day, "") for day in days))

    assert DatedStory(told, TODAY, NOW, is_dated=True).changed_at == expected


@pytest.mark.parametrize(
    ("sort", "age", "expected"),
    [
        ("retraction", 0, True),
        ("concern", 0, True),
        ("correction", 0, False),
        ("retraction", 30, True),
        ("retraction", 31, False),
        # By UTC it can be tomorrow already.
        ("retraction", -1, True),
        # A clock that goes wrong is not believed.
        ("retraction", -2, False),
    ],
)
def test_for_thirty_days_the_front_says_what_was_withdrawn_or_doubted(sort: str, age: int, expected: bool) -> None:
    found = doubted([noticed(sort, on=TODAY - timedelta(days=age))], SITE, now=NOW)

    assert [one.story.id for one in found] == ([1] if expected else [])


def test_the_newest_notice_comes_first_and_no_more_than_ten() -> None:
    many = [noticed("retraction", on=TODAY - timedelta(days=n % 20), number=n) for n in range(1, 21)]

    assert [one.story.id for one in doubted(many, SITE, now=NOW)] == [20, *range(1, 10)]


def test_an_old_notice_beside_a_new_one_does_not_hide_it() -> None:
    told = noticed("concern", on=TODAY - timedelta(days=200))
    told = replace(told, notices=(*told.notices, Notice(1, "retraction", TODAY, "")))

    assert len(doubted([told], SITE, now=NOW)) == 1


# ---- where it is shown ------------------------------------------------------------------------------------------------


def edition(*withdrawn: Story) -> Edition:
    candidates = Candidates((story(9, article(9)), *withdrawn), withdrawn)
    return choose(candidates, SITE, Freshness(NOW, 3), now=NOW)


@pytest.mark.parametrize(("name", "root"), [("index.html", ""), ("section.html", "https://www.example.org/news/")])
def test_the_front_lists_it_with_its_notice_and_not_among_the_news(name: str, root: str) -> None:
    files = render_front(Templates(HOME / "templates"), view(edition(noticed("retraction")), SITE, is_sample=False), SITE)
    news, heading, listed = files[name].decode().partition("Withdrawn or doubted")

    assert heading
    assert "A study" not in news
    assert 'href="https://example.com/retraction"' in listed
    assert "This study was retracted on 23 November 2026." in listed
    assert f'<a href="{root}archive/story-1.html">The study and its notices on one page</a>' in listed


@pytest.mark.parametrize("name", ["index.html", "section.html"])
def test_the_front_leads_to_the_newsletter_where_there_is_one(name: str) -> None:
    shown = view(edition(), SITE, is_sample=False, signup="https://signup.example.org/")
    link = '<a class="fpn-way-on" href="https://signup.example.org/">Subscribe to the newsletter</a>'

    assert link in render_front(Templates(HOME / "templates"), shown, SITE)[name].decode()
    without = view(edition(), SITE, is_sample=False)
    assert "newsletter" not in render_front(Templates(HOME / "templates"), without, SITE)[name].decode()


def test_without_any_there_is_no_such_list() -> None:
    files = render_front(Templates(HOME / "templates"), view(edition(), SITE, is_sample=False), SITE)

    assert b"fpn-withdrawn" not in files["index.html"]


def entries(body: bytes) -> list[ET.Element]:
    return ET.fromstring(body).findall(f"{ATOM}entry")  # noqa: S314 - our own


def links(entry: ET.Element) -> dict[str, str]:
    return {one.get("rel", ""): one.get("href", "") for one in entry.findall(f"{ATOM}link")}


def test_the_feeds_carry_it_in_title_summary_date_and_links() -> None:
    feeds = render_feeds(edition(noticed("retraction")), SITE)
    _, told = entries(feeds["feed.xml"])
    (_, item_) = json.loads(feeds["feed.json"])["items"]
    sentence = "This study was retracted on 23 November 2026."

    assert told.findtext(f"{ATOM}title") == item_["title"] == "Retracted: A study"
    assert (told.findtext(f"{ATOM}summary") or "").startswith(sentence)
    assert item_["content_text"].startswith(sentence)
    assert told.findtext(f"{ATOM}updated") == item_["date_modified"] == "2026-11-23T00:00:00Z"
    assert told.findtext(f"{ATOM}published") == item_["date_published"] == "2026-11-15T17:00:00Z"
    assert links(told) == {
        "alternate": "https://www.example.org/news/archive/story-1.html",
        "via": "https://example.com/1",
        "related": "https://example.com/retraction",
    }
    assert item_["url"] == links(told)["alternate"]


def test_a_topic_s_feed_carries_it_and_is_as_new_as_it() -> None:
    sections = archive_in_memory([noticed("retraction")], SITE, now=NOW)
    files = render_archive(Templates(HOME / "templates"), *sections, SITE, None, is_sample=False)
    parsed = feedparser.parse(io.BytesIO(files["topics/bells-palsy.xml"]))  # type: ignore[arg-type]

    assert not parsed.bozo
    assert parsed.entries[0].title == "Retracted: A study"
    assert parsed.feed.updated == "2026-11-23T00:00:00Z"
    assert b"<title>Retracted: A study" in files["archive/story-1.html"]  # type: ignore[operator]


def test_atom_and_json_lead_to_the_same_page_and_name_the_language() -> None:
    german = replace(article(2, NOW - timedelta(hours=1)), language="de")
    told = (story(1, german), story(3, article(3), article(4)), story(5, replace(article(5), url="")))
    shown = choose(Candidates(told), SITE, Freshness(NOW, 3), now=NOW)
    feeds = render_feeds(shown, SITE)
    items = {one["id"]: one for one in json.loads(feeds["feed.json"])["items"]}

    for entry in entries(feeds["feed.xml"]):
        item_ = items.pop(entry.findtext(f"{ATOM}id") or "")
        assert links(entry)["alternate"] == item_["url"]
        assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == item_["language"]
        assert ("in German" in (entry.findtext(f"{ATOM}summary") or "")) == (item_["language"] == "de")
        assert ("Also reported by Source 4" in item_["content_text"]) == (item_["id"] == "tag:www.example.org,2026:story-3")
        assert "date_modified" not in item_
    assert items == {}


def test_a_feed_of_nothing_is_a_feed() -> None:
    parsed = feedparser.parse(io.BytesIO(atom((), SITE, "https://www.example.org/news/")))

    assert not parsed.bozo
    assert parsed.feed.updated == "2026-01-01T00:00:00Z"


def rows(*told: Story) -> list[list[Any]]:
    sections, load = archive_in_memory(told, SITE, now=NOW)
    body = render_index(load(sections[0].listed), SITE)
    found: list[list[Any]] = json.loads(body)["stories"]
    return found


def test_a_row_of_the_search_has_evidence_notice_and_the_story_s_page() -> None:
    retracted, plain = noticed("retraction"), noticed(number=2)
    spanish = story(3, replace(article(3, NOW - timedelta(days=8)), language="es"), article(4, NOW, source="Source 3"))
    by_title = {
        row[1]: row for row in rows(retracted, replace(plain, articles=(article(2, NOW - timedelta(days=7)),)), spanish)
    }

    assert by_title["A study"][5:] == [
        "", "", "Randomised trial", "story-1.html", "This study was retracted on 23 November 2026.",
    ]  # fmt: skip
    assert by_title["Article 2"][5:] == ["", "", "News", "", ""]
    # The report in the page's own language leads; the second of a source is on the story's page.
    assert by_title["Article 4"][5:] == ["", "", "News", "story-3.html", ""]


def test_a_row_names_another_language() -> None:
    ((*_, language, words, _, _, _),) = rows(story(3, replace(article(3), language="es")))

    assert (language, words) == ("es", "in Spanish")


# ---- all of it --------------------------------------------------------------------------------------------------------

PAPER = "Early facial retraining after facial nerve palsy: a randomised trial"


def test_a_paper_of_years_ago_that_is_retracted_is_on_the_front_for_thirty_days(town: Town) -> None:
    """It is none of the newest stories that an edition chooses from."""
    old = item(PAPER, "https://doi.org/10.5555/efr.1", guid="p1", at=NOW - timedelta(days=800))
    town.add(
        "Journal", rss(old, *(item(f"Bell's palsy, part {n}", f"https://j.example/{n}") for n in range(12))), type="journal"
    )
    town.refresh()
    assert PAPER not in town.page()

    town.now += timedelta(days=1)
    notice = item(
        f"Retraction notice to “{PAPER}”", "https://doi.org/10.5555/efr.2", guid="n1", at=town.now - timedelta(hours=2)
    )
    town.add("Notices", rss(notice), type="journal")
    town.refresh()
    _, heading, listed = town.page().partition("Withdrawn or doubted")

    assert heading
    assert listed.count("This study was retracted on") == 1
    assert re.search(r'<a href="archive/story-\d+\.html">The study and its notices', listed)
    assert f"Retracted: {PAPER}" in (town.data / "site" / "feed.xml").read_text("utf-8")

    town.now += timedelta(days=31)
    town.refresh()
    assert PAPER not in town.page()
