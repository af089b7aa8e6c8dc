"""The filter's rules in the store: which rules judged an entry, and what staff changed, so that it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.store.models import ENTRY, FILTER_CHANGE


@dataclass(frozen=True, slots=True)
class FilterChange:
    """One `filter apply`: the section of feeds.yaml before and afterwards."""

    number: int
    changed_at: datetime
    before: str
    after: str


def count_outdated(connection: Connection, digest: str) -> int:
    """How many stored entries were judged by other rules than these."""
    return connection.execute(select(func.count()).select_from(ENTRY).where(ENTRY.c.rules != digest)).scalar_one()


def rename(connection: Connection, before: str, after: str) -> None:
    """Relabel the verdicts of the rules `before` as decisions of the rules `after`."""
    if before != after:
        connection.execute(update(ENTRY).where(ENTRY.c.rules == before).values(rules=after))


def remember(
    connection: Connection, before: str, after: str, digest: str, *, actor: str, reached: int, now: datetime
) -> None:
    """Record a change, so that it can be undone: who made it, and how many verdicts it changed."""
    made = {"changed_at": now, "actor": actor, "reached": reached}
    connection.execute(insert(FILTER_CHANGE).values(before=before, after=after, rules=digest, **made))


def last_change(connection: Connection) -> FilterChange | None:
    """The newest change that was not undone."""
    row = connection.execute(select(FILTER_CHANGE).order_by(FILTER_CHANGE.c.id.desc()).limit(1)).first()
    return FilterChange(row.id, row.changed_at, row.before, row.after) if row else None


def forget(connection: Connection, number: int) -> None:
    """Take a change off the list: it was undone."""
    connection.execute(delete(FILTER_CHANGE).where(FILTER_CHANGE.c.id == number))
