"""What staff decide about an article reaches every copy of it, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from aggregator.keys import guid_key, title_key
from aggregator.store.decisions import (
    ACCEPT,
    HIDDEN,
    HIDE,
    WAITING,
    are_waiting,
    decide,
    decided,
    forget,
    waiting,
)
from aggregator.store.models import ENTRY
from tests.conftest import NOW
from tests.store.conftest import Rows

TITLE = "Early steroids for facial palsy in adults"


def hide(rows: Rows, *entries: int) -> list[str]:
    return decide(rows.connection, entries, HIDE, now=NOW)


def accept(rows: Rows, *entries: int) -> list[str]:
    return decide(rows.connection, entries, ACCEPT, now=NOW)


@pytest.mark.parametrize(
    ("copy", "is_reached"),
    [
        ({"keys": ["doi:10.5555/a"]}, True),
        ({"keys": ["doi:10.5555/b"]}, False),
        ({"title": TITLE.upper()}, True),
        ({"title": TITLE, "doi": "10.5555/b"}, False),
        ({"title": "Another title about facial palsy today"}, False),
    ],
    ids=["same identifier", "another identifier", "same title", "same title, own identifier", "another title"],
)
def test_what_is_hidden_with_an_article(rows: Rows, copy: dict[str, Any], is_reached: bool) -> None:
    one = rows.entry(rows.feed("One"), "a", title=TITLE, keys=["doi:10.5555/a"])
    other = rows.entry(rows.feed("Other"), "b", **copy)

    assert hide(rows, one) == [TITLE]
    assert (rows.standing(one), rows.standing(other)) == (HIDDEN, HIDDEN if is_reached else "")


@pytest.mark.parametrize(
    ("copy", "is_reached"),
    [({"keys": ["doi:10.5555/a"]}, True), ({"title": TITLE}, False)],
    ids=["same identifier", "same title"],
)
def test_what_is_accepted_is_this_article_and_not_one_with_its_title(
    rows: Rows, copy: dict[str, Any], is_reached: bool
) -> None:
    one = rows.entry(rows.feed("One"), "a", title=TITLE, keys=["doi:10.5555/a"], standing=WAITING)
    other = rows.entry(rows.feed("Other"), "b", standing=WAITING, **copy)

    assert accept(rows, one) == [TITLE]
    assert (rows.standing(one), rows.standing(other)) == ("", "" if is_reached else WAITING)


def test_to_accept_brings_nothing_back_that_is_hidden(rows: Rows) -> None:
    one = rows.entry(rows.feed(), "a", standing=HIDDEN)

    accept(rows, one)

    assert rows.standing(one) == HIDDEN


def test_the_newest_decision_counts(rows: Rows) -> None:
    one = rows.entry(rows.feed(), "a", keys=["doi:10.5555/a"])
    hide(rows, one)
    accept(rows, one)

    assert decided(rows.connection, ["doi:10.5555/a", "doi:10.5555/b"]) == {"doi:10.5555/a": ACCEPT}


def test_nothing_is_decided_where_nobody_decided(rows: Rows) -> None:
    assert decided(rows.connection, ["doi:10.5555/a"]) == {}


@pytest.mark.parametrize(("reviewed", "standing"), [([], ""), (["https://paper.example/feed"], WAITING)])
def test_what_is_hidden_no_more_stands_as_its_feed_says(rows: Rows, reviewed: list[str], standing: str) -> None:
    one = rows.entry(rows.feed("Paper"), "a", title=TITLE, keys=["doi:10.5555/a"])
    hide(rows, one)

    assert forget(rows.connection, [one], reviewed) == [TITLE]
    assert rows.standing(one) == standing
    assert decided(rows.connection, ["doi:10.5555/a"]) == {}
    assert forget(rows.connection, [one], reviewed) == []


def test_a_decision_goes_under_all_names_that_the_article_had_then(rows: Rows) -> None:
    feed = rows.feed()
    one = rows.entry(feed, "a", title=TITLE, keys=["doi:10.5555/a", "url:a"])
    hide(rows, one)
    rows.entry(feed, "b", title="Something else about the facial nerve", keys=["url:b"])

    forget(rows.connection, [one], [])

    own = guid_key("https://paper.example/feed", "a")
    assert decided(rows.connection, [own, "url:a", f"title:{TITLE.lower()}"]) == {}


def test_what_was_hidden_by_an_earlier_title_can_be_brought_back(rows: Rows) -> None:
    feed = rows.feed()
    one = rows.entry(feed, "a", title=TITLE, keys=["url:a"])
    other = rows.entry(feed, "b", title=TITLE, keys=["url:b"])
    hide(rows, one)
    rows.connection.execute(
        update(ENTRY).where(ENTRY.c.id == other).values(title="Another title", folded_title="another title")
    )
    forget(rows.connection, [one], [])

    assert rows.standing(other) == HIDDEN
    assert forget(rows.connection, [other], []) == ["Another title"]
    assert rows.standing(other) == ""
    assert forget(rows.connection, [other], []) == []


def test_of_two_hidden_articles_with_one_title_one_is_brought_back(rows: Rows) -> None:
    feed = rows.feed()
    one = rows.entry(feed, "a", title="Editorial", keys=["doi:10.5555/a"])
    other = rows.entry(feed, "b", title="Editorial", keys=["doi:10.5555/b"])
    hide(rows, one)
    decide(rows.connection, [other], HIDE, now=NOW + timedelta(minutes=1))

    assert forget(rows.connection, [one], []) == ["Editorial"]
    assert (rows.standing(one), rows.standing(other)) == ("", HIDDEN)


def test_an_entry_without_any_key_is_known_by_its_feed_and_guid(rows: Rows) -> None:
    one = rows.entry(rows.feed("Paper"), "a b c", title="Short")
    same_guid = rows.entry(rows.feed("Other"), "a b c", title="Else")

    hide(rows, one)

    assert (rows.standing(one), rows.standing(same_guid)) == (HIDDEN, "")
    assert decided(rows.connection, ["guid:https://paper.example/feed a b c"]) == {
        "guid:https://paper.example/feed a b c": HIDE
    }


def test_what_waits_is_admitted_and_listed_oldest_first(rows: Rows) -> None:
    feed = rows.feed("Paper")
    first, second = (rows.entry(feed, guid, standing=WAITING) for guid in "ab")
    rejected = rows.entry(feed, "c", standing=WAITING, admitted=False)
    shown = rows.entry(feed, "d")

    found = waiting(rows.connection)

    assert [(one.entry, one.feed, one.title) for one in found] == [
        (first, "Paper", "Title of a"), (second, "Paper", "Title of b"),
    ]  # fmt: skip
    assert [are_waiting(rows.connection, [one]) for one in (first, rejected, shown)] == [True, False, False]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("One two three four five", "title:one two three four five"),
        ("One two three four", None),
        ("x " * 150, "title:" + ("x " * 100)[:200]),
    ],
)
def test_a_title_is_a_key_where_it_is_long_enough_to_prove_something(title: str, key: str | None) -> None:
    assert title_key(title) == key
