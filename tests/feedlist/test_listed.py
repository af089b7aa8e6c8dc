"""Feeds by name and address, and names that are free: a row for each case."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.feedlist.listed import feed_at, feed_named, free_name, numbered_name
from aggregator.values.settings import Feed

ONE, OTHER = Feed(name="One", url="https://one.example/feed"), Feed(name="Other", url="https://www.other.example/feed")


@pytest.mark.parametrize(("name", "expected"), [("One", ONE), (" one ", ONE), ("OTHER", OTHER)])
def test_a_feed_by_its_name(name: str, expected: Feed) -> None:
    assert feed_named([ONE, OTHER], name) == expected


def test_a_name_that_no_feed_has_is_told() -> None:
    with pytest.raises(UsageError, match="no feed named “Third”"):
        feed_named([ONE, OTHER], "Third")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://one.example/feed", ONE),
        ("https://www.one.example/feed", ONE),
        ("https://other.example/feed", OTHER),
        ("https://one.example/other", None),
        ("", None),
    ],
)
def test_a_feed_by_its_address(address: str, expected: Feed | None) -> None:
    assert feed_at([ONE, OTHER], address) == expected


@pytest.mark.parametrize(("name", "label"), [("Third", "Third"), ("  A \n third ", "A third"), ("x" * 100, "x" * 100)])
def test_a_name_that_is_free(name: str, label: str) -> None:
    assert free_name(name, [ONE, OTHER]) == label


@pytest.mark.parametrize(
    ("name", "told"),
    [("", "1 to 100 characters"), ("  ", "1 to 100"), ("x" * 101, "1 to 100"), ("ONE", "already has a feed named “One”")],
)
def test_a_name_that_cannot_be_is_told(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        free_name(name, [ONE, OTHER])


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(set(), "One"), ({"other"}, "One"), ({"one"}, "One 2"), ({"one", "one 2"}, "One 3"), ({"one", "one 3"}, "One 2")],
)
def test_a_name_with_a_number_where_it_is_taken(taken: set[str], expected: str) -> None:
    assert numbered_name("One", taken) == expected


def test_a_numbered_name_is_short_enough() -> None:
    assert numbered_name("x" * 100, {"x" * 100}) == "x" * 95 + " 2"
