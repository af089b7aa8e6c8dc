"""Pages, and the feeds that they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.feedlist.discover import feed_in_lookup, feeds_of_page

SITE = "https://site.example/"
CHANNEL = "UC" + "x" * 22


def link(rel: str, kind: str = "", href: str = "/f", title: str = "") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


@pytest.mark.parametrize(
    "markup",
    [
        link("alternate", "application/rss+xml"),
        link(" ALTERNate nofollow ", "  application/Atom+XML ; charset=utf-8 "),
        link("alternate", "application/feed+json"),
        link("feed"),
        link("feed stylesheet"),
        link("alternate", "text/xml"),
        link("alternate", "application/xml"),
        link("alternate", "application/rdf+xml"),
        link("alternate", "application/rss+xml", title="Commentary"),
        # A declaration that HTML does not know, and an address that is none.
        "<![unknown[x]]>" + link("alternate", "application/rss+xml"),
        link("alternate", "application/rss+xml", "http://[bad") + link("alternate", "application/rss+xml"),
        '<base href="http://[bad">' + link("alternate", "application/rss+xml"),
        '<a href="http://[bad">x</a>' + link("feed"),
    ],
)
def test_what_a_page_names_comes_first(markup: str) -> None:
    assert feeds_of_page(markup.encode(), SITE)[0] == SITE + "f"


@pytest.mark.parametrize(
    "markup",
    [
        link("alternate stylesheet", "application/rss+xml"),
        link("alternates", "application/rss+xml"),
        link("disabled-alternate", "application/rss+xml"),
        link("alternate", "text/plain"),
        link("alternate", "application/rss+xml", title="Comments on a post"),
        link("alternate", "application/rss+xml", "/comments/f"),
        link("alternate", "application/rss+xml", "javascript:f()"),
        link("alternate", "application/rss+xml", "/a'b/f"),
        link("alternate", "application/rss+xml", "https://user:secret@site.example/f"),
        '<a href="/about">RSS</a>',
    ],
)
def test_what_is_no_feed_is_not_tried(markup: str) -> None:
    assert not [address for address in feeds_of_page(markup.encode(), SITE) if address.endswith("/f")]


@pytest.mark.parametrize(
    "href",
    [
        "/x/feed", "/x/rss/", "/x.rss", "/x.rdf", "/news-rss.xml", "/atom.xml", "/rss/news.xml", "/feeds/x/all.xml",
        "/rssfeed.aspx", "/rss.php?id=3", "/?feed=rss2", "/x?format=rss", "/x?a=1&amp;feed=atom",
        "/action/showFeed?ui=0&amp;type=etoc&amp;feed=rss&amp;jc=oto", "/feed/rss/ioto20", "/feed.json",
        "/x/feed.aspx?FeedType=LatestArticles", "/feeds/videos.xml?channel_id=1",
    ],
)  # fmt: skip
def test_links_that_look_like_a_feed_come_before_the_usual_places(href: str) -> None:
    found = feeds_of_page(f'<a href="{href}">News</a>'.encode(), SITE)

    assert found[0] == SITE.rstrip("/") + href.replace("&amp;", "&")
    assert SITE + "rss.xml" in found


def test_the_order_is_sure_then_vague_then_links_then_places_then_the_programs_interface() -> None:
    page = (
        '<a href="/linked.rss">'
        + link("alternate", "application/json", "/wp-json/x")
        + link("alternate", "text/xml", "/vague")
        + link("alternate", "application/rss+xml", "/sure")
    )

    found = feeds_of_page(page.encode(), SITE)

    assert found[:3] == [SITE + "sure", SITE + "vague", SITE + "linked.rss"]
    assert found[-1] == SITE + "wp-json/x"


def test_from_a_deep_page_all_usual_places_of_the_site_are_tried() -> None:
    page = "".join(f'<a href="/{n}.rss">' for n in range(50)) + "".join(
        link("alternate", "application/rss+xml", f"/{n}") for n in range(50)
    )
    found = feeds_of_page(page.encode(), SITE + "blog/2026/a-post?x=1")

    assert {SITE + place for place in ("feed/", "index.xml", "rss", "feeds/posts/default", "feed.json")} <= {*found}
    assert SITE + "blog/2026/a-post/feed/" in found
    assert len(found) <= 45


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_page_in_any_unicode_encoding_is_read(encoding: str) -> None:
    assert feeds_of_page(f"<html><head>{link('feed')}".encode(encoding), SITE)[0] == SITE + "f"


@pytest.mark.parametrize(
    ("url", "markup", "feed"),
    [
        ("https://www.youtube.com/@clinic", f'<meta itemprop="identifier" content="{CHANNEL}">', CHANNEL),
        ("https://www.youtube.com/c/clinic", f'{{"externalId":"{CHANNEL}","channelId":"UC{"y" * 22}"}}', CHANNEL),
        ("https://www.youtube.com/watch?v=1", f'{{"channelId": "{CHANNEL}"}}', CHANNEL),
        ("https://www.sciencedirect.com/journal/a-journal", '{"issn":"1748681x"}', "science/1748681X"),
        ("https://www.sciencedirect.com/journal/a-journal", "<p>Print ISSN: 1748-6815</p>", "science/17486815"),
    ],
)
def test_pages_that_name_their_feed_in_a_way_of_their_own(url: str, markup: str, feed: str) -> None:
    assert feeds_of_page(markup.encode(), url)[0].endswith(feed)


def test_the_answer_of_apple_s_lookup_names_the_feed() -> None:
    answer = {"resultCount": 1, "results": [{"trackName": "x"}, {"feedUrl": "https://pod.example/feed"}]}

    assert feed_in_lookup(json.dumps(answer).encode()) == "https://pod.example/feed"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"results": [3]}', b'{"results": []}', b'{"results": [{"feedUrl": "x"}]}']
)
def test_an_answer_without_a_feed_is_none(body: bytes) -> None:
    assert feed_in_lookup(body) is None


def test_mozilla_s_page_for_feed_discovery(shared: Path) -> None:
    page = (shared / "feeds" / "cases" / "discover-firefox.html").read_bytes()
    found = feeds_of_page(page, SITE)

    assert [address.rpartition("/")[2].partition(".")[0] for address in found[:13]] == [str(n) for n in range(1, 14)]
    assert not [address for address in found if address.endswith(tuple(f"Bogus{n}" for n in (1, 2, 3, 7, 8, 9, 13)))]


def test_a_page_with_a_bad_link_is_read(shared: Path) -> None:
    page = (shared / "feeds" / "cases" / "discover-bad-href.html").read_bytes()

    assert SITE + "feed/" in feeds_of_page(page, SITE)
