"""What a month brought, source by source: the curators' account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SourceMonth:
    """One feed in one month. `duplicates` are admitted entries whose story another entry had begun; `failures` are of
    `polls` attempts to read it."""

    name: str
    is_listed: bool
    offered: int = 0
    admitted: int = 0
    shown: int = 0
    duplicates: int = 0
    polls: int = 0
    failures: int = 0

    @property
    def never_contributed(self) -> bool:
        """Whether it was read all month and nothing of it reached the page."""
        return self.is_listed and self.polls > 0 and self.shown == 0


@dataclass(frozen=True, slots=True)
class Month:
    """All sources by what they brought; `publishers` often carry our stories and are no sources yet."""

    begins_on: date
    sources: tuple[SourceMonth, ...]
    publishers: tuple[tuple[str, int], ...] = ()
    runs: int = 0
    fresh_runs: int = 0
