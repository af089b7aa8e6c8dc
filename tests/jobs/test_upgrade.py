"""A store that an older parser filled: what it spelled otherwise is known again, and nothing is there twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from tests.conftest import Town, item, rss


def test_guids_that_were_spelled_as_addresses_are_known_again(town: Town) -> None:
    """With and without an address, with and without a date: the document that brought them is read once more."""
    items = (
        item("Bell's palsy and a link", "https://www.example.com/1", guid="12345"),
        item("Bell's palsy, undated", "https://www.example.com/2", guid="t3_2", at=None),
        "<item><title>Facial palsy without a link</title><guid>g3</guid><pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate></item>",
        "<item><title>Facial palsy with nothing</title><guid>g4</guid></item>",
    )
    feed = town.add("Paper", rss(*items))
    town.refresh()
    with closing(sqlite3.connect(town.data / "news.db")) as store, store:
        store.execute("UPDATE entry SET guid = 'http://feed.example/' || guid, content_hash = 'old'")
        store.execute("UPDATE entry_key SET key = 'url:feed.example/g3' WHERE key LIKE '%g3'")
        store.execute("UPDATE feed SET fingerprint = 'old'")
        store.execute("DELETE FROM feed_parts")
    town.now += timedelta(days=1)

    report = town.refresh()

    assert (report.entries.new, report.entries.updated, report.stories.new) == (0, 4, 0)
    with closing(sqlite3.connect(town.data / "news.db")) as store:
        guids = {guid for (guid,) in store.execute("SELECT guid FROM entry")}
    assert guids == {"12345", "t3_2", "g3", "g4"}, feed.name


def test_an_address_that_loses_a_tracker_is_known_again(town: Town) -> None:
    """Where the address was the guid too."""
    body = rss(item("Bell's palsy study", "https://journal.example.com/doi/abs/10.5555/1?ai=2&mi=3", guid=""))
    town.add("Journal", body)
    town.refresh()
    with closing(sqlite3.connect(town.data / "news.db")) as store, store:
        store.execute("UPDATE entry SET guid = guid || '?ai=2&mi=3', url = url || '?ai=2&mi=3', content_hash = 'old'")
        store.execute("UPDATE entry_key SET key = key || '?ai=2&mi=3' WHERE key LIKE 'url:%'")
        store.execute("UPDATE feed SET fingerprint = 'old'")
        store.execute("DELETE FROM feed_parts")
    town.now += timedelta(days=1)

    report = town.refresh()

    assert (report.entries.new, report.entries.updated, report.stories.new) == (0, 1, 0)
