"""Feeds, and their state after the last poll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, FEED, FEED_PARTS
from aggregator.store.renamed import follow_feed
from aggregator.values.feeds import FeedState, FeedUpdate, Validators
from aggregator.values.settings import Feed, FeedType


def list_feeds(connection: Connection, feeds: Sequence[Feed]) -> None:
    """Make these the listed feeds, matched by address, else by name (a feed that moved keeps its history). Feeds that left
    the list keep their entries and leave the front page. If a feed's type changes, its entries count as judged by other
    rules."""
    rows = connection.execute(select(FEED.c.id, FEED.c.url, FEED.c.name, FEED.c.type, FEED.c.weight, FEED.c.is_listed)).all()
    by_url = {row.url: row for row in rows}
    still_named = {feed.name for feed in feeds if feed.url in by_url}
    listed = {feed.url for feed in feeds}
    by_name = {row.name: row for row in rows if row.name not in still_named and row.url not in listed}
    unlisted = [{"number": row.id} for row in rows if row.is_listed and row.url not in listed]
    if unlisted:
        connection.execute(update(FEED).where(FEED.c.id == bindparam("number")).values(is_listed=False), unlisted)
    for feed in feeds:
        facts: dict[str, Any] = {
            "name": feed.name, "url": feed.url, "type": feed.type.value, "weight": feed.weight, "is_listed": feed.enabled,
        }  # fmt: skip
        current = by_url.get(feed.url)
        moved = by_name.get(feed.name) if current is None else None
        before = current if current is not None else moved
        if before is not None and before.type != feed.type.value:
            connection.execute(update(ENTRY).where(ENTRY.c.feed_id == before.id).values(rules=""))
        if current is not None:
            if any(getattr(current, name) != fact for name, fact in facts.items()):
                connection.execute(update(FEED).where(FEED.c.id == current.id).values(facts))
        elif moved is not None:
            fresh = {"etag": None, "last_modified": None, "body_hash": None, "not_before": None, "moved_to": None}
            connection.execute(update(FEED).where(FEED.c.id == moved.id).values(facts | fresh))
            follow_feed(connection, moved.url, feed.url)
        else:
            connection.execute(insert(FEED).values({"title": "", "fingerprint": "", "failures": 0, **facts}))


def remember_types(connection: Connection, feeds: Sequence[Feed]) -> None:
    """Store the types of these feeds, as far as the store has them by their addresses."""
    types = [{"address": feed.url, "kind": feed.type.value} for feed in feeds]
    connection.execute(update(FEED).where(FEED.c.url == bindparam("address")).values(type=bindparam("kind")), types)


def states(connection: Connection) -> Mapping[str, FeedState]:
    """The state of every feed, by address; of those too that are not listed, since staff may fetch one by its name."""
    rows = connection.execute(select(FEED))
    return {
        row.url: FeedState(
            url=row.url,
            validators=Validators(row.etag, row.last_modified),
            body_hash=row.body_hash,
            fingerprint=row.fingerprint,
            not_before=row.not_before,
            last_ok_at=row.last_ok_at,
            last_body_at=row.last_body_at,
            failures=row.failures,
        )
        for row in rows
    }


def stored(connection: Connection) -> list[Feed]:
    """Every feed in the store, listed or not, with the settings that the store has."""
    rows = connection.execute(select(FEED.c.name, FEED.c.url, FEED.c.type, FEED.c.weight))
    return [Feed(name=row.name, url=row.url, type=FeedType(row.type), weight=row.weight) for row in rows]


def addresses(connection: Connection) -> list[str]:
    """The addresses of every feed that was ever listed. Every version of the schema has this column."""
    return list(connection.execute(select(FEED.c.url)).scalars())


def numbers(connection: Connection) -> Mapping[str, int]:
    """The numbers of the feeds' rows, by address."""
    return {row.url: row.id for row in connection.execute(select(FEED.c.url, FEED.c.id))}


def remember(connection: Connection, polled: Sequence[tuple[int, FeedUpdate]], *, asked_at: datetime) -> None:
    """Store the updates of these feeds, given with their rows' numbers."""
    for was_read in (True, False):
        facts = [_facts(number, feed, asked_at) for number, feed in polled if bool(feed.seen) == was_read]
        if facts:
            connection.execute(update(FEED).where(FEED.c.id == bindparam("number")), facts)
    # `parts` is None if it has not changed: nothing to write.
    changed = [{"feed_id": number, "parts": feed.parts} for number, feed in polled if feed.parts is not None]
    for batch in in_batches(changed):
        connection.execute(delete(FEED_PARTS).where(FEED_PARTS.c.feed_id.in_([row["feed_id"] for row in batch])))
        connection.execute(insert(FEED_PARTS), batch)


# Built once: building it takes longer than running it.
_PARTS_OF = select(FEED_PARTS.c.parts).where(FEED_PARTS.c.feed_id == bindparam("number"))


def parts_of(connection: Connection, number: int) -> str:
    """The `Document.parts` of this feed's last document; empty if there are none."""
    return connection.execute(_PARTS_OF, {"number": number}).scalar() or ""


def _facts(number: int, polled: FeedUpdate, asked_at: datetime) -> dict[str, Any]:
    state = polled.state
    # A feed that was not read keeps its title and the address that it said it moved to.
    document = {"title": polled.title, "moved_to": polled.moved_to} if polled.seen else {}
    return document | {
        "number": number,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "body_hash": state.body_hash,
        "fingerprint": state.fingerprint,
        "not_before": state.not_before,
        "last_ok_at": state.last_ok_at,
        "last_body_at": state.last_body_at,
        "failures": state.failures,
        "last_asked_at": asked_at,
        "last_error": polled.last_error,
    }


def moved_to(connection: Connection, url: str) -> str | None:
    """The address that a feed says it moved to, or None."""
    return connection.execute(select(FEED.c.moved_to).where(FEED.c.url == url)).scalar()


def any_ever_worked(connection: Connection) -> bool:
    """Whether any feed was ever read."""
    return connection.execute(select(func.count()).select_from(FEED).where(FEED.c.last_ok_at.is_not(None))).scalar_one() > 0
