"""The daily refresh.

settings ─> ingest ─> relevance ─> store          feeds that came in together in one transaction: state, entries, verdicts
                                     │
whatever the store holds ungrouped, ─┴─> stories ─> store      whichever run brought it: a kill in between loses nothing
                                                    │
                                       candidates ──┴─> edition ─> publish
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from aggregator.errors import AggregatorError, PublishError, StoreDamagedError, UsageError
from aggregator.ingest.poll import Answer, poll, salt_of
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.house import House
from aggregator.jobs.publish import last_freshness, publish
from aggregator.jobs.regroup import group_new
from aggregator.jobs.safekeeping import put_damaged_aside, tidy
from aggregator.keep.backup import copy_database
from aggregator.relevance.judge import Rules, digest_of, judge, make_rules
from aggregator.store import decisions, entries, feeds, retention, rules, runs
from aggregator.store.database import Database, Transaction
from aggregator.stories.identity import keys_of
from aggregator.topics import vocabulary
from aggregator.urls import shown_address
from aggregator.values.entries import Entry, Reason, Verdict
from aggregator.values.feeds import FeedState, FetchFailed, Judged, NotModified, Outcome, Polled, Read, Skipped, Validators
from aggregator.values.reports import EntryCounts, FeedCounts, FeedFailure, RunOutcome, RunReport, StoryCounts
from aggregator.values.settings import Feed, FilterRules
from aggregator.values.stories import Freshness
from aggregator.watch.log import log

# So many new entries at once, none of them on topic, are no coincidence.
_SUSPICIOUS = 5

# Told after each feed: how many are done, of how many, and its name.
Progress = Callable[[int, int, str], None]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The usual clock."""
    return datetime.now(UTC)


async def refresh(
    house: House, *, clock: Clock = utc_now, progress: Progress = lambda done, total, name: None,
    only: str | None = None, only_failed: bool = False, dry_run: bool = False,
) -> RunReport:  # fmt: skip
    """Ask every feed once, or the one named `only`, or those that failed the last time; keep what is new, group it, publish.
    `dry_run` works on a copy that is thrown away, and stops before grouping."""
    ask = _Ask(only, only_failed)
    if not dry_run:
        with house.lock(now=clock()):
            try:
                return await _refresh(house, clock, progress, ask, dry_run=False)
            except StoreDamagedError as error:
                raise put_damaged_aside(house, error, now=clock()) from error
    with tempfile.TemporaryDirectory(prefix="dry-run-") as folder:
        copy = replace(house, data=Path(folder))
        if house.database_path.exists():
            copy_database(house.database_path, copy.database_path)
        return await _refresh(copy, clock, progress, ask, dry_run=True)


async def _refresh(house: House, clock: Clock, progress: Progress, ask: _Ask, *, dry_run: bool) -> RunReport:
    began, now = time.monotonic(), clock()
    asked = _asked(house, ask.only)
    # Without usable certificates a refresh does not begin.
    _ = house.network.tls
    database = house.open_database()
    try:
        with database.write() as connection:
            feeds.list_feeds(connection, house.settings.feeds)
            is_first = not feeds.any_ever_worked(connection)
            run = runs.start(connection, now=now)
        tally = await _ingest(house, database, asked, run, now, progress, is_first=is_first, only_failed=ask.only_failed)
        report = replace(tally.report((*house.problems, *house.notes, *tally.notes)), scope=ask.scope)
        if not dry_run:
            report = _tell(house, database, report, now=clock(), fine=tally.fine)
            report = replace(report, notes=(*report.notes, *tidy(house, database, now=clock())))
        report = replace(report, seconds=round(time.monotonic() - began, 2), dry_run=dry_run)
        with database.write() as connection:
            runs.end(connection, run, report, now=clock())
        counts = asdict(report.feeds) | {
            name: getattr(report.entries, name) for name in ("new", "updated", "admitted", "rejected")
        }
        log().info("run", run=run, outcome=report.outcome.value, seconds=report.seconds, **counts)
        return report
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class _Ask:
    """Which feeds are to be asked."""

    only: str | None = None
    only_failed: bool = False

    @property
    def scope(self) -> str:
        return "one" if self.only is not None else "failed" if self.only_failed else "all"


def _asked(house: House, only: str | None) -> tuple[Feed, ...]:
    if only is None:
        return house.settings.enabled_feeds
    chosen = tuple(feed for feed in house.settings.feeds if only.casefold() in (feed.name.casefold(), feed.url.casefold()))
    if not chosen:
        raise UsageError(f"There is no feed named “{only}” in feeds.yaml; `feeds list` prints the names.")
    return chosen


async def _ingest(
    house: House, database: Database, asked: Iterable[Feed], run: int, now: datetime, progress: Progress,
    *, is_first: bool, only_failed: bool = False,
) -> _Tally:  # fmt: skip
    with database.read() as connection:
        known = feeds.states(connection)
    pairs = [(feed, known.get(feed.url, FeedState(feed.url))) for feed in asked]
    fine = [state for _, state in pairs if only_failed and state.ever_worked and not state.failures]
    pairs = [pair for pair in pairs if pair[1] not in fine]
    tally = _Tally(total=len(pairs), is_first=is_first, fine=len(fine))
    with database.read() as connection:
        keeper = _Keeper(database, house.settings.filter, run, now, feeds.numbers(connection))
        otherwise = rules.judged_otherwise(connection, digest_of(vocabulary(), house.settings.filter))
    async with (
        ParsePool(house.make_pool) as pool,
        aclosing(poll(pairs, house.network, pool, house.limits, now=now, parts_of=keeper.parts_of)) as polled,
    ):
        async for answers in polled:
            for answer, counts in zip(answers, keeper.keep(answers), strict=True):
                tally.add(answer, counts)
                _log_feed(answer, counts)
                progress(tally.done, tally.total, answer.feed.name)
    keeper.finish(tally.report(()))
    tally.notes = tuple(keeper.notes)
    if otherwise:
        tally.notes += (
            f"{otherwise} stored {'entry was' if otherwise == 1 else 'entries were'} judged by other rules than today's; "
            "`filter preview feeds.yaml` shows what today's would change, `filter apply feeds.yaml` changes it.",
        )
    return tally


def _log_feed(answer: Answer, counts: EntryCounts) -> None:
    feed, _, outcome = answer
    reason = outcome.reason if isinstance(outcome, FetchFailed | Skipped) else None
    log().info(
        "feed", feed=feed.name, url=feed.url, outcome=type(outcome).__name__, seen=counts.seen, new=counts.new,
        updated=counts.updated, admitted=counts.admitted, **{"reason": reason} if reason else {},
    )  # fmt: skip


def _tell(house: House, database: Database, report: RunReport, *, now: datetime, fine: int) -> RunReport:
    """Group and publish. A template that cannot be rendered leaves the last good page and fails the run."""
    begun = group_new(database, now=now)
    is_stale = report.outcome == RunOutcome.STALE
    freshness = Freshness(now, report.feeds.ok + report.feeds.not_modified + fine)
    if is_stale:
        with database.read() as connection:
            freshness = last_freshness(house, runs.last_good_at(connection), is_stale=True)
    try:
        published = publish(house, database, now=now, freshness=freshness)
    except PublishError as error:
        note = f"{error} The page that was there stays."
        return replace(report, outcome=RunOutcome.FAILED, stories=StoryCounts(begun), notes=(*report.notes, note))
    return replace(report, stories=StoryCounts(begun, len(published.edition.placed)))


# ---- one feed --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Keeper:
    """Judges and stores what came of asking the feeds: those that were read while the ones before were stored in one
    transaction, those that brought nothing together at the end.

    `numbers` are the feeds' rows, by address.
    """

    database: Database
    filter: FilterRules
    run: int
    now: datetime
    numbers: Mapping[str, int]
    notes: list[str] = field(default_factory=list)
    _without_entries: list[tuple[Polled | None, runs.Poll]] = field(default_factory=list)

    @cached_property
    def rules(self) -> Rules:
        """Made ready when there is something to judge."""
        return make_rules(vocabulary(), self.filter)

    def parts_of(self, feed: Feed) -> str:
        """What is known of the document that the feed last sent."""
        with self.database.read() as connection:
            return feeds.parts_of(connection, self.numbers[feed.url])

    def keep(self, answers: Sequence[Answer]) -> list[EntryCounts]:
        """Store what came of asking these feeds; what is new or changed in each."""
        brought = [
            (feed, state, outcome)
            for feed, state, outcome in answers
            if isinstance(outcome, Read) and outcome.document.entries
        ]
        counts = self._kept(brought) if brought else {}
        return [counts[one.feed.url] if one.feed.url in counts else self._put_off(*one) for one in answers]

    def _kept(self, brought: Sequence[tuple[Feed, FeedState, Read]]) -> dict[str, EntryCounts]:
        numbers = [self.numbers[feed.url] for feed, _, _ in brought]
        with self.database.write(is_synced=False) as connection:
            polled = [(number, self._judged(connection, *one)) for number, one in zip(numbers, brought, strict=True)]
            counts = entries.save(connection, polled, now=self.now)
            feeds.remember(connection, polled, asked_at=self.now)
            polls = [runs.Poll(number, Read.__name__, counts=one) for number, one in zip(numbers, counts, strict=True)]
            runs.record_polls(connection, self.run, polls)
        return {feed.url: one for (feed, _, _), one in zip(brought, counts, strict=True)}

    def _put_off(self, feed: Feed, state: FeedState, outcome: Outcome) -> EntryCounts:
        """What is stored at the end, for no entry hangs on it."""
        number, kind = self.numbers[feed.url], type(outcome).__name__
        reason = outcome.reason if isinstance(outcome, FetchFailed | Skipped) else ""
        after, counts = None, EntryCounts()
        if isinstance(outcome, Read):
            after, counts = self._polled(feed, state, outcome, (), {}), EntryCounts(outcome.document.seen)
        elif not isinstance(outcome, Skipped):
            after = Polled(self._state_after(feed, state, outcome), last_error=reason or None)
        self._without_entries.append((after, runs.Poll(number, kind, reason, counts)))
        return counts

    def _polled(
        self, feed: Feed, state: FeedState, read: Read, judged: tuple[Judged, ...], known: Mapping[str, int]
    ) -> Polled:
        """What is stored of a document; `known` are the numbers of those of its entries that were stored before."""
        document = read.document
        # A redirect leads elsewhere, and may lead to something else: a feed that moved brings entries that we know.
        is_same_feed = bool(known) or len(document.present) > len(document.entries) or not state.ever_worked
        return Polled(
            state=self._state_after(feed, state, read),
            before=state.last_ok_at,
            seen=document.seen,
            present=document.present,
            parts=document.parts,
            known=known,
            judged=judged,
            title=document.title,
            moved_to=read.fetched.moved_to if is_same_feed else None,
        )

    def finish(self, report: RunReport) -> None:
        """Store what is left and what asking came to, and see all of it safe on the disk: what follows shows it."""
        with self.database.write() as connection:
            states = [(poll.feed, polled) for polled, poll in self._without_entries if polled is not None]
            feeds.remember(connection, states, asked_at=self.now)
            runs.record_polls(connection, self.run, [poll for _, poll in self._without_entries])
            runs.has_asked(connection, self.run, report)

    def _judged(self, connection: Transaction, feed: Feed, state: FeedState, read: Read) -> Polled:
        """Only what is new or changed is judged: yesterday's verdicts stand until staff change the rules."""
        found, feed_id = read.document.entries, self.numbers[feed.url]
        known = entries.known(connection, feed_id, [entry.guid for entry in found])
        hashes = {guid: content_hash for guid, (_, content_hash) in known.items()}
        gone = retention.purged(connection, feed_id, [entry.guid for entry in found if entry.guid not in known])
        changed = [one for one in found if hashes.get(one.guid) != one.content_hash and one.guid not in gone]
        judged = [(entry, keys_of(entry)) for entry in changed]
        standings = self._standings(connection, feed, judged)
        verdicts = {entry.guid: judge(entry, keys, feed, self.rules) for entry, keys in judged}
        held = self._held(connection, feed_id, {guid: one for guid, one in verdicts.items() if guid not in known})
        verdicts |= held
        standings |= {guid: standings.get(guid) or decisions.WAITING for guid in held}
        if held:
            self.notes.append(
                f"{feed.name}: {len(held)} new entries wait for staff, for none is about our topic. Look whether the site "
                "still belongs to whom you think; `review list` shows them."
            )
        kept = tuple(Judged(entry, keys, verdicts[entry.guid], standings.get(entry.guid, "")) for entry, keys in judged)
        return self._polled(feed, state, read, kept, {guid: number for guid, (number, _) in known.items()})

    def _held(self, connection: Transaction, feed_id: int, new: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """New entries that wait for staff: many at once, none about our topic, from a feed that always was about it. A
        domain that was sold looks like that."""
        if len(new) < _SUSPICIOUS or any(verdict.score > 0 for verdict in new.values()):
            return {}
        count, scoring = entries.history(connection, feed_id)
        if count < _SUSPICIOUS or 2 * scoring < count:
            return {}
        why = Reason("held for staff", f"{len(new)} new entries at once and none about our topic, unlike the {count} before")
        return {guid: replace(verdict, reasons=(why, *verdict.reasons)) for guid, verdict in new.items() if verdict.admitted}

    def _standings(
        self, connection: Transaction, feed: Feed, judged: Sequence[tuple[Entry, tuple[str, ...]]]
    ) -> dict[str, str]:
        """What staff decided about these articles before, whichever feed brought them; else whether they wait."""
        named = {entry.guid: [*keys, decisions.own_key(feed.url, entry.guid), _title_key(entry)] for entry, keys in judged}
        known = decisions.decided(connection, [key for keys in named.values() for key in keys])
        usual = decisions.WAITING if feed.review else ""
        return {guid: _standing([known[key] for key in keys if key in known], usual) for guid, keys in named.items()}

    def _state_after(self, feed: Feed, state: FeedState, outcome: Read | NotModified | FetchFailed) -> FeedState:
        state = replace(state, salt=salt_of(feed), not_before=None)
        if isinstance(outcome, FetchFailed):
            wait = self.now + timedelta(seconds=outcome.retry_after) if outcome.retry_after else None
            return replace(state, failures=state.failures + 1, not_before=wait)
        state = replace(state, failures=0, last_ok_at=self.now)
        if isinstance(outcome, NotModified):
            validators = outcome.validators or state.validators
            return replace(state, validators=validators, last_body_at=self.now if outcome.same_body else state.last_body_at)
        # What broke off is not worth a 304 tomorrow.
        validators = outcome.fetched.validators if outcome.document.is_whole else Validators()
        return replace(state, validators=validators, body_hash=outcome.body_hash, last_body_at=self.now)


def _title_key(entry: Entry) -> str:
    """A title alone says nothing about an article that has an identifier of its own."""
    return "" if entry.identifiers.doi else decisions.title_key(entry.title) or ""


def _standing(decided: Sequence[str], usual: str) -> str:
    if decisions.HIDE in decided:
        return decisions.HIDDEN
    return "" if decisions.ACCEPT in decided else usual


# ---- all of them -----------------------------------------------------------------------------------------------------


@dataclass
class _Tally:
    """Counts a run while it goes."""

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
        return self.ok + self.not_modified + self.failed + self.skipped + self.never_worked

    def add(self, answer: Answer, counts: EntryCounts) -> None:
        feed, state, outcome = answer
        self.entries += counts
        if isinstance(outcome, Read):
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
            self.failures += (FeedFailure(feed.name, shown_address(feed.url), outcome.reason),)

    def report(self, notes: tuple[str, ...]) -> RunReport:
        counts = FeedCounts(self.total, self.ok, self.not_modified, self.failed, self.skipped, self.never_worked)
        failures = tuple(sorted(self.failures, key=lambda failure: failure.feed))
        return RunReport(self._outcome(), counts, self.entries, failures=failures, notes=notes)

    def _outcome(self) -> RunOutcome:
        read = self.ok + self.not_modified + self.fine
        if read == 0:
            return RunOutcome.STALE
        return RunOutcome.DEGRADED if self.failed > read else RunOutcome.FRESH


def failed_report(error: AggregatorError) -> RunReport:
    """The report of a run that could not begin, or could not keep what it had."""
    return RunReport(RunOutcome.FAILED, notes=(str(error),))
