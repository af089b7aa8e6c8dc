"""What staff look through: entries that the filter only just rejected, and how far a decision reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from aggregator.keys import title_key, value_of
from aggregator.store.decisions import HIDDEN
from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, ENTRY_KEY


def just_missed(connection: Connection, *, since: datetime, least: float, most: int) -> list[int]:
    """Rejected entries dated `since` then that have at least so many points, the newest first."""
    query = (
        select(ENTRY.c.id)
        .where(~ENTRY.c.admitted, ENTRY.c.dated_at >= since, ENTRY.c.score >= least, ENTRY.c.standing != HIDDEN)
        .order_by(ENTRY.c.dated_at.desc(), ENTRY.c.id.desc())
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def told_by_several(connection: Connection, *, since: datetime, most: int) -> list[int]:
    """The stories dated `since` then that have several entries, the newest first."""
    at = func.max(ENTRY.c.dated_at)
    query = (
        select(ENTRY.c.story_id)
        .where(ENTRY.c.admitted, ENTRY.c.dated_at >= since, ENTRY.c.story_id.is_not(None), ENTRY.c.standing != HIDDEN)
        .group_by(ENTRY.c.story_id)
        .having(func.count() > 1)
        .order_by(at.desc(), ENTRY.c.story_id.desc())
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def reach(connection: Connection, entries: Sequence[int]) -> dict[int, list[int]]:
    """For each of these entries all stored ones of its article that are not hidden, itself among them: what hiding it takes
    off. Oldest first."""
    sharing: defaultdict[int, set[int]] = defaultdict(set)
    for batch in in_batches(entries):
        keys = select(ENTRY_KEY.c.key, ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.entry_id.in_(batch))
        owners: defaultdict[str, set[int]] = defaultdict(set)
        for row in connection.execute(keys):
            owners[row.key].add(row.entry_id)
        for named in in_batches(sorted(owners)):
            others = select(ENTRY_KEY.c.key, ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(named))
            for row in connection.execute(others):
                for entry in owners[row.key]:
                    sharing[entry].add(row.entry_id)
        titles = connection.execute(select(ENTRY.c.id, ENTRY.c.title).where(ENTRY.c.id.in_(batch))).all()
        # A short title is that of many articles, and no key.
        title_of = {row.id: value_of(key) for row in titles if (key := title_key(row.title))}
        folded = sorted(set(title_of.values()))
        of_title: defaultdict[str, set[int]] = defaultdict(set)
        # A title alone proves nothing about an article that has a DOI.
        same = select(ENTRY.c.id, ENTRY.c.folded_title).where(ENTRY.c.folded_title.in_(folded), ENTRY.c.doi.is_(None))
        for row in connection.execute(same):
            of_title[row.folded_title].add(row.id)
        for row in titles:
            sharing[row.id] |= {row.id, *of_title[title_of.get(row.id, "")]}
    reached = sorted({other for others in sharing.values() for other in others})
    standing = {
        row.id: row.standing
        for batch in in_batches(reached)
        for row in connection.execute(select(ENTRY.c.id, ENTRY.c.standing).where(ENTRY.c.id.in_(batch)))
    }
    return {entry: sorted(one for one in sharing[entry] if standing.get(one) != HIDDEN) for entry in entries}
