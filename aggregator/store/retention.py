"""Delete what has become old: rejected entries, runs, the state of feeds long unasked. Admitted entries stay."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, ENTRY_CHANGE, ENTRY_KEY, ENTRY_MENTION, FEED, NOTICE, POLL, PURGED, RUN

_RUNS_FOR = timedelta(days=730)
_MONTH, _FEWEST_RUNS = timedelta(days=30), 5


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many entries and runs were deleted."""

    entries: int = 0
    runs: int = 0


def prune(connection: Connection, *, rejected_days: int, now: datetime) -> Pruned:
    """Delete rejected entries that were first seen over `rejected_days` ago, and runs over two years old. Entries that staff
    decided about or that are notices stay; the guid of a deleted entry is kept, hashed. If the clock may have jumped,
    nothing is deleted."""
    if not _clock_is_believed(connection, now):
        return Pruned()
    before = now - timedelta(days=rejected_days)
    # Entries are numbered in order of time, so on most days the first one shows that there is nothing to do.
    oldest = connection.execute(select(ENTRY.c.first_seen_at).order_by(ENTRY.c.id).limit(1)).scalar()
    deleted = _entries(connection, before) if oldest is not None and oldest < before else 0
    runs = list(connection.execute(select(RUN.c.id).where(RUN.c.started_at < now - _RUNS_FOR)).scalars())
    for batch in in_batches(runs):
        connection.execute(delete(POLL).where(POLL.c.run_id.in_(batch)))
        connection.execute(delete(RUN).where(RUN.c.id.in_(batch)))
    connection.execute(
        update(FEED)
        .where(FEED.c.last_asked_at < now - _RUNS_FOR)
        .values(etag=None, last_modified=None, body_hash=None, last_error=None)
    )
    return Pruned(deleted, len(runs))


def _clock_is_believed(connection: Connection, now: datetime) -> bool:
    """Whether five refreshes of the last two months are recorded, one over a month old: a clock that jumped ten years makes
    nothing old."""
    lately = RUN.c.started_at.between(now - 2 * _MONTH, now)
    count, first = connection.execute(select(func.count(), func.min(RUN.c.started_at)).where(lately)).one()
    return bool(count >= _FEWEST_RUNS and first <= now - _MONTH)


def _entries(connection: Connection, before: datetime) -> int:
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.feed_id, ENTRY.c.guid).where(
            ~ENTRY.c.admitted, ENTRY.c.standing == "", ENTRY.c.notice.is_(None), ENTRY.c.story_id.is_(None),
            ENTRY.c.first_seen_at < before, ENTRY.c.id.not_in(select(NOTICE.c.of_id)),
        )
    ).all()  # fmt: skip
    for batch in in_batches(rows):
        numbers = [row.id for row in batch]
        for table in (ENTRY_KEY, ENTRY_MENTION, ENTRY_CHANGE):
            connection.execute(delete(table).where(table.c.entry_id.in_(numbers)))
        connection.execute(delete(ENTRY).where(ENTRY.c.id.in_(numbers)))
        left = [{"feed_id": row.feed_id, "guid_hash": _hash(row.guid)} for row in batch]
        connection.execute(insert(PURGED), left)
    return len(rows)


def purged(connection: Connection, feed_id: int, guids: Sequence[str]) -> set[str]:
    """Which of these guids belong to deleted entries of a feed."""
    if not connection.execute(select(PURGED.c.feed_id).where(PURGED.c.feed_id == feed_id).limit(1)).first():
        return set()
    hashes = {_hash(guid): guid for guid in guids}
    deleted: set[str] = set()
    for batch in in_batches(sorted(hashes)):
        wanted = PURGED.c.feed_id == feed_id, PURGED.c.guid_hash.in_(batch)
        deleted |= {
            hashes[guid_hash] for guid_hash in connection.execute(select(PURGED.c.guid_hash).where(*wanted)).scalars()
        }
    return deleted


def _hash(guid: str) -> str:
    return hashlib.blake2b(guid.encode(), digest_size=16).hexdigest()
