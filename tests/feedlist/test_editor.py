"""feeds.yaml edited in place: what is changed is changed, and every other byte stays."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.feedlist.editor import remove_feed, section, set_key, with_section


def listed(*feeds: str) -> str:
    return "\n".join(["# head", "feeds:", *feeds, "# foot", ""])


A, B = "  - name: A paper   # daily\n    url: https://a.example/", "  - name: B\n    url: https://b.example/"


@pytest.mark.parametrize(
    ("written", "key", "value", "becomes"),
    [
        ("name: A paper  # daily", "name", "New", "name: New  # daily"),
        ('name: "A paper" # daily', "name", "New: one", 'name: "New: one" # daily'),
        ("name: 'A paper'", "name", "New", "name: New"),
        ("name: A paper", "name", "# 1", 'name: "# 1"'),
        ("name: A paper", "name", "Null", 'name: "Null"'),
    ],
)
def test_a_value_is_replaced_where_it_stands(written: str, key: str, value: str, becomes: str) -> None:
    text = listed(f"  - {written}", "    url: https://a.example/", B)

    assert set_key(text, "a  Paper", key, value) == text.replace(written, becomes)


def test_a_value_over_several_lines_is_left_to_the_hand() -> None:
    with pytest.raises(UsageError, match="by hand"):
        set_key(listed("  - name: A\n    url: >-\n      https://a.example/"), "A", "url", "https://new.example/")


@pytest.mark.parametrize(
    "feed",
    [
        A,
        "  - url: https://a.example/\n    name: A paper\n    # inside\n    review: true",
        "  -\n    name: A paper\n    url: https://a.example/",
        "  -   # a remark\n    name: A paper\n    url: https://a.example/",
        "  - name: A paper\n    url: >-\n      https://a.example/",
    ],
)
@pytest.mark.parametrize("is_last", [True, False])
def test_a_feed_goes_with_its_own_lines_only(feed: str, is_last: bool) -> None:
    feeds = ["  # ---- group", B, "", "  # about A", feed] if is_last else ["  # ---- group", feed, "", "  # about B", B]

    assert remove_feed(listed(*feeds), "A paper") == listed(*(one for one in feeds if one != feed))


@pytest.mark.parametrize("block", ["filter: {never: [x]}", "filter:\n  never:\n    - x"])
@pytest.mark.parametrize(
    "text", [listed(A, B), "\n" + listed(A), "site: {}\n\n# the list\n# of all\n" + listed(A), listed(A) + "keep: {}\n"]
)
def test_a_section_that_is_put_in_and_taken_out_leaves_the_file_as_it_was(text: str, block: str) -> None:
    once = with_section(text, "filter", block)

    assert section(once, "filter") == block
    assert with_section(once, "filter", "") == text


@pytest.mark.parametrize("text", ["filter: {never: [x]}\n\n" + listed(A), listed(A) + "filter: {never: [x]}\n"])
def test_a_section_that_is_changed_and_changed_back_leaves_the_file_as_it_was(text: str) -> None:
    once = with_section(text, "filter", "filter:\n  never: [y]")

    assert with_section(once, "filter", "filter: {never: [x]}") == text
    assert section(with_section(text, "filter", ""), "filter") == ""
