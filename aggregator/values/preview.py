"""What other rules change of the stored history: each entry's verdict compared with the one that they give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from aggregator.values.entries import StoredEntry, Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """An entry about which the rules would decide otherwise."""

    number: int
    title: str
    before: Verdict
    after: Verdict
    published_at: datetime | None


@dataclass
class Preview:
    """What other rules would do to the history: newest first in each list. `act` is the number of the change in the log, 0
    where nothing was changed."""

    total: int = 0
    added: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    retopiced: list[Change] = field(default_factory=list)
    act: int = field(default=0, compare=False)

    def add(self, stored: StoredEntry, after: Verdict) -> None:
        """Count one entry. They come oldest first, so each list is turned round at the end."""
        before = stored.verdict
        change = Change(stored.number, stored.entry.title, before, after, stored.entry.published_at)
        if after.admitted and not before.admitted:
            self.added.append(change)
        elif before.admitted and not after.admitted:
            self.removed.append(change)
        elif after.admitted and set(after.topics) != set(before.topics):
            self.retopiced.append(change)

    @property
    def reached(self) -> int:
        """Of how many entries the verdict changes."""
        return len(self.added) + len(self.removed) + len(self.retopiced)

    def newest_first(self) -> Preview:
        """The same, each list newest first."""
        for changes in (self.added, self.removed, self.retopiced):
            changes.sort(key=lambda change: change.number, reverse=True)
        return self
