"""Notices: which stored paper a retraction, a concern or a correction is about, however old the paper is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from aggregator.store.models import ENTRY, ENTRY_KEY, ENTRY_MENTION, NOTICE
from aggregator.text import fold


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A notice whose paper is not stored."""

    entry: int
    sort: str
    title: str
    url: str
    first_seen_at: datetime


def _open(connection: Connection) -> list[Any]:
    resolved = select(NOTICE.c.entry_id)
    columns = (
        ENTRY.c.id,
        ENTRY.c.notice,
        ENTRY.c.title,
        ENTRY.c.url,
        ENTRY.c.source,
        ENTRY.c.story_id,
        ENTRY.c.first_seen_at,
    )
    # Asked for in this way SQLite finds the few by the index; with “not null”, or in order, it goes through the whole table.
    found = connection.execute(select(*columns).where(ENTRY.c.notice > "", ENTRY.c.id.not_in(resolved)))
    return sorted(found, key=lambda row: int(row.id))


def resolve(connection: Connection, bare: Callable[[str], str]) -> int:
    """Tie every notice that is still open to its paper, where that is stored; how many were tied. `bare` takes the prefix
    off a notice's title."""
    tied = 0
    for row in _open(connection):
        # A paper that comes back under its old guid as "RETRACTED: …" is its own notice, and keeps its story.
        of = row.id if row.story_id is not None else _paper(connection, row, bare(row.title))
        if of is not None:
            connection.execute(insert(NOTICE).values(entry_id=row.id, of_id=of))
            tied += 1
    return tied


def _paper(connection: Connection, notice: Any, title: str) -> int | None:
    """By a shared identifier, by one that the notice mentions, else by the title, of the same source first."""
    keys = select(ENTRY_KEY.c.key).where(ENTRY_KEY.c.entry_id == notice.id, ENTRY_KEY.c.key.not_like("url:%"))
    mentions = select(ENTRY_MENTION.c.mention).where(ENTRY_MENTION.c.entry_id == notice.id)
    named = select(ENTRY_KEY.c.entry_id).where(or_(ENTRY_KEY.c.key.in_(keys), ENTRY_KEY.c.key.in_(mentions)))
    folded = fold(title)[:200]
    # Short titles ("Editorial") prove nothing.
    is_titled = ENTRY.c.folded_title == (folded if folded.count(" ") >= 3 else "-")
    found = connection.execute(
        select(ENTRY.c.id, ENTRY.c.source, ENTRY.c.folded_title)
        .where(or_(ENTRY.c.id.in_(named), is_titled), ENTRY.c.notice.is_(None), ENTRY.c.id != notice.id)
        .order_by(ENTRY.c.id)
    ).all()
    best = sorted(found, key=lambda row: (row.folded_title != folded, fold(row.source) != fold(notice.source), row.id))
    return best[0].id if best else None


def unresolved(connection: Connection) -> list[Unresolved]:
    """The notices that found no paper."""
    return [Unresolved(row.id, row.notice, row.title, row.url, row.first_seen_at) for row in _open(connection)]
