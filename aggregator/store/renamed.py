"""Staff's decisions follow their entries: a decision under a guid key gets the new key, in the transaction in which a feed
moves or a publisher changes a guid."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, ColumnElement, Connection, delete, func, select, update

from aggregator.keys import feed_and_guid, guid_key
from aggregator.store.models import DECISION, STORY_DECISION

_NAMES: tuple[Column[str], ...] = (DECISION.c.key, STORY_DECISION.c.one, STORY_DECISION.c.other)


def follow_guid(connection: Connection, feed_url: str, before: str, after: str) -> None:
    """Rename the decisions about an entry whose guid has changed."""
    _rename(connection, {guid_key(feed_url, before): guid_key(feed_url, after)})


def follow_feed(connection: Connection, before: str, after: str) -> None:
    """Rename the decisions about the entries of a feed that moved to another address."""
    prefix = guid_key(before, "")
    names = {
        name
        for column in _NAMES
        for name in connection.execute(select(column).where(_begins_with(column, prefix))).scalars()
    }
    _rename(connection, {name: guid_key(after, feed_and_guid(name)[1]) for name in names})


def _begins_with(column: Column[str], prefix: str) -> ColumnElement[bool]:
    # Not LIKE: an address may contain its wildcards.
    return func.substr(column, 1, len(prefix)) == prefix


def _rename(connection: Connection, names: Mapping[str, str]) -> None:
    for before, after in names.items():
        _make_room(connection, before, after)
        for column in _NAMES:
            connection.execute(update(column.table).where(column == before).values({column: after}))


def _make_room(connection: Connection, before: str, after: str) -> None:
    """If there is a decision under both names already, keep the newer one only."""
    both = select(DECISION.c.key).where(DECISION.c.key.in_((before, after))).order_by(DECISION.c.decided_at.desc())
    for older in connection.execute(both).scalars().all()[1:]:
        connection.execute(delete(DECISION).where(DECISION.c.key == older))
