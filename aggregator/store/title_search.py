"""Find stored entries by the words of their titles. Titles are stored folded (see `text.fold`), cut at 200 characters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from aggregator.store.entries import folded_title
from aggregator.store.models import ENTRY


def with_words(connection: Connection, words: Sequence[str], most: int | None) -> tuple[list[int], int]:
    """The numbers of the entries in whose titles each of these folded words begins a word, the newest first, at most `most`;
    and how many such entries there are in all."""
    condition = and_(*(_has(word) for word in words))
    at = func.coalesce(ENTRY.c.published_at, ENTRY.c.first_seen_at)
    total = connection.execute(select(func.count()).select_from(ENTRY).where(condition)).scalar_one()
    newest = select(ENTRY.c.id).where(condition).order_by(at.desc(), ENTRY.c.id.desc()).limit(most)
    return list(connection.execute(newest).scalars()), total


def _has(word: str) -> ColumnElement[bool]:
    # Scripts that write no spaces have no beginnings of words either.
    if not word.isascii():
        return ENTRY.c.folded_title.contains(word, autoescape=True)
    return (literal(" ") + ENTRY.c.folded_title).contains(f" {word}", autoescape=True)


def with_title(connection: Connection, title: str) -> list[int]:
    """The numbers of the entries with this title, however it is accented and capitalised, the newest first."""
    folded = folded_title(title)
    same = select(ENTRY.c.id).where(ENTRY.c.folded_title == folded, ENTRY.c.folded_title != "").order_by(ENTRY.c.id.desc())
    return list(connection.execute(same).scalars())
