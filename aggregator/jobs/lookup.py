"""What is stored, looked up by people: entries by the words of their titles, and what staff decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.errors import UsageError
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.explain import in_a_sentence
from aggregator.store import decision_list, entries, title_search
from aggregator.store.database import Database
from aggregator.store.decision_list import Decision
from aggregator.text import fold
from aggregator.values.entries import FoundEntry, Verdict


@dataclass(frozen=True, slots=True)
class Matches:
    """Entries that match, the newest first, and how many there are in all."""

    entries: tuple[FoundEntry, ...]
    total: int


def find_entries(database: Database, written: str, *, most: int | None) -> Matches:
    """The entries whose titles have all words of `written`, accents and capitals aside; at most `most`. UsageError where
    `written` has no word."""
    words = fold(written).split()
    if not words:
        raise UsageError(f"“{written}” has no word to look for.")
    with database.read() as connection:
        numbers, total = title_search.with_words(connection, words, most)
        return Matches(tuple(entries.numbered(connection, numbers)), total)


def entries_titled(database: Database, title: str) -> list[FoundEntry]:
    """The entries with this title, the newest first."""
    with database.read() as connection:
        return entries.numbered(connection, title_search.with_title(connection, title))


def explained(verdict: Verdict) -> Iterator[str]:
    """Why the filter decided so: a sentence, then the details line by line."""
    yield in_a_sentence(verdict)
    yield from verdict.details()


def decisions_of(workspace: Workspace, database: Database) -> tuple[list[Decision], dict[str, str]]:
    """What staff decided by commands, the newest first, and what feeds.yaml overrules (`always` or `never`, by address or
    identifier)."""
    with database.read() as connection:
        return decision_list.taken(connection), dict(workspace.settings.filter.overrule)
