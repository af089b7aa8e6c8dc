"""Notices: which stored paper a retraction, a concern or a correction is about, however old the paper is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, or_, select

from aggregator.keys import Scheme
from aggregator.store.decisions import HIDDEN
from aggregator.store.entries import folded_title, in_batches
from aggregator.store.models import ENTRY, ENTRY_CHANGE, ENTRY_KEY, ENTRY_MENTION, NOTICE
from aggregator.text import fold
from aggregator.values.stories import DOUBTS, Notice


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
    # Written this way, SQLite finds the few rows by the index; with IS NOT NULL or ORDER BY it scans the whole table.
    rows = connection.execute(select(*columns).where(ENTRY.c.notice > "", ENTRY.c.id.not_in(resolved)))
    return sorted(rows, key=lambda row: int(row.id))


def resolve(connection: Connection, bare: Callable[[str], str]) -> int:
    """Tie every open notice to its paper, if that is stored; the number of notices tied. `bare` removes the prefix of a
    notice's title."""
    tied = 0
    for row in _open(connection):
        # A paper that comes back under its old guid as "RETRACTED: …" is its own notice, and keeps its story.
        of = row.id if row.story_id is not None else _paper(connection, row, bare(row.title))
        if of is not None:
            connection.execute(insert(NOTICE).values(entry_id=row.id, of_id=of))
            tied += 1
    return tied


def _paper(connection: Connection, notice: Any, title: str) -> int | None:
    """The notice's paper, by a shared or mentioned identifier, or else by the title; of several papers the one with the
    title, then the one of the same source."""
    keys = select(ENTRY_KEY.c.key).where(ENTRY_KEY.c.entry_id == notice.id, ENTRY_KEY.c.key.not_like(f"{Scheme.URL}:%"))
    mentions = select(ENTRY_MENTION.c.mention).where(ENTRY_MENTION.c.entry_id == notice.id)
    by_identifier = select(ENTRY_KEY.c.entry_id).where(or_(ENTRY_KEY.c.key.in_(keys), ENTRY_KEY.c.key.in_(mentions)))
    folded = folded_title(title)
    # Short titles ("Editorial") prove nothing.
    is_titled = ENTRY.c.folded_title == (folded if folded.count(" ") >= 3 else "-")
    rows = connection.execute(
        select(ENTRY.c.id, ENTRY.c.source, ENTRY.c.folded_title, ENTRY.c.id.in_(by_identifier).label("is_identified"))
        .where(or_(ENTRY.c.id.in_(by_identifier), is_titled), ENTRY.c.notice.is_(None), ENTRY.c.id != notice.id)
        .order_by(ENTRY.c.id)
    ).all()

    def unlikeness(row: Any) -> tuple[bool, bool, bool, int]:
        return not row.is_identified, row.folded_title != folded, fold(row.source) != fold(notice.source), row.id

    return min(rows, key=unlikeness).id if rows else None


# The day of a notice: when it was published, else seen. A paper that comes back as “RETRACTED: …” is its own notice and
# keeps the paper's date: there it is the day on which we saw the change.
_CHANGED_AT = select(func.max(ENTRY_CHANGE.c.changed_at)).where(ENTRY_CHANGE.c.entry_id == ENTRY.c.id).correlate(ENTRY)
_PUBLISHED_AT = func.coalesce(ENTRY.c.dated_at, ENTRY.c.first_seen_at)
_NOTICED_AT = case(
    (NOTICE.c.entry_id == NOTICE.c.of_id, func.coalesce(_CHANGED_AT.scalar_subquery(), _PUBLISHED_AT)), else_=_PUBLISHED_AT
)


def by_paper(connection: Connection, papers: Sequence[int]) -> dict[int, list[Notice]]:
    """The notices of these papers, by the papers' numbers, in the order in which they came."""
    notices: defaultdict[int, list[Notice]] = defaultdict(list)
    for batch in in_batches(papers):
        rows = connection.execute(
            select(NOTICE.c.of_id, ENTRY.c.notice, ENTRY.c.url, _NOTICED_AT.label("noticed_at"))
            .join(ENTRY, ENTRY.c.id == NOTICE.c.entry_id)
            # A notice that still waits for staff counts: better to show a retraction too soon than too late.
            .where(NOTICE.c.of_id.in_(batch), ENTRY.c.notice.is_not(None), ENTRY.c.standing != HIDDEN)
            .order_by(ENTRY.c.id)
        )
        for row in rows:
            notices[row.of_id].append(Notice(row.of_id, row.notice, row.noticed_at.date(), row.url))
    return notices


def stories_doubted(since: datetime) -> Select[Any]:
    """Selects the numbers of the stories of which a study was retracted or doubted `since` then, each once."""
    paper = ENTRY.alias()
    return (
        select(paper.c.story_id)
        .select_from(NOTICE)
        .join(ENTRY, ENTRY.c.id == NOTICE.c.entry_id)
        .join(paper, paper.c.id == NOTICE.c.of_id)
        .where(
            ENTRY.c.notice.in_(DOUBTS),
            ENTRY.c.standing != HIDDEN,
            paper.c.story_id.is_not(None),
            since <= _NOTICED_AT,
        )
        .distinct()
    )


def unresolved(connection: Connection) -> list[Unresolved]:
    """The notices whose paper is not stored."""
    return [Unresolved(row.id, row.notice, row.title, row.url, row.first_seen_at) for row in _open(connection)]
