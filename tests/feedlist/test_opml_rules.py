"""Lists of feeds of other readers: what is read, what is refused, and what goes out."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.feedlist.opml import Imported, import_report, read_opml, write_opml
from aggregator.values.settings import Feed, FeedType

URL = "https://x.example/feed"


def opml(body: str) -> bytes:
    return f'<opml version="2.0"><head/><body>{body}</body></opml>'.encode()


@pytest.mark.parametrize(
    ("outline", "facts"),
    [
        (f'<outline text="A" xmlUrl="{URL}"/>', ("A", FeedType.NEWS)),
        (f'<outline title="T" text="A" xmlUrl="{URL}"/>', ("T", FeedType.NEWS)),
        (f'<outline xmlUrl="{URL}"/>', (URL, FeedType.NEWS)),
        (f'<outline text="Journal"><outline text="A" xmlUrl="{URL}"/></outline>', ("A", FeedType.JOURNAL)),
        (f'<outline text="Mine"><outline text="A" xmlUrl="{URL}"/></outline>', ("A", FeedType.NEWS)),
        (f'<outline text="A" xmlUrl="{URL}" feedType="video"/>', ("A", FeedType.VIDEO)),
    ],
)
def test_an_outline_becomes_a_feed(outline: str, facts: tuple[str, FeedType]) -> None:
    (feed,) = read_opml(opml(outline), "list.opml").feeds

    assert (feed.name, feed.type) == facts
    assert feed.url == URL


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE opml><opml/>", "document type declaration"),
        (b"<opml", "not an OPML file"),
        (b"<rss><body/></rss>", "not an OPML file"),
        (b"<opml/>", "not an OPML file"),
        (b" " * 5_000_001, "too large"),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_opml(content, "list.opml")


def test_what_goes_out_comes_back() -> None:
    feeds = [
        Feed(name="A", url=URL),
        Feed(
            name="B & C", url="https://y.example/feed", type=FeedType.JOURNAL, all_on_topic=True, weight=2.5, language="es"
        ),
        Feed(name="D", url="https://z.example/feed", enabled=False, review=True),
    ]

    found = read_opml(write_opml(feeds, "Ours"), "list.opml")

    assert sorted(found.feeds, key=lambda feed: feed.name) == feeds
    assert found.refused == ()


def feed(name: str, place: str = "x.example") -> Feed:
    return Feed(name=name, url=f"https://{place}/feed")


@pytest.mark.parametrize(
    ("listed", "imported", "added", "known"),
    [
        ([], [feed("A")], ["A"], []),
        ([feed("Ours")], [feed("A")], [], ["Ours"]),
        ([feed("Ours")], [feed("A", "www.x.example")], [], ["Ours"]),
        ([feed("a", "y.example")], [feed("A")], ["A 2"], []),
        ([], [feed("A"), feed("A", "y.example")], ["A", "A 2"], []),
        ([], [feed("A"), feed("B")], ["A"], ["A"]),
    ],
    ids=["new", "listed", "listed with www", "its name is taken", "two of one name", "twice in the file"],
)
def test_which_feeds_of_a_file_are_new(listed: list[Feed], imported: list[Feed], added: list[str], known: list[str]) -> None:
    report = import_report(Imported(tuple(imported), ("no",)), listed, feed_type=None, review=False)

    assert [one.name for one in report.added] == added
    assert [name for _, name in report.known] == known
    assert report.refused == ("no",)


@pytest.mark.parametrize("feed_type", [None, FeedType.JOURNAL])
@pytest.mark.parametrize("review", [False, True])
def test_what_is_asked_of_all_feeds_of_a_file(feed_type: FeedType | None, review: bool) -> None:
    (added,) = import_report(Imported((feed("A"),), ()), [], feed_type=feed_type, review=review).added

    assert (added.type, added.review) == (feed_type or FeedType.NEWS, review)
