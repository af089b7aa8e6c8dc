"""What a refresh tells: one report, read by the command line, the scheduler and the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# How a failure reads whose host's name the system's resolver does not know.
NAME_NOT_FOUND = "could not be found"
# Fewer than so many names say nothing about the machine.
_FEW = 3


class RunOutcome(StrEnum):
    """How a refresh ended."""

    FRESH = "fresh"
    FAILED = "failed"
    DEGRADED = "degraded"
    STALE = "stale"

    @property
    def exit_code(self) -> int:
        """The exit status of the command that ran it."""
        return {RunOutcome.FRESH: 0, RunOutcome.FAILED: 1, RunOutcome.DEGRADED: 3, RunOutcome.STALE: 4}[self]


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Feeds of a run, each in one column; `never_worked` of the failed ones were never read yet and count apart."""

    total: int = 0
    ok: int = 0
    not_modified: int = 0
    failed: int = 0
    skipped: int = 0
    never_worked: int = 0


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """Entries of a run. `seen` = parsed from bodies, before identity."""

    seen: int = 0
    new: int = 0
    updated: int = 0
    admitted: int = 0
    rejected: int = 0

    def __add__(self, other: EntryCounts) -> EntryCounts:
        return EntryCounts(
            self.seen + other.seen,
            self.new + other.new,
            self.updated + other.updated,
            self.admitted + other.admitted,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True)
class StoryCounts:
    """Stories of a run: begun in it, and shown on the front page after it."""

    new: int = 0
    shown: int = 0


@dataclass(frozen=True, slots=True)
class FeedFailure:
    """A feed that could not be read, and why, in a sentence."""

    feed: str
    url: str
    reason: str


def offline(failures: Sequence[FeedFailure], asked: int) -> str:
    """One sentence where none of the names of all feeds that were fetched could be found; empty elsewhere."""
    names = sum(failure.reason.endswith(NAME_NOT_FOUND) for failure in failures)
    if not _FEW <= asked == names:
        return ""
    return f"None of {names} names could be found. Is this machine online? Behind a proxy, set AGGREGATOR_PROXY."


@dataclass(frozen=True, slots=True)
class RunReport:
    """All that a refresh has to say. `notes` are sentences for staff; `scope` says which feeds were asked: `all`, `one`, or
    `failed`, those that failed the last time. `reason` says why a run failed, in one sentence; it is empty for others."""

    outcome: RunOutcome
    feeds: FeedCounts = FeedCounts()
    entries: EntryCounts = EntryCounts()
    stories: StoryCounts = StoryCounts()
    failures: tuple[FeedFailure, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    dry_run: bool = False
    scope: str = "all"
    reason: str = ""

    @classmethod
    def failed(cls, reason: str) -> RunReport:
        """The report of a run that could not begin, or not end."""
        return cls(RunOutcome.FAILED, reason=reason)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, as `refresh --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Run:
    """One refresh as it was recorded; `outcome` is None for one that was killed or is at work."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    report: dict[str, Any] | None
