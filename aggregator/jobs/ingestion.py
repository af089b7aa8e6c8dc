"""Asks the feeds of a refresh, judges what is new or changed, and stores it.

Feeds that came in together are stored in one transaction: their state, entries and verdicts. What brought nothing is
stored at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from aggregator import update
from aggregator.ingest.poll import Answer, fingerprint_of, poll
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.tally import Tally
from aggregator.jobs.workspace import Progress, Workspace
from aggregator.keys import guid_key, title_key
from aggregator.monitoring.log import log
from aggregator.relevance.judge import Rules, digest_of, judge, make_rules
from aggregator.store import decisions, entries, feeds, retention, rules, runs
from aggregator.store.database import Database, Transaction
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.enums import PollOutcome, ReviewState
from aggregator.values.feeds import FeedState, FeedUpdate, FetchFailed, JudgedEntry, Outcome, Parsed, Skipped
from aggregator.values.reports import EntryCounts, RunReport
from aggregator.values.settings import Feed, FilterRules

# An entry with the keys that identify its article.
_Keyed = tuple[Entry, tuple[str, ...]]


async def ingest(
    workspace: Workspace, database: Database, asked: Iterable[Feed], run: int, now: datetime, progress: Progress,
    *, is_first: bool, only_failed: bool = False,
) -> Tally:  # fmt: skip
    """Ask these feeds, or those of them that failed the last time; store what is new, and count. `now` dates what comes."""
    with database.read() as connection:
        known = feeds.states(connection)
        recorder = Recorder(database, workspace.settings.filter, run, now, feeds.numbers(connection))
        otherwise = rules.count_outdated(connection, digest_of(vocabulary(), workspace.settings.filter))
    pairs = [(feed, known.get(feed.url, FeedState(feed.url))) for feed in asked]
    fine = [state for _, state in pairs if only_failed and state.ever_worked and not state.failures]
    pairs = [pair for pair in pairs if pair[1] not in fine]
    tally = Tally(total=len(pairs), is_first=is_first, fine=len(fine))
    async with (
        ParsePool(workspace.make_pool) as pool,
        aclosing(
            poll(
                pairs,
                workspace.network,
                pool,
                workspace.limits,
                now=now,
                parts_of=recorder.parts_of,
                zone=workspace.settings.site.zone,
            )
        ) as polled,
    ):
        async for answers in polled:
            for answer, counts in zip(answers, recorder.keep(answers), strict=True):
                tally.add(answer, counts)
                _log_feed(answer, counts)
                progress(tally.done, tally.total, answer.feed.name)
    recorder.finish(tally.report())
    tally.notes = tuple(recorder.notes)
    if otherwise:
        tally.notes += (
            f"{otherwise} stored {'entry was' if otherwise == 1 else 'entries were'} judged by other rules than today's. "
            "Preview the filter of feeds.yaml to see what today's would change, and apply it to change it.",
        )
    return tally


def _log_feed(answer: Answer, counts: EntryCounts) -> None:
    feed, _, outcome = answer
    reason = outcome.reason if isinstance(outcome, FetchFailed | Skipped) else None
    log().info(
        "feed", feed=feed.name, url=feed.url, outcome=outcome.outcome.value, seen=counts.seen, new=counts.new,
        updated=counts.updated, admitted=counts.admitted, **{"reason": reason} if reason else {},
    )  # fmt: skip


@dataclass(frozen=True)
class Recorder:
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
    _without_entries: list[tuple[FeedUpdate | None, runs.Poll]] = field(default_factory=list)

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
            if isinstance(outcome, Parsed) and outcome.document.entries
        ]
        counts = self._kept(brought) if brought else {}
        return [counts[one.feed.url] if one.feed.url in counts else self._put_off(*one) for one in answers]

    def _kept(self, brought: Sequence[tuple[Feed, FeedState, Parsed]]) -> dict[str, EntryCounts]:
        numbers = [self.numbers[feed.url] for feed, _, _ in brought]
        with self.database.write(is_synced=False) as connection:
            polled = [(number, self._judged(connection, *one)) for number, one in zip(numbers, brought, strict=True)]
            counts = entries.save(connection, polled, now=self.now)
            feeds.remember(connection, polled, asked_at=self.now)
            polls = [runs.Poll(number, PollOutcome.PARSED, counts=one) for number, one in zip(numbers, counts, strict=True)]
            runs.record_polls(connection, self.run, polls)
        return {feed.url: one for (feed, _, _), one in zip(brought, counts, strict=True)}

    def _put_off(self, feed: Feed, state: FeedState, outcome: Outcome) -> EntryCounts:
        """What is stored at the end, for no entry hangs on it."""
        number, kind = self.numbers[feed.url], outcome.outcome
        reason = outcome.reason if isinstance(outcome, FetchFailed | Skipped) else ""
        after, counts = None, EntryCounts()
        if isinstance(outcome, Parsed):
            new_state = update.state_after(state, outcome, fingerprint=fingerprint_of(feed), now=self.now)
            after, counts = _polled(state, outcome, new_state, ()), EntryCounts(outcome.document.seen)
        elif not isinstance(outcome, Skipped):
            new_state = update.state_after(state, outcome, fingerprint=fingerprint_of(feed), now=self.now)
            after = FeedUpdate(new_state, last_error=reason or None)
        self._without_entries.append((after, runs.Poll(number, kind, reason, counts)))
        return counts

    def finish(self, report: RunReport) -> None:
        """Store what is left and what asking came to, and see all of it safe on the disk: what follows shows it."""
        with self.database.write() as connection:
            states = [(poll.feed, polled) for polled, poll in self._without_entries if polled is not None]
            feeds.remember(connection, states, asked_at=self.now)
            runs.record_polls(connection, self.run, [poll for _, poll in self._without_entries])
            runs.has_asked(connection, self.run, report)

    def _judged(self, connection: Transaction, feed: Feed, state: FeedState, read: Parsed) -> FeedUpdate:
        """Only what is new or changed is judged: yesterday's verdicts stand until staff change the rules."""
        document, feed_id = read.document, self.numbers[feed.url]
        known = entries.known(connection, feed_id, [entry.guid for entry in document.entries])
        gone = retention.purged(connection, feed_id, [one.guid for one in document.entries if one.guid not in known])
        hashes = {guid: content_hash for guid, (_, content_hash) in known.items()}
        judged = [(entry, entry.keys) for entry in update.changed_entries(document.entries, hashes, gone)]
        kept = self._verdicts(connection, feed, judged, known)
        new = [(entry, keys) for entry, keys in judged if entry.guid not in known]
        renamed = entries.renamed(connection, feed_id, new, document.present) if new and state.ever_worked else {}
        undated = sum(entry.published_at is None and entry.guid not in renamed for entry, _ in new)
        return replace(
            _polled(state, read, update.state_after(state, read, fingerprint=fingerprint_of(feed), now=self.now), known),
            undated_at=update.undated_at(undated, len(document.present), state.last_ok_at, now=self.now),
            known={guid: number for guid, (number, _) in known.items()} | renamed,
            judged=kept,
        )

    def _verdicts(
        self, connection: Transaction, feed: Feed, judged: Sequence[_Keyed], known: Collection[str]
    ) -> tuple[JudgedEntry, ...]:
        verdicts = {entry.guid: judge(entry, keys, feed, self.rules) for entry, keys in judged}
        doubtful = frozenset(guid for guid, verdict in verdicts.items() if verdict.is_doubtful)
        states = self._review_states(connection, feed, judged, doubtful)
        new = {guid: verdict for guid, verdict in verdicts.items() if guid not in known}
        # Most batches are innocent whatever came before: then the history need not be counted.
        is_off_topic = update.is_off_topic([verdict.score for verdict in new.values()])
        stored, scored = entries.history(connection, self.numbers[feed.url]) if is_off_topic else (0, 0)
        held = update.held(new, stored=stored, scored=scored)
        if held:
            self.notes.append(
                f"{feed.name}: {len(held)} new entries wait for review, because none is about our topic. Check whether the "
                "site still belongs to its publisher."
            )
        verdicts |= held
        states |= {guid: states[guid] or ReviewState.WAITING for guid in held}
        return tuple(JudgedEntry(entry, keys, verdicts[entry.guid], states[entry.guid]) for entry, keys in judged)

    def _review_states(
        self, connection: Transaction, feed: Feed, judged: Sequence[_Keyed], doubtful: frozenset[str]
    ) -> dict[str, ReviewState]:
        """By what staff decided about these articles before, whichever feed brought them; else the `doubtful` wait."""
        named = {entry.guid: [*keys, guid_key(feed.url, entry.guid), _title_key(entry)] for entry, keys in judged}
        known = decisions.decided(connection, [key for keys in named.values() for key in keys])
        return {
            guid: update.review_state(
                [known[key] for key in keys if key in known], is_reviewed=feed.review or guid in doubtful
            )
            for guid, keys in named.items()
        }


def _polled(state: FeedState, read: Parsed, after: FeedState, known: Collection[str]) -> FeedUpdate:
    """What is stored of a document besides its entries; `known` are the guids of those that were stored before."""
    document = read.document
    moved_to = update.moved_to(state, read, known)
    return FeedUpdate(after, seen=document.seen, parts=document.parts, title=document.title, moved_to=moved_to)


def _title_key(entry: Entry) -> str:
    """A title alone says nothing about an article that has an identifier of its own."""
    return "" if entry.identifiers.doi else title_key(entry.title) or ""
