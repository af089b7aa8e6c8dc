"""feeds.yaml edited in place: the lines that change, and no other byte."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.feedlist.editor import add_feed, section, set_key, with_section
from aggregator.values.settings import Feed, FeedType

TEXT = """# ours
feeds:
  - name: A            # the first
    url: https://a.example/feed
    type: journal

  # a remark
  - name: "B"
    url: https://b.example/feed
"""


def test_a_feed_goes_behind_the_last_of_its_type_and_nothing_else_changes() -> None:
    journal = Feed(name="C", url="https://c.example/feed", type=FeedType.JOURNAL)
    news = Feed(name="D: d", url="https://d.example/feed", weight=2.0, review=True)

    after_journal, after_news = add_feed(TEXT, journal), add_feed(TEXT, news)

    assert after_journal == TEXT.replace(
        "    type: journal\n", "    type: journal\n  - name: C\n    url: https://c.example/feed\n    type: journal\n"
    )
    assert after_news.startswith(TEXT.rstrip("\n"))
    assert after_news.removeprefix(TEXT.rstrip("\n")).strip("\n").split("\n") == [
        '  - name: "D: d"', "    url: https://d.example/feed", "    review: true", "    weight: 2.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key", "value", "old", "new"),
    [
        ("a", "type", "video", "    type: journal", "    type: video"),
        ("B", "name", "E", '  - name: "B"', "  - name: E"),
        ("A", "name", "E", "  - name: A            # the first", "  - name: E            # the first"),
        ("A", "enabled", "false", "    type: journal\n", "    type: journal\n    enabled: false\n"),
    ],
)
def test_a_key_is_changed_where_it_stands_or_added(name: str, key: str, value: str, old: str, new: str) -> None:
    assert set_key(TEXT, name, key, value) == TEXT.replace(old, new, 1)


def test_a_feed_that_is_not_there_and_a_list_in_one_line_are_refused() -> None:
    with pytest.raises(UsageError, match="has no feed named “X”"):
        set_key(TEXT, "X", "enabled", "false")
    for text in ("feeds: []", "feeds: [{name: A}]", "a: b", "feeds:\n  - {name: A, url: u}\n"):
        with pytest.raises(UsageError, match="change it by hand"):
            set_key(text, "A", "enabled", "false")


FILTER = "site:\n  title: T\n\n# ours\nfilter:\n  never: [a]\n\n# feeds\nfeeds:\n  - name: A\n"


def test_a_section_is_taken_out_and_put_back() -> None:
    block = section(FILTER, "filter")

    assert block == "filter:\n  never: [a]"
    assert with_section(FILTER, "filter", block) == FILTER
    assert with_section(FILTER, "filter", "filter:\n  never: [b]") == FILTER.replace("[a]", "[b]")
    assert section(with_section(FILTER, "filter", ""), "filter") == ""


def test_a_section_that_was_not_there_goes_before_the_feeds_and_their_remark() -> None:
    text = "# feeds\nfeeds:\n  - name: A\n"

    assert with_section(text, "filter", "filter:\n  never: [a]") == f"filter:\n  never: [a]\n\n{text}"
    assert with_section(text, "filter", "") == text
