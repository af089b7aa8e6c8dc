"""What is in a store, read past the program: by SQL of the tests' own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple


class Row(NamedTuple):
    """An entry as it is stored."""

    number: int
    feed: str
    guid: str
    url: str
    title: str
    is_admitted: bool
    standing: str
    story: int | None
    dated_at: str | None
    first_seen_at: str
    notice: str | None

    @property
    def is_seen(self) -> bool:
        """Whether readers may see it."""
        return self.is_admitted and not self.standing and self.notice is None and self.dated_at is not None


def rows_of(database: Path) -> dict[int, Row]:
    """Every entry by its number."""
    asked = (
        "SELECT entry.id, feed.url, guid, entry.url, entry.title, admitted, standing, story_id, dated_at, first_seen_at, notice "
        "FROM entry JOIN feed ON feed.id = feed_id ORDER BY entry.id"
    )
    return {row[0]: Row(*row) for row in ask(database, asked)}


def ask(database: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with closing(sqlite3.connect(database)) as raw:
        return raw.execute(statement, values).fetchall()


def everything(database: Path) -> list[Any]:
    """All rows of all tables."""
    with closing(sqlite3.connect(database)) as raw:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        tables = [name for (name,) in raw.execute(named)]
        return [[name, *sorted(raw.execute(f'SELECT * FROM "{name}"'), key=repr)] for name in tables]  # noqa: S608 - our own


def faults(database: Path) -> list[str]:
    """What can never be so in a sound store."""
    wrong = {
        "a row names another that is not there": "PRAGMA foreign_key_check",
        # The newest stays without any, so that its number is not given again.
        "a story has no entry": "SELECT id FROM story WHERE id NOT IN (SELECT story_id FROM entry WHERE story_id IS NOT NULL) "
        "AND id < (SELECT max(id) FROM story)",
        "an address and a title stand twice in one feed": "SELECT feed_id, url, title FROM entry GROUP BY 1, 2, 3 HAVING count(*) > 1",
    }
    return [f"{what}: {found}" for what, statement in wrong.items() if (found := ask(database, statement))]
