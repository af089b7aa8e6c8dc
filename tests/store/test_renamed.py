"""Staff's decisions go along with a feed that moves and with a guid that is renewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from aggregator.keys import guid_key
from aggregator.store.database import Database, open_database
from aggregator.store.models import DECISION, STORY_DECISION
from aggregator.store.renamed import follow_feed, follow_guid
from tests.conftest import NOW

OLD, NEW = "https://a.example/%25_feed.xml", "https://b.example/feed.xml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "news.db", back_up=lambda path: None)
    yield opened
    opened.close()


def decide(store: Database, key: str, decision: str = "hide", *, days: int = 0) -> None:
    row = {"key": key, "decision": decision, "title": "T", "decided_at": NOW + timedelta(days=days)}
    with store.write() as connection:
        connection.execute(insert(DECISION).values(row))


def decisions(store: Database) -> dict[str, str]:
    with store.read() as connection:
        return {row.key: row.decision for row in connection.execute(select(DECISION))}


def test_decisions_go_along_with_a_feed_that_moves(store: Database) -> None:
    decide(store, guid_key(OLD, "a 1"))
    decide(store, guid_key(OLD + "2", "a 1"))
    decide(store, "url:a.example/1")
    with store.write() as connection:
        follow_feed(connection, OLD, NEW)

    assert decisions(store) == dict.fromkeys((guid_key(NEW, "a 1"), guid_key(OLD + "2", "a 1"), "url:a.example/1"), "hide")


def test_both_entries_of_a_pair_go_along(store: Database) -> None:
    pair = {"decision": "apart", "one": guid_key(OLD, "1"), "other": guid_key(OLD, "2"), "decided_at": NOW}
    with store.write() as connection:
        connection.execute(insert(STORY_DECISION).values(pair))
        follow_feed(connection, OLD, NEW)
        follow_guid(connection, NEW, "2", "3")
        row = connection.execute(select(STORY_DECISION)).one()

    assert (row.one, row.other) == (guid_key(NEW, "1"), guid_key(NEW, "3"))


@pytest.mark.parametrize(("days", "stands"), [(1, "accept"), (-1, "hide")])
def test_of_two_decisions_that_meet_the_newer_one_stands(store: Database, days: int, stands: str) -> None:
    decide(store, guid_key(OLD, "1"))
    decide(store, guid_key(NEW, "1"), "accept", days=days)
    with store.write() as connection:
        follow_feed(connection, OLD, NEW)

    assert decisions(store) == {guid_key(NEW, "1"): stands}
