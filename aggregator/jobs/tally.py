"""Counts a refresh while it goes."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator import update
from aggregator.ingest.poll import Answer
from aggregator.values.feeds import FetchFailed, NotModified, Parsed, Skipped
from aggregator.values.reports import EntryCounts, FeedCounts, FeedFailure, RunReport


@dataclass
class Tally:
    """What a run has brought so far."""

    total: int
    is_first: bool
    # Feeds that were well the last time and are not asked again.
    fine: int = 0
    ok: int = 0
    not_modified: int = 0
    failed: int = 0
    skipped: int = 0
    never_worked: int = 0
    entries: EntryCounts = EntryCounts()
    failures: tuple[FeedFailure, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """The number of feeds whose answer is known."""
        return self.ok + self.not_modified + self.failed + self.skipped + self.never_worked

    def add(self, answer: Answer, counts: EntryCounts) -> None:
        """Count what a feed answered."""
        feed, state, outcome = answer
        self.entries += counts
        if isinstance(outcome, Parsed):
            self.ok += 1
        elif isinstance(outcome, NotModified):
            self.not_modified += 1
        elif isinstance(outcome, Skipped):
            self.skipped += 1
        elif state.ever_worked or self.is_first:
            self.failed += 1
        else:
            self.never_worked += 1
        if isinstance(outcome, FetchFailed):
            self.failures += (FeedFailure(feed.name, feed.shown_url, outcome.reason),)

    def report(self, notes: tuple[str, ...] = ()) -> RunReport:
        """The report of the run as far as it has come."""
        counts = FeedCounts(self.total, self.ok, self.not_modified, self.failed, self.skipped, self.never_worked)
        failures = tuple(sorted(self.failures, key=lambda failure: failure.feed))
        outcome = update.run_outcome(read=self.ok + self.not_modified + self.fine, failed=self.failed)
        return RunReport(outcome, counts, self.entries, failures=failures, notes=notes)
