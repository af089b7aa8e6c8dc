"""A real store for each test, copied from one that was migrated once, and rows to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from aggregator.keys import Identifiers
from aggregator.store import entries, feeds
from aggregator.store.database import Database, Transaction, open_database
from aggregator.store.models import ENTRY
from aggregator.values.entries import Entry, Reason, Verdict
from aggregator.values.feeds import FeedState, FeedUpdate, JudgedEntry
from aggregator.values.settings import Feed
from tests.conftest import NOW


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store without rows."""
    path = tmp_path_factory.mktemp("store") / "news.db"
    open_database(path, back_up=lambda _: None).close()
    return path


@dataclass
class Rows:
    """An open transaction with short ways to write rows and to read them back."""

    connection: Transaction

    def feed(self, name: str = "Paper", **keys: object) -> int:
        """A listed feed; its number."""
        url = f"https://{name.lower().replace(' ', '-')}.example/feed"
        feed = Feed.model_validate({"name": name, "url": url, **keys})
        feeds.list_feeds(self.connection, [*(one for one in feeds.stored(self.connection) if one.url != url), feed])
        return feeds.numbers(self.connection)[url]

    def entry(
        self, feed: int, guid: str, *, title: str = "", keys: Sequence[str] = (), admitted: bool = True, standing: str = "",
        notice: str | None = None, at: datetime | None = NOW, seen_at: datetime = NOW, source: str = "", doi: str | None = None,
        mentions: Sequence[str] = (), summary: str = "", evidence: str = "news",
    ) -> int:  # fmt: skip
        """A stored entry; its number."""
        entry = Entry(
            guid=guid, url=f"https://example.com/{guid}", title=title or f"Title of {guid}", summary=summary, source=source,
            published_at=at, identifiers=Identifiers(doi=doi), mentions=tuple(mentions), content_hash=guid,
        )  # fmt: skip
        verdict = Verdict(admitted, 3.0 if admitted else 0.0, evidence=evidence, reasons=(Reason("x"),), notice=notice)
        judged = JudgedEntry(entry, tuple(keys), verdict, standing)
        entries.save(self.connection, [(feed, FeedUpdate(FeedState(""), judged=(judged,)))], now=seen_at)
        found = select(ENTRY.c.id).where(ENTRY.c.feed_id == feed, ENTRY.c.guid == guid)
        return int(self.connection.execute(found).scalar_one())

    def standing(self, entry: int) -> str:
        """What decides whether an entry is shown."""
        return str(self.connection.execute(select(ENTRY.c.standing).where(ENTRY.c.id == entry)).scalar_one())

    def set(self, entry: int, **values: object) -> None:
        """Change a row."""
        self.connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(values))

    def guids(self) -> list[str]:
        """The guids of all entries, in the order of their numbers."""
        return list(self.connection.execute(select(ENTRY.c.guid).order_by(ENTRY.c.id)).scalars())


@pytest.fixture
def rows(tmp_path: Path, empty_store: Path) -> Iterator[Rows]:
    """A store of the test's own, inside one transaction that writes."""
    path = tmp_path / "news.db"
    shutil.copy(empty_store, path)
    database = Database(path)
    with database.write() as connection:
        yield Rows(connection)
    database.close()
