"""Which addresses may be a site's feed, the surest first."""

from __future__ import annotations

import pytest

from aggregator.feedlist.discover import feeds_of_page

URL = "https://www.example.org/news"
RSS = '<link rel="alternate" type="application/rss+xml" href="{}">'


@pytest.mark.parametrize(
    ("page", "first"),
    [
        (RSS.format("/a.xml"), "https://www.example.org/a.xml"),
        (RSS.format("https://feeds.example.net/a"), "https://feeds.example.net/a"),
        ('<base href="https://b.example/x/">' + RSS.format("a.xml"), "https://b.example/x/a.xml"),
        (RSS.format("/a.xml").replace("application/rss+xml", "Application/Atom+XML; charset=utf-8"), "https://www.example.org/a.xml"),
        ('<a href="/blog/rss.xml">RSS</a>' + RSS.format("/a.xml"), "https://www.example.org/a.xml"),
    ],
)  # fmt: skip
def test_what_a_page_names_comes_first(page: str, first: str) -> None:
    assert feeds_of_page(page.encode(), URL)[0] == first


@pytest.mark.parametrize(
    "page",
    [
        "",
        '<link rel="stylesheet" type="application/rss+xml" href="/a.xml">',
        '<link rel="alternate" type="text/html" href="/a.xml">',
        RSS.format("/a.xml").replace("<link", '<link title="Comments on it"'),
        RSS.format("javascript:alert(1)"),
        RSS.format(""),
    ],
)
def test_what_is_no_feed_is_not_tried(page: str) -> None:
    assert "https://www.example.org/a.xml" not in feeds_of_page(page.encode(), URL)


def test_the_usual_places_come_last_and_no_address_twice() -> None:
    found = feeds_of_page((RSS.format("/feed.xml") * 2).encode(), "https://www.example.org/")

    assert found[0] == "https://www.example.org/feed.xml"
    assert "https://www.example.org/rss.xml" in found
    assert len(found) == len(set(found)) <= 12
