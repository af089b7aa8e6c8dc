"""Lists of other readers."""

from __future__ import annotations

import pytest

from aggregator.feedlist.opml import read_opml


def opml(*outlines: str) -> bytes:
    return f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'.encode()


def outline(url: str, name: str = "A", **attributes: str) -> str:
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<outline text="{name}" xmlUrl="{url}"{more}/>'


@pytest.mark.parametrize("kind", ["HTML+XPath", "XML+XPath", "JSON+DotNotation", "HTML+XPath+JSON+DotNotation", "html"])
def test_what_another_reader_makes_from_a_page_is_no_feed(kind: str) -> None:
    found = read_opml(opml(outline("https://example.org/page", type=kind)), "x.opml")

    assert found.feeds == ()
    assert "“A” is not a feed" in found.refused[0]


@pytest.mark.parametrize("kind", ["rss", "RSS", "atom", "JSONFeed", "include", ""])
def test_every_other_type_is_a_feed(kind: str) -> None:
    assert len(read_opml(opml(outline("https://example.org/feed", type=kind)), "x.opml").feeds) == 1


@pytest.mark.parametrize(
    ("markup", "kind", "review"),
    [
        (outline("https://onlinelibrary.wiley.com/feed/15314995/most-recent"), "journal", False),
        (outline("https://www.youtube.com/feeds/videos.xml?channel_id=x"), "video", False),
        (outline("https://connect.medrxiv.org/medrxiv_xml.php?subject=x"), "preprint", False),
        (outline("https://clinicaltrials.gov/api/rss?cond=x"), "registry", False),
        (outline("https://www.prnewswire.com/rss/x.rss"), "press", False),
        (outline("https://www.example.org/feed"), "news", False),
        (outline("https://www.reddit.com/r/x/.rss"), "news", True),
        # What the list says counts.
        (outline("https://www.reddit.com/r/x/.rss", review="false"), "news", False),
        (outline("https://www.nature.com/x.rss", feedType="institute"), "institute", False),
        (f'<outline text="Charity">{outline("https://www.nature.com/x.rss")}</outline>', "charity", False),
    ],
)
def test_the_type_comes_from_the_list_else_from_the_host(markup: str, kind: str, review: bool) -> None:
    feed = read_opml(opml(markup), "x.opml").feeds[0]

    assert (feed.type.value, feed.review) == (kind, review)
