"""Staff's answers on doubtful entries as labelled lines, which `filter evaluate` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregator.jobs.workspace import Workspace
from aggregator.relevance.labelled import line_of
from aggregator.store import decisions, entries


def labelled(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """A line for each entry that was probably on topic and that staff accepted or rejected, the oldest first."""
    with workspace.open_database() as database, database.read() as connection:
        answers = decisions.answered(connection)
        for batch in entries.kept(connection, list(answers)):
            yield from (line_of(kept, is_accepted=answers[kept.number]) for kept in batch)
