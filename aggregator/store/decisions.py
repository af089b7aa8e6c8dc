"""What staff decided about an article. A decision is kept under every key by which the article may come again, so it
holds for other feeds, later refreshes and rule changes alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.store.entries import in_batches
from aggregator.store.models import DECISION, ENTRY, ENTRY_KEY, FEED
from aggregator.text import fold

HIDE, ACCEPT = "hide", "accept"
WAITING, HIDDEN = "waiting", "hidden"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for staff."""

    entry: int
    feed: str
    title: str
    url: str
    first_seen_at: datetime


def title_key(title: str) -> str | None:
    """The key by which a copy is known that comes under an address of its own; short titles prove nothing."""
    folded = fold(title)[:200]
    return f"title:{folded}" if folded.count(" ") >= 4 else None


def decide(connection: Connection, entries: Sequence[int], decision: str, *, now: datetime) -> list[str]:
    """Keep `decision` for the articles of these entries, and let it take effect on all that is stored; their titles.
    What is accepted is this article, and no other that merely has its title."""
    names = _names_of(connection, entries)
    if decision == ACCEPT:
        names = {key: title for key, title in names.items() if not key.startswith("title:")}
    connection.execute(delete(DECISION).where(DECISION.c.key.in_(list(names))))
    rows = [{"key": key, "decision": decision, "title": title, "decided_at": now} for key, title in names.items()]
    connection.execute(insert(DECISION), rows)
    for entry in _sharing(connection, list(names)):
        if decision == HIDE or entry.standing == WAITING:
            _stand(connection, entry.id, HIDDEN if decision == HIDE else "")
    return sorted(set(names.values()))


def forget(connection: Connection, entries: Sequence[int], reviewed: Collection[str]) -> list[str]:
    """Take back that the articles of these entries are hidden; their titles, none where they were not. Entries of feeds
    that are `reviewed` (by address) wait for staff again."""
    names = _names_of(connection, entries)
    hidden = DECISION.c.decision == HIDE
    titles = connection.execute(select(DECISION.c.title).where(hidden, DECISION.c.key.in_(list(names)))).scalars().all()
    # The same decision under the titles and addresses that the article had when it was made.
    made = hidden & (DECISION.c.key.in_(list(names)) | DECISION.c.title.in_(titles))
    keys = connection.execute(select(DECISION.c.key).where(made)).scalars().all()
    connection.execute(delete(DECISION).where(made))
    for entry in _sharing(connection, keys):
        if entry.standing == HIDDEN:
            _stand(connection, entry.id, WAITING if entry.url in reviewed else "")
    return sorted(set(titles))


def are_waiting(connection: Connection, entries: Sequence[int]) -> bool:
    """Whether any of these entries waits for staff."""
    found = select(ENTRY.c.id).where(ENTRY.c.id.in_(entries), ENTRY.c.standing == WAITING, ENTRY.c.admitted).limit(1)
    return connection.execute(found).first() is not None


def decided(connection: Connection, keys: Sequence[str]) -> Mapping[str, str]:
    """The decisions under these keys."""
    if not connection.execute(select(DECISION.c.key).limit(1)).first():
        return {}
    found: dict[str, str] = {}
    for batch in in_batches(keys):
        rows = connection.execute(select(DECISION.c.key, DECISION.c.decision).where(DECISION.c.key.in_(batch)))
        found |= {row.key: row.decision for row in rows}
    return found


def waiting(connection: Connection) -> list[Waiting]:
    """The entries that wait for staff, oldest first."""
    rows = connection.execute(
        select(ENTRY.c.id, FEED.c.name, ENTRY.c.title, ENTRY.c.url, ENTRY.c.first_seen_at)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.standing == WAITING, ENTRY.c.admitted)
        .order_by(ENTRY.c.id)
    )
    return [Waiting(row.id, row.name, row.title, row.url, row.first_seen_at) for row in rows]


def _names_of(connection: Connection, entries: Sequence[int]) -> dict[str, str]:
    """Every key of the entries' articles, with the title that it belongs to."""
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.title, FEED.c.url, ENTRY.c.guid)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.id.in_(entries))
    ).all()
    titles = {row.id: row.title for row in rows}
    names = {own_key(row.url, row.guid): row.title for row in rows}
    names |= {key: row.title for row in rows if (key := title_key(row.title))}
    keys = connection.execute(select(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key).where(ENTRY_KEY.c.entry_id.in_(entries)))
    return names | {row.key: titles[row.entry_id] for row in keys}


def own_key(feed_url: str, guid: str) -> str:
    """The key of an entry that has no other: its feed and its guid there."""
    return f"guid:{feed_url} {guid}"


def _sharing(connection: Connection, keys: Sequence[str]) -> list[Any]:
    """The stored entries that have one of these keys, with their standing and their feed's address. A title alone says
    nothing about an article that has an identifier of its own."""
    found: dict[int, Any] = {}
    columns = select(ENTRY.c.id, ENTRY.c.standing, FEED.c.url).join(FEED, FEED.c.id == ENTRY.c.feed_id)
    for batch in in_batches(keys):
        titles = [key.removeprefix("title:") for key in batch if key.startswith("title:")]
        by_key = ENTRY.c.id.in_(select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch)))
        by_title = ENTRY.c.folded_title.in_(titles) & ENTRY.c.doi.is_(None)
        found |= {row.id: row for row in connection.execute(columns.where(by_key | by_title))}
        for key in batch:
            if key.startswith("guid:"):
                feed_url, _, guid = key.removeprefix("guid:").partition(" ")
                own = connection.execute(columns.where(FEED.c.url == feed_url, ENTRY.c.guid == guid))
                found |= {row.id: row for row in own}
    return list(found.values())


def _stand(connection: Connection, entry: int, standing: str) -> None:
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(standing=standing))
