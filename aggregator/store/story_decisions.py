"""Decisions of staff about two entries: that they tell one story, or that their stories stay apart. Kept under guid keys, so
that decisions outlast entry numbers; the newest decision about two entries counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, tuple_

from aggregator.keys import feed_and_guid, guid_key
from aggregator.store.entries import in_batches
from aggregator.store.models import ENTRY, FEED, STORY_DECISION

TOGETHER, APART = "together", "apart"

_Pairs = dict[int, frozenset[int]]


class Pinned(NamedTuple):
    """By entry, in both directions: the entries that staff put together with it, and those that they keep apart from it."""

    together: Mapping[int, frozenset[int]]
    apart: Mapping[int, frozenset[int]]


def pinned(connection: Connection) -> Pinned:
    """Every decision about entries that are stored."""
    rows = connection.execute(select(STORY_DECISION)).all()
    numbers = _numbers(connection, {name for row in rows for name in (row.one, row.other)})
    pairs: dict[str, _Pairs] = {TOGETHER: {}, APART: {}}
    for row in rows:
        for one in numbers.get(row.one, ()):
            for other in numbers.get(row.other, ()):
                partners = pairs[row.decision]
                partners[one] = partners.get(one, frozenset()) | {other}
                partners[other] = partners.get(other, frozenset()) | {one}
    return Pinned(linked(pairs[TOGETHER]), pairs[APART])


def linked(pairs: Mapping[int, frozenset[int]]) -> dict[int, frozenset[int]]:
    """The transitive closure of `pairs`: for each entry all that it is linked to. If staff merged A with C and B with C, A
    and B belong together, whichever of the three is grouped first."""
    groups: dict[int, frozenset[int]] = {}
    for entry in pairs:
        if entry in groups:
            continue
        group, left = {entry}, [entry]
        while left:
            near = pairs[left.pop()] - group
            group |= near
            left += near
        groups |= {member: frozenset(group - {member}) for member in group}
    return groups


def keep_apart(connection: Connection, entry: int, others: Sequence[int], *, actor: str = "", now: datetime) -> None:
    """Record that `entry` tells another story than each of `others`."""
    names = names_of(connection, (entry, *others))
    for other in others:
        _decide(connection, APART, names[entry], names[other], actor=actor, reached=1 + len(others), now=now)


def put_together(
    connection: Connection, entry: int, other: int, stories: tuple[Sequence[int], Sequence[int]], *, actor: str = "",
    now: datetime,
) -> None:  # fmt: skip
    """Record that `entry` and `other` tell one story; so their `stories`, given by their entries, are no longer apart."""
    ones, others = (list(names_of(connection, list(members)).values()) for members in stories)
    for member in ones:
        _forget(connection, [(member, other) for other in others], APART)
    names = names_of(connection, (entry, other))
    reached = len({*stories[0], *stories[1]})
    _decide(connection, TOGETHER, names[entry], names[other], actor=actor, reached=reached, now=now)


def names_of(connection: Connection, entries: Sequence[int]) -> dict[int, str]:
    """The guid keys of these entries, by number."""
    keys: dict[int, str] = {}
    for batch in in_batches(entries):
        rows = connection.execute(
            select(ENTRY.c.id, FEED.c.url, ENTRY.c.guid)
            .join(FEED, FEED.c.id == ENTRY.c.feed_id)
            .where(ENTRY.c.id.in_(batch))
        )
        keys |= {row.id: guid_key(row.url, row.guid) for row in rows}
    return keys


def _numbers(connection: Connection, names: Iterable[str]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for name in names:
        feed_url, guid = feed_and_guid(name)
        rows = connection.execute(
            select(ENTRY.c.id).join(FEED, FEED.c.id == ENTRY.c.feed_id).where(FEED.c.url == feed_url, ENTRY.c.guid == guid)
        )
        numbers[name] = list(rows.scalars())
    return numbers


def _decide(connection: Connection, decision: str, one: str, other: str, *, actor: str, reached: int, now: datetime) -> None:
    for earlier in (TOGETHER, APART):
        _forget(connection, [(one, other)], earlier)
    made = {"decision": decision, "decided_at": now, "actor": actor, "reached": reached}
    connection.execute(insert(STORY_DECISION).values(one=one, other=other, **made))


def _forget(connection: Connection, pairs: Sequence[tuple[str, str]], decision: str) -> None:
    """Take back a decision about these pairs, whichever way round it was written."""
    both = tuple_(STORY_DECISION.c.one, STORY_DECISION.c.other)
    for batch in in_batches(pairs, 200):
        about = or_(both.in_(batch), both.in_([(other, one) for one, other in batch]))
        connection.execute(delete(STORY_DECISION).where(STORY_DECISION.c.decision == decision, about))
