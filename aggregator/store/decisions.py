"""Decisions of staff about an article. A decision is kept under every key by which the article may come again, so it
holds for other feeds, later refreshes and rule changes alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from aggregator.keys import Scheme, feed_and_guid, guid_key, has_scheme, title_key, value_of
from aggregator.store.entries import in_batches
from aggregator.store.models import DECISION, ENTRY, ENTRY_KEY, FEED
from aggregator.values.entries import PROBABLY_ON_TOPIC
from aggregator.values.enums import Decision, ReviewState

HIDE, ACCEPT = Decision.HIDE.value, Decision.ACCEPT.value
WAITING, HIDDEN = ReviewState.WAITING.value, ReviewState.HIDDEN.value


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for staff."""

    entry: int
    feed: str
    title: str
    url: str
    first_seen_at: datetime


def decide(connection: Connection, entries: Sequence[int], decision: str, *, actor: str = "", now: datetime) -> list[str]:
    """Record `actor`'s decision on the articles of these entries and apply it to everything stored of them; their titles.
    Accepting an article accepts no other that merely has its title."""
    names = _names_of(connection, entries)
    if decision == ACCEPT:
        names = {key: title for key, title in names.items() if not has_scheme(key, Scheme.TITLE)}
    connection.execute(delete(DECISION).where(DECISION.c.key.in_(list(names))))
    reached = [row for row in _sharing(connection, list(names)) if decision == HIDE or row.standing == WAITING]
    made = {"decision": decision, "decided_at": now, "actor": actor, "reached": len(reached)}
    connection.execute(insert(DECISION), [{"key": key, "title": title, **made} for key, title in names.items()])
    for entry in reached:
        _stand(connection, entry.id, HIDDEN if decision == HIDE else "")
    return sorted(set(names.values()))


def forget(connection: Connection, entries: Sequence[int], reviewed: Collection[str]) -> list[str]:
    """Undo the hiding of these entries' articles; their titles, none if they were not hidden. Entries of the feeds
    `reviewed` (addresses) wait for staff again."""
    names = _names_of(connection, entries)
    hidden = DECISION.c.decision == HIDE
    own = DECISION.c.key.in_(list(names))
    found = connection.execute(select(DECISION.c.title, DECISION.c.decided_at).where(hidden, own).distinct()).all()
    # The same decision under the titles and addresses that the article had when it was made: what was hidden at another
    # time is another article with the title.
    made = hidden & (own | tuple_(DECISION.c.title, DECISION.c.decided_at).in_([tuple(row) for row in found]))
    keys = connection.execute(select(DECISION.c.key).where(made)).scalars().all()
    connection.execute(delete(DECISION).where(made))
    # What was hidden by a title that it no longer has shares no key with the others any more.
    stranded = connection.execute(_STANDING.where(ENTRY.c.id.in_(entries), ENTRY.c.standing == HIDDEN)).all()
    for entry in {row.id: row for row in (*_sharing(connection, keys), *stranded)}.values():
        if entry.standing == HIDDEN:
            _stand(connection, entry.id, WAITING if entry.url in reviewed else "")
    return sorted({row.title for row in found or stranded})


def concerned(connection: Connection, entries: Sequence[int]) -> list[int]:
    """All stored entries that a decision about these entries' articles may change, or the end of one."""
    names = list(_names_of(connection, entries))
    made = select(DECISION.c.title, DECISION.c.decided_at).where(DECISION.c.key.in_(names)).distinct()
    acts = [tuple(row) for row in connection.execute(made)]
    others = select(DECISION.c.key).where(tuple_(DECISION.c.title, DECISION.c.decided_at).in_(acts))
    keys = {*names, *(connection.execute(others).scalars() if acts else ())}
    return sorted({*entries, *(row.id for row in _sharing(connection, sorted(keys)))})


def follow(connection: Connection, keys: Sequence[str], reviewed: Collection[str], *, but: Collection[int]) -> None:
    """Let the stored entries that have one of these keys, `but` those, stand as the decisions about them say now: later
    copies of an article whose hiding was taken back, or done again."""
    for row in _sharing(connection, keys):
        if row.id in but:
            continue
        names = list(_names_of(connection, [row.id]))
        is_hidden = HIDE in decided(connection, names).values()
        if row.standing == HIDDEN and not is_hidden:
            _stand(connection, row.id, WAITING if row.url in reviewed else "")
        elif is_hidden and row.standing != HIDDEN:
            _stand(connection, row.id, HIDDEN)


def are_waiting(connection: Connection, entries: Sequence[int]) -> bool:
    """Whether any of these entries waits for staff."""
    query = select(ENTRY.c.id).where(ENTRY.c.id.in_(entries), ENTRY.c.standing == WAITING, ENTRY.c.admitted).limit(1)
    return connection.execute(query).first() is not None


def decided(connection: Connection, keys: Sequence[str]) -> Mapping[str, str]:
    """The decisions under these keys, HIDE or ACCEPT, by key."""
    if not connection.execute(select(DECISION.c.key).limit(1)).first():
        return {}
    decisions: dict[str, str] = {}
    for batch in in_batches(keys):
        rows = connection.execute(select(DECISION.c.key, DECISION.c.decision).where(DECISION.c.key.in_(batch)))
        decisions |= {row.key: row.decision for row in rows}
    return decisions


def waiting(connection: Connection) -> list[Waiting]:
    """The entries that wait for staff, oldest first."""
    rows = connection.execute(
        select(ENTRY.c.id, FEED.c.name, ENTRY.c.title, ENTRY.c.url, ENTRY.c.first_seen_at)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.standing == WAITING, ENTRY.c.admitted)
        .order_by(ENTRY.c.id)
    )
    return [Waiting(row.id, row.name, row.title, row.url, row.first_seen_at) for row in rows]


def answered(connection: Connection) -> dict[int, bool]:
    """The entries that were only probably on topic and on which staff decided: whether they accepted them."""
    found: dict[int, bool] = {}
    for decision in (HIDE, ACCEPT):
        keys = connection.execute(select(DECISION.c.key).where(DECISION.c.decision == decision)).scalars().all()
        sharing = [entry.id for entry in _sharing(connection, keys)]
        for batch in in_batches(sharing):
            rows = connection.execute(select(ENTRY.c.id, ENTRY.c.reasons).where(ENTRY.c.id.in_(batch)))
            found |= {
                row.id: decision == ACCEPT for row in rows if row.reasons and row.reasons[0]["rule"] == PROBABLY_ON_TOPIC
            }
    return dict(sorted(found.items()))


def _names_of(connection: Connection, entries: Sequence[int]) -> dict[str, str]:
    """Every key of the entries' articles, with the title of its entry."""
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.title, FEED.c.url, ENTRY.c.guid)
        .join(FEED, FEED.c.id == ENTRY.c.feed_id)
        .where(ENTRY.c.id.in_(entries))
    ).all()
    titles = {row.id: row.title for row in rows}
    names = {guid_key(row.url, row.guid): row.title for row in rows}
    names |= {key: row.title for row in rows if (key := title_key(row.title))}
    keys = connection.execute(select(ENTRY_KEY.c.entry_id, ENTRY_KEY.c.key).where(ENTRY_KEY.c.entry_id.in_(entries)))
    return names | {row.key: titles[row.entry_id] for row in keys}


_STANDING = select(ENTRY.c.id, ENTRY.c.title, ENTRY.c.standing, FEED.c.url).join(FEED, FEED.c.id == ENTRY.c.feed_id)


def _sharing(connection: Connection, keys: Sequence[str]) -> list[Any]:
    """The stored entries that have one of these keys, with their standing and their feed's address. A title alone
    proves nothing about an article that has a DOI."""
    rows_by_id: dict[int, Any] = {}
    for batch in in_batches(keys):
        titles = [value_of(key) for key in batch if has_scheme(key, Scheme.TITLE)]
        by_key = ENTRY.c.id.in_(select(ENTRY_KEY.c.entry_id).where(ENTRY_KEY.c.key.in_(batch)))
        by_title = ENTRY.c.folded_title.in_(titles) & ENTRY.c.doi.is_(None)
        rows_by_id |= {row.id: row for row in connection.execute(_STANDING.where(by_key | by_title))}
        for key in batch:
            if has_scheme(key, Scheme.GUID):
                feed_url, guid = feed_and_guid(key)
                own = connection.execute(_STANDING.where(FEED.c.url == feed_url, ENTRY.c.guid == guid))
                rows_by_id |= {row.id: row for row in own}
    return list(rows_by_id.values())


def _stand(connection: Connection, entry: int, standing: str) -> None:
    connection.execute(update(ENTRY).where(ENTRY.c.id == entry).values(standing=standing))
