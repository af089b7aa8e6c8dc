"""Pages and feeds from an edition: complete, escaped, honest."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import feedparser
import pytest

from aggregator.edition import choose
from aggregator.errors import PublishError
from aggregator.publish.front import render_front, static_files, view
from aggregator.publish.outfeeds import render_feeds
from aggregator.render.templates import Templates
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import Article, Candidates, Edition, Freshness, Notice, Story
from tests.conftest import HOME, NOW
from tests.test_edition import article, story

SITE = Site(url="https://www.example.org/news/")
HOSTILE = "<script>alert(1)</script> \"quoted\" & 'more' <b>"


def make(*stories: Story, freshness: Freshness = Freshness(NOW, 34), site: Site = SITE) -> Edition:
    return choose(Candidates(stories), site, freshness, now=NOW)


def pages(
    edition: Edition, *, site: Site = SITE, is_sample: bool = False, templates: Path = HOME / "templates"
) -> dict[str, str]:
    files = render_front(Templates(templates), view(edition, site, is_sample=is_sample), site)
    return {name: content.decode() for name, content in files.items() if name.endswith(".html")}


def named(title: str, **changes: object) -> Article:
    return replace(article(1), title=title, **changes)  # type: ignore[arg-type]


def test_a_page_says_when_and_from_where() -> None:
    page = pages(make(story(1, article(1))))["index.html"]

    assert "Updated 24 November 2026, 9:00 am PST, from 34 sources" in re.sub("<[^>]+>", "", page)
    assert "Today, 24 November 2026" in re.sub("<[^>]+>", "", page)


@pytest.mark.parametrize("days", [0, 1, 2, 40])
def test_days_are_named_as_people_name_them(days: int) -> None:
    page = pages(make(story(1, article(1, NOW - timedelta(days=days)))))["index.html"]

    assert {0: "Today", 1: "Yesterday", 2: "Sunday, 22 November 2026", 40: "Thursday, 15 October 2026"}[days] in page


RELATIVE = re.compile(r"\b(?:today|yesterday|tomorrow|ago|at the moment|this week|recently|now)\b", re.I)


@pytest.mark.parametrize("days", [0, 1, 2, 40])
def test_the_fragment_says_nothing_that_is_wrong_tomorrow(days: int) -> None:
    """Nobody may refresh it: a cache keeps it, or the program stands still."""
    shown = make(*(story(n, article(n, NOW - timedelta(days=days))) for n in (1, 2)))
    page = pages(shown)["section.html"]

    names = {0: "Tuesday, 24", 1: "Monday, 23", 2: "Sunday, 22", 40: "Thursday, 15"}
    day = f"{names[days]} {'October' if days == 40 else 'November'} 2026"
    # The lead's own, and that of the day on which the other one stands.
    assert page.count(f">{day}</time>") == 2
    assert f">{day}</time></h3>" in page
    assert RELATIVE.search(re.sub("<[^>]+>", "", page)) is None


def test_a_script_for_the_fragment_is_published_beside_it() -> None:
    """Without `site.url` as well: it asks for nothing."""
    site = Site()
    script = render_front(Templates(HOME / "templates"), view(make(site=site), site, is_sample=False), site)[
        "static/freshness.js"
    ]

    assert b"freshen(document)" in script
    assert b"fetch" not in script


def test_nothing_new_and_could_not_look_read_differently() -> None:
    old = story(1, article(1, NOW - timedelta(days=5)))

    quiet = pages(make(old))["index.html"]
    stale = pages(make(old, freshness=Freshness(NOW - timedelta(days=1), 34, is_stale=True)))["index.html"]

    assert "Nothing new on this topic since Thursday, 19 November 2026." in quiet
    assert "We could not reach our sources at the last attempt. The list is as it was on 23 November 2026." in stale


def test_an_empty_store_makes_a_complete_page() -> None:
    page = pages(make(freshness=Freshness(None, 34)))["index.html"]

    assert "The first news will appear here soon." in page
    assert page.rstrip().endswith("</html>")


@pytest.mark.parametrize("name", ["index.html", "section.html"])
def test_text_from_feeds_is_text(name: str) -> None:
    hostile = named(HOSTILE, source=HOSTILE, summary=HOSTILE, url='https://example.com/?a="><script>')
    page = pages(make(story(1, hostile, replace(hostile, entry=2, source="Other <i>"))))[name]

    ours = re.sub(r'<script( type="application/ld\+json")?>[^<]*</script>', "", page)
    assert "<script" not in ours
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_the_fragment_has_no_inline_script_or_style() -> None:
    page = pages(make(story(1, article(1))))["section.html"]

    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert "<html" not in page


def test_a_page_asks_nothing_of_third_parties() -> None:
    page = pages(make(story(1, article(1))))["index.html"]

    assert "default-src 'none'" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "").replace("img-src", "")


def test_the_only_script_is_the_one_that_the_policy_names() -> None:
    page = pages(make(story(1, article(1))))["index.html"]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}'" in page


def test_search_engines_are_told_what_the_page_shows_and_no_more() -> None:
    page = pages(make(story(1, named(HOSTILE)), story(2, article(2))))["index.html"]
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    found = json.loads(told)

    assert found["@type"] == "CollectionPage"
    assert sorted(item["name"] for item in found["mainEntity"]["itemListElement"]) == sorted([HOSTILE, "Article 2"])
    assert "NewsArticle" not in page


def test_a_study_that_was_corrected_says_so_and_where() -> None:
    notice = Notice(1, "correction", date(2026, 3, 9), "https://example.com/notice?a=1&b=2")
    page = pages(make(Story(1, (article(1, evidence="trial"),), (notice,))))["section.html"]

    assert "This study was corrected on 9 March 2026." in page
    assert 'href="https://example.com/notice?a=1&amp;b=2"' in page


def test_a_topic_leads_to_its_page_in_the_archive() -> None:
    shown = make(story(1, replace(article(1), topics=("bells-palsy",))))
    alone = replace_site(url=None)

    assert pages(shown)["index.html"].count('<a href="topics/bells-palsy.html">') == 2
    assert pages(shown)["section.html"].count('<a href="https://www.example.org/news/topics/bells-palsy.html">') == 2
    assert " · Bell&#39;s palsy</span></p>" in pages(shown, site=alone)["section.html"]


def test_reports_in_another_language_say_so() -> None:
    other = replace(article(2, source="Diario"), language="es")
    page = pages(make(story(1, article(1), other)))["section.html"]

    assert 'dir="auto"><bdi lang="es">Article 2</bdi></a></bdi> <span class="fpn-language">in Spanish</span></li>' in page


def test_the_page_says_whom_to_tell_what_is_wrong() -> None:
    for contact, link in (
        ("web@example.org", "mailto:web@example.org"),
        ("https://example.org/contact", "https://example.org/contact"),
    ):
        site = replace_site(contact=contact)
        assert f'<a href="{link}">' in pages(make(story(1, article(1)), site=site), site=site)["section.html"]


def replace_site(**changes: object) -> Site:
    return SITE.model_copy(update=changes)


def test_a_foreign_title_says_its_language() -> None:
    page = pages(make(story(1, named("Una sonrisa", language="es")), story(2, article(2))))["index.html"]

    assert '</a> <span class="fpn-language">in Spanish</span></p>' in page
    assert '<bdi lang="es">Una sonrisa</bdi></a>' in page
    assert page.count("fpn-language") == 1


def test_sample_data_is_said_on_every_page() -> None:
    for page in pages(make(story(1, article(1))), is_sample=True).values():
        assert "Sample data" in page


def test_the_institute_s_own_line_stands_under_the_news() -> None:
    site = SITE.model_copy(
        update={"call_to_action": CallToAction(text="Ask us", phone="+1 555 0100", url="https://www.example.org/c")}
    )

    assert 'href="tel:+15550100"' in pages(make(story(1, article(1)), site=site), site=site)["index.html"]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("", "without its end"),
        ("<html>{{ page.titel }}</html>", "titel"),
        ("<html>\n{% for x in %}</html>", "line 2"),
        ("<html>{{ page.title|shout }}</html>", "shout"),
        ("<html>{{ 1/0 }}</html>", "division"),
        ("{% include 'gone.html' %}</html>", "gone.html"),
        ("{% extends 'pages/index.html' %}", "recursion"),
        ("<html></html>", "without its content-security-policy"),
        ("{% extends '_partials/page.html' %}", "leaves out the story"),
        ("{% include 'pages/section.html' %}<p hidden>", "without its end"),
        ("{% autoescape false %}</html>", "escaping cannot"),
        ("<html>{{ page.title|safe }}</html>", "safe"),
        ("<html>{{ ''.__class__.__mro__ }}</html>", "unsafe"),
        ("<html>{% for i in range(1000000000000) %}x{% endfor %}</html>", "range"),
    ],
)
def test_a_broken_template_is_named(tmp_path: Path, edit: str, told: str) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(HOME / "templates", templates)
    (templates / "pages" / "index.html").write_text(edit)

    with pytest.raises(PublishError) as refused:
        pages(make(story(1, article(1))), templates=templates)

    assert told in str(refused.value).lower()
    assert "index.html" in str(refused.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("@import 'own.css';", "@import"),
        (".fpn { background: url(https://other.example.org/a.png); }", "https://other.example.org/a.png"),
        (".fpn { background: image-set('//other.example.org/a.png' 1x); }", "//other.example.org/a.png"),
        (
            "/* see https://www.example.org/ */ .fpn { background: url('data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>'); }",
            "",
        ),
        (".fpn { background: url(icon.svg); }", ""),
    ],
)
def test_a_style_sheet_asks_nobody(tmp_path: Path, line: str, told: str) -> None:
    shutil.copytree(HOME / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "static" / "news.css").write_text(line)
    ours = Templates(tmp_path / "templates")

    if not told:
        assert static_files(ours)["static/news.css"] == line.encode()
        return
    with pytest.raises(PublishError, match=r"templates/static/news\.css asks for " + re.escape(told)):
        static_files(ours)


def test_the_atom_feed_is_read_as_it_is_meant() -> None:
    edition = make(story(7, named(HOSTILE, evidence="trial")), story(8, article(8, is_dated=False)))
    feed = feedparser.parse(io.BytesIO(render_feeds(edition, SITE)["feed.xml"]))

    assert not feed.bozo
    assert [entry.id for entry in feed.entries] == ["tag:www.example.org,2026:story-7", "tag:www.example.org,2026:story-8"]
    assert "published" not in feed.entries[1].keys()  # noqa: SIM118 - feedparser's own `in` answers for others
    assert "Randomised trial" in feed.entries[0].summary


def test_the_json_feed_keeps_its_rules() -> None:
    body = render_feeds(make(story(7, named(HOSTILE))), SITE)["feed.json"]
    feed = json.loads(body)

    assert b"<" not in body
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["title"] == HOSTILE
    assert feed["items"][0]["date_published"].endswith("Z")


def test_without_an_address_there_are_no_feeds() -> None:
    assert render_feeds(make(story(1, article(1))), Site()) == {}
