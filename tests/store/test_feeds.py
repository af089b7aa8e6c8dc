"""What the store remembers of a feed that moves, goes or comes back."""

from __future__ import annotations

from sqlalchemy import select, update

from aggregator.store import feeds
from aggregator.store.models import ENTRY, FEED
from aggregator.values.feeds import FeedState, FeedUpdate, Validators
from aggregator.values.settings import Feed
from tests.conftest import NOW
from tests.store.conftest import Rows


def feed(name: str, address: str, **keys: object) -> Feed:
    return Feed.model_validate({"name": name, "url": f"https://{address}.example/feed", **keys})


def test_a_feed_with_a_new_address_keeps_its_entries_and_none_of_the_old_address_s_answers(rows: Rows) -> None:
    number = rows.feed("Paper")
    rows.entry(number, "a")
    answers = {"etag": "a", "last_modified": "b", "body_hash": "c", "not_before": NOW, "moved_to": "https://x.example/"}
    rows.connection.execute(update(FEED).values(**answers, last_ok_at=NOW))

    feeds.list_feeds(rows.connection, [feed("Paper", "elsewhere")])

    row = rows.connection.execute(select(FEED)).one()
    assert (row.id, row.url, row.last_ok_at) == (number, "https://elsewhere.example/feed", NOW)
    assert [getattr(row, name) for name in answers] == [None] * 5
    assert rows.connection.execute(select(ENTRY.c.feed_id)).scalars().all() == [number]


def test_a_feed_with_a_new_name_is_the_same_feed_and_keeps_what_its_server_said(rows: Rows) -> None:
    number = rows.feed("Paper")
    rows.connection.execute(update(FEED).values(etag="a"))

    feeds.list_feeds(rows.connection, [feed("Other name", "paper")])

    row = rows.connection.execute(select(FEED)).one()
    assert (row.id, row.name, row.etag) == (number, "Other name", "a")


def test_two_feeds_that_swap_their_names_keep_their_own_entries(rows: Rows) -> None:
    one, two = rows.feed("One"), rows.feed("Two")

    feeds.list_feeds(rows.connection, [feed("Two", "one"), feed("One", "two")])

    assert feeds.numbers(rows.connection) == {"https://one.example/feed": one, "https://two.example/feed": two}


def test_what_is_gone_from_the_list_is_kept_and_not_listed_and_comes_back(rows: Rows) -> None:
    number = rows.feed("Paper")
    listed = select(FEED.c.is_listed).where(FEED.c.id == number)

    feeds.list_feeds(rows.connection, [])
    assert rows.connection.execute(listed).scalar_one() is False

    feeds.list_feeds(rows.connection, [feed("Paper", "paper")])
    assert rows.connection.execute(listed).scalar_one() is True


def test_a_feed_that_is_switched_off_is_not_listed(rows: Rows) -> None:
    feeds.list_feeds(rows.connection, [feed("Paper", "paper", enabled=False)])

    assert rows.connection.execute(select(FEED.c.is_listed)).scalar_one() is False


def test_another_type_makes_what_is_stored_judged_by_other_rules(rows: Rows) -> None:
    one, two = rows.feed("One"), rows.feed("Two")
    rows.set(rows.entry(one, "a"), rules="today")
    rows.set(rows.entry(two, "b"), rules="today")

    feeds.list_feeds(rows.connection, [feed("One", "one", type="journal"), feed("Two", "two")])

    assert rows.connection.execute(select(ENTRY.c.guid).where(ENTRY.c.rules == "")).scalars().all() == ["a"]


def test_a_feed_that_was_not_read_keeps_its_title_and_where_it_moved_to(rows: Rows) -> None:
    number = rows.feed()
    state = FeedState("", Validators("a"), last_ok_at=NOW)
    read = FeedUpdate(state, seen=3, title="Title", moved_to="https://x.example/", parts="p")

    feeds.remember(rows.connection, [(number, read)], asked_at=NOW)
    feeds.remember(rows.connection, [(number, FeedUpdate(state, last_error="broken"))], asked_at=NOW)

    row = rows.connection.execute(select(FEED)).one()
    assert (row.title, row.moved_to, row.etag, row.last_error) == ("Title", "https://x.example/", "a", "broken")
    assert feeds.parts_of(rows.connection, number) == "p"
    assert feeds.any_ever_worked(rows.connection)
