"""Feeds and what their last answers left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, FEED, FEED_PARTS
from aggregator.values.feeds import FeedState, Polled, Validators
from aggregator.values.settings import Feed, FeedType


def list_feeds(connection: Connection, feeds: Sequence[Feed]) -> None:
    """Make the store know exactly these feeds: by address, else by name (a feed that moved takes its history along).
    Feeds that are gone from the list keep their entries and leave the front. Where a feed's type is another, what is stored
    of it counts as judged by other rules."""
    rows = connection.execute(select(FEED.c.id, FEED.c.url, FEED.c.name, FEED.c.type, FEED.c.weight, FEED.c.is_listed)).all()
    by_url = {row.url: row for row in rows}
    still_named = {feed.name for feed in feeds if feed.url in by_url}
    listed = {feed.url for feed in feeds}
    by_name = {row.name: row for row in rows if row.name not in still_named and row.url not in listed}
    gone = [{"number": row.id} for row in rows if row.is_listed and row.url not in listed]
    if gone:
        connection.execute(update(FEED).where(FEED.c.id == bindparam("number")).values(is_listed=False), gone)
    for feed in feeds:
        facts: dict[str, Any] = {
            "name": feed.name, "url": feed.url, "type": feed.type.value, "weight": feed.weight, "is_listed": feed.enabled,
        }  # fmt: skip
        known = by_url.get(feed.url)
        moved = by_name.get(feed.name) if known is None else None
        before = known if known is not None else moved
        if before is not None and before.type != feed.type.value:
            connection.execute(update(ENTRY).where(ENTRY.c.feed_id == before.id).values(rules=""))
        if known is not None:
            if any(getattr(known, name) != fact for name, fact in facts.items()):
                connection.execute(update(FEED).where(FEED.c.id == known.id).values(facts))
        elif moved is not None:
            fresh = {"etag": None, "last_modified": None, "body_hash": None, "not_before": None, "moved_to": None}
            connection.execute(update(FEED).where(FEED.c.id == moved.id).values(facts | fresh))
        else:
            connection.execute(insert(FEED).values({"title": "", "salt": "", "failures": 0, **facts}))


def remember_types(connection: Connection, feeds: Sequence[Feed]) -> None:
    """Keep the types of these feeds, as far as the store knows them by their addresses."""
    types = [{"address": feed.url, "kind": feed.type.value} for feed in feeds]
    connection.execute(update(FEED).where(FEED.c.url == bindparam("address")).values(type=bindparam("kind")), types)


def states(connection: Connection) -> Mapping[str, FeedState]:
    """What is known of every feed, by address; of those too that are not listed, for staff may ask one by its name."""
    rows = connection.execute(select(FEED))
    return {
        row.url: FeedState(
            url=row.url,
            validators=Validators(row.etag, row.last_modified),
            body_hash=row.body_hash,
            salt=row.salt,
            not_before=row.not_before,
            last_ok_at=row.last_ok_at,
            last_body_at=row.last_body_at,
            failures=row.failures,
        )
        for row in rows
    }


def stored(connection: Connection) -> list[Feed]:
    """Every feed that the store knows, listed or not, as far as it knows it."""
    rows = connection.execute(select(FEED.c.name, FEED.c.url, FEED.c.type, FEED.c.weight))
    return [Feed(name=row.name, url=row.url, type=FeedType(row.type), weight=row.weight) for row in rows]


def numbers(connection: Connection) -> Mapping[str, int]:
    """The numbers of the feeds' rows, by address."""
    return {row.url: row.id for row in connection.execute(select(FEED.c.url, FEED.c.id))}


def remember(connection: Connection, polled: Sequence[tuple[int, Polled]], *, asked_at: datetime) -> None:
    """Keep the new states of these feeds and what is known of their documents, by their rows' numbers."""
    for was_read in (True, False):
        facts = [_facts(number, one, asked_at) for number, one in polled if bool(one.seen) == was_read]
        if facts:
            connection.execute(update(FEED).where(FEED.c.id == bindparam("number")), facts)
    # None where it is what was known.
    changed = [{"feed_id": number, "parts": one.parts} for number, one in polled if one.parts is not None]
    for batch in in_batches(changed):
        connection.execute(delete(FEED_PARTS).where(FEED_PARTS.c.feed_id.in_([one["feed_id"] for one in batch])))
        connection.execute(insert(FEED_PARTS), batch)


# Made once: to make it takes longer than to ask.
_PARTS_OF = select(FEED_PARTS.c.parts).where(FEED_PARTS.c.feed_id == bindparam("number"))


def parts_of(connection: Connection, number: int) -> str:
    """What is known of the document that this feed last sent (see `Document.parts`); empty where nothing is."""
    return connection.execute(_PARTS_OF, {"number": number}).scalar() or ""


def _facts(number: int, polled: Polled, asked_at: datetime) -> dict[str, Any]:
    state = polled.state
    # A feed that was not read keeps its title and where it said that it moved to.
    said = {"title": polled.title, "moved_to": polled.moved_to} if polled.seen else {}
    return said | {
        "number": number,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "body_hash": state.body_hash,
        "salt": state.salt,
        "not_before": state.not_before,
        "last_ok_at": state.last_ok_at,
        "last_body_at": state.last_body_at,
        "failures": state.failures,
        "last_asked_at": asked_at,
        "last_error": polled.last_error,
    }


def moved_to(connection: Connection, url: str) -> str | None:
    """Where a feed says that it moved to."""
    return connection.execute(select(FEED.c.moved_to).where(FEED.c.url == url)).scalar()


def any_ever_worked(connection: Connection) -> bool:
    """Whether any feed was ever read."""
    return connection.execute(select(func.count()).select_from(FEED).where(FEED.c.last_ok_at.is_not(None))).scalar_one() > 0
