"""The daily refresh.

settings ─> ingest ─> relevance ─> store          feeds that came in together in one transaction: state, entries, verdicts
                                     │
whatever the store holds ungrouped, ─┴─> stories ─> store      whichever run brought it: a kill in between loses nothing
                                                    │
                                       candidates ──┴─> edition ─> publish
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from aggregator.backup.copies import copy_database
from aggregator.errors import AggregatorError, Hint, PublishError, StoreDamagedError, UsageError, sentence_of
from aggregator.jobs.ingestion import ingest
from aggregator.jobs.publish import last_freshness, publish, publish_decided
from aggregator.jobs.regroup import group_new
from aggregator.jobs.safekeeping import quarantine_damaged, tidy
from aggregator.jobs.tally import Tally
from aggregator.jobs.workspace import Clock, Progress, Workspace, utc_now
from aggregator.monitoring.alerts import clock_sentence
from aggregator.monitoring.log import log
from aggregator.store import feeds, runs
from aggregator.store.database import Database
from aggregator.values.reports import RunOutcome, RunReport, StoryCounts
from aggregator.values.settings import Feed
from aggregator.values.stories import Freshness


async def refresh(
    workspace: Workspace, *, clock: Clock = utc_now, progress: Progress = lambda done, total, name: None,
    only: str | None = None, only_failed: bool = False, dry_run: bool = False,
) -> RunReport:  # fmt: skip
    """Ask every feed once, or the one named `only`, or those that failed the last time; keep what is new, group it, publish.
    `dry_run` works on a copy that is thrown away, and stops before grouping."""
    ask = _Ask(only, only_failed)
    if not dry_run:
        try:
            with workspace.lock(now=clock()):
                try:
                    return await _refresh(workspace, clock, progress, ask, dry_run=False)
                except StoreDamagedError as error:
                    raise quarantine_damaged(workspace, error, now=clock()) from error
        finally:
            _publish_missed(workspace, clock)
    with tempfile.TemporaryDirectory(prefix="dry-run-") as folder:
        copy = replace(workspace, data=Path(folder))
        if workspace.database_path.exists():
            copy_database(workspace.database_path, copy.database_path)
        return await _refresh(copy, clock, progress, ask, dry_run=True)


def _publish_missed(workspace: Workspace, clock: Clock) -> None:
    """Publish what staff decided while the page was being made. What prevents it was said of the refresh itself, or is told
    by the next one."""
    if isinstance(sys.exception(), KeyboardInterrupt) or not workspace.database_path.exists():
        return
    with suppress(AggregatorError), workspace.open_database() as database:
        publish_decided(workspace, database, now=clock())


async def _refresh(workspace: Workspace, clock: Clock, progress: Progress, ask: _Ask, *, dry_run: bool) -> RunReport:
    asked = _asked(workspace, ask.only)
    # Without usable certificates a refresh does not begin.
    _ = workspace.network.tls
    with workspace.open_database() as database:
        began, now = time.monotonic(), clock()
        with database.write() as connection:
            feeds.list_feeds(connection, workspace.settings.feeds)
            is_first = not feeds.any_ever_worked(connection)
            ahead_at = runs.last_ahead(connection, now=now)
            run = runs.start(connection, now=now)
            # Runs are recorded by the clock, which decides when the next is due; what feeds bring is dated by what is known.
            behind = runs.believed_now(connection, now=now) - now
        try:
            tally = await ingest(
                workspace, database, asked, run, now + behind, progress, is_first=is_first, only_failed=ask.only_failed
            )
            tally.notes += (clock_sentence(ahead_at, workspace.settings.site.zone),) if ahead_at is not None else ()
            report = _shown(workspace, database, tally, ask, lambda: clock() + behind, dry_run=dry_run)
            report = replace(report, seconds=round(time.monotonic() - began, 2), dry_run=dry_run)
            with database.write() as connection:
                runs.end(connection, run, report, now=clock())
        except BaseException as error:
            # Where the store itself is the trouble, the run stays without an end.
            with suppress(AggregatorError), database.write() as connection:
                runs.fail(connection, run, sentence_of(error), now=clock())
            raise
        counts = asdict(report.feeds) | asdict(report.entries)
        log().info("run", run=run, outcome=report.outcome.value, seconds=report.seconds, **counts)
        return report


def _shown(workspace: Workspace, database: Database, tally: Tally, ask: _Ask, clock: Clock, *, dry_run: bool) -> RunReport:
    """What asking came to; grouped, published and tidied up, but for a dry run."""
    report = replace(tally.report((*workspace.problems, *workspace.notes, *tally.notes)), scope=ask.scope)
    if dry_run:
        return report
    report = _tell(workspace, database, report, now=clock(), fine=tally.fine)
    return replace(report, notes=(*report.notes, *tidy(workspace, database, now=clock())))


@dataclass(frozen=True, slots=True)
class _Ask:
    """Which feeds are to be asked."""

    only: str | None = None
    only_failed: bool = False

    @property
    def scope(self) -> str:
        return "one" if self.only is not None else "failed" if self.only_failed else "all"


def _asked(workspace: Workspace, only: str | None) -> tuple[Feed, ...]:
    if only is None:
        return workspace.settings.enabled_feeds
    chosen = tuple(
        feed for feed in workspace.settings.feeds if only.casefold() in (feed.name.casefold(), feed.url.casefold())
    )
    if not chosen:
        raise UsageError(f"feeds.yaml has no feed named “{only}”.", hint=Hint.LIST_FEEDS)
    return chosen


def _tell(workspace: Workspace, database: Database, report: RunReport, *, now: datetime, fine: int) -> RunReport:
    """Group and publish. A template that cannot be rendered leaves the last good page and fails the run."""
    begun = group_new(database, now=now)
    is_stale = report.outcome == RunOutcome.STALE
    freshness = Freshness(now, report.feeds.ok + report.feeds.not_modified + fine)
    if is_stale:
        with database.read() as connection:
            freshness = last_freshness(workspace, runs.last_good_at(connection, now=now), is_stale=True)
    try:
        published = publish(workspace, database, now=now, freshness=freshness)
    except PublishError as error:
        reason = f"{error} The page that was there stays."
        return replace(report, outcome=RunOutcome.FAILED, stories=StoryCounts(begun), reason=reason)
    return replace(report, stories=StoryCounts(begun, len(published.edition.placed)))
